"""The writing end of the spool: one append per click, a background sync, a new file now and then."""

from __future__ import annotations

import fcntl
import itertools
import logging
import os
import re
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from tracking.spool.pressure import Gauge, Pressure
from tracking.spool.segments import SUFFIX

logger = logging.getLogger(__name__)
SYNC_SECONDS = 0.08
SEGMENT_BYTES = 64 * 1024 * 1024
SEGMENT_SECONDS = 600
BACKLOG = 10_000


def host_name() -> str:
    return re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname())[:60] or "host"


class SpoolWriter:
    """Appends lines to this process's segment.

    A line handed to the operating system survives the end of the process; what a power cut may take is what was
    written since the last sync, at most 100 ms. When the disk refuses (full, gone), up to 10,000 lines wait in memory
    and go first once it accepts again; beyond that `lost` counts them. How many wait and were lost is shown in a file
    beside the segments (see pressure.py).
    """

    def __init__(
        self, folder: Path, *, segment_bytes: int = SEGMENT_BYTES, segment_seconds: float = SEGMENT_SECONDS
    ) -> None:
        self.folder = folder / "segments"
        self.segment_bytes, self.segment_seconds = segment_bytes, segment_seconds
        self.host = host_name()
        self.start, self.numbers = f"{os.getpid()}-{time.time_ns():x}", itertools.count(1)
        self.lock, self.stopping = threading.Lock(), threading.Event()
        self.backlog: deque[bytes] = deque()
        self.lost, self.dirty, self.torn, self.refused = 0, False, False, False
        self.failing, self.descriptor, self.opened_at = False, -1, time.monotonic()
        self.attempt(self.begin)
        self.gauge = Gauge(self.folder, f"{self.host}~{self.start}")
        self.thread = threading.Thread(target=self.keep_synced, name="spool-sync", daemon=True)
        self.thread.start()

    def append(self, line: bytes) -> None:
        """Write one line before the visitor is answered; never raises."""
        with self.lock:
            if self.backlog:
                self.postpone(line)
            else:
                self.write(line)
            self.dirty = True

    def write(self, line: bytes) -> None:
        """One append. A line the disk took only in part is ended there and written again whole."""
        try:
            written = os.write(self.descriptor, b"\n" + line if self.torn else line)
        except OSError as error:
            self.postpone(line, error)
        else:
            whole = written == len(line) + self.torn
            self.torn = not whole
            if not whole:
                self.postpone(line)

    def postpone(self, line: bytes, error: OSError | None = None) -> None:
        if not self.refused:
            logger.error("The click spool in %s cannot be written (%s); clicks wait in memory", self.folder, error)
        self.refused = True
        if len(self.backlog) < BACKLOG:
            self.backlog.append(line)
        else:
            self.lost += 1

    def keep_synced(self) -> None:
        while not self.stopping.wait(SYNC_SECONDS):
            self.attempt(self.sync)
            self.gauge.show(Pressure(len(self.backlog), self.lost))

    def attempt(self, step: Callable[[], None]) -> None:
        """Do what the disk may refuse; say so once until it works again."""
        try:
            step()
        except OSError as error:
            if not self.failing:
                logger.error("The click spool in %s cannot be synced (%s)", self.folder, error)  # noqa: TRY400
            self.failing = True
        else:
            self.failing = False

    def begin(self) -> None:
        """Open the first segment. Until the disk allows it, clicks wait in memory."""
        descriptor = self.open()
        with self.lock:
            self.descriptor = descriptor

    def sync(self) -> None:
        """Push what was written to the disk, try the backlog again, and turn to a new file when it is time."""
        if self.descriptor < 0:
            self.begin()
        if self.backlog:
            self.catch_up()
        if self.dirty:
            self.dirty = False
            os.fdatasync(self.descriptor)
        if self.is_ripe():
            self.turn()

    def catch_up(self) -> None:
        with self.lock:
            for _ in range(len(self.backlog)):
                waiting = len(self.backlog)
                self.write(self.backlog.popleft())
                if len(self.backlog) == waiting:
                    self.backlog.rotate(1)
                    return
            self.refused, self.dirty = False, True
        logger.warning("The click spool in %s is written again; %d clicks were lost", self.folder, self.lost)

    def is_ripe(self) -> bool:
        size = os.fstat(self.descriptor).st_size
        old = time.monotonic() - self.opened_at > self.segment_seconds
        return size >= self.segment_bytes or (size > 0 and old)

    def turn(self) -> None:
        """Go on in a new segment. Only the sync thread closes files, so no write ever meets a closed one."""
        fresh = self.open()
        with self.lock:
            full, self.descriptor, self.torn = self.descriptor, fresh, False
        self.opened_at = time.monotonic()
        os.fdatasync(full)
        os.close(full)

    def open(self) -> int:
        """A new, locked segment; it gets its name when the lock is held, so that nobody takes it for abandoned."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.folder / f"{self.host}~{self.start}-{next(self.numbers)}{SUFFIX}"
        hidden = path.with_suffix(".new")
        descriptor = os.open(hidden, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        hidden.rename(path)
        return descriptor

    def close(self) -> None:
        """Sync and let go of the segment; the shipper may then remove it."""
        self.stopping.set()
        self.thread.join()
        if self.backlog:
            self.attempt(self.sync)
        self.gauge.show(Pressure(len(self.backlog), self.lost))
        self.gauge.close()
        with self.lock:
            if self.descriptor >= 0:
                os.fdatasync(self.descriptor)
                os.close(self.descriptor)
