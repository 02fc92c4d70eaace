"""Daily results: exactly the stale days, the sums of the raw rows, the same digits after a rebuild."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from threading import Event as Signal
from threading import Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from campaigns.models import Campaign, Collaboration
from groundswell.accounts.models import Brand
from tests import factories as make
from tracking.actions.orders import refund_order
from tracking.actions.rollups import check_rollups, mark_stale, oldest_mark, rebuild, roll_up
from tracking.models import (
    CampaignDay,
    Click,
    CollaborationResult,
    Credit,
    DailyResult,
    RollupRun,
    StaleDay,
    Sums,
)
from tracking.shops.orders import RefundData
from tracking.tasks.returns import roll_up as roll_up_task

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
FIELDS = ("collaboration_id", "day", *DailyResult.COUNTS, *DailyResult.AMOUNTS)


def clicked(on: Collaboration, at: datetime = NOON, **facts: Any) -> None:
    """A click as the shipper writes it: with its day marked."""
    make.click(on.links.first() or make.link(on), at, **facts)
    mark_stale([(on.pk, at.date())])


def results() -> list[tuple[Any, ...]]:
    return list(DailyResult.objects.order_by("collaboration_id", "day").values_list(*FIELDS))


def test_a_day_is_the_sum_of_its_clicks_orders_and_refunds(acme: Brand, anna: Collaboration) -> None:
    clicked(anna)
    clicked(anna, is_duplicate=True)
    clicked(anna, bot_reason="agent")
    order = make.order(acme, "ANNA10", net="80", placed_at=NOON, customer_key="k")
    make.order(acme, "ANNA10", net="20", placed_at=NOON, customer_key="k")
    refund_order(order, RefundData("r", NOON, Decimal(30)))
    assert roll_up() > 0
    day = DailyResult.objects.get()
    assert (day.clicks, day.unique_clicks, day.bot_clicks) == (2, 1, 1)
    assert (day.orders, day.new_customers, day.refunds) == (2, 1, 1)
    assert (day.revenue, day.refunded, day.commission) == (100, 30, 7)
    assert (check_rollups(), oldest_mark()) == ([], None)


def test_a_refund_counts_on_its_own_day(acme: Brand, anna: Collaboration) -> None:
    order = make.order(acme, "ANNA10", placed_at=NOON)
    refund_order(order, RefundData("r", NOON + timedelta(days=9), Decimal(50)))
    roll_up()
    days = {row.day: (row.orders, row.revenue, row.refunded, row.commission) for row in DailyResult.objects.all()}
    assert days == {date(2026, 5, 4): (1, 50, 0, 5), date(2026, 5, 13): (0, 0, 50, -5)}


def test_only_marked_days_are_touched(acme: Brand, anna: Collaboration) -> None:
    clicked(anna)
    clicked(anna, NOON + timedelta(days=1))
    roll_up()
    DailyResult.objects.filter(day=NOON.date()).update(clicks=99)
    clicked(anna, NOON + timedelta(days=1))
    roll_up()
    assert list(DailyResult.objects.order_by("day").values_list("clicks", flat=True)) == [99, 2]
    difference, in_all, of_campaign = check_rollups()
    assert difference == ("day of collaboration", anna.pk, NOON.date(), "clicks", 99, 1)
    assert (in_all.level, in_all.stored, in_all.raw) == ("collaboration", 3, 101)
    assert (of_campaign.level, of_campaign.day, of_campaign.stored) == ("day of campaign", NOON.date(), 1)
    kept = RollupRun.objects.get(kind="check")
    assert (kept.differences, kept.first["text"]) == (3, str(difference))
    with pytest.raises(CommandError, match="results differ"):
        call_command("check_rollups")


def test_a_rebuild_gives_the_same_digits(acme: Brand, anna: Collaboration) -> None:
    for place in range(12):
        clicked(anna, NOON + timedelta(hours=7 * place), is_duplicate=place % 3 == 0)
        make.order(acme, "ANNA10", net=f"{place}.37", placed_at=NOON + timedelta(hours=5 * place))
    roll_up()
    before = results()
    assert rebuild() == len(before)
    assert results() == before
    call_command("check_rollups")


def coarse() -> tuple[list[Any], list[Any]]:
    """The coarser tables, rows of nothing but zeros left out."""
    names = Sums.NAMES
    in_all = CollaborationResult.objects.order_by("pk").values_list("pk", "first_order_on", *names)
    days = CampaignDay.objects.order_by("campaign_id", "day").values_list("campaign_id", "day", *names)
    return [row for row in in_all if any(row[2:])], [row for row in days if any(row[2:])]


def test_whatever_comes_in_whatever_order_the_sums_are_those_of_a_rebuild(acme: Brand, campaign: Campaign) -> None:
    rng = Random(7)
    rows = [make.collaboration(campaign, status="accepted") for _ in range(3)]
    codes = [make.discount_code(row).code for row in rows]
    orders = []
    for step in range(60):
        at, which = NOON - timedelta(days=rng.randrange(20)), rng.randrange(3)
        kind = rng.choice(["click", "order", "refund", "bot"])
        if kind == "refund" and orders:
            refund_order(orders.pop(), RefundData(f"r{step}", at, Decimal("3.33")))
        elif kind == "order":
            orders.append(make.order(acme, codes[which], net="9.99", placed_at=at))
        else:
            clicked(rows[which], at, bot_reason="agent" if kind == "bot" else "")
        if rng.random() < 0.3:
            roll_up()
    roll_up()
    before = (results(), coarse())
    assert check_rollups() == []
    rebuild()
    assert (results(), coarse()) == before


def test_a_day_whose_rows_are_gone_has_no_result(anna: Collaboration) -> None:
    clicked(anna)
    roll_up()
    Click.objects.all()._raw_delete(Click.objects.db)
    mark_stale([(anna.pk, NOON.date())])
    roll_up()
    assert (DailyResult.objects.count(), CollaborationResult.objects.get().clicks, check_rollups()) == (0, 0, [])


def test_the_first_order_is_that_of_the_earliest_day_whenever_it_comes(acme: Brand, anna: Collaboration) -> None:
    for days in (0, -3, 2):
        make.order(acme, "ANNA10", placed_at=NOON + timedelta(days=days))
        roll_up()
    assert CollaborationResult.objects.get().first_order_on == date(2026, 5, 1)


def test_a_rebuild_mends_what_somebody_changed_by_hand(anna: Collaboration) -> None:
    clicked(anna)
    roll_up()
    CampaignDay.objects.update(clicks=5)
    CollaborationResult.objects.update(clicks=7)
    assert [found.level for found in check_rollups()] == ["collaboration", "day of campaign"]
    call_command("rebuild_rollups")
    assert check_rollups() == []


def test_days_are_the_brands_days(campaign: Campaign) -> None:
    campaign.brand.timezone = "America/Los_Angeles"
    campaign.brand.save()
    row = make.collaboration(campaign, status="accepted")
    make.discount_code(row, "LA10")
    at = datetime(2026, 5, 5, 2, tzinfo=UTC)  # the evening before in Los Angeles
    make.click(make.link(row), at)
    mark_stale([(row.pk, date(2026, 5, 4))])
    make.order(campaign.brand, "LA10", placed_at=at)
    roll_up()
    day = DailyResult.objects.get()
    assert (day.day, day.clicks, day.orders) == (date(2026, 5, 4), 1, 1)
    before = results()
    rebuild()
    assert results() == before


def test_a_late_click_credits_its_order_and_is_summed_by_the_same_task(acme: Brand, anna: Collaboration) -> None:
    click = make.click(make.link(anna), timezone.now() - timedelta(minutes=5))
    order = make.order(acme)
    type(order).objects.filter(pk=order.pk).update(click_id=click.id, unmatched="unknown_click")
    roll_up_task()
    assert (Credit.objects.get().order, DailyResult.objects.get(orders=1).revenue) == (order, 50)


def test_rolling_up_takes_the_same_number_of_statements_for_any_number_of_days(
    anna: Collaboration, django_assert_max_num_queries: Any
) -> None:
    for place in range(40):
        clicked(anna, NOON + timedelta(days=place % 20))
    with django_assert_max_num_queries(7):
        roll_up()
    assert DailyResult.objects.count() == 20


@pytest.fixture
def aside() -> Iterator[Any]:
    """Runs a function in a thread with a connection of its own."""
    threads: list[Thread] = []

    def run(target: Any) -> Thread:
        def closing() -> None:
            try:
                target()
            finally:
                connection.close()

        threads.append(Thread(target=closing))
        threads[-1].start()
        return threads[-1]

    yield run
    for thread in threads:
        thread.join(20)


@pytest.mark.django_db(transaction=True)
def test_a_row_written_while_rolling_up_is_never_forgotten(acme: Brand, anna: Collaboration, aside: Any) -> None:
    clicked(anna)
    written, rolled = Signal(), Signal()

    def write_slowly() -> None:
        with transaction.atomic():
            clicked(anna)
            written.set()
            rolled.wait(10)

    thread = aside(write_slowly)
    written.wait(10)
    roll_up()
    assert DailyResult.objects.get().clicks == 1
    rolled.set()
    thread.join(10)
    assert StaleDay.objects.count() == 1
    roll_up()
    assert (DailyResult.objects.get().clicks, check_rollups()) == (2, [])


@pytest.mark.django_db(transaction=True)
def test_of_two_roll_ups_at_once_one_stands_back(anna: Collaboration, aside: Any) -> None:
    clicked(anna)
    holding, done = Signal(), Signal()

    def hold() -> None:
        with transaction.atomic():
            roll_up()
            holding.set()
            done.wait(10)

    thread = aside(hold)
    holding.wait(10)
    assert roll_up() == 0
    done.set()
    thread.join(10)
    assert (StaleDay.objects.count(), DailyResult.objects.get().clicks) == (0, 1)
