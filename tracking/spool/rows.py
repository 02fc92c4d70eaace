"""Clicks as rows of the click table, in the bytes of PostgreSQL's binary COPY.

Thousands of clicks share a user agent, a referrer and a country, so everything that follows from those is worked out
once and kept as ready bytes; what each click has of its own is packed column by column for a whole batch.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from tracking.agents import classify
from tracking.spool.ids import ALPHABET
from tracking.spool.records import Record

# What `binary` writes, in this order.
COLUMNS = "clicked_at, id, link_id, visitor, bot_reason, is_duplicate, referrer, device, app, country"
HEADER, TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
# The number of columns; time, id and link behind their lengths; the visitor's length.
OWN = np.dtype(
    {
        "names": ["columns", "at_length", "at", "id_length", "id", "link_length", "link", "visitor_length"],
        "formats": [">i2", ">i4", ">i8", ">i4", "S26", ">i4", ">i8", ">i4"],
    }
)
LENGTHS = {"columns": 10, "at_length": 8, "id_length": 26, "link_length": 8}
SINCE_2000 = 946_684_800_000
CLICKS_PER_MINUTE = 30
ROWS_AT_A_TIME = 1000
COUNTRY = re.compile("[A-Za-z]{2}")
PURPOSES = re.compile("prefetch|prerender|preview")
VALUE_OF_LETTER = np.zeros(128, np.int64)
VALUE_OF_LETTER[[ord(letter) for letter in ALPHABET]] = range(32)
POWERS = 32 ** np.arange(9, -1, -1, dtype=np.int64)


class Shared(NamedTuple):
    """What clicks of one kind have in common: why they are kept apart (empty for people), and their last columns in
    binary, for a click that counts and for one that repeats another."""

    bot_reason: str
    counted: bytes
    repeated: bytes


@dataclass(slots=True)
class Clicks:
    """Clicks on their way into the table, as columns of equal length.

    `times` are milliseconds since 1970, `offsets` the places of the lines in their segment; `repeats` tells those
    that repeat another click.
    """

    offsets: list[int]
    ids: Sequence[str]
    times: NDArray[np.int64]
    links: NDArray[np.int64]
    visitors: Sequence[str]
    shared: Sequence[Shared]
    repeats: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.ids)

    def only(self, places: list[int]) -> Clicks:
        """The clicks at these places, in that order."""
        return Clicks(
            offsets=[self.offsets[place] for place in places],
            ids=[self.ids[place] for place in places],
            times=self.times[places],
            links=self.links[places],
            visitors=[self.visitors[place] for place in places],
            shared=[self.shared[place] for place in places],
            repeats=self.repeats[places],
        )

    def people(self) -> list[int]:
        """Places of the clicks that are a person's and tell whose."""
        kinds = zip(self.visitors, self.shared, strict=True)
        return [place for place, (visitor, kind) in enumerate(kinds) if visitor and not kind.bot_reason]


def clicks_of(records: Sequence[tuple[Any, ...]], offsets: list[int]) -> Clicks:
    """The values of records as columns, each classified."""
    if not records:
        return nothing()
    seen = dict(zip(Record.__annotations__, zip(*records, strict=True), strict=True))
    hurried = [number > CLICKS_PER_MINUTE for number in seen["nth"]]
    kinds = seen["method"], hurried, seen["purpose"], seen["agent"], seen["referrer"], seen["country"]
    return Clicks(
        offsets=offsets,
        ids=seen["id"],
        times=times_of(seen["id"]),
        links=np.array(seen["link"], np.int64),
        visitors=seen["visitor"],
        shared=list(map(shared_by, *kinds)),
        repeats=np.zeros(len(records), np.bool_),
    )


def nothing() -> Clicks:
    return Clicks([], [], np.empty(0, np.int64), np.empty(0, np.int64), [], [], np.empty(0, np.bool_))


def times_of(ids: Sequence[str]) -> NDArray[np.int64]:
    """The milliseconds since 1970 in the first ten characters of each id, which must be valid."""
    letters = np.frombuffer("".join(ids).encode(), np.uint8).reshape(-1, 26)[:, :10]
    return VALUE_OF_LETTER[letters] @ POWERS


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


def binary(clicks: Clicks) -> Iterator[bytes]:
    """Clicks as pieces of a COPY; the server stores one while the next is sent."""
    visitors = [visitor.encode() for visitor in clicks.visitors]
    parts = [b""] * (3 * len(clicks))
    parts[0::3], parts[1::3], parts[2::3] = own_parts(clicks, visitors), visitors, last_parts(clicks)
    yield HEADER
    for start in range(0, len(parts), 3 * ROWS_AT_A_TIME):
        yield b"".join(parts[start : start + 3 * ROWS_AT_A_TIME])
    yield TRAILER


def own_parts(clicks: Clicks, visitors: list[bytes]) -> list[bytes]:
    """The beginning of each row, up to where the visitor follows."""
    own = np.empty(len(clicks), OWN)
    for name, length in LENGTHS.items():
        own[name] = length
    own["at"] = (clicks.times - SINCE_2000) * 1000
    own["id"] = np.frombuffer("".join(clicks.ids).encode(), "S26")
    own["link"] = clicks.links
    own["visitor_length"] = [len(visitor) for visitor in visitors]
    return own.view(f"V{OWN.itemsize}").tolist()


def last_parts(clicks: Clicks) -> list[bytes]:
    parts = [kind.counted for kind in clicks.shared]
    for place in np.flatnonzero(clicks.repeats).tolist():
        parts[place] = clicks.shared[place].repeated
    return parts
