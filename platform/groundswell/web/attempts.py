"""A form that does one thing: do it, say how it went, and lead on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from groundswell.web.htmx import go


def attempt(
    request: HttpRequest, act: Callable[[], Any], *, to: Any, done: str, refusal: type[Exception]
) -> HttpResponse:
    """Call `act` and redirect to `to` with `done` as the message, or with the reason of the refusal."""
    try:
        act()
    except refusal as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, done)
    return go(request, to)
