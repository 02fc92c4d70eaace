"""Results: which days went stale, summing exactly those again from the raw rows, and proof that the sums are right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from time import monotonic
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from tracking.models import RollupRun, StaleDay, Sums
from tracking.sums import (
    APPLY,
    CAMPAIGN_DAYS,
    CHECKS,
    FEW_DAYS,
    FIRST_ORDERS,
    MARK_OUTLOOKS,
    REPLACE,
    ROOM,
    SUM_ALL,
    TAKE_MARKS,
    TOTALS,
    WANTED,
)

LOCK = 0x67735F726F6C6C  # "gs_roll": one roll-up at a time, so that an older sum never overwrites a newer one
MARKS = 20_000  # stale days in one transaction: with 5,000 creators some minutes of clicks after an outage


def mark_stale(days: Iterable[tuple[int, date]]) -> None:
    """Mark (collaboration id, day in the brand's time zone) pairs, in the transaction that writes their rows."""
    if pairs := wanted_of(days):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO tracking_staleday (collaboration_id, day, since) "  # noqa: S608 - constants only
                f"SELECT collaboration_id, day, now() FROM {WANTED}",
                pairs,
            )


def wanted_of(days: Iterable[tuple[int, date]]) -> dict[str, list[Any]]:
    pairs = sorted(set(days))
    return {"collaborations": [pk for pk, _ in pairs], "days": [day for _, day in pairs]} if pairs else {}


@transaction.atomic
def roll_up(limit: int = MARKS) -> int:
    """Sum the stale days again; returns how many marks were cleared, 0 while another roll-up is running.

    The marks are taken first, so rows committed before them are in the sums; a row that comes later leaves a mark of
    its own. The cost follows the marked days' rows, not the history.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_xact_lock(%s), {FEW_DAYS}", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        with noted(RollupRun.Kind.ROLL_UP) as run:
            cursor.execute(TAKE_MARKS, [limit])
            marks = cursor.fetchall()
            if days := wanted_of(marks):
                recompute(days)
            run.days = len(days.get("days", ()))
    return len(marks)


def recompute(wanted: dict[str, list[Any]]) -> None:
    """Replace the results of these days by their sums; a day without rows has no result."""
    with connection.cursor() as cursor:
        cursor.execute(APPLY, wanted)
        if sold := [pk for (pk,) in cursor.fetchall()]:
            cursor.execute(f"{FIRST_ORDERS} WHERE collaboration_id = ANY(%s)", [sold])
        cursor.execute(MARK_OUTLOOKS.format(which="id = ANY(%s)"), [wanted["collaborations"]])


@transaction.atomic
def rebuild() -> int:
    """Sum every day again from the raw rows; returns the number of days. Waits for a running roll-up."""
    with connection.cursor() as cursor, noted(RollupRun.Kind.REBUILD) as run:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        seen = list(StaleDay.objects.select_for_update(skip_locked=True).values_list("pk", flat=True))
        cursor.execute(ROOM)
        cursor.execute(SUM_ALL)
        run.days = int(cursor.rowcount)
        cursor.execute(REPLACE)
        for table, statement in (("collaborationresult", TOTALS), ("campaignday", CAMPAIGN_DAYS)):
            cursor.execute(f"DELETE FROM tracking_{table}")  # noqa: S608 - constants only
            cursor.execute(statement)
        cursor.execute("DROP TABLE all_days")
        cursor.execute(MARK_OUTLOOKS.format(which="true"))
    StaleDay.objects.filter(pk__in=seen).delete()
    return run.days


@contextmanager
def noted(kind: RollupRun.Kind) -> Iterator[RollupRun]:
    """Keeps when it was done, how long it took and what came of it, in the caller's transaction."""
    start, run = monotonic(), RollupRun(kind=kind, at=timezone.now())
    yield run
    run.seconds = monotonic() - start
    outcome = [field.name for field in RollupRun._meta.concrete_fields if field.name != "kind"]
    RollupRun.objects.bulk_create([run], update_conflicts=True, unique_fields=["kind"], update_fields=outcome)


# Proof


class Difference(NamedTuple):
    """A result that isn't the sum of its rows. `level` names the table, `of` its collaboration or campaign.

    `stored` and `raw` are of the first column that differs.
    """

    level: str
    of: int
    day: date | None
    column: str
    stored: Any
    raw: Any

    def __str__(self) -> str:
        day = f" on {self.day}" if self.day else ""
        return f"{self.level} {self.of}{day}: {self.column} is {self.stored}, its rows sum to {self.raw}"


@transaction.atomic
def check_rollups() -> list[Difference]:
    """Results that differ from the sum of their rows, at most 1,000 a table; marked (stale) days are left out."""
    with connection.cursor() as cursor, noted(RollupRun.Kind.CHECK) as run:
        cursor.execute(ROOM)
        found = [difference(row) for statement in CHECKS for row in rows_of(statement)]
        cursor.execute("SELECT count(*) FROM tracking_dailyresult")
        run.days = cursor.fetchone()[0]
        run.differences, run.first = len(found), first_of(found)
    return found


def rows_of(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows: list[Any] = cursor.fetchall()
    return rows


def difference(row: tuple[Any, ...]) -> Difference:
    level, of, day, *values = row
    pairs = zip(Sums.NAMES, values[::2], values[1::2], strict=True)
    return Difference(level, of, day, *next(pair for pair in pairs if pair[1] != pair[2]))


def first_of(found: list[Difference]) -> dict[str, Any] | None:
    return {"of": found[0].of, "level": found[0].level, "text": str(found[0])} if found else None


def oldest_mark() -> datetime | None:
    """Since when the oldest stale day waits; None when every result is up to date."""
    return StaleDay.objects.order_by("pk").values_list("since", flat=True).first()
