"""Short public identifiers."""

import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def short_code(length: int = 10) -> str:
    """A random identifier without look-alike characters; 10 characters carry 49 bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
