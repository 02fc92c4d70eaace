from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from groundswell.accounts.models import ApiKey


class HasScope(BasePermission):
    """The view names the scope of each method: `scopes = {"GET": "creators:read", "POST": "creators:write"}`."""

    message = "This key lacks the scope for this call."

    def has_permission(self, request: Request, view: Any) -> bool:
        method = "GET" if request.method in {"HEAD", "OPTIONS"} else request.method
        return isinstance(request.auth, ApiKey) and view.scopes.get(method) in request.auth.scopes
