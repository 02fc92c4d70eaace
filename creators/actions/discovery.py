"""Keeping what searches read in step with the records.

Whoever changes a creator, an account, posts, metrics, an audience, a public price or a public contact calls
`reindex` with the creators' keys, in the same transaction: the change is found as soon as it is committed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from creators.discovery import indexing
from creators.discovery.packing import pack
from creators.discovery.planning import WHOLESALE, planned
from creators.models import Creator, Sieve, Unsieved

CHUNK = 20_000
CHANGES = 2_000  # so many changed creators make searches slower than making the sieve is worth waiting
SIEVING = 0x47534953  # one at a time
LOCK = 0x47534449  # of the dictionary: shared while words are added, alone while words are taken out


def reindex(creator_ids: Iterable[int]) -> None:
    """Derive the search rows of these creators anew, with the same six statements however many they are."""
    ids = {"ids": sorted(set(creator_ids))}
    if not ids["ids"]:
        return
    with planned(WHOLESALE), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK])
        cursor.execute(indexing.LOCK, ids)
        cursor.execute(indexing.DERIVE, ids)
        cursor.execute(indexing.DROP, ids)


def reindex_all() -> int:
    """Derive every row anew, a chunk at a time while searches go on; returns how many creators there are."""
    done = 0
    for ids in chunks():
        reindex(ids)
        done += len(ids)
    count_values()
    return done


def chunks() -> Iterator[list[int]]:
    """The keys of all creators in order."""
    last = 0
    while ids := list(Creator.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        yield ids
        last = ids[-1]


@transaction.atomic
def count_values() -> None:
    """Estimate how many rows have each value, and make the sieve anew for the common ones."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SIEVING])
        cursor.execute(indexing.FREQUENCIES)
        known = marks()
        cursor.execute(indexing.EVERY_BLOCK)
        blocks = cursor.fetchone()[0] or []
        cursor.execute("DELETE FROM creators_sieve WHERE NOT block = ANY(%s)", [blocks])
        for block in blocks:
            sieve(block)
        cursor.execute(indexing.PACKED)
        Unsieved.objects.filter(pk__among=known).delete()
        analyze(cursor)


@transaction.atomic
def sieve_changed(least: int = CHANGES) -> int:
    """Make the blocks anew in which rows changed, if creators changed so many times; returns how many blocks."""
    known = marks()
    if len(known) < least:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SIEVING])
        cursor.execute(indexing.CHANGED)
        blocks = cursor.fetchone()[0] or []
    for block in blocks:
        sieve(block)
    Unsieved.objects.filter(pk__among=known).delete()
    return len(blocks)


def marks() -> list[int]:
    """The changes known by now: a later one is left for the next time, for its rows may have been read already."""
    return list(Unsieved.objects.values_list("pk", flat=True))


def sieve(block: int) -> None:
    Sieve.objects.filter(block=block).delete()
    pack(block)


def analyze(cursor: CursorWrapper) -> None:
    cursor.execute("ANALYZE creators_searchrow, creators_sieve, creators_token")


@transaction.atomic
def forget_words() -> int:
    """Take out of the dictionary what no row has any more; returns how many values those were."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute(indexing.FORGET)
        return int(cursor.rowcount)


def differences() -> list[int]:
    """Keys of creators whose rows are not what their records say: derived anew in a transaction that is undone."""
    found: list[int] = []
    for ids in chunks():
        with transaction.atomic():
            before = rows_of(ids)
            reindex(ids)
            after = rows_of(ids)
            transaction.set_rollback(True)
        found += sorted({creator for _, creator, *_ in before ^ after})
    return found


def rows_of(ids: list[int]) -> set[tuple[int, int, str]]:
    """What is stored for these creators; (key, creator, …)."""
    with connection.cursor() as cursor:
        cursor.execute(indexing.STORED, {"ids": ids})
        return set(cursor.fetchall())
