"""E-mail addresses: their keyed hash for the suppression list, and the token that unsubscribes one. Pure."""

from __future__ import annotations

import hmac
from hashlib import sha256

from django.conf import settings
from django.core.signing import BadSignature, Signer

SALT = b"outreach.suppression:"


def digest_of(email: str, key: str | None = None) -> str:
    """Hex HMAC-SHA-256 of the normalised address: comparable, but useless without the server's key."""
    return hmac.new(SALT + (key or settings.SECRET_KEY).encode(), email.strip().lower().encode(), sha256).hexdigest()


def digests_of(email: str) -> list[str]:
    """Under the present key and the former ones, so that changing the key forgets nobody's wish."""
    return [digest_of(email, key) for key in [settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS)]]


def unsubscribe_token(brand_pk: int, email: str) -> str:
    """Opaque and signed; holds the brand and the hash, so it works after the message was deleted. Never expires."""
    return signer().sign(f"{brand_pk}.{digest_of(email)}")


def read_unsubscribe_token(token: str) -> tuple[int, str]:
    """The brand's key and the address's digest. Raises BadSignature."""
    brand_pk, _, digest = signer().unsign(token).partition(".")
    if not brand_pk.isdigit() or len(digest) != 64:
        raise BadSignature("not one of our tokens")
    return int(brand_pk), digest


def signer() -> Signer:
    return Signer(sep="~", salt="outreach.unsubscribe")
