"""What a writer of the spool cannot put on disk, in a small file that even a full disk lets it overwrite."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tracking.spool.segments import Segment

SUFFIX = ".pressure"
DIGITS = 20


class Pressure(NamedTuple):
    """Clicks that wait in a process's memory because the disk refuses them, and clicks lost since it started."""

    waiting: int = 0
    lost: int = 0


class Gauge:
    """The file of one writer, locked for as long as that lives. Its size never changes, so writing needs no space."""

    def __init__(self, folder: Path, name: str) -> None:
        self.path, self.shown, self.descriptor = folder / f"{name}{SUFFIX}", Pressure(), -1
        with suppress(OSError):
            self.open()

    def open(self) -> None:
        self.descriptor = os.open(self.path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        fcntl.flock(self.descriptor, fcntl.LOCK_EX)
        self.write(self.shown)

    def show(self, pressure: Pressure) -> None:
        """Write what changed. A disk that refuses even this is no reason to stop."""
        if pressure == self.shown:
            return
        with suppress(OSError):
            if self.descriptor < 0:
                self.open()
            self.write(pressure)
            self.shown = pressure

    def write(self, pressure: Pressure) -> None:
        os.pwrite(self.descriptor, b"".join(b"%0*d\n" % (DIGITS, number) for number in pressure), 0)

    def close(self) -> None:
        """A writer that lost nothing leaves no file."""
        if not any(self.shown):
            self.path.unlink(missing_ok=True)
        if self.descriptor >= 0:
            os.close(self.descriptor)


def pressure_in(folder: Path) -> Pressure:
    """The sum over a spool folder. What waited in the memory of a writer that is gone is lost."""
    total = Pressure()
    for path in gauges_in(folder):
        waiting, lost = read(path)
        with Segment(path).claimed() as gone:
            total = Pressure(total.waiting + waiting * (not gone), total.lost + lost + waiting * gone)
    return total


def forget_gauges(folder: Path, before: float) -> None:
    """Remove the files of writers that are gone and lost nothing, or wrote last before a time (since 1970)."""
    for path in gauges_in(folder):
        with Segment(path).claimed() as gone, suppress(FileNotFoundError):
            if gone and (not any(read(path)) or path.stat().st_mtime < before):
                path.unlink()


def gauges_in(folder: Path) -> list[Path]:
    return list((folder / "segments").glob(f"*{SUFFIX}"))


def read(path: Path) -> Pressure:
    """Nothing for a file that is gone or was cut short."""
    with suppress(OSError, ValueError, TypeError):
        return Pressure(*map(int, path.read_bytes().split()))
    return Pressure()
