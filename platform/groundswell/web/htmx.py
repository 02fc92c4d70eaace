"""Answers to htmx: a part of a page alone, an invalid form with 422, notices in the corner."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers

Response = TypeVar("Response", bound=HttpResponseBase)


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx asks for a fragment; going through the history needs the whole page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"


def render_part(
    request: HttpRequest, template: str, part: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """The `{% partialdef part %}` of a page alone, as the answer to a POST or a poll."""
    return render(request, f"{template}#{part}", context, status=status)


def render_page(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, part: str, status: int = 200
) -> HttpResponse:
    """The whole page, or its part alone when htmx asks: one view for the list and its filtered rows."""
    name = f"{template}#{part}" if is_htmx(request) else template
    response = render(request, name, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def invalid(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A form with its errors: 422, which htmx swaps in place of the form."""
    return render(request, template, context, status=422)


def go(request: HttpRequest, to: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """A redirect that both a plain form and htmx follow with a whole new page."""
    response: HttpResponse = redirect(to, *args, **kwargs)
    if is_htmx(request):
        response = HttpResponse(status=204, headers={"HX-Redirect": response["Location"]})
    return response


def trigger(response: Response, name: str, detail: Any = True) -> Response:
    """Adds a browser event to an htmx answer, next to those already there."""
    told: dict[str, Any] = json.loads(response.headers.get("HX-Trigger", "{}"))
    told[name] = [*told[name], *detail] if name in told and isinstance(detail, list) else detail
    response.headers["HX-Trigger"] = json.dumps(told)
    return response


def toast(response: Response, text: str, level: str = "success") -> Response:
    """Shows a notice when the answer arrives; levels: success, info, warning, error."""
    return trigger(response, "toast", [{"text": text, "level": level}])


class MessagesMiddleware:
    """Django's messages reach a page that only a fragment of is renewed: as notices of the htmx answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        leaves = response.status_code in range(300, 400) or "HX-Redirect" in response or "HX-Refresh" in response
        if is_htmx(request) and not leaves and hasattr(request, "_messages"):
            for message in messages.get_messages(request):
                toast(response, str(message), message.level_tag or "info")
        return response
