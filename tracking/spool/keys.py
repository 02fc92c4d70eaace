"""Keys that turn a visitor's address into something that cannot be turned back, a new one every day."""

from __future__ import annotations

import logging
import os
import secrets
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path

DAYS_KEPT = 2
DAY = 86_400_000
MINUTE = 60_000
logger = logging.getLogger(__name__)


class VisitorKeys:
    """The day's key of a host, in a file that all its workers share; a lost day's key is never made again.

    Days are UTC. Files older than two days are deleted, so after that nobody can tell who a visitor was.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.day = -1
        self.key = b""
        self.makeshift_until = 0

    def visitor(self, milliseconds: int, address: str, agent: str) -> str:
        """32 hex characters that are the same for an address and browser within a UTC day. About 1 µs."""
        if milliseconds // DAY != self.day or 0 < self.makeshift_until <= milliseconds:
            self.turn(milliseconds)
        return blake2b(f"{address}\n{agent}".encode(), key=self.key, digest_size=16).hexdigest()

    def turn(self, milliseconds: int) -> None:
        """Take the day's key. Where the disk refuses one, this process uses its own for a minute, then asks again."""
        day = milliseconds // DAY
        try:
            self.key, self.makeshift_until = self.of_day(day), 0
            self.forget(day - DAYS_KEPT)
        except OSError as error:
            if day != self.day:
                self.key = secrets.token_bytes(32)
            self.makeshift_until = milliseconds + MINUTE
            logger.warning("No key for visitors in %s (%s); this process uses its own", self.folder, error)
        self.day = day

    def of_day(self, day: int) -> bytes:
        """The key of a day since 1970: the one in the file, or a new one that exactly one worker gets to write."""
        path = self.folder / f"{named(day)}.key"
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self.folder / f".{secrets.token_hex(8)}"
        try:
            fresh.write_bytes(secrets.token_bytes(32))
            with suppress(FileExistsError):
                os.link(fresh, path)
        finally:
            fresh.unlink(missing_ok=True)
        return path.read_bytes()

    def forget(self, day: int) -> None:
        """Delete the keys of a day and of those before it."""
        for path in self.folder.glob("*.key"):
            if path.stem <= named(day):
                path.unlink(missing_ok=True)


def named(day: int) -> str:
    return f"{datetime.fromtimestamp(0, UTC) + timedelta(days=day):%Y-%m-%d}"
