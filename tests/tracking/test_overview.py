"""The brand's last weeks beside those before, and the creators whose return is best proved."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.models import Campaign, Collaboration, Cost
from groundswell.accounts.models import Brand
from tests import factories as make
from tracking.actions.rollups import rebuild
from tracking.models import DiscountCode
from tracking.reports.best import best_of
from tracking.reports.trends import trends_of
from tracking.statistics.intervals import change_interval


def sold(row: Collaboration, code: str, orders: int, days_ago: int, net: str = "100") -> None:
    for _ in range(orders):
        make.order(row.campaign.brand, code, net=net, placed_at=timezone.now() - timedelta(days=days_ago))


def joined(campaign: Campaign, name: str, fee: str = "50") -> Collaboration:
    row = make.collaboration(campaign, make.relationship(campaign.brand, make.creator(name)), status="posted")
    make.discount_code(row, f"{name.upper()}10", created_at=timezone.now() - timedelta(days=300))
    Cost.objects.create(
        campaign=campaign, collaboration=row, kind="fee", amount=Decimal(fee), incurred_on=timezone.localdate()
    )
    return row


@pytest.fixture
def live(acme: Brand, campaign: Campaign) -> Campaign:
    Campaign.objects.filter(pk=campaign.pk).update(launched_at=timezone.now() - timedelta(days=200))
    campaign.refresh_from_db()
    return campaign


def test_the_last_weeks_beside_those_before(acme: Brand, live: Campaign) -> None:
    anna = joined(live, "Anna")
    sold(anna, "ANNA10", 3, days_ago=3)
    sold(anna, "ANNA10", 2, days_ago=10)
    sold(anna, "ANNA10", 7, days_ago=0)
    rebuild()
    (week,) = trends_of(acme, 7)
    assert (week.now.orders, week.before.orders, week.now.revenue) == (3, 2, 300)
    assert week.orders.value == pytest.approx(0.5)
    assert week.orders.may_be_chance
    (month,) = trends_of(acme, 30)
    assert (month.now.orders, month.before.orders, month.orders.value) == (5, 0, None)


def test_the_interval_of_a_change_is_the_exact_one_of_two_counts() -> None:
    # 40 of 60: Clopper and Pearson 0.5331 to 0.7831, so the rate is 1.142 to 3.611 times the one before.
    assert change_interval(40, 20) == pytest.approx((0.1418, 2.6106), abs=2e-3)
    assert change_interval(5, 0) is None
    low, high = change_interval(0, 8) or (0, 0)
    assert (low, round(high, 3)) == (-1, -0.414)


def test_two_lucky_orders_never_lead_forty(acme: Brand, live: Campaign) -> None:
    lucky, steady = joined(live, "Lucky", "10"), joined(live, "Steady", "800")
    sold(lucky, "LUCKY10", 2, days_ago=3)
    sold(steady, "STEADY10", 40, days_ago=3)
    joined(live, "Unsold")
    rebuild()
    rows = best_of(acme)
    assert [row.creator.name for row in rows] == ["Steady", "Lucky"]
    assert (rows[1].figures.roi or 0) > (rows[0].figures.roi or 0)


def test_a_leaked_code_proves_nothing(acme: Brand, live: Campaign) -> None:
    sold(joined(live, "Anna"), "ANNA10", 9, days_ago=3)
    rebuild()
    assert [row.creator.name for row in best_of(acme)] == ["Anna"]
    DiscountCode.objects.update(leak=DiscountCode.Leak.SUSPECTED)
    assert best_of(acme) == []


def test_page_and_panels_are_the_brands_alone(
    acme: Brand, globex: Brand, live: Campaign, as_bob: Client, as_charlie: Client
) -> None:
    sold(joined(live, "Anna"), "ANNA10", 9, days_ago=3)
    rebuild()
    page = as_bob.get("/results/?days=7").content.decode()
    for text in ("nothing before", "€900.00", "Spring launch"):
        assert text in page, text
    assert b"Anna" in as_bob.get("/results/best/").content
    assert b"By tier" in as_bob.get("/results/by/panel/?split=tier").content
    for url in ("/results/?days=7", "/results/best/", "/results/by/panel/?split=creator"):
        assert b"Anna" not in as_charlie.get(url).content
        assert b"Spring launch" not in as_charlie.get(url).content


@pytest.mark.parametrize("query", ["days=90", "days=x", "without=time", "page=9"])
def test_the_page_in_every_view(acme: Brand, live: Campaign, as_bob: Client, query: str) -> None:
    assert as_bob.get(f"/results/?{query}").status_code == 200


def test_a_brand_without_a_campaign_is_told_what_comes(as_charlie: Client) -> None:
    assert b"No campaign has been launched yet" in as_charlie.get("/results/").content
