"""Adding up clicks and orders: the whole history beside one statement by hand, a batch, and the pages that read it.

    DATABASE_URL=… python benchmarks/rollups.py [--events 10000000] [--creators 5000] [--days 365]

Works in a database of its own next to the one named, and drops it. One run, one machine: compare the ratios. The
history is filled twice over the same creators and days, with a tenth of the events and with all of them: what a batch
costs must not follow it. A batch is 10,000 new events: most of the last two days, a fifth late ones of the whole time.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from statistics import median, quantiles
from typing import Any

from _database import scratch_database
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from campaigns.models import Campaign, Collaboration, Cost, Deliverable, Submission
from creators.models import Creator, Network, Post, PostFormat, Relationship, SocialAccount
from groundswell.accounts.models import Brand
from tests import factories as make
from tracking.actions.partitions import make_partitions
from tracking.actions.rollups import check_rollups, rebuild, roll_up
from tracking.models import Click, Credit, DailyResult, Order, TrackingLink
from tracking.sums import COLUMNS, ROOM

BATCH, ROUNDS, LOOKS = 10_000, 7, 12
IN_ORDERS, IN_REFUNDS = 50, 1000  # one order in so many events, one refund
HUNDRED = 100  # creators in a campaign; a fifth of all are in one
NOW = timezone.now()
# Links are drawn unevenly, 8 % of clicks are bots', 7 % repetitions. {back} is how many seconds ago.
CLICKS = """
INSERT INTO tracking_click (clicked_at, id, link_id, visitor, bot_reason, is_duplicate)
SELECT %(now)s::timestamptz - {back} * interval '1 second', 'B' || lpad((%(first)s + n)::text, 25, '0'),
       links[1 + floor(power(random(), 1.5) * cardinality(links))::int], md5(n::text),
       CASE WHEN random() < 0.08 THEN 'crawler' ELSE '' END, random() < 0.07
FROM (SELECT array_agg(id ORDER BY id) AS links FROM tracking_trackinglink) l, generate_series(1, %(events)s) n
"""
# Copies of one order and of its credit, so that what else a row holds is the product's business.
ORDERS = """
WITH purchases AS (
    INSERT INTO tracking_order
    SELECT (jsonb_populate_record(sample, jsonb_build_object(
        'id', nextval(pg_get_serial_sequence('tracking_order', 'id')), 'external_id', 'B' || (%(first)s + n),
        'placed_at', %(now)s::timestamptz - {back} * interval '1 second',
        'unmatched', CASE WHEN n %% 40 = 0 THEN 'no_evidence' ELSE '' END, 'is_new_customer', random() < 0.7))).*
    FROM tracking_order sample, generate_series(1, %(events)s) n WHERE sample.external_id = 'SAMPLE'
    RETURNING id, placed_at
)
INSERT INTO tracking_credit
SELECT (jsonb_populate_record(sample, jsonb_build_object(
    'id', nextval(pg_get_serial_sequence('tracking_credit', 'id')), 'order_id', purchases.id,
    'collaboration_id', rows[1 + floor(power(random(), 1.5) * cardinality(rows))::int],
    'revenue', round((20 + random() * 80)::numeric, 2), 'commission', round((random() * 8)::numeric, 2),
    'evidence', '{{}}'::jsonb, 'credited_on', (placed_at AT TIME ZONE 'UTC')::date))).*
