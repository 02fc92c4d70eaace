"""A request with a body far too large is refused by the length it announces, before a byte of it is read."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import render


class BodyLimitMiddleware:
    """Answers 413 above MAX_BODY_SIZE: the error shape of the API to programs, a page to people."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) <= settings.MAX_BODY_SIZE:
            return self.get_response(request)
        megabytes = settings.MAX_BODY_SIZE // 1024**2
        if request.path.startswith("/api/"):
            message = f"A body may hold {megabytes} MB at most."
            return JsonResponse({"error": {"code": "too_large", "message": message}}, status=413)
        return render(request, "413.html", {"megabytes": megabytes}, status=413)
