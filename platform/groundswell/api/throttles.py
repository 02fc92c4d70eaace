from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from groundswell.accounts.models import ApiKey


class ApiKeyThrottle(SimpleRateThrottle):
    """Calls per minute and key; a refused call says in `Retry-After` how many seconds to wait."""

    scope = "api_key"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        if not isinstance(request.auth, ApiKey):
            return None
        return self.cache_format % {"scope": self.scope, "ident": request.auth.prefix}
