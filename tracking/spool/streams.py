"""The spool in a Redis stream, for hosts whose disk does not last: each click is an entry, its id the place in it.

The entry is acknowledged by Redis before the visitor is answered. What survives a crash of Redis is what its own
persistence keeps: with `appendfsync everysec` at most the last second is lost, with `always` nothing.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

import redis

from tracking.spool.pressure import Gauge, Pressure
from tracking.spool.writer import BACKLOG, SYNC_SECONDS, host_name

logger = logging.getLogger(__name__)
STREAM = "groundswell:clicks"
LINE = b"line"
AT_A_TIME = 10_000
SEQUENCE = 2**20  # entries a millisecond; a place is milliseconds * SEQUENCE + number, until the year 2248
CONNECTION: dict[str, Any] = {"socket_timeout": 1.0, "socket_connect_timeout": 0.5}


class StreamWriter:
    """Hands lines over to Redis; the same to its caller as a SpoolWriter.

    Clicks that arrive while others are on their way go together with the next. While Redis does not answer, up to
    10,000 wait in memory and are tried again every 80 ms; beyond that `lost` counts them. An answer that got lost on
    the way back makes entries arrive twice; a click is counted once by its id.
    """

    def __init__(self, url: str, folder: Path) -> None:
        self.store, self.stream = redis.Redis.from_url(url, **CONNECTION), STREAM
        self.lines, self.lost, self.failing = deque[bytes](), 0, False
        self.sending, self.stopping = threading.Lock(), threading.Event()
        (folder / "segments").mkdir(mode=0o700, parents=True, exist_ok=True)
        self.gauge = Gauge(folder / "segments", f"{host_name()}~{os.getpid()}-{time.time_ns():x}")
        self.thread = threading.Thread(target=self.keep_trying, name="stream-retry", daemon=True)
        self.thread.start()

    def append(self, line: bytes) -> None:
        """See one line in the stream before the visitor is answered; never raises."""
        if len(self.lines) >= BACKLOG:
            self.lost += 1
            return
        self.lines.append(line)
        if not self.failing:
            self.send()

    def send(self) -> None:
        """Everything that waits, in one round trip. Who comes second finds that the first took its line along."""
        with self.sending:
            waiting = len(self.lines)
            if not waiting:
                return
            try:
                self.add([self.lines[place] for place in range(min(waiting, AT_A_TIME))])
            except redis.RedisError as error:
                if not self.failing:
                    logger.error("Redis takes no clicks (%s); they wait in memory", error)  # noqa: TRY400
                self.failing = True
            else:
                self.failing = False

    def add(self, lines: list[bytes]) -> None:
        with self.store.pipeline(transaction=False) as pipe:
            for line in lines:
                pipe.xadd(self.stream, {LINE: line})
            pipe.execute()
        for _ in lines:
            self.lines.popleft()

    def keep_trying(self) -> None:
        while not self.stopping.wait(SYNC_SECONDS):
            if self.failing:
                self.send()
            self.gauge.show(Pressure(len(self.lines), self.lost))

    def close(self) -> None:
        self.stopping.set()
        self.thread.join()
        self.send()
        self.gauge.show(Pressure(len(self.lines), self.lost))
        self.gauge.close()
        self.store.close()


def place_of(entry: bytes) -> int:
    """The place of an entry id, milliseconds and number, as one integer that grows with it."""
    milliseconds, _, number = entry.partition(b"-")
    return int(milliseconds) * SEQUENCE + int(number)


def after(place: int) -> str:
    """The least entry id behind a place."""
    milliseconds, number = divmod(place + 1, SEQUENCE)
    return f"{milliseconds}-{number}"
