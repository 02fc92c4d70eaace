"""The reading end of a Redis stream of clicks: what a segment is to the shipper."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis

from tracking.spool import streams
from tracking.spool.batches import Batch, take
from tracking.spool.segments import Segment
from tracking.spool.streams import AT_A_TIME, CONNECTION, LINE, SEQUENCE, after, place_of


@dataclass(slots=True)
class Entries(Batch):
    """Entries of a stream from a place on, as a batch whose offsets are their places."""

    last: int = 0
    lines: dict[int, bytes] = field(default_factory=dict)

    @property
    def end(self) -> int:
        return self.last

    def line(self, offset: int) -> bytes:
        return self.lines[offset]


class StreamReader:
    """A stream's batches. How far they are in the table stands there, in the same transaction, so no group of
    consumers is needed to have each click once."""

    def __init__(self, url: str) -> None:
        self.store, self.stream = redis.Redis.from_url(url, **CONNECTION), streams.STREAM
        self.segment = Segment(Path(f"redis~{self.stream.replace(':', '-')}.log"))

    def has_more(self, place: int) -> bool:
        return bool(self.store.xrange(self.stream, after(place), "+", count=1))

    def batch(self, place: int) -> Batch:
        """Up to 10,000 entries behind a place."""
        found: Any = self.store.xrange(self.stream, after(place), "+", count=AT_A_TIME)
        lines = {place_of(entry): fields.get(LINE, b"").rstrip(b"\n") for entry, fields in found}
        batch = Entries(self.segment, place, b"", last=max(lines, default=place), lines=lines)
        take(batch, list(lines.values()), list(lines))
        return batch

    def trim(self, place: int) -> None:
        """Remove what is in the table."""
        self.store.xtrim(self.stream, minid=after(place), approximate=False)

    def waiting(self, place: int) -> tuple[int, int]:
        """Bytes that the stream takes and when its first entry behind a place came (milliseconds); 0, 0: none."""
        first: Any = self.store.xrange(self.stream, after(place), "+", count=1)
        size = int(self.store.memory_usage(self.stream) or 0)
        return (size, place_of(first[0][0]) // SEQUENCE) if first else (0, 0)
