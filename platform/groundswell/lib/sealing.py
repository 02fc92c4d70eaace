"""Secrets of others (tokens, keys) as they lie in the database: encrypted, and readable by this installation only.

Fernet (AES-128-CBC with HMAC-SHA256). Keys are derived by HKDF-SHA256 from ENCRYPTION_KEYS, else from SECRET_KEY and
SECRET_KEY_FALLBACKS; the first one seals, all of them open, so a key is changed by putting the new one in front.
"""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PURPOSE = b"groundswell.lib.sealing"


class SealBroken(Exception):
    """Sealed by another installation, by a key that is gone, or damaged. The message holds nothing of the secret."""


def seal(secret: str) -> str:
    """The secret as text for the database; sealing it twice gives two different texts."""
    return box().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """The secret itself. Raises SealBroken."""
    try:
        return box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise SealBroken("A stored secret can't be read with this installation's keys.") from None


def reseal(sealed: str) -> str:
    """The same secret under the first of the keys. Raises SealBroken."""
    return seal(unseal(sealed))


def box() -> MultiFernet:
    keys = settings.ENCRYPTION_KEYS or [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([fernet(key) for key in keys])


@lru_cache(maxsize=16)
def fernet(key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
