"""Recognising a customer again without keeping an e-mail address."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata


def pepper(secret: str, brand: str) -> bytes:
    """A key of its own for each brand, so that the same buyer at two brands can't be linked."""
    return hmac.digest(secret.encode(), f"customer of {brand}".encode(), hashlib.sha256)


def customer_key(email: str, key: bytes) -> str:
    """64 hex digits that stand for an address; empty for an empty one."""
    address = normalised(email)
    return hmac.new(key, address.encode(), hashlib.sha256).hexdigest() if address else ""


def normalised(email: str) -> str:
    """Trimmed, composed, lower case, the domain in its ASCII form."""
    name, at, domain = unicodedata.normalize("NFC", email.strip()).lower().rpartition("@")
    if not at:
        return domain
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        return f"{name}@{domain}"
    return f"{name}@{domain}"
