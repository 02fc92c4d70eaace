from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request

from groundswell.accounts.models import ApiKey, User
from groundswell.api.throttles import RefusedKeyThrottle


class ApiRequest(Request):
    """A request of a partner, as endpoints get it."""

    auth: ApiKey


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer gs_<prefix>_<secret>`. The key names the brand; `request.auth` is the ApiKey row."""

    def authenticate(self, request: Request) -> tuple[User | None, ApiKey] | None:
        scheme, _, key = get_authorization_header(request).decode("latin-1").partition(" ")
        if not scheme:
            return None
        if scheme.lower() != "bearer":
            raise AuthenticationFailed("Send your key as “Authorization: Bearer gs_…”.")
        try:
            row = self.find(key.strip())
        except AuthenticationFailed:
            count_refusal(request)
            raise
        note_use(row)
        return row.created_by, row

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'

    def find(self, key: str) -> ApiKey:
        parts = key.split("_")
        row = (
            ApiKey.objects.live().select_related("brand", "created_by").filter(prefix=parts[1]).first()
            if len(parts) == 3
            else None
        )
        if row is None or not row.matches(key):
            raise AuthenticationFailed("This key is unknown or was revoked.")
        return row


def count_refusal(request: Request) -> None:
    """Count a refused key against its address; valid keys from there are never held up. Raises Throttled."""
    throttle = RefusedKeyThrottle()
    if not throttle.allow_request(request, None):
        raise Throttled(wait=throttle.wait())


def note_use(row: ApiKey) -> None:
    """Remember when the key was last used, at most once a minute: most calls ask the database nothing more."""
    now = timezone.now()
    if row.last_used_at and now - row.last_used_at < timedelta(minutes=1):
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - timedelta(minutes=1))
    ApiKey.objects.filter(stale, pk=row.pk).update(last_used_at=now)
