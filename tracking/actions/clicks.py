"""Clicks from the spool into the table: each line exactly once, whatever dies when."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone

from tracking.actions.rollups import mark_stale
from tracking.agents import classify
from tracking.models import SpoolPosition, TrackingLink
from tracking.spool.ids import time_of
from tracking.spool.records import MAX_LINE, Record, UnreadableError, decode, decode_all
from tracking.spool.segments import Segment, segments_in, whole_lines

logger = logging.getLogger(__name__)
LOCK = 0x67735F73686970  # "gs_ship": one batch at a time, so that repeats are seen across workers and hosts
BATCH_BYTES = 4 * 1024 * 1024
BUDGET_SECONDS = 20.0
REPEAT = timedelta(seconds=10)
CLICKS_PER_MINUTE = 30
EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
POSITIONS_KEPT = timedelta(days=7)
COUNTRY = re.compile("[A-Za-z]{2}")
PURPOSES = re.compile("prefetch|prerender|preview")
COLUMNS = {
    "clicked_at": "timestamptz",
    "id": "varchar",
    "link_id": "int8",
    "visitor": "varchar",
    "bot_reason": "varchar",
    "is_duplicate": "bool",
    "referrer": "varchar",
    "device": "varchar",
    "app": "varchar",
    "country": "varchar",
}
COPY = f"COPY tracking_click ({', '.join(COLUMNS)}) FROM STDIN (FORMAT BINARY)"


class Row(NamedTuple):
    """A click on its way into the table; the fields are the columns, in their order."""

    clicked_at: datetime
    id: str
    link_id: int
    visitor: str
    bot_reason: str
    is_duplicate: bool
    referrer: str
    device: str
    app: str
    country: str


@dataclass(slots=True)
class Batch:
    """Whole lines of a segment from an offset on: the clicks by their offset, and what could not be read with why."""

    segment: Segment
    start: int
    data: bytes
    clicks: dict[int, Row] = field(default_factory=dict)
    rejected: dict[int, str] = field(default_factory=dict)

    @property
    def end(self) -> int:
        return self.start + len(self.data)

    def reject(self, offset: int, reason: str) -> None:
        self.clicks.pop(offset, None)
        self.rejected[offset] = reason

    def line(self, offset: int) -> bytes:
        return self.data[offset - self.start :].partition(b"\n")[0]


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
    folder, deadline, total = folder or settings.SPOOL_DIR, monotonic() + budget, Shipped()
    for segment in segments_in(folder):
        try:
            while (shipped := ship_batch(folder, segment)) is not None:
                total += shipped
                if monotonic() > deadline:
                    return total + Shipped(finished=False)
            retire(folder, segment)
        except OSError:
            logger.exception("%s cannot be shipped now", segment.path)
            total += Shipped(finished=False)
    return total


@transaction.atomic
def ship_batch(folder: Path, segment: Segment) -> Shipped | None:
    """Copy the next lines of a segment: clicks, stale days and position in one transaction. None: nothing to do.

    A crash before the commit leaves no trace but lines in the dead-letter file, which are not written twice.
    """
    if segment.size() <= offset_of(segment):
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    position = position_of(segment)
    batch = read_batch(segment, position.offset)
    if batch.end == batch.start:
        return None
    stale = match_links(batch)
    mark_repeats(batch)
    store(batch)
    mark_stale(stale)
    bury(folder, batch)
    SpoolPosition.objects.filter(pk=position.pk).update(
        offset=batch.end, rejected=position.rejected + len(batch.rejected), updated_at=timezone.now()
    )
    return Shipped(len(batch.clicks), len(batch.rejected))


def offset_of(segment: Segment) -> int:
    found = SpoolPosition.objects.filter(host=segment.host, segment=segment.name).values_list("offset", flat=True)
    return found.first() or 0


def position_of(segment: Segment) -> SpoolPosition:
    """The position of a segment, made when missing, locked until the transaction ends."""
    SpoolPosition.objects.bulk_create([SpoolPosition(host=segment.host, segment=segment.name)], ignore_conflicts=True)
    return SpoolPosition.objects.select_for_update().get(host=segment.host, segment=segment.name)


# Reading


def read_batch(segment: Segment, offset: int) -> Batch:
    """Up to 4 MB of whole lines. What follows the last newline stays, until its writer ends it or is gone."""
    data = segment.read(offset, BATCH_BYTES)
    batch = Batch(segment, offset, whole_lines(data))
    if not batch.data and len(data) == BATCH_BYTES:
        return Batch(segment, offset, data, rejected={offset: "no line ends here"})
    take(batch, batch.data.split(b"\n")[:-1])
    return batch


def take(batch: Batch, lines: list[bytes]) -> None:
    """Sort the lines of a batch into clicks and what could not be read. A click that comes twice is taken once."""
    latest, seen, at = timezone.now() + AHEAD, set[str](), batch.start
    records: Sequence[Record | None] = decode_all(lines) or [None] * len(lines)
    for line, record in zip(lines, records, strict=True):
        try:
            row = row_of(record or decode(line), latest) if line else None
        except ValueError as error:
            batch.reject(at, str(error))
        else:
            if row and row.id not in seen:
                seen.add(row.id)
                batch.clicks[at] = row
        at += len(line) + 1


def row_of(record: Record, latest: datetime) -> Row:
    """The row of a record, classified. Raises ValueError for a time that cannot be."""
    clicked_at = time_of(record.id)
    if not EARLIEST <= clicked_at <= latest:
        raise UnreadableError("the time lies outside 2020 to tomorrow")
    agent = classify(record.agent)
    return Row(
        clicked_at,
        record.id,
        record.link,
        record.visitor,
        bot_reason(record, agent.reason),
        False,
        referrer_of(record.referrer),
        agent.device,
        agent.app,
        record.country.upper() if COUNTRY.fullmatch(record.country) else "",
    )


def bot_reason(record: Record, of_agent: str) -> str:
    """Why a click is kept apart (a key of agents.REASONS); empty for a person's."""
    if record.method == "HEAD":
        return "head"
    if record.purpose and PURPOSES.search(record.purpose):
        return "prefetch"
    return of_agent or ("rate" if record.nth > CLICKS_PER_MINUTE else "")


