from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from groundswell.accounts.models import ApiKey


class HasKey(BasePermission):
    """Any live key."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.auth, ApiKey)


class HasScope(BasePermission):
    """The view names the scope of each method: `scopes = {"GET": "creators:read", "POST": "creators:write"}`."""

    message = "This key lacks the scope for this call."

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.auth, ApiKey):
            return False
        if request.method not in view.allowed_methods:
            return True  # so that the answer is 405, which says more than 403
        method = "GET" if request.method in {"HEAD", "OPTIONS"} else request.method
        return view.scopes.get(method) in request.auth.scopes
