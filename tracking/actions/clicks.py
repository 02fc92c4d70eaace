"""Clicks from the spool into the table: each line exactly once, whatever dies when."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from time import monotonic
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings
from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone
from numpy.typing import NDArray
from redis import RedisError

from tracking.actions.partitions import make_partitions
from tracking.actions.repeats import Window, mark_repeats
from tracking.actions.rollups import mark_stale
from tracking.models import SpoolPosition
from tracking.spool.batches import BATCH_BYTES, Batch, read_batch
from tracking.spool.entries import StreamReader
from tracking.spool.ids import moment_of, time_of
from tracking.spool.letters import bury
from tracking.spool.pressure import forget_gauges, pressure_in
from tracking.spool.records import decode
from tracking.spool.rows import COLUMNS, Clicks, binary
from tracking.spool.segments import Segment, segments_in

logger = logging.getLogger(__name__)
LOCK = 0x67735F73686970  # "gs_ship": one batch at a time, so that repeats are seen across workers and hosts
BUDGET_SECONDS = 20.0
POSITIONS_KEPT = timedelta(days=7)
QUARTER_HOUR, DAY = 900_000, 86_400_000  # milliseconds
# One array instead of a parameter for each link: a batch may hold thousands.
LINKS = """
    SELECT link.id, link.collaboration_id, brand.timezone
    FROM tracking_trackinglink link
    JOIN campaigns_collaboration collaboration ON collaboration.id = link.collaboration_id
    JOIN campaigns_campaign campaign ON campaign.id = collaboration.campaign_id
    JOIN accounts_brand brand ON brand.id = campaign.brand_id
    WHERE link.id = ANY(%s)
"""
COPY = f"COPY tracking_click ({COLUMNS}) FROM STDIN (FORMAT BINARY)"


@dataclass(frozen=True, slots=True)
class Shipped:
    clicks: int = 0
    rejected: int = 0
    finished: bool = True

    def __add__(self, other: Shipped) -> Shipped:
        return Shipped(self.clicks + other.clicks, self.rejected + other.rejected, self.finished and other.finished)


def ship_clicks(folder: Path | None = None, *, budget: float = BUDGET_SECONDS) -> Shipped:
    """Copy what the spool holds into the click table and remove segments that are done.

    Stops after `budget` seconds with `finished` false. Any number of shippers may run at once.
    """
    folder, deadline, total, window = folder or settings.SPOOL_DIR, monotonic() + budget, Shipped(), Window()
    with hurried(), ThreadPoolExecutor(1, "spool-reader") as reader:
        for source in sources(folder, reader):
            try:
                while (shipped := ship_batch(folder, source, window)) is not None:
                    total += shipped
                    if monotonic() > deadline:
                        return total + Shipped(finished=False)
                finish(folder, source)
            except (OSError, RedisError):
                logger.exception("%s cannot be shipped now", source.segment.path)
                total += Shipped(finished=False)
    return total


def sources(folder: Path, reader: ThreadPoolExecutor) -> Iterator[ReadAhead | StreamReader]:
    """Where clicks wait: this host's segments, oldest first, and the stream where there is one."""
    for segment in segments_in(folder):
        yield ReadAhead(reader, segment)
    if settings.CLICK_STREAM:
        yield StreamReader(settings.CLICK_STREAM)


def finish(folder: Path, source: ReadAhead | StreamReader) -> None:
    """Let go of what is in the table."""
    if isinstance(source, StreamReader):
        source.trim(offset_of(source.segment))
    else:
        retire(folder, source.segment)


@contextmanager
def hurried() -> Iterator[None]:
    """Without the garbage collector: batches hold no cycles, and looking for some took a third of the time.

    Threads take turns ten times as often, so that PostgreSQL, which is fed by one, doesn't wait for the one that reads.
    """
    was_on, turn = gc.isenabled(), sys.getswitchinterval()
    gc.disable()
    sys.setswitchinterval(turn / 10)
    try:
        yield
    finally:
        sys.setswitchinterval(turn)
        if was_on:
            gc.enable()


class ReadAhead:
    """A segment's batches. While one is on its way into the table, a thread reads the next."""

    def __init__(self, reader: ThreadPoolExecutor, segment: Segment) -> None:
        self.reader, self.segment = reader, segment
        self.offset = -1
        self.ahead: Future[Batch] | None = None

    def has_more(self, offset: int) -> bool:
        return self.segment.size() > offset

    def batch(self, offset: int) -> Batch:
        """The batch at an offset: the one read ahead, unless another shipper was here meanwhile."""
        ready = self.ahead if self.offset == offset else None
        batch = ready.result() if ready else read_batch(self.segment, offset, BATCH_BYTES)
        more = self.segment.size() > batch.end > batch.start
        self.offset = batch.end
        self.ahead = self.reader.submit(read_batch, self.segment, batch.end, BATCH_BYTES) if more else None
        return batch


