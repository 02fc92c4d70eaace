"""Clicks as rows of the click table, in the bytes of PostgreSQL's binary COPY.

Thousands of clicks share a user agent, a referrer and a country, so everything that follows from those is worked out
once and kept as ready bytes; what each click has of its own is read and packed column by column for a whole batch.
"""

from __future__ import annotations

import re
import struct
from binascii import crc32, unhexlify
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from tracking.agents import classify
from tracking.spool.ids import LETTERS, are_ids
from tracking.spool.records import HEAD_LENGTH, UnreadableError, decode_shared

# The beginning of a line (see records.py).
HEAD = np.dtype(
    {
        "names": ["checksum", "id", "link", "nth", "visitor"],
        "formats": ["V8", "S26", "V16", "V8", "S32"],
        "offsets": [0, 9, 36, 53, 62],
        "itemsize": HEAD_LENGTH,
    }
)
# What `binary` writes, in this order.
COLUMNS = "clicked_at, id, link_id, visitor, bot_reason, is_duplicate, referrer, device, app, country"
HEADER, TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
# The number of columns; time, id, link and visitor behind their lengths.
OWN = np.dtype(
    {
        "names": ["columns", "at_length", "at", "id_length", "id", "link_length", "link", "visitor_length", "visitor"],
        "formats": [">i2", ">i4", ">i8", ">i4", "S26", ">i4", ">i8", ">i4", "S32"],
    }
)
LENGTHS = {"columns": 10, "at_length": 8, "id_length": 26, "link_length": 8}
SINCE_2000 = 946_684_800_000
CLICKS_PER_MINUTE = 30
ROWS_AT_A_TIME = 1000
COUNTRY = re.compile("[A-Za-z]{2}")
PURPOSES = re.compile("prefetch|prerender|preview")
VALUE_OF_LETTER = np.zeros(256, np.int64)
VALUE_OF_LETTER[list(LETTERS)] = range(32)
PRINTABLE = bytes(range(0x20, 0x7F))
POWERS = 32 ** np.arange(9, -1, -1, dtype=np.int64)


class Kind(NamedTuple):
    """What clicks of one kind have in common: why they are kept apart (empty for people), and their last columns in
    binary, for a click that counts and for one that repeats another."""

    bot_reason: str
    counted: bytes
    repeated: bytes


@dataclass(slots=True)
class Clicks:
    """Clicks on their way into the table, as columns of equal length.

    `times` are milliseconds since 1970, `offsets` the places of the lines in their segment, `kinds` places in
    `of_kind`; `repeats` tells those that repeat another click.
    """

    offsets: NDArray[np.int64]
    ids: NDArray[np.bytes_]
    times: NDArray[np.int64]
    links: NDArray[np.int64]
    visitors: NDArray[np.bytes_]
    kinds: NDArray[np.int64]
    repeats: NDArray[np.bool_]
    of_kind: list[Kind]

    def __len__(self) -> int:
        return len(self.ids)

    def only(self, wanted: NDArray[np.bool_] | slice) -> Clicks:
        """The clicks that a mask or a slice tells."""
        columns: dict[str, Any] = {column.name: getattr(self, column.name)[wanted] for column in fields(self)[:-1]}
        return replace(self, **columns)

    def people(self) -> NDArray[np.int64]:
        """Places of the clicks that are a person's and tell whose."""
        is_person = np.array([not kind.bot_reason for kind in self.of_kind], np.bool_)
        return np.flatnonzero((self.visitors != b"") & is_person[self.kinds])


def clicks_of(lines: list[bytes], offsets: list[int]) -> Clicks:
    """Lines as columns, each classified. Raises ValueError when one of them is no click; which, `decode` tells."""
    heads, tails = heads_of(lines), [line[HEAD_LENGTH:] for line in lines]
    kinds, of_kind = kinds_of(tails, integers(heads["nth"], ">u4") > CLICKS_PER_MINUTE)
    return Clicks(
        offsets=np.array(offsets, np.int64),
        ids=heads["id"],
        times=times_of(heads["id"]),
        links=integers(heads["link"], ">i8"),
        visitors=np.strings.rstrip(heads["visitor"]),
        kinds=kinds,
        repeats=np.zeros(len(lines), np.bool_),
        of_kind=of_kind,
    )


