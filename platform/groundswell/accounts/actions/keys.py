"""Keys for partners."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from groundswell.accounts.models import ApiKey, Brand, User, digest_of
from groundswell.events.actions import record
from groundswell.lib.codes import short_code

SECRET_LENGTH = 52  # of 31 letters: 257 bits


class AlreadyRevoked(Exception):
    """Somebody was quicker."""


@transaction.atomic
def create_key(brand: Brand, name: str, scopes: Iterable[str], *, by: User) -> tuple[ApiKey, str]:
    """The row and the key itself, which is kept nowhere: show it now or never."""
    row = ApiKey(brand=brand, name=name, scopes=sorted(scopes), created_by=by)
    key = f"gs_{row.prefix}_{short_code(SECRET_LENGTH)}"
    row.digest = digest_of(key)
    row.save()
    record(brand, "key.created", row, by=by, name=name, scopes=row.scopes)
    return row, key


@transaction.atomic
def revoke_key(key: ApiKey, *, by: User) -> None:
    """From now on the key opens nothing. Raises AlreadyRevoked."""
    if not ApiKey.objects.live().filter(pk=key.pk).update(revoked_at=timezone.now()):
        raise AlreadyRevoked("This key was revoked already.")
    record(key.brand, "key.revoked", key, by=by, name=key.name)