def ship_batch(folder: Path, source: ReadAhead | StreamReader, window: Window) -> Shipped | None:
    """Copy the next lines of a segment or stream. None: nothing to do."""
    if not source.has_more(offset_of(source.segment)):
        return None
    batch = copy_batch(folder, source, window)
    if batch.end == batch.start:
        return None
    window.remember(batch.clicks)
    return Shipped(len(batch.clicks), len(batch.rejected))


@transaction.atomic
def copy_batch(folder: Path, source: ReadAhead | StreamReader, window: Window) -> Batch:
    """Clicks, stale days and position in one transaction.

    A crash before the commit leaves no trace but lines in the dead-letter file, which are not written twice.
    """
    lock_shippers(window)
    position = position_of(source.segment)
    batch = source.batch(position.offset)
    if batch.end > batch.start:
        stale = match_links(batch)
        mark_repeats(batch.clicks, window)
        store(batch)
        mark_stale(stale)
        bury(folder, batch)
        SpoolPosition.objects.filter(pk=position.pk).update(
            offset=batch.end, rejected=position.rejected + len(batch.rejected), updated_at=timezone.now()
        )
    return batch


def lock_shippers(window: Window) -> None:
    """Wait until no other shipper is at work; the turn lasts until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    window.take_turn()


def offset_of(segment: Segment) -> int:
    found = SpoolPosition.objects.filter(host=segment.host, segment=segment.name).values_list("offset", flat=True)
    return found.first() or 0


def position_of(segment: Segment) -> SpoolPosition:
    """The position of a segment, made when missing, locked until the transaction ends."""
    SpoolPosition.objects.bulk_create([SpoolPosition(host=segment.host, segment=segment.name)], ignore_conflicts=True)
    return SpoolPosition.objects.select_for_update().get(host=segment.host, segment=segment.name)


# Matching


def match_links(batch: Batch) -> set[tuple[int, date]]:
    """Reject the clicks of links that do not exist; returns the (collaboration, day) pairs of the others."""
    quarters = quarters_of(batch.clicks)
    links = links_of({link for link, _ in quarters})
    missing = {link for link, _ in quarters} - links.keys()
    if missing:
        batch.reject(np.isin(batch.clicks.links, list(missing)), "the link does not exist")
    known = [(links[link], quarter) for link, quarter in quarters if link in links]
    return {(collaboration, day_of(zone, quarter)) for (collaboration, zone), quarter in known}


def quarters_of(clicks: Clicks) -> set[tuple[int, int]]:
    """The links and the quarters of an hour (counted from 1970) in which they were clicked."""
    return set(zip(clicks.links.tolist(), (clicks.times // QUARTER_HOUR).tolist(), strict=True))


@lru_cache(maxsize=10_000)
def day_of(zone: ZoneInfo, quarter: int) -> date:
    """Days begin at a quarter of an hour in every time zone, so all clicks of a quarter share theirs."""
    return moment_of(quarter * QUARTER_HOUR).astimezone(zone).date()


def links_of(keys: set[int]) -> dict[int, tuple[int, ZoneInfo]]:
    """Collaboration and time zone of the links that exist."""
    with connection.cursor() as cursor:
        cursor.execute(LINKS, [list(keys)])
        return {pk: (collaboration, ZoneInfo(zone)) for pk, collaboration, zone in cursor.fetchall()}


# Writing


def store(batch: Batch) -> None:
    """COPY the rows. One that is there already (a line the disk took twice) is left out, the others go in."""
    if not len(batch.clicks):
        return
    days = {moment_of(day * DAY) for day in np.unique(batch.clicks.times // DAY).tolist()}
    make_partitions({(day.year, day.month) for day in days})
    try:
        with transaction.atomic():
            copy(binary(batch.clicks))
    except IntegrityError:
        batch.keep(~are_stored(batch.clicks))
        copy(binary(batch.clicks))
    except DataError:
        store_singly(batch)


def store_singly(batch: Batch) -> None:
    """One row that PostgreSQL refuses must not hold up the others."""
    whole, offsets = batch.clicks, batch.clicks.offsets.tolist()
    for place, offset in enumerate(offsets):
        try:
            with transaction.atomic():
                copy(binary(whole.only(slice(place, place + 1))))
        except (DataError, IntegrityError) as error:
            batch.reject(batch.clicks.offsets == offset, str(error).partition("\n")[0])


def copy(pieces: Iterable[bytes]) -> None:
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(COPY) as stream:
        for piece in pieces:
            stream.write(piece)


def are_stored(clicks: Clicks) -> NDArray[np.bool_]:
    """Which clicks are in the table already."""
    ids = [click_id.decode() for click_id in clicks.ids.tolist()]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM tracking_click JOIN unnest(%s::timestamptz[], %s::text[]) AS wanted(clicked_at, id) "
            "USING (clicked_at, id)",
            [[moment_of(at) for at in clicks.times.tolist()], ids],
        )
        found = {click_id for (click_id,) in cursor.fetchall()}
    return np.array([click_id in found for click_id in ids], np.bool_)


# Finished segments


def retire(folder: Path, segment: Segment) -> None:
    """Remove a segment that is copied to its end and has no writer; an unfinished last line is buried first."""
    with segment.claimed() as abandoned:
        if not abandoned:
            return
        offset = offset_of(segment)
        if tail := segment.read(offset, BATCH_BYTES):
            if b"\n" in tail:
                return
            bury_tail(folder, segment, offset, tail)
        segment.path.unlink(missing_ok=True)


@transaction.atomic
def bury_tail(folder: Path, segment: Segment, offset: int, tail: bytes) -> None:
    position = position_of(segment)
    if position.offset != offset:
        return
    bury(folder, Batch(segment, offset, tail, rejected={offset: "the line is not finished"}))
    SpoolPosition.objects.filter(pk=position.pk).update(
        offset=offset + len(tail), rejected=position.rejected + 1, updated_at=timezone.now()
    )


def forget_positions(folder: Path | None = None) -> int:
    """Drop positions untouched for a week whose segment is gone, and what writers long gone told of their losses;
    returns how many positions."""
    folder, before = folder or settings.SPOOL_DIR, timezone.now() - POSITIONS_KEPT
    forget_gauges(folder, before.timestamp())
    there = {segment.name for segment in segments_in(folder)}
    old = SpoolPosition.objects.filter(updated_at__lt=before).exclude(segment__in=there)
    return old.delete()[0]


# Health

AGES = ((7200, 3600, "h"), (120, 60, "min"), (0, 1, "s"))  # from that many seconds on, in units of so many


@dataclass(frozen=True, slots=True)
class SpoolLag:
    """What this host's spool holds. `oldest` is when the first click not yet copied was made; None: all copied.

    `waiting` is how many of the `segments` hold something that is not copied. `in_memory` counts clicks that the disk
    refuses at the moment, `lost` those for which memory was no place either, in the last week.
    """

    segments: int
    waiting: int
    shipped_bytes: int
    unshipped_bytes: int
    oldest: datetime | None
    rejected: int
    in_memory: int = 0
    lost: int = 0

    @property
    def seconds(self) -> float:
        """How far the table is behind the clicks."""
        return max(0.0, (timezone.now() - self.oldest).total_seconds()) if self.oldest else 0.0

    @property
    def age(self) -> str:
        """The same in words: 12 s, 3 min, 5 h; “none” when nothing waits."""
        if self.oldest is None:
            return "none"
        unit, name = next((unit, name) for least, unit, name in AGES if self.seconds >= least)
        return f"{self.seconds // unit:.0f} {name}"


def spool_lag(folder: Path | None = None) -> SpoolLag:
    """Shipped and unshipped bytes of this host's segments, and the lines of all hosts that could not be read."""
    folder = folder or settings.SPOOL_DIR
    segments, pressure = segments_in(folder), pressure_in(folder)
    positions = {(row.host, row.segment): row for row in SpoolPosition.objects.all()}
    offsets = [getattr(positions.get((one.host, one.name)), "offset", 0) for one in segments]
    behind = [(one, offset) for one, offset in zip(segments, offsets, strict=True) if one.size() > offset]
    in_stream, since = stream_lag()
    times = [moment for one, offset in behind if (moment := first_time(one, offset))]
    times += [moment_of(since)] if since else []
    return SpoolLag(
        segments=len(segments) + bool(settings.CLICK_STREAM),
        waiting=len(behind) + bool(since),
        shipped_bytes=sum(offsets),
        unshipped_bytes=sum(one.size() - offset for one, offset in behind) + in_stream,
        oldest=min(times, default=None),
        rejected=sum(row.rejected for row in positions.values()),
        in_memory=pressure.waiting,
        lost=pressure.lost,
    )


def stream_lag() -> tuple[int, int]:
    """Bytes that wait in the stream, and since when (milliseconds); 0, 0: none, or Redis does not answer."""
    if not settings.CLICK_STREAM:
        return 0, 0
    reader = StreamReader(settings.CLICK_STREAM)
    try:
        return reader.waiting(offset_of(reader.segment))
    except RedisError:
        return 0, 0


def first_time(segment: Segment, offset: int) -> datetime | None:
    try:
        return time_of(decode(segment.read(offset, 4096).partition(b"\n")[0]).id)
    except ValueError:
        return None
