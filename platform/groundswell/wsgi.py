"""The web process: links (under /r/, on brands' own domains) are answered before Django, everything else by Django."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from tracking.redirect import Redirect

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "groundswell.settings")

django = get_wsgi_application()
redirect = Redirect(
    settings.DATABASE_URL,
    settings.SPOOL_DIR,
    behind_proxy=settings.BEHIND_PROXY,
    country_header=settings.COUNTRY_HEADER,
    stream=settings.CLICK_STREAM,
    geoip=settings.GEOIP_DATABASE,
)


def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    answer = redirect if redirect.owns(environ) else django
    return answer(environ, start_response)
