"""A person who comes to an address that only takes what a form sends reads why, rather than an empty page."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import render


class MethodMiddleware:
    """Gives a 405 a page when a browser asks: after a sign-in in between, or an address typed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or not is_browser(request):
            return response
        page = render(request, "405.html", status=405)
        page.headers["Allow"] = response.headers.get("Allow", "")
        return page


def is_browser(request: HttpRequest) -> bool:
    return "text/html" in request.headers.get("Accept", "")
