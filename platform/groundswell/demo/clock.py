"""The demo world's clock: actions played inside `at(moment)` happen then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.utils import timezone


@contextmanager
def at(moment: datetime) -> Iterator[datetime]:
    """Let `timezone.now()` answer `moment` (aware). For the demo's loader alone: it changes the whole process."""
    real, timezone.now = timezone.now, lambda: moment
    try:
        yield moment
    finally:
        timezone.now = real