def heads_of(lines: list[bytes]) -> NDArray[np.void]:
    """The beginnings of lines whose checksums, ids and visitors are right. Raises ValueError."""
    heads = np.frombuffer(b"".join([line[:HEAD_LENGTH] for line in lines]), HEAD)
    checksums = np.fromiter(map(crc32, [line[9:] for line in lines]), np.uint32, len(lines))
    if not np.array_equal(integers(heads["checksum"], ">u4"), checksums):
        raise UnreadableError("checksum does not match")
    if not are_ids(heads["id"].tobytes()) or heads["visitor"].tobytes().translate(None, PRINTABLE):
        raise UnreadableError("not a click")
    return heads


def integers(hexadecimal: NDArray[np.void], kind: str) -> NDArray[np.int64]:
    """A column of hex digits. Raises ValueError."""
    return np.frombuffer(unhexlify(hexadecimal.tobytes()), kind).astype(np.int64)


def times_of(ids: NDArray[np.bytes_]) -> NDArray[np.int64]:
    """The milliseconds since 1970 in the first ten characters of each id, which must be valid."""
    letters = np.frombuffer(ids.tobytes(), np.uint8).reshape(-1, 26)[:, :10]
    return VALUE_OF_LETTER[letters] @ POWERS


def kinds_of(tails: list[bytes], hurried: NDArray[np.bool_]) -> tuple[NDArray[np.int64], list[Kind]]:
    """Each click's place among the kinds, and those. `hurried`: who clicked too often within a minute."""
    distinct = list(dict.fromkeys(tails))
    place_of = dict(zip(distinct, range(len(distinct)), strict=True))
    kinds = np.fromiter(map(place_of.__getitem__, tails), np.int64, len(tails))
    of_kind = [kind_of(tail, hurried=False) for tail in distinct]
    if hurried.any():
        of_kind += [kind_of(tail, hurried=True) for tail in distinct]
        kinds[hurried] += len(distinct)
    return kinds, of_kind


@lru_cache(maxsize=50_000)
def kind_of(tail: bytes, *, hurried: bool) -> Kind:
    """Pure; remembers what it has seen. Raises UnreadableError."""
    shared = decode_shared(tail)
    known = classify(shared.agent)
    reason = bot_reason(shared.method, shared.purpose, known.reason, hurried=hurried)
    country = shared.country.upper() if COUNTRY.fullmatch(shared.country) else ""
    last = b"".join(map(field, (referrer_of(shared.referrer), known.device, known.app, country)))
    return Kind(reason, field(reason) + boolean(False) + last, field(reason) + boolean(True) + last)


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
    parts = [b""] * (2 * len(clicks))
    parts[0::2], parts[1::2] = own_parts(clicks), last_parts(clicks)
    yield HEADER
    for start in range(0, len(parts), 2 * ROWS_AT_A_TIME):
        yield b"".join(parts[start : start + 2 * ROWS_AT_A_TIME])
    yield TRAILER


def own_parts(clicks: Clicks) -> list[bytes]:
    """The beginning of each row, with the visitor at its end."""
    own, lengths = np.empty(len(clicks), OWN), np.strings.str_len(clicks.visitors)
    for name, length in LENGTHS.items():
        own[name] = length
    own["at"] = (clicks.times - SINCE_2000) * 1000
    own["id"], own["link"] = clicks.ids, clicks.links
    own["visitor"], own["visitor_length"] = clicks.visitors, lengths
    parts: list[bytes] = own.view(f"V{OWN.itemsize}").tolist()
    for place in np.flatnonzero(lengths < 32).tolist():
        parts[place] = parts[place][: lengths[place] - 32]
    return parts


def last_parts(clicks: Clicks) -> list[bytes]:
    """The end of each row, for clicks that count and for those that repeat another."""
    ready = [kind.counted for kind in clicks.of_kind] + [kind.repeated for kind in clicks.of_kind]
    return list(map(ready.__getitem__, (clicks.kinds + len(clicks.of_kind) * clicks.repeats).tolist()))
