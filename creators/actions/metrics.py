"""Metrics of accounts, computed from their posts, comments and follower counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from creators.actions.discovery import reindex, reindex_all
from creators.metrics import sql
from creators.models import MetricsRun, PeerGroup, SocialAccount, StaleAccount

CHUNK = 20_000
LOCK = 0x6D657472
FEW = 50  # accounts up to which each row is looked up by its key
# Compiling so long a statement costs seconds; of many accounts the planner takes the steps for tiny and would walk them
# row by row.
PLANNING = "SET LOCAL jit = off; SET LOCAL work_mem = '64MB'; SET LOCAL enable_nestloop = {}"
MARK = """INSERT INTO creators_staleaccount (account_id) SELECT unnest(%s::bigint[])
          ON CONFLICT (account_id) DO UPDATE SET account_id = excluded.account_id"""


class AlreadyRunningError(Exception):
    """All accounts are being recomputed by somebody else."""


def recompute(account_ids: Iterable[int] | None = None, *, at: datetime | None = None) -> int:
    """Compute the metrics of these accounts, or of all, as of `at`; returns how many accounts.

    Touches only their rows; run again over the same posts at the same moment it writes the same digits. Where an
    account stands among its peers is told from the percentiles of the last run over all. Raises AlreadyRunningError.
    """
    at = at or timezone.now()
    if account_ids is None:
        return recompute_all(at=at).total
    ids = sorted(set(account_ids))
    for start in range(0, len(ids), CHUNK):
        with transaction.atomic():
            write(at, ids=ids[start : start + CHUNK])
            reindex(SocialAccount.objects.filter(pk__in=ids[start : start + CHUNK]).values_list("creator", flat=True))
    return len(ids)


def recompute_all(*, at: datetime | None = None, search: bool = True) -> MetricsRun:
    """The same for every account, in batches that each commit, then the spread of peers and everybody's standing.

    `search` False leaves the rows that searches read as they are. Raises AlreadyRunningError.
    """
    at = at or timezone.now()
    with alone():
        run = MetricsRun.objects.create(started_at=at, total=SocialAccount.objects.count())
        for first, last, size in ranges():
            with transaction.atomic():
                write(at, first=first, last=last)
            run.done = min(run.done + size, run.total)
            run.save(update_fields=["done"])
        refresh_peers()
        if search:
            reindex_all()
        run.done, run.ended_at = run.total, timezone.now()
        run.save(update_fields=["done", "ended_at"])
    return run


@contextmanager
def alone() -> Iterator[None]:
    """Raises AlreadyRunningError; the lock ends with the connection, so that a killed run blocks nobody."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            raise AlreadyRunningError("The metrics are being recomputed already.")
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def ranges() -> Iterator[tuple[int, int, int]]:
    """First key, last key and number of accounts of each batch."""
    last = 0
    while True:
        keys = SocialAccount.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)
        found = list(keys[:CHUNK])
        if not found:
            return
        last = found[-1]
        yield found[0], last, len(found)


def write(at: datetime, **which: Any) -> None:
    is_few = len(which.get("ids", range(FEW + 1))) <= FEW
    with connection.cursor() as cursor:
        cursor.execute(PLANNING.format("on" if is_few else "off"))
        cursor.execute(sql.statement(by_range="first" in which), {**sql.parameters(at), **which})


@transaction.atomic
def refresh_peers() -> None:
    """Spread out the rates of public accounts anew and place every account; rows whose place is the same stay."""
    PeerGroup.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(sql.SPREAD_OF_PEERS)
        cursor.execute(sql.PLACE_AMONG_PEERS)


def mark_stale(account_ids: Iterable[int]) -> None:
    """Say, in the caller's transaction, that posts or followers of these accounts changed.

    A mark that is there gets locked, so that a recomputation which can't see the change yet leaves it alone.
    """
    with connection.cursor() as cursor:
        cursor.execute(MARK, [sorted(set(account_ids))])


@transaction.atomic
def recompute_stale(limit: int = 2_000) -> int:
    """Recompute accounts that were marked, and forget the marks with it; returns how many."""
    marks = StaleAccount.objects.select_for_update(skip_locked=True).order_by("pk")[:limit]
    ids = list(marks.values_list("pk", flat=True))
    recompute(ids)
    StaleAccount.objects.filter(pk__in=ids).delete()
    return len(ids)