def referrer_of(url: str) -> str:
    """Host and path of where a visitor came from, or empty."""
    if not url:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.netloc}{parts.path}"[:200] if parts.netloc else ""


# Matching


def match_links(batch: Batch) -> set[tuple[int, date]]:
    """Reject the clicks of links that do not exist; returns the (collaboration, day) pairs of the others."""
    links = links_of(row.link_id for row in batch.clicks.values())
    for offset, row in list(batch.clicks.items()):
        if row.link_id not in links:
            batch.reject(offset, "the link does not exist")
    spans = {(row.link_id, row.id[:7]) for row in batch.clicks.values()}
    moments = [(links[link], moment) for link, span in spans for moment in ends_of(span)]
    return {(collaboration, moment.astimezone(zone).date()) for (collaboration, zone), moment in moments}


def ends_of(span: str) -> tuple[datetime, datetime]:
    """First and last moment of ids with the same seven leading characters, 33 seconds apart."""
    return time_of(f"{span}{'0' * 19}"), time_of(f"{span}{'Z' * 19}")


def links_of(keys: Iterable[int]) -> dict[int, tuple[int, ZoneInfo]]:
    """Collaboration and time zone of the links that exist."""
    rows = TrackingLink.objects.filter(pk__in=set(keys)).values_list(
        "pk", "collaboration_id", "collaboration__campaign__brand__timezone"
    )
    return {pk: (collaboration, ZoneInfo(zone)) for pk, collaboration, zone in rows}


def mark_repeats(batch: Batch) -> None:
    """Mark people's clicks that repeat a counted one of the same visitor on the same link within 10 s."""
    people = [(row.id, offset, row) for offset, row in batch.clicks.items() if row.visitor and not row.bot_reason]
    if not people:
        return
    people.sort()  # by id, which is by time
    counted = counted_clicks([row for _, _, row in people])
    for _, offset, row in people:
        times = counted.setdefault((row.visitor, row.link_id), [])
        if any(abs(row.clicked_at - other) <= REPEAT for other in times):
            batch.clicks[offset] = row._replace(is_duplicate=True)  # noqa: SLF001 - a namedtuple's own method
        else:
            times.append(row.clicked_at)


def counted_clicks(people: list[Row]) -> dict[tuple[str, int], list[datetime]]:
    """Times of stored, counted clicks of these visitors around these times, by visitor and link."""
    counted: dict[tuple[str, int], list[datetime]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT visitor, link_id, clicked_at FROM tracking_click WHERE clicked_at BETWEEN %s AND %s "
            "AND visitor = ANY(%s) AND bot_reason = '' AND NOT is_duplicate",
            [people[0].clicked_at - REPEAT, people[-1].clicked_at + REPEAT, list({row.visitor for row in people})],
        )
        for visitor, link, clicked_at in cursor.fetchall():
            counted.setdefault((visitor, link), []).append(clicked_at)
    return counted


# Writing


def store(batch: Batch) -> None:
    """COPY the rows. One that is there already (a line the disk took twice) is left out, the others go in."""
    make_partitions_for(row.clicked_at for row in batch.clicks.values())
    try:
        with transaction.atomic():
            copy(batch.clicks.values())
    except IntegrityError:
        there = stored_ids(list(batch.clicks.values()))
        batch.clicks = {offset: row for offset, row in batch.clicks.items() if row.id not in there}
        copy(batch.clicks.values())
    except DataError:
        store_singly(batch)


