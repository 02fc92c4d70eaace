"""Segment files of the spool: who writes them, how far they reach, when they may go.

A segment is named <host>~<pid>-<start>-<number>.log. Its writer holds a lock on the file for as long as it lives, and
gives it up by ending in whatever way: a segment whose lock can be taken has no writer any more.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SUFFIX = ".log"


@dataclass(frozen=True, slots=True)
class Segment:
    path: Path

    @property
    def host(self) -> str:
        return self.path.stem.partition("~")[0]

    @property
    def name(self) -> str:
        return self.path.stem.partition("~")[2]

    def size(self) -> int:
        """Bytes in the file; 0 when it is gone."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def read(self, offset: int, length: int) -> bytes:
        """At most `length` bytes from `offset`; nothing when the file is gone."""
        try:
            with self.path.open("rb") as file:
                file.seek(offset)
                return file.read(length)
        except FileNotFoundError:
            return b""

    @contextmanager
    def claimed(self) -> Iterator[bool]:
        """True inside the block when nobody writes this segment any more; nobody else claims it meanwhile."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY)
        except FileNotFoundError:
            yield False
            return
        try:
            yield locked(descriptor)
        finally:
            os.close(descriptor)


def locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def segments_in(folder: Path) -> list[Segment]:
    """The segments of a spool folder, oldest first."""
    return [Segment(path) for path in sorted((folder / "segments").glob(f"*~*{SUFFIX}"), key=age)]


def age(path: Path) -> tuple[float, str]:
    try:
        return path.stat().st_mtime, path.name
    except FileNotFoundError:
        return 0.0, path.name


def whole_lines(data: bytes) -> bytes:
    """The part of a read that ends with its last newline."""
    return data[: data.rfind(b"\n") + 1]
