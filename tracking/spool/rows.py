"""Clicks as rows of the click table, in the bytes of PostgreSQL's binary COPY.

Thousands of clicks share a user agent, a referrer and a country, so everything that follows from those is worked out
once and kept as ready bytes; of each single click only its id, time, link and visitor are packed.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple
from urllib.parse import urlsplit

from tracking.agents import classify
from tracking.spool.ids import decoded_time
from tracking.spool.records import Record, UnreadableError

# What `packed` writes, in this order.
COLUMNS = "clicked_at, id, link_id, visitor, bot_reason, is_duplicate, referrer, device, app, country"
HEADER, TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
OWN = struct.Struct(">hiqi26siqi")  # the number of columns; time, id and link behind their lengths; a length
SINCE_2000 = 946_684_800_000
EARLIEST = 1_577_836_800_000  # 2020-01-01
CLICKS_PER_MINUTE = 30
ROWS_AT_A_TIME = 1000
COUNTRY = re.compile("[A-Za-z]{2}")
PURPOSES = re.compile("prefetch|prerender|preview")


class Shared(NamedTuple):
    """What clicks of one kind have in common: why they are kept apart (empty for people), and their last columns in
    binary, for a click that counts and for one that repeats another."""

    bot_reason: str
    counted: bytes
    repeated: bytes


class Row(NamedTuple):
    """A click on its way into the table; its time is in milliseconds since 1970."""

    id: str
    at: int
    link: int
    visitor: str
    shared: Shared


def row_of(record: Record, latest: int) -> Row:
    """The row of a record, classified. Raises UnreadableError for a time before 2020 or after `latest`."""
    click_id, link, method, nth, visitor, country, purpose, agent, referrer = record
    at = decoded_time(click_id[:10])
    if not EARLIEST <= at <= latest:
        raise UnreadableError("the time lies outside 2020 to tomorrow")
    return Row(
        click_id, at, link, visitor, shared_by(method, nth > CLICKS_PER_MINUTE, purpose, agent, referrer, country)
    )


@lru_cache(maxsize=50_000)
def shared_by(  # noqa: PLR0917 - positional for speed
    method: str, hurried: bool, purpose: str, agent: str, referrer: str, country: str
) -> Shared:
    """Pure; remembers what it has seen. `hurried` says that the visitor clicked too often within a minute."""
    known = classify(agent)
    reason = bot_reason(method, purpose, known.reason, hurried=hurried)
    country = country.upper() if COUNTRY.fullmatch(country) else ""
    last = b"".join(map(field, (referrer_of(referrer), known.device, known.app, country)))
    return Shared(reason, field(reason) + boolean(False) + last, field(reason) + boolean(True) + last)


def bot_reason(method: str, purpose: str, of_agent: str, *, hurried: bool) -> str:
    """Why a click is kept apart (a key of agents.REASONS); empty for a person's."""
    if method == "HEAD":
        return "head"
    if purpose and PURPOSES.search(purpose):
        return "prefetch"
    return of_agent or ("rate" if hurried else "")


def referrer_of(url: str) -> str:
    """Host and path of where a visitor came from, or empty."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.netloc}{parts.path}"[:200] if parts.netloc else ""


# Binary COPY: each field behind its length


def field(text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    return struct.pack(">i", len(data)) + data


def boolean(value: bool) -> bytes:
    return struct.pack(">i?", 1, value)


def binary(rows: Iterable[tuple[Row, bool]]) -> Iterator[bytes]:
    """Rows, each with whether it repeats another, as pieces of a COPY; the server stores one while the next is made."""
    yield HEADER
    rows = iter(rows)
    while piece := b"".join([packed(row, repeats=repeats) for row, repeats in islice(rows, ROWS_AT_A_TIME)]):
        yield piece
    yield TRAILER


def packed(row: Row, *, repeats: bool) -> bytes:
    click_id, at, link, visitor, shared = row
    name = visitor.encode()
    own = OWN.pack(10, 8, (at - SINCE_2000) * 1000, 26, click_id.encode(), 8, link, len(name))
    return own + name + (shared.repeated if repeats else shared.counted)
