"""A piece of a segment, read: its clicks as rows, and what could not be read with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tracking.spool.ids import milliseconds_at
from tracking.spool.records import Record, decode, decode_all
from tracking.spool.rows import Row, binary, row_of
from tracking.spool.segments import Segment, whole_lines

BATCH_BYTES = 4 * 1024 * 1024
AHEAD = timedelta(days=1)


@dataclass(slots=True)
class Batch:
    """Whole lines of a segment from an offset on: the clicks by their offset, those of them that repeat another
    (offsets), and what could not be read with why."""

    segment: Segment
    start: int
    data: bytes
    clicks: dict[int, Row] = field(default_factory=dict)
    repeats: set[int] = field(default_factory=set)
    rejected: dict[int, str] = field(default_factory=dict)

    @property
    def end(self) -> int:
        return self.start + len(self.data)

    def reject(self, offset: int, reason: str) -> None:
        self.clicks.pop(offset, None)
        self.rejected[offset] = reason

    def line(self, offset: int) -> bytes:
        return self.data[offset - self.start :].partition(b"\n")[0]

    def binary(self) -> Iterator[bytes]:
        """The clicks as pieces of a binary COPY."""
        return binary((row, offset in self.repeats) for offset, row in self.clicks.items())


def read_batch(segment: Segment, offset: int, length: int = BATCH_BYTES) -> Batch:
    """At most `length` bytes of whole lines. What follows the last newline stays, until its writer ends it or is
    gone."""
    data = segment.read(offset, length)
    batch = Batch(segment, offset, whole_lines(data))
    if not batch.data and len(data) == length:
        return Batch(segment, offset, data, rejected={offset: "no line ends here"})
    take(batch, batch.data.split(b"\n")[:-1])
    return batch


def take(batch: Batch, lines: list[bytes]) -> None:
    """Sort the lines of a batch into clicks and what could not be read."""
    latest, at = milliseconds_at(datetime.now(UTC) + AHEAD), batch.start
    records: Sequence[Record | None] = decode_all(lines) or [None] * len(lines)
    for line, record in zip(lines, records, strict=True):
        if line:
            try:
                batch.clicks[at] = row_of(record or decode(line), latest)
            except ValueError as error:
                batch.reject(at, str(error))
        at += len(line) + 1
    drop_doubles(batch)


def drop_doubles(batch: Batch) -> None:
    """A line that the disk took twice is one click: the first of its id stays."""
    firsts = {row.id: offset for offset, row in reversed(batch.clicks.items())}
    if len(firsts) < len(batch.clicks):
        batch.clicks = {offset: row for offset, row in batch.clicks.items() if firsts[row.id] == offset}
