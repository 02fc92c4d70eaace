"""Daily results: which days went stale, and summing exactly those again from the raw rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection, transaction

from tracking.models import DailyResult, StaleDay

LOCK = 0x67735F726F6C6C  # "gs_roll": one roll-up at a time, so that an older sum never overwrites a newer one
COLUMNS = ", ".join((*DailyResult.COUNTS, *DailyResult.AMOUNTS))

# Every day's sums from the raw rows. {clicks} and {credits} narrow the rows to the wanted days.
RAW = """
    SELECT collaboration_id, day,
           sum(clicks) AS clicks, sum(unique_clicks) AS unique_clicks, sum(bot_clicks) AS bot_clicks,
           sum(orders) AS orders, sum(new_customers) AS new_customers, sum(refunds) AS refunds,
           sum(revenue) AS revenue, sum(refunded) AS refunded, sum(commission) AS commission
    FROM (
        SELECT link.collaboration_id, (click.clicked_at AT TIME ZONE brand.timezone)::date AS day,
               count(*) FILTER (WHERE click.bot_reason = '') AS clicks,
               count(*) FILTER (WHERE click.bot_reason = '' AND NOT click.is_duplicate) AS unique_clicks,
               count(*) FILTER (WHERE click.bot_reason <> '') AS bot_clicks,
               0 AS orders, 0 AS new_customers, 0 AS refunds, 0 AS revenue, 0 AS refunded, 0 AS commission
        FROM {clicks}
        GROUP BY 1, 2
      UNION ALL
        SELECT credit.collaboration_id, credit.credited_on, 0, 0, 0,
               count(*) FILTER (WHERE credit.refund_id IS NULL AND credit.number = 0),
               count(*) FILTER (WHERE credit.refund_id IS NULL AND credit.number = 0 AND purchase.is_new_customer),
               count(*) FILTER (WHERE credit.refund_id IS NOT NULL),
               coalesce(sum(credit.revenue) FILTER (WHERE credit.refund_id IS NULL), 0),
               coalesce(-sum(credit.revenue) FILTER (WHERE credit.refund_id IS NOT NULL), 0),
               sum(credit.commission)
        FROM {credits} JOIN tracking_order purchase ON purchase.id = credit.order_id
        GROUP BY 1, 2
    ) AS part
    GROUP BY 1, 2
"""
TENANT = """
    JOIN campaigns_collaboration collaboration ON collaboration.id = link.collaboration_id
    JOIN campaigns_campaign campaign ON campaign.id = collaboration.campaign_id
    JOIN accounts_brand brand ON brand.id = campaign.brand_id
"""
WANTED = "unnest(%(collaborations)s::bigint[], %(days)s::date[]) AS wanted(collaboration_id, day)"
OF_WANTED = RAW.format(
    clicks=f"""{WANTED} JOIN tracking_trackinglink link ON link.collaboration_id = wanted.collaboration_id {TENANT}
        JOIN tracking_click click ON click.link_id = link.id
             AND click.clicked_at >= wanted.day::timestamp AT TIME ZONE brand.timezone
             AND click.clicked_at < (wanted.day + 1)::timestamp AT TIME ZONE brand.timezone""",
    credits=f"""{WANTED} JOIN tracking_credit credit
        ON credit.collaboration_id = wanted.collaboration_id AND credit.credited_on = wanted.day""",
)
OF_ALL = RAW.format(
    clicks=f"tracking_click click JOIN tracking_trackinglink link ON link.id = click.link_id {TENANT}",
    credits="tracking_credit credit",
)


class Difference(NamedTuple):
    """A day whose stored result is not the sum of its rows. Values in the order of COUNTS and AMOUNTS."""

    collaboration: int
    day: date
    stored: tuple[Decimal, ...]
    raw: tuple[Decimal, ...]


def mark_stale(days: Iterable[tuple[int, date]]) -> None:
    """Mark (collaboration id, day in the brand's time zone) pairs, in the transaction that writes their rows."""
    StaleDay.objects.bulk_create(StaleDay(collaboration_id=pk, day=day) for pk, day in sorted(set(days)))


@transaction.atomic
def roll_up(limit: int = 5000) -> int:
    """Sum the stale days again; returns how many marks were cleared, 0 while another roll-up is running.

    The marks are read first, so rows committed before them are in the sums; a row that comes later leaves a mark of
    its own. The cost follows the marked days' rows, not the history.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
    stale = list(StaleDay.objects.select_for_update(skip_locked=True, of=("self",)).order_by("pk")[:limit])
    if stale:
        recompute({(mark.collaboration_id, mark.day) for mark in stale})
        StaleDay.objects.filter(pk__in=[mark.pk for mark in stale]).delete()
    return len(stale)


def recompute(days: set[tuple[int, date]]) -> None:
    """Replace the results of these days by their sums; a day without rows has no result."""
    pairs = sorted(days)
    wanted: dict[str, Any] = {"collaborations": [pk for pk, _ in pairs], "days": [day for _, day in pairs]}
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM tracking_dailyresult result USING {WANTED} "  # noqa: S608 - constants only
            "WHERE result.collaboration_id = wanted.collaboration_id AND result.day = wanted.day",
            wanted,
        )
        cursor.execute(insert(OF_WANTED), wanted)


def insert(query: str) -> str:
    return (
        f"INSERT INTO tracking_dailyresult (collaboration_id, day, {COLUMNS}, computed_at) "  # noqa: S608 - constants
        f"SELECT collaboration_id, day, {COLUMNS}, now() FROM ({query}) AS sums"
    )


@transaction.atomic
def rebuild() -> int:
    """Sum every day again from the raw rows; returns the number of days. Waits for a running roll-up."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        seen = list(StaleDay.objects.select_for_update(skip_locked=True).values_list("pk", flat=True))
        cursor.execute("DELETE FROM tracking_dailyresult")
        cursor.execute(insert(OF_ALL))
        days = int(cursor.rowcount)
    StaleDay.objects.filter(pk__in=seen).delete()
    return days


def check_rollups() -> list[Difference]:
    """Days whose stored result differs from the sum of their rows, marked (stale) days left out."""
    fields = (*DailyResult.COUNTS, *DailyResult.AMOUNTS)
    sums = ", ".join(f"coalesce(result.{field}, 0), coalesce(raw.{field}, 0)" for field in fields)
    same = " AND ".join(f"coalesce(result.{field}, 0) = coalesce(raw.{field}, 0)" for field in fields)
    query = f"""
        SELECT coalesce(result.collaboration_id, raw.collaboration_id), coalesce(result.day, raw.day), {sums}
        FROM tracking_dailyresult result FULL JOIN ({OF_ALL}) AS raw
             ON raw.collaboration_id = result.collaboration_id AND raw.day = result.day
        WHERE NOT ({same}) AND NOT EXISTS (
            SELECT FROM tracking_staleday stale
            WHERE stale.collaboration_id = coalesce(result.collaboration_id, raw.collaboration_id)
              AND stale.day = coalesce(result.day, raw.day))
        ORDER BY 1, 2
    """  # noqa: S608 - constants only
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [Difference(row[0], row[1], row[2::2], row[3::2]) for row in cursor.fetchall()]


def oldest_mark() -> datetime | None:
    """Since when the oldest stale day waits; None when every result is up to date."""
    return StaleDay.objects.order_by("pk").values_list("since", flat=True).first()
