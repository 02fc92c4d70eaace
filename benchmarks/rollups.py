"""Adding up clicks and orders: the whole history beside one statement by hand, a batch.

    DATABASE_URL=… python benchmarks/rollups.py [--events 10000000] [--creators 5000] [--days 365]

Works in a database of its own next to the one named, and drops it. One run, one machine: compare the ratios. The
history is filled twice over the same creators and days, with a tenth of the events and with all of them: what a batch
costs must not follow it. A batch is 10,000 new events: most of the last two days, a fifth late ones of the whole time.
"""

from __future__ import annotations

import argparse
import os
from statistics import median

from _database import backend, on_core, scratch_database
from _sales_world import (
    TABLES,
    execute,
    fill_events,
    fill_history,
    fill_samples,
    fill_world,
    make_room,
    settle,
    timed,
    value,
)
from django.db import transaction

from tests import factories as make
from tracking.actions.rollups import check_rollups, rebuild, roll_up
from tracking.models import Click, Credit, DailyResult
from tracking.sums import COLUMNS, ROOM

BATCH, ROUNDS = 10_000, 7
MARKS = """
INSERT INTO tracking_staleday (collaboration_id, day, since)
SELECT DISTINCT collaboration_id, day, now() FROM (
    SELECT collaboration_id, (clicked_at AT TIME ZONE 'Europe/Berlin')::date AS day
    FROM tracking_click JOIN tracking_trackinglink link ON link.id = link_id WHERE tracking_click.id > %(after)s
    UNION ALL SELECT collaboration_id, credited_on FROM tracking_credit WHERE id > %(credit)s) new
"""
BESIDE = """
CREATE TABLE results_by_hand (
    collaboration_id bigint, day date, clicks int, unique_clicks int, bot_clicks int, orders int, new_customers int,
    refunds int, revenue numeric(16, 4), refunded numeric(16, 4), commission numeric(16, 4),
    PRIMARY KEY (collaboration_id, day))
"""
BY_HAND = f"""
INSERT INTO results_by_hand (collaboration_id, day, {COLUMNS})
SELECT collaboration_id, day, coalesce(clicks, 0), coalesce(unique_clicks, 0), coalesce(bot_clicks, 0),
       coalesce(orders, 0), coalesce(new_customers, 0), coalesce(refunds, 0), coalesce(revenue, 0),
       coalesce(refunded, 0), coalesce(commission, 0)
FROM (SELECT collaboration_id, (clicked_at AT TIME ZONE timezone)::date AS day,
             count(*) FILTER (WHERE bot_reason = '') AS clicks,
             count(*) FILTER (WHERE bot_reason = '' AND NOT is_duplicate) AS unique_clicks,
             count(*) FILTER (WHERE bot_reason <> '') AS bot_clicks
      FROM tracking_click JOIN tracking_trackinglink link ON link.id = link_id
      JOIN campaigns_collaboration c ON c.id = collaboration_id JOIN campaigns_campaign p ON p.id = campaign_id
      JOIN accounts_brand b ON b.id = brand_id GROUP BY 1, 2) of_clicks
FULL JOIN (SELECT collaboration_id, credited_on AS day,
             count(*) FILTER (WHERE refund_id IS NULL AND number = 0) AS orders,
             count(*) FILTER (WHERE refund_id IS NULL AND number = 0 AND is_new_customer) AS new_customers,
             count(refund_id) AS refunds, sum(revenue) FILTER (WHERE refund_id IS NULL) AS revenue,
             -sum(revenue) FILTER (WHERE refund_id IS NOT NULL) AS refunded, sum(commission) AS commission
      FROM tracking_credit JOIN tracking_order o ON o.id = order_id GROUP BY 1, 2) of_credits
USING (collaboration_id, day)
"""  # noqa: S608 - constants only


# What is measured


def batch(days: int) -> tuple[float, float]:
    """Seconds to add up 10,000 new events, elapsed and of the server on a core; bringing them in and marking their days
    is not part of it."""
    after, credit = f"B{Click.objects.count():025}", Credit.objects.latest("pk").pk
    fill_events(BATCH, f"(random() * 86400 * CASE WHEN random() < 0.2 THEN {days} ELSE 2 END)")
    execute(MARKS, after=after, credit=credit)
    execute("ANALYZE tracking_staleday")
    pid = backend()
    before = on_core(pid)
    return timed(roll_up), (on_core(pid) - before) / 1000


def batches(days: int) -> tuple[float, float]:
    """The medians of several."""
    elapsed, of_server = zip(*(batch(days) for _ in range(ROUNDS)), strict=True)
    return median(elapsed), median(of_server)


@transaction.atomic
def fill_by_hand() -> None:
    execute(ROOM)
    execute(BY_HAND)


def differing() -> int:
    both = ("results_by_hand", "tracking_dailyresult")
    columns = f"collaboration_id, day, {COLUMNS}"
    parts = [f"(SELECT {columns} FROM {a} EXCEPT SELECT {columns} FROM {b})" for a, b in (both, both[::-1])]  # noqa: S608
    return value(f"SELECT count(*) FROM ({' UNION ALL '.join(parts)}) one_sided")  # noqa: S608 - constants only


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--creators", type=int, default=5_000)
    parser.add_argument("--days", type=int, default=365)
    options = parser.parse_args()
    with scratch_database():
        measure(options.events, options.creators, options.days)


def measure(events: int, creators: int, days: int) -> None:
    brand = make.brand("bench", timezone="Europe/Berlin")
    fill_world(brand, creators, days)
    fill_samples(brand)
    make_room(days)
    fill_history(events // 10, days)
    rebuild()
    settle()
    few = batches(days)
    fill_history(events - events // 10, days)
    execute(BESIDE)
    by_hand = timed(fill_by_hand)
    for table in TABLES:
        execute(f"DELETE FROM tracking_{table}")  # noqa: S608 - constants only
    settle()
    first, wrong = timed(rebuild), differing()
    settle()
    again = timed(rebuild)
    settle()
    many = batches(days)
    checked = timed(check_rollups)
    left = len(check_rollups())
    print(f"{events:,} events, {creators:,} creators, {days} days; load {os.getloadavg()[0]:.1f}")
    print(f"{'results (collaboration and day)':34} {DailyResult.objects.count():10,}")
    print(f"{'one statement by hand':34} {by_hand:10.2f} s")
    print(f"{'rebuild, into empty tables':34} {first:10.2f} s   {first / by_hand:5.2f} ×")
    print(f"{'rebuild, results there':34} {again:10.2f} s   {again / by_hand:5.2f} ×")
    print(f"{'results that differ':34} {wrong:10,}")
    for after, (elapsed, of_server) in ((events // 10, few), (events, many)):
        ratios = f"{elapsed / few[0]:5.2f} ×, on a core {of_server * 1000:.0f} ms, {of_server / few[1]:.2f} ×"
        print(f"{f'{BATCH:,} more after {after:,}':34} {elapsed * 1000:10.0f} ms  {ratios}")
    print(f"{'check of every result':34} {checked:10.2f} s, {left} differ")


if __name__ == "__main__":
    main()
