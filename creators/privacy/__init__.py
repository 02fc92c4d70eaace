"""Who asked not to be kept, listed or written to. Only keyed hashes are stored, so the list names nobody."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from hashlib import sha256

from django.conf import settings

from creators.importing.rows import Row
from creators.models.privacy import OptOut

SALT = b"creators.privacy:"
EMAIL = "email"
Key = tuple[str, str]
REASONS = {
    OptOut.Wish.ERASED: "The person behind it had their data erased; it can't be added again.",
    OptOut.Wish.LEAVING: "The person behind it asked for their data to be erased; it can't be added again.",
    OptOut.Wish.UNLISTED: "The creator opted out: they don't want to be listed or imported.",
}


def address_key(email: str) -> Key:
    return EMAIL, email.strip().lower()


def account_key(network: str, handle: str) -> Key:
    return network, handle.strip().lstrip("@").lower()


def digest_of(key: Key, secret: str | None = None) -> str:
    """Hex HMAC-SHA-256 of an address or an account: comparable, but useless without the server's key."""
    return hmac.new(SALT + (secret or settings.SECRET_KEY).encode(), ":".join(key).encode(), sha256).hexdigest()


def secrets() -> list[str]:
    """The present key and the former ones, so that changing the key forgets nobody's wish."""
    return [settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS)]


def wishes(keys: Iterable[Key]) -> dict[Key, str]:
    """Of these keys ("email", address) and (network, handle) those that may not be kept, each with its `Wish`.

    One statement for any number of keys; none at all while nobody has asked for anything.
    """
    refusing = OptOut.objects.filter(wish__in=REASONS)
    if not refusing.exists():
        return {}
    by_digest = {digest_of(key, secret): key for key in set(keys) for secret in secrets()}
    found = refusing.filter(digest__in=by_digest).order_by("-wish").values_list("digest", "wish")
    return {by_digest[digest]: wish for digest, wish in found}


def suppressed(keys: Iterable[Key]) -> set[Key]:
    """Of these keys ("email", address) and (network, handle) those that were erased or opted out of being listed."""
    return set(wishes(keys))


def privacy_keys(row: Row) -> list[Key]:
    """What a row of an import names somebody by."""
    return [account_key(row.network, row.handle), *([address_key(row.email)] if row.email else [])]


def why(row: Row, wanted: dict[Key, str]) -> str:
    """Why a row may not be kept, of what `wishes` found; empty where it may."""
    return next((REASONS[OptOut.Wish(wanted[key])] for key in privacy_keys(row) if key in wanted), "")


def refusal(network: str, handle: str, email: str = "") -> str:
    """Why this account or address may not be added; empty where it may."""
    row = Row(network=network, handle=handle, email=email)
    return why(row, wishes(privacy_keys(row)))
