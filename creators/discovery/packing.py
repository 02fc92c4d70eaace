"""Making a block of the sieve from the search rows.

What binary COPY reads and writes of columns that have a fixed length and are never null is an array of equal records.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from creators.discovery.ladders import LADDERS, step_key
from creators.discovery.sieve import DRAW, DRAWS, HALVES, OWNERS, WORTH
from creators.models.discovery import Sieve

BLOCK = Sieve.BLOCK
HEADER, TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
AT_ONCE = 256  # strings of bits, as bytes of 0 and 1 before they are packed: 8 MB
PLACE = "(id - {start})::int4 AS place"
ROWS = f"FROM creators_searchrow WHERE id >= {{start}} AND id < {{start}} + {BLOCK}"
VALUES = f"""
SELECT key, string_agg(int4send(place), '') FROM (
    SELECT value::int8 AS key, place FROM (SELECT {PLACE}, unnest(tokens || terms) AS value {ROWS}) each
    WHERE value IN (SELECT id FROM creators_token WHERE is_packed OR frequency >= {WORTH})
    UNION ALL SELECT {OWNERS} + owner_id, {PLACE} {ROWS}
    UNION ALL SELECT -halves, place FROM generate_series(1, {HALVES}) halves, LATERAL (
        SELECT {PLACE} {ROWS} AND {DRAW.format("creator_id")} < {DRAWS} >> halves
    ) drawn
) pairs GROUP BY key
"""  # noqa: S608 - constants only
COLUMNS = ", ".join(f"coalesce({name}::float8, 'NaN')" for name in LADDERS)
NUMBERS = f"SELECT {PLACE}, {COLUMNS} {ROWS}".replace("last_post::", "extract(epoch FROM last_post)::")
RECORD = np.dtype(
    [("n", ">i2"), ("place_length", ">i4"), ("place", ">i4")]
    + [pair for name in LADDERS for pair in ((f"{name}_length", ">i4"), (name, ">f8"))]
)


def pack(block: int) -> None:
    """Write the strings of bits of a block; its rows are those with keys from `block * BLOCK` on."""
    parts = [records(block, keys, bits) for keys, bits in (*of_values(block), *of_numbers(block))]
    with connection.cursor() as cursor, cursor.copy("COPY creators_sieve (key, block, bits) FROM STDIN BINARY") as copy:
        copy.write(b"".join([HEADER, *parts, TRAILER]))


def of_values(block: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.bool_]]]:
    """Keys, and for each the rows that have it."""
    with connection.cursor() as cursor:
        cursor.execute(VALUES.format(start=block * BLOCK))
        found = cursor.fetchall()
    for first in range(0, len(found), AT_ONCE):
        part = found[first : first + AT_ONCE]
        bits = np.zeros((len(part), BLOCK), dtype=bool)
        for row, (_, places) in zip(bits, part, strict=True):
            row[np.frombuffer(places, dtype=">i4")] = True
        yield np.array([key for key, _ in part], dtype=np.int64), bits


def of_numbers(block: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.bool_]]]:
    """For each column, the keys of its steps and the rows that reach them."""
    numbers = NUMBERS.format(start=block * BLOCK)
    with connection.cursor() as cursor, cursor.copy(f"COPY ({numbers}) TO STDOUT BINARY") as copy:
        content = b"".join(bytes(part) for part in copy)
    rows = np.frombuffer(content[len(HEADER) : -len(TRAILER)], dtype=RECORD)
    for name, ladder in LADDERS.items():
        known = np.full(BLOCK, np.nan)
        known[rows["place"]] = rows[name]
        bits = known[None, :] >= np.array(ladder)[:, None]
        some = np.flatnonzero(bits.any(axis=1))
        yield np.array([step_key(name, int(place)) for place in some], dtype=np.int64), bits[some]


def records(block: int, keys: NDArray[np.int64], bits: NDArray[np.bool_]) -> bytes:
    """Rows as binary COPY reads them: each value behind its length in bytes."""
    packed = np.packbits(bits, axis=1)
    found = np.zeros(len(keys), dtype=[
        ("n", ">i2"), ("key_length", ">i4"), ("key", ">i8"), ("block_length", ">i4"), ("block", ">i4"),
        ("length", ">i4"), ("size", ">i4"), ("bits", "u1", (BLOCK // 8,)),
    ])  # fmt: skip
    found["n"], found["key_length"], found["block_length"], found["length"] = 3, 8, 4, 4 + BLOCK // 8
    found["key"], found["block"], found["size"], found["bits"] = keys, block, BLOCK, packed
    return found.tobytes()