def store_singly(batch: Batch) -> None:
    """One row that PostgreSQL refuses must not hold up the others."""
    for offset, row in list(batch.clicks.items()):
        try:
            with transaction.atomic():
                copy([row])
        except (DataError, IntegrityError) as error:
            batch.reject(offset, str(error).partition("\n")[0])


def copy(rows: Iterable[Row]) -> None:
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(COPY) as stream:
        stream.set_types(list(COLUMNS.values()))
        for row in rows:
            stream.write_row(row)


def stored_ids(rows: list[Row]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM tracking_click JOIN unnest(%s::timestamptz[], %s::text[]) AS wanted(clicked_at, id) "
            "USING (clicked_at, id)",
            [[row.clicked_at for row in rows], [row.id for row in rows]],
        )
        return {found for (found,) in cursor.fetchall()}


def make_partitions_for(moments: Iterable[datetime]) -> int:
    """Make the monthly partitions (UTC) of these moments that are missing; returns how many."""
    return make_partitions({(moment.year, moment.month) for moment in moments})


def make_partitions(months: Iterable[tuple[int, int]]) -> int:
    """Make the partitions of these (year, month) pairs that are missing; returns how many."""
    days = [date(year, month, 1) for year, month in sorted(months)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FILTER (WHERE tracking_click_partition(day)) FROM unnest(%s) AS day", [days])
        return int(cursor.fetchone()[0])


def make_coming_partitions(today: date | None = None) -> int:
    """Make this month's partition and the next three."""
    today = today or datetime.now(UTC).date()
    first = today.year * 12 + today.month - 1
    return make_partitions({(month // 12, month % 12 + 1) for month in range(first, first + 4)})


# What cannot be read


def bury(folder: Path, batch: Batch) -> None:
    """Append rejected lines to the segment's dead-letter file with offset and reason, those of a first try once."""
    if not batch.rejected:
        return
    path = dead_letters(folder, batch.segment)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    buried = set(path.read_text().splitlines()) if path.exists() else set[str]()
    lines = [letter(batch, offset) for offset in sorted(batch.rejected)]
    with path.open("a") as file:
        file.writelines(f"{line}\n" for line in lines if line not in buried)
        file.flush()
        os.fsync(file.fileno())
    logger.warning("%d lines of %s are no clicks; see %s", len(lines), batch.segment.path.name, path)


def letter(batch: Batch, offset: int) -> str:
    line = batch.line(offset)[:MAX_LINE].decode("utf-8", "backslashreplace")
    return json.dumps({"offset": offset, "reason": batch.rejected[offset], "line": line})


def dead_letters(folder: Path, segment: Segment) -> Path:
    return folder / "rejected" / f"{segment.path.stem}.jsonl"


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
    """Drop positions untouched for a week whose segment is gone; returns how many."""
    folder = folder or settings.SPOOL_DIR
    there = {segment.name for segment in segments_in(folder)}
    old = SpoolPosition.objects.filter(updated_at__lt=timezone.now() - POSITIONS_KEPT).exclude(segment__in=there)
    return old.delete()[0]


# Health

AGES = ((7200, 3600, "h"), (120, 60, "min"), (0, 1, "s"))  # from that many seconds on, in units of so many


@dataclass(frozen=True, slots=True)
class SpoolLag:
    """What this host's spool holds. `oldest` is when the first click not yet copied was made; None: all copied.

    `waiting` is how many of the `segments` hold something that is not copied.
    """

    segments: int
    waiting: int
    shipped_bytes: int
    unshipped_bytes: int
    oldest: datetime | None
    rejected: int

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
    segments = segments_in(folder or settings.SPOOL_DIR)
    positions = {(row.host, row.segment): row for row in SpoolPosition.objects.all()}
    offsets = [getattr(positions.get((one.host, one.name)), "offset", 0) for one in segments]
    behind = [(one, offset) for one, offset in zip(segments, offsets, strict=True) if one.size() > offset]
    times = [moment for one, offset in behind if (moment := first_time(one, offset))]
    return SpoolLag(
        segments=len(segments),
        waiting=len(behind),
        shipped_bytes=sum(offsets),
        unshipped_bytes=sum(one.size() - offset for one, offset in behind),
        oldest=min(times, default=None),
        rejected=sum(row.rejected for row in positions.values()),
    )


def first_time(segment: Segment, offset: int) -> datetime | None:
    try:
        return time_of(decode(segment.read(offset, 4096).partition(b"\n")[0]).id)
    except ValueError:
        return None
