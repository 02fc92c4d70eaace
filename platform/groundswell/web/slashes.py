"""An address without its slash at the end leads to the one with it, and nothing that was sent gets lost on the way."""

from __future__ import annotations

from django.http import HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware as DjangoCommonMiddleware


class KeepingRedirect(HttpResponsePermanentRedirect):
    """308: whoever follows sends the same method and body again. After a 301 a POST becomes a GET that succeeds."""

    status_code = 308


class CommonMiddleware(DjangoCommonMiddleware):
    response_redirect_class = KeepingRedirect
