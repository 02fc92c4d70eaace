"""One shape for every refusal: {"error": {"code", "message", "fields"?}}."""

from typing import Any

from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler


class Conflict(APIException):
    """A business precondition refuses the call; the message says which."""

    status_code = 409
    default_code = "conflict"


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    response = exception_handler(error, context)
    if response is None:
        return None
    body: dict[str, Any] = {"code": code_of(error, response), "message": message_of(error, response)}
    if isinstance(error, ValidationError):
        body["fields"] = response.data
    response.data = {"error": body}
    return response


def code_of(error: Exception, response: Response) -> str:
    if isinstance(error, ValidationError):
        return "invalid"
    return (
        error.default_code
        if isinstance(error, APIException)
        else {404: "not_found", 403: "forbidden"}[response.status_code]
    )


def message_of(error: Exception, response: Response) -> str:
    if isinstance(error, ValidationError):
        return "Some values can't be used; see “fields”."
    data = response.data
    return str(data.get("detail", "")) if isinstance(data, dict) else str(data)
