from __future__ import annotations

import math
import time
from typing import Any

from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from groundswell.accounts.models import ApiKey


class ApiKeyThrottle(SimpleRateThrottle):
    """Calls per minute and key, counted in whole minutes of the clock by one atomic increment in the cache.

    A refused call says in `Retry-After` how many seconds are left until the next minute.
    """

    scope = "api_key"
    num_requests: int
    duration: int

    def timer(self) -> float:
        return time.time()

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        if not isinstance(request.auth, ApiKey):
            return None
        return self.cache_format % {"scope": self.scope, "ident": request.auth.prefix}

    def allow_request(self, request: Request, view: Any) -> bool:
        key = self.get_cache_key(request, view)
        if key is None or self.rate is None:
            return True
        self.now = self.timer()
        key = f"{key}:{int(self.now // self.duration)}"
        return self.counted(key) <= self.num_requests

    def counted(self, key: str) -> int:
        """The calls of this minute with this one. A cache emptied in between starts at one again."""
        cache.add(key, 0, timeout=self.duration * 2)
        try:
            return int(cache.incr(key))
        except ValueError:
            cache.set(key, 1, timeout=self.duration * 2)
            return 1

    def wait(self) -> float:
        """Seconds until the next window, at least one."""
        return max(1, math.ceil(self.duration - self.now % self.duration))


class RefusedKeyThrottle(ApiKeyThrottle):
    """Keys that open nothing, per minute and address they come from."""

    scope = "refused_key"

    def get_cache_key(self, request: Request, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}
