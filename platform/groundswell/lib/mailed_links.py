"""Links in our e-mails that prove what they say by a signature."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core import signing


def read_link(
    token: str, *, salt: str, refused: type[Exception], max_age: timedelta | int | None = None, too_old: str = ""
) -> Any:
    """What was signed. Raises `refused`; for a link older than `max_age` (seconds if a number) with `too_old`."""
    try:
        return signing.loads(token, salt=salt, max_age=max_age)
    except signing.SignatureExpired:
        raise refused(too_old) from None
    except signing.BadSignature:
        raise refused("This link is incomplete. Copy the whole link from the e-mail.") from None
