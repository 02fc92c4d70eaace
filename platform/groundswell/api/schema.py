"""How the partner API describes itself: the key, the scopes, the errors and `Idempotency-Key` of every call."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from groundswell.api.idempotency import HEADER, LONGEST_KEY, Idempotent

ERROR = {
    "type": "object",
    "description": "Why a call was refused.",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string", "description": "A word for programs, such as `not_found`."},
                "message": {"type": "string", "description": "A sentence for people."},
                "fields": {
                    "type": "object",
                    "additionalProperties": True,
                    "description": "With `invalid`: what is wrong with each field.",
                },
            },
        }
    },
}
REFUSALS = {
    "400": "Some values can't be used.",
    "401": "The key is missing, unknown or revoked.",
    "403": "The key lacks the scope.",
    "404": "There is nothing here that your key may see.",
    "409": "The state of things refuses the call, or the first call with this Idempotency-Key is still running.",
    "422": "This Idempotency-Key was used for another call.",
    "429": "Too many calls; come back after `Retry-After` seconds.",
}
WRITES = {"post", "put", "patch", "delete"}


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "groundswell.api.authentication.ApiKeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A key of the brand, made at Settings › API keys."}


class Schema(AutoSchema):
    """Adds the scope of each method to its description, and the header that POSTs honour."""

    def get_description(self) -> str:  # type: ignore[override]
        scope = getattr(self.view, "scopes", {}).get(self.method)
        text = (super().get_description() or "").strip()
        return "\n\n".join(part for part in (text, f"Scope: `{scope}`." if scope else "") if part)

    def get_override_parameters(self) -> list[Any]:
        given = list(super().get_override_parameters())
        return [*given, IDEMPOTENCY_KEY] if self.is_repeatable else given

    @property
    def is_repeatable(self) -> bool:
        return self.method == "POST" and isinstance(self.view, Idempotent)


IDEMPOTENCY_KEY = OpenApiParameter(
    HEADER,
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description=(
        f"A name of yours for this call, up to {LONGEST_KEY} characters, best a UUID. Repeat the call with the same "
        "key and body for a week, and you get the first answer again (with `Idempotent-Replayed: true`) and nothing "
        "is written twice."
    ),
)


def add_refusals(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """drf-spectacular's hook: every operation names the refusals it can answer with, all in one shape."""
    result.setdefault("components", {}).setdefault("schemas", {})["Error"] = ERROR
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            for status in refusals_of(path, method, operation):
                operation["responses"].setdefault(status, refusal(status))
    return result


def refusals_of(path: str, method: str, operation: dict[str, Any]) -> list[str]:
    repeatable = any(parameter["name"] == HEADER for parameter in operation.get("parameters", []))
    named = {"400": method in WRITES, "404": "{" in path, "409": method in WRITES, "422": repeatable}
    return [status for status in REFUSALS if named.get(status, True)]


def refusal(status: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    headers = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}} if status == "429" else {}
    return {"description": REFUSALS[status], "content": content, **({"headers": headers} if headers else {})}
