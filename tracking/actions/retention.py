"""Single clicks are kept for so many months; of older ones only the sums of each day stay."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from django.conf import settings
from django.db import connection, transaction

from tracking.actions.clicks import LOCK

MONTHS = """
    SELECT child.relname FROM pg_inherits
    JOIN pg_class child ON child.oid = inhrelid
    WHERE inhparent = 'tracking_click'::regclass ORDER BY 1
"""
NAME = re.compile(r"tracking_click_(\d{4})(\d{2})")
# A month ends by UTC, a day by the brand's clock: a day may get its sums from two months, and from clicks that stay.
SUM = """
    INSERT INTO tracking_pastclicks AS past (collaboration_id, day, clicks, unique_clicks, bot_clicks)
    SELECT link.collaboration_id, (click.clicked_at AT TIME ZONE brand.timezone)::date,
           count(*) FILTER (WHERE click.bot_reason = ''),
           count(*) FILTER (WHERE click.bot_reason = '' AND NOT click.is_duplicate),
           count(*) FILTER (WHERE click.bot_reason <> '')
    FROM {month} click
    JOIN tracking_trackinglink link ON link.id = click.link_id
    JOIN campaigns_collaboration collaboration ON collaboration.id = link.collaboration_id
    JOIN campaigns_campaign campaign ON campaign.id = collaboration.campaign_id
    JOIN accounts_brand brand ON brand.id = campaign.brand_id
    GROUP BY 1, 2
    ON CONFLICT (collaboration_id, day) DO UPDATE SET
        clicks = past.clicks + excluded.clicks,
        unique_clicks = past.unique_clicks + excluded.unique_clicks,
        bot_clicks = past.bot_clicks + excluded.bot_clicks
"""


def drop_old_clicks(*, months: int | None = None, today: date | None = None) -> list[date]:
    """Drop whole months of clicks beyond the last `months` (CLICK_MONTHS; 0 keeps all) and the current one.

    Returns the months dropped. Results stay as they are, and a rebuild gives the same.
    """
    months, today = settings.CLICK_MONTHS if months is None else months, today or datetime.now(UTC).date()
    if not months:
        return []
    number = today.year * 12 + today.month - 1 - months
    old = [month for month in stored_months() if month < date(number // 12, number % 12 + 1, 1)]
    for month in old:
        drop_month(month)
    return old


def stored_months() -> list[date]:
    """The months that have a partition, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(MONTHS)
        found = [NAME.fullmatch(name) for (name,) in cursor.fetchall()]
    return [date(int(name[1]), int(name[2]), 1) for name in found if name]


@transaction.atomic
def drop_month(month: date) -> None:
    """Keep the sums of a month and drop its clicks, while nothing is copied into it."""
    partition = f"tracking_click_{month:%Y%m}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute(f"LOCK TABLE {partition} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(SUM.format(month=partition))
        cursor.execute(f"DROP TABLE {partition}")