FROM purchases, tracking_credit sample, (SELECT array_agg(id ORDER BY id) AS rows FROM campaigns_collaboration) l
WHERE sample.evidence ? 'sample'
"""
REFUNDS = """
WITH bought AS (
    SELECT credit.*, nextval(pg_get_serial_sequence('tracking_refund', 'id')) AS given_back
    FROM tracking_credit credit WHERE refund_id IS NULL AND NOT evidence ? 'sample' ORDER BY id DESC LIMIT %(events)s
), refunds AS (
    INSERT INTO tracking_refund
    SELECT (jsonb_populate_record(sample, jsonb_build_object(
        'id', given_back, 'order_id', bought.order_id, 'external_id', 'B' || given_back))).*
    FROM bought, tracking_refund sample WHERE sample.external_id = 'SAMPLE'
)
INSERT INTO tracking_credit
SELECT (jsonb_populate_record(sample, jsonb_build_object(
    'id', nextval(pg_get_serial_sequence('tracking_credit', 'id')), 'order_id', bought.order_id,
    'collaboration_id', bought.collaboration_id, 'refund_id', given_back, 'reason', 'refund',
    'revenue', -bought.revenue, 'commission', -bought.commission, 'credited_on', bought.credited_on,
    'evidence', '{}'::jsonb
))).* FROM bought, tracking_credit sample WHERE sample.evidence ? 'sample'
"""
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
TABLES = ("dailyresult", "collaborationresult", "campaignday", "staleday")


def execute(statement: str, **values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


def value(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0] or 0)


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


# The world


def fill_world(brand: Brand, creators: int, days: int) -> None:
    """Creators in campaigns, each with an account, a link, a measured post and three lines of cost."""
    people = Creator.objects.bulk_create(
        [Creator(name=f"Creator {n}", country="DE", language="de") for n in range(creators)]
    )
    networks = [Network.INSTAGRAM, Network.TIKTOK]
    accounts = SocialAccount.objects.bulk_create(
        SocialAccount(creator=one, network=networks[n % 2], handle=f"bench{n}", followers=1500 + 37 * n % 90_000)
        for n, one in enumerate(people)
    )
    bonds = Relationship.objects.bulk_create(
        Relationship(brand=brand, creator=one, email=f"bench{n}@example.com") for n, one in enumerate(people)
    )
    campaigns = campaigns_of(brand, creators, days)
    rows = Collaboration.objects.bulk_create(
        Collaboration(
            campaign=campaigns[max(0, (n - creators // 5) // HUNDRED + 1)],
            relationship=bond,
            status=Collaboration.Status.POSTED,
            accepted_at=NOW - timedelta(days=days * (1 + n % 12) / 12),
        )
        for n, bond in enumerate(bonds)
    )
    TrackingLink.objects.bulk_create(
        TrackingLink(collaboration=row, slug=f"bench{n}", destination="https://shop.example/")
        for n, row in enumerate(rows)
    )
    Cost.objects.bulk_create(
        Cost(campaign=row.campaign, collaboration=row, kind=kind, amount=amount, incurred_on=NOW.date())
        for row in rows
        for kind, amount in ((Cost.Kind.FEE, 120), (Cost.Kind.PRODUCT, 40), (Cost.Kind.TIME, 25))
    )
    fill_posts(rows, accounts)


def campaigns_of(brand: Brand, creators: int, days: int) -> list[Campaign]:
    return [
        make.campaign(brand, name=f"Campaign {n}", launched_at=NOW - timedelta(days=days))
        for n in range(max(2, creators // HUNDRED + 2 - creators // 5 // HUNDRED))
    ]


def fill_posts(rows: list[Collaboration], accounts: list[SocialAccount]) -> None:
    pieces = {piece.campaign_id: piece for piece in Deliverable.objects.all()}
    formats = [PostFormat.REEL, PostFormat.VIDEO, PostFormat.STORY]
    posts = Post.objects.bulk_create(
        Post(
            account=account, url=f"https://posts.example/{n}", format=formats[n % 3], posted_at=NOW, likes=90 + n % 400,
            comments_count=n % 30, views=2000 + n, reach=1500 + n, followers_at_post=account.followers,
        )
        for n, account in enumerate(accounts)
    )  # fmt: skip
    Submission.objects.bulk_create(
        Submission(collaboration=row, deliverable=pieces[row.campaign_id], post=post, status="approved")
        for row, post in zip(rows, posts, strict=True)
    )


def fill_samples(brand: Brand) -> None:
    order = make.order(brand, external_id="SAMPLE", net="50", placed_at=NOW - timedelta(days=1))
    order.refunds.create(external_id="SAMPLE", refunded_at=NOW, net=Decimal(1))
    Credit.objects.create(
        order=order, collaboration=Collaboration.objects.earliest("pk"), rule="code-first/1", reason="code",
        revenue=50, commission=5, credited_on=NOW.date() - timedelta(days=1), evidence={"sample": True},
    )  # fmt: skip


def fill_events(events: int, back: str) -> None:
    """So many more clicks, orders and refunds; `back` is an SQL expression for how many seconds ago."""
    orders, refunds = events // IN_ORDERS, events // IN_REFUNDS
    first = Click.objects.count()
    execute(CLICKS.format(back=back), now=NOW, first=first, events=events - orders - refunds)
    execute(ORDERS.format(back=back), now=NOW, first=Order.objects.count(), events=orders)
    execute(REFUNDS, events=refunds)


def settle() -> None:
    for table in ("click", "order", "credit", "refund", *TABLES):
        execute(f"{'ANALYZE' if connection.in_atomic_block else 'VACUUM ANALYZE'} tracking_{table}")


def fill_history(events: int, days: int) -> None:
    execute("DROP INDEX tracking_click_link")
    fill_events(events, f"({days} * 86400.0 * (1 - n::float8 / %(events)s))")
    execute("CREATE INDEX tracking_click_link ON tracking_click (link_id, clicked_at)")
    settle()


# What is measured


def batch(days: int) -> float:
    """Seconds to add up 10,000 new events; bringing them in and marking their days is not part of it."""
    after, credit = f"B{Click.objects.count():025}", Credit.objects.latest("pk").pk
    fill_events(BATCH, f"(random() * 86400 * CASE WHEN random() < 0.2 THEN {days} ELSE 2 END)")
    execute(MARKS, after=after, credit=credit)
    execute("ANALYZE tracking_staleday")
    return timed(roll_up)


@transaction.atomic
def fill_by_hand() -> None:
    execute(ROOM)
    execute(BY_HAND)


def differing() -> int:
    both = ("results_by_hand", "tracking_dailyresult")
    columns = f"collaboration_id, day, {COLUMNS}"
    parts = [f"(SELECT {columns} FROM {a} EXCEPT SELECT {columns} FROM {b})" for a, b in (both, both[::-1])]  # noqa: S608
    return value(f"SELECT count(*) FROM ({' UNION ALL '.join(parts)}) one_sided")  # noqa: S608 - constants only


def pages(brand: Brand, client: Client) -> list[tuple[str, list[float]]]:
    largest, usual = Campaign.objects.of(brand).order_by("pk")[:2]
    urls = {
        "overview": "/results/",
        "home panel": "/results/home-panel/",
        f"campaign of {usual.collaborations.count():,}": f"/campaigns/{usual.code}/results/",
        f"campaign of {largest.collaborations.count():,}": f"/campaigns/{largest.code}/results/",
        "all by tier": "/results/by/?split=tier",
        "all by format": "/results/by/?split=format",
        "all by cohort": "/results/by/?split=cohort",
        "all by creator": "/results/by/?split=creator",
        "its panel": f"/campaigns/{largest.code}/results/panel/",
        "data health": "/settings/data-health/",
    }
    look(client, "/results/")
    return [(name, [look(client, url) for _ in range(LOOKS)]) for name, url in urls.items()]


def look(client: Client, url: str) -> float:
    answers: list[Any] = []
    seconds = timed(lambda: answers.append(client.get(url, secure=True)))
    if answers[0].status_code != 200:
        raise SystemExit(f"{url} answered {answers[0].status_code}")
    return seconds


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
    owner = make.member(brand, "owner@bench.example", role="owner")
    fill_world(brand, creators, days)
    fill_samples(brand)
    back = [NOW - timedelta(days=day) for day in range(days + 32)]
    make_partitions({(day.year, day.month) for day in back})
    fill_history(events // 10, days)
    rebuild()
    settle()
    few = median(batch(days) for _ in range(ROUNDS))
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
    many = median(batch(days) for _ in range(ROUNDS))
    checked = timed(check_rollups)
    left = len(check_rollups())
    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client()
    client.force_login(owner)
    print(f"{events:,} events, {creators:,} creators, {days} days; load {os.getloadavg()[0]:.1f}")
    print(f"{'results (collaboration and day)':34} {DailyResult.objects.count():10,}")
    print(f"{'one statement by hand':34} {by_hand:10.2f} s")
    print(f"{'rebuild, into empty tables':34} {first:10.2f} s   {first / by_hand:5.2f} ×")
    print(f"{'rebuild, results there':34} {again:10.2f} s   {again / by_hand:5.2f} ×")
    print(f"{'results that differ':34} {wrong:10,}")
    print(f"{f'{BATCH:,} more after {events // 10:,}':34} {few * 1000:10.0f} ms")
    print(f"{f'{BATCH:,} more after {events:,}':34} {many * 1000:10.0f} ms  {many / few:5.2f} ×")
    print(f"{'check of every result':34} {checked:10.2f} s, {left} differ")
    for name, seconds in pages(brand, client):
        p95 = quantiles(seconds, n=20)[-1]
        print(f"{name:34} {median(seconds) * 1000:10.0f} ms, p95 {p95 * 1000:.0f} ms")


if __name__ == "__main__":
    main()
