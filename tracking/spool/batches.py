"""A piece of a segment, read: its clicks as rows, and what could not be read with the reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from tracking.spool.ids import milliseconds_at
from tracking.spool.records import UnreadableError, decode
from tracking.spool.rows import Clicks, clicks_of
from tracking.spool.segments import Segment, whole_lines

BATCH_BYTES = 4 * 1024 * 1024
EARLIEST = 1_577_836_800_000  # 2020-01-01
AHEAD = timedelta(days=1)


@dataclass(slots=True)
class Batch:
    """Whole lines of a segment from an offset on: the clicks, and what could not be read with why, by offset."""

    segment: Segment
    start: int
    data: bytes
    clicks: Clicks = field(default_factory=lambda: clicks_of([], []))
    rejected: dict[int, str] = field(default_factory=dict)

    @property
    def end(self) -> int:
        return self.start + len(self.data)

    def reject(self, wrong: NDArray[np.bool_], reason: str) -> None:
        """Take the clicks out that a mask tells."""
        self.rejected |= dict.fromkeys(self.clicks.offsets[wrong].tolist(), reason)
        self.keep(~wrong)

    def keep(self, right: NDArray[np.bool_]) -> None:
        """Leave out the clicks that a mask doesn't tell: they are in the table already."""
        self.clicks = self.clicks.only(right)

    def line(self, offset: int) -> bytes:
        return self.data[offset - self.start :].partition(b"\n")[0]


def read_batch(segment: Segment, offset: int, length: int = BATCH_BYTES) -> Batch:
    """At most `length` bytes of whole lines. What follows the last newline stays, until its writer ends it or is
    gone."""
    data = segment.read(offset, length)
    batch = Batch(segment, offset, whole_lines(data))
    if not batch.data and len(data) == length:
        return Batch(segment, offset, data, rejected={offset: "no line ends here"})
    lines = batch.data.split(b"\n")[:-1]
    take(batch, lines, list(accumulate((len(line) + 1 for line in lines), initial=offset))[:-1])
    return batch


def take(batch: Batch, lines: list[bytes], offsets: list[int]) -> None:
    """Sort lines, each with its offset, into the clicks of a batch and what could not be read."""
    try:
        batch.clicks = clicks_of(lines, offsets)
    except ValueError:
        batch.clicks = clicks_of(*readable(batch, lines, offsets))
    refuse_other_times(batch)
    drop_doubles(batch)


def readable(batch: Batch, lines: list[bytes], offsets: list[int]) -> tuple[list[bytes], list[int]]:
    """The lines that are clicks, with their offsets; the others are rejected, empty ones passed over."""
    good: dict[int, bytes] = {}
    for offset, line in zip(offsets, lines, strict=True):
        try:
            if line:
                decode(line)
                good[offset] = line
        except UnreadableError as error:
            batch.rejected[offset] = str(error)
    return list(good.values()), list(good)


def refuse_other_times(batch: Batch) -> None:
    latest = milliseconds_at(datetime.now(UTC) + AHEAD)
    wrong = (batch.clicks.times < EARLIEST) | (batch.clicks.times > latest)
    if wrong.any():
        batch.reject(wrong, "the time lies outside 2020 to tomorrow")


def drop_doubles(batch: Batch) -> None:
    """A line that the disk took twice is one click: the first of its id stays."""
    ids = batch.clicks.ids
    if len(set(ids.tolist())) < len(ids):
        first = np.zeros(len(ids), np.bool_)
        first[np.unique(ids, return_index=True)[1]] = True
        batch.keep(first)
