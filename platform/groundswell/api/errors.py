"""One shape for every refusal: {"error": {"code", "message", "fields"?}}."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

API = ("/api/", "/webhooks/", "/collect/")  # where programs call


class Conflict(exceptions.APIException):
    """A business precondition refuses the call; the message says which."""

    status_code = 409
    default_code = "conflict"


class Mismatch(exceptions.APIException):
    """The call is well formed, but contradicts an earlier one."""

    status_code = 422
    default_code = "mismatch"


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler; None for a fault of ours, which then reaches `failed`."""
    response = exception_handler(error, context)
    if response is None:
        return None
    response.data = {"error": describe(error, response.data)}
    if wait := getattr(error, "wait", None):
        response.headers["Retry-After"] = str(wait)
    return response


def describe(error: Exception, data: Any) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        return {"code": "invalid", "message": "Some values can't be used; see “fields”.", "fields": fields_of(data)}
    if isinstance(error, Http404):
        return {"code": "not_found", "message": "There is nothing here that your key may see."}
    if isinstance(error, PermissionDenied):
        return {"code": "permission_denied", "message": str(error) or "Your key may not do this."}
    code = getattr(error, "default_code", "error")
    return {"code": str(code), "message": str(data.get("detail", "")) if isinstance(data, dict) else str(data)}


def fields_of(data: Any) -> dict[str, Any]:
    """A list of messages per field; those about the whole body under "body"."""
    named = data if isinstance(data, dict) else {"body": data}
    return {
        "body" if name == "non_field_errors" else name: [told] if isinstance(told, str) else told
        for name, told in named.items()
    }


def refusal(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse({"error": {"code": code, "message": message}}, status=status)


def misunderstood(request: HttpRequest, exception: Exception, *args: Any, **kwargs: Any) -> HttpResponse:
    """Django's answer to a request that it won't read: JSON to programs, the 400 page to people."""
    if not request.path.startswith(API):
        return defaults.bad_request(request, exception, *args, **kwargs)
    if isinstance(exception, RequestDataTooBig):
        return refusal(413, "too_large", f"A body may hold {settings.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes at most.")
    return refusal(400, "bad_request", "This request can't be read.")


def missing(request: HttpRequest, exception: Exception, *args: Any, **kwargs: Any) -> HttpResponse:
    """Django's answer to an unknown address: JSON to programs, the 404 page to people."""
    if request.path.startswith(API):
        return refusal(404, "not_found", "There is no such address. See /api/docs/.")
    return defaults.page_not_found(request, exception, *args, **kwargs)


def failed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Django's answer to a fault of ours: never its details."""
    if request.path.startswith(API):
        return refusal(500, "server_error", "Something went wrong here. It was logged; try again in a moment.")
    return defaults.server_error(request, *args, **kwargs)
