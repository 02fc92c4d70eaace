"""Telling PostgreSQL's planner what we know better, for some statements of a transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

# Compiling or starting workers takes longer than any of these statements; a bitmap must keep single rows apart.
ALWAYS = {"jit": "off", "max_parallel_workers_per_gather": "0", "work_mem": "64MB"}
# Many rows in a few statements: estimates of joins over derived lists are far off, and hashing is never far off.
WHOLESALE = {"enable_mergejoin": "off"}
# Whether any row has a value: a rare one would be looked for in every row.
LOOKED_UP = {"enable_seqscan": "off"}
# A few thousand rows at hand: look each one's up by its key, however large the table is and whatever is known of it.
KEYED = {"enable_hashjoin": "off", "enable_mergejoin": "off", "enable_seqscan": "off"}
# Few rows: fetch all that fit through the index of values, then sort them.
GATHER = {"enable_indexscan": "off", "enable_seqscan": "off"}
# Rows by their keys, in whatever lists those come.
FETCH = {"enable_bitmapscan": "off", "enable_seqscan": "off"}
# Many rows: walk along the index of the sort key and drop what doesn't fit, until a page is full.
WALK = {"enable_bitmapscan": "off", "enable_sort": "off", "enable_seqscan": "off"}


@contextmanager
def planned(settings: dict[str, str] | None = None) -> Iterator[None]:
    """A transaction in which these settings hold, on top of `ALWAYS`; they end with the block."""
    wanted, is_inside = {**ALWAYS, **(settings or {})}, connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config(name, value, true) FROM unnest(%s::text[], %s::text[]) s(name, value)", pairs(wanted)
        )
        yield
        if is_inside:  # else the transaction ends here, and the settings with it
            cursor.execute(
                "SELECT set_config(name, reset_val, true) FROM pg_settings WHERE name = ANY(%s)", [list(wanted)]
            )


def pairs(settings: dict[str, str]) -> list[list[str]]:
    return [list(settings), list(settings.values())]
