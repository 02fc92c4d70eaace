"""A brand's year of sales that benchmarks share: creators in campaigns, clicks, orders, refunds, costs, posts."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import _database  # noqa: F401 - sets Django up
from django.db import connection
from django.utils import timezone

from campaigns.models import Campaign, Collaboration, Cost, Deliverable, Submission
from creators.models import Creator, Network, Post, PostFormat, Relationship, SocialAccount
from groundswell.accounts.models import Brand
from tests import factories as make
from tracking.actions.partitions import make_partitions
from tracking.models import Click, Credit, DiscountCode, Order, TrackingLink

IN_ORDERS, IN_REFUNDS = 50, 1000  # one order in so many events, one refund
HUNDRED = 100  # creators in a campaign; a fifth of all are in one
TABLES = ("dailyresult", "collaborationresult", "campaignday", "staleday")
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
    DiscountCode.objects.bulk_create(
        DiscountCode(brand=brand, collaboration=row, code=f"BENCH{n}", percent=10) for n, row in enumerate(rows)
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


def make_room(days: int) -> None:
    """Partitions for the whole time."""
    back = [NOW - timedelta(days=day) for day in range(days + 32)]
    make_partitions({(day.year, day.month) for day in back})
