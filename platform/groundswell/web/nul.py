"""No text of ours holds a NUL character, and PostgreSQL refuses it: such a request is refused before any view."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponseBase, QueryDict

NUL = "\x00"


class NulMiddleware:
    """Answers 400 to a NUL in the path, the query or a form. Endpoints without CSRF check read their own bodies."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        reads_form = request.method == "POST" and not getattr(view, "csrf_exempt", False)
        if NUL in request.path_info or has_nul(request.GET) or (reads_form and has_nul(request.POST)):
            raise SuspiciousOperation("A NUL character in the request.")


def has_nul(given: QueryDict) -> bool:
    return any(NUL in name or any(NUL in value for value in values) for name, values in given.lists())
