"""Subscriptions' later orders: whom they are credited to, what a campaign pays for, and that they stand apart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from campaigns.models import Campaign, Collaboration
from groundswell.accounts.models import Brand
from tests import factories as make
from tracking.attribution.renewals import Policy, months_later
from tracking.models import Credit, Order, RenewalPolicy

START = datetime(2026, 1, 31, 12, tzinfo=UTC)
type_of_api = Callable[..., APIClient]


def renewal(brand: Brand, month: int, **facts: Any) -> Order:
    at = START + timedelta(days=30 * month)
    return make.order(brand, subscription_ref="S1", is_renewal=True, placed_at=at, **facts)


@pytest.mark.parametrize(
    ("policy", "paid"),
    [
        (Policy(), [1]),
        (Policy("first_n", 3), [1, 2, 3]),
        (Policy("months", 2), [1, 2]),
        (Policy("lifetime"), [1, 2, 3, 4, 5]),
    ],
)
def test_what_a_policy_pays_for(policy: Policy, paid: list[int]) -> None:
    months = {place: months_later(START, place - 1) for place in range(1, 6)}
    assert [place for place, at in months.items() if policy.pays(place, START, at)] == paid


@pytest.mark.parametrize(
    ("months", "day"), [(1, "2026-03-01"), (2, "2026-03-31"), (11, "2026-12-31"), (12, "2027-01-31")]
)
def test_a_short_month_runs_to_the_first_of_the_next(months: int, day: str) -> None:
    assert months_later(START, months).date().isoformat() == day


def test_a_renewal_goes_where_the_first_order_went_whatever_code_it_carries(
    acme: Brand, anna: Collaboration, campaign: Campaign
) -> None:
    make.renewal_policy(campaign, "lifetime")
    make.discount_code(make.collaboration(campaign, status="accepted"), "BEN20")
    make.order(acme, "ANNA10", subscription_ref="S1", placed_at=START)
    later = renewal(acme, 1, net="30")
    credit = later.credits.get()
    assert (credit.collaboration, credit.reason, credit.revenue, credit.commission) == (anna, "renewal", 30, 3)


def test_a_renewal_waits_for_its_first_order_and_for_its_code(acme: Brand, campaign: Campaign) -> None:
    make.renewal_policy(campaign, "lifetime")
    row = make.collaboration(campaign, status="accepted")
    waiting = renewal(acme, 1)
    make.order(acme, "LATE", subscription_ref="S1", placed_at=START)
    assert waiting.unmatched == "first_order"
    from tracking.actions.credits import match_code

    match_code(make.discount_code(row, "LATE"))
    waiting.refresh_from_db()
    assert (waiting.unmatched, Credit.objects.count()) == ("", 2)


def test_a_renewal_given_back_takes_its_own_credit_back(acme: Brand, anna: Collaboration, campaign: Campaign) -> None:
    from tracking.actions.orders import cancel_order

    make.renewal_policy(campaign, "lifetime")
    make.order(acme, "ANNA10", subscription_ref="S1", placed_at=START)
    later = renewal(acme, 1)
    cancel_order(later, START)
    assert sum(line.revenue for line in later.credits.all()) == 0
    assert sum(line.revenue for line in Credit.objects.all()) == 50


def test_renewals_stand_apart_on_their_page(
    as_alice: Client, acme: Brand, anna: Collaboration, campaign: Campaign
) -> None:
    make.renewal_policy(campaign, "first_n", 2)
    make.order(acme, "ANNA10", subscription_ref="S1", placed_at=START, net="50")
    for month in (1, 2):
        renewal(acme, month, net="31")
    page = as_alice.get(f"/campaigns/{campaign.code}/renewals/").content.decode()
    assert "31.00" in page
    assert "62.00" not in page
    assert "Renewal that the campaign doesn" in as_alice.get("/orders/?match=renewals").content.decode()


def test_the_policy_is_changed_by_those_who_manage(as_alice: Client, as_bob: Client, campaign: Campaign) -> None:
    url = f"/campaigns/{campaign.code}/renewals/"
    assert as_bob.post(url, {"kind": "lifetime"}).status_code == 403
    assert as_alice.post(url, {"kind": "first_n"}).status_code == 422
    assert as_alice.post(url, {"kind": "lifetime", "number": "3"}).status_code == 422
    assert not RenewalPolicy.objects.exists()
    assert as_alice.post(url, {"kind": "months", "number": "12"}).status_code == 302
    assert str(RenewalPolicy.objects.get()) == "Every order for so many months"


def test_partners_read_and_change_it(api: type_of_api, acme: Brand, campaign: Campaign) -> None:
    url = f"/api/v1/campaigns/{campaign.code}/renewals/"
    assert api(acme).put(url, {"kind": "first_n"}, format="json").status_code == 400
    assert api(acme).put(url, {"kind": "first_n", "number": 3}, format="json").status_code == 200
    told = api(acme, "returns:read").get(url).json()
    assert (told["policy"], [row["orders"] for row in told["totals"]]) == ({"kind": "first_n", "number": 3}, [0, 0])


def test_partners_post_lines_and_renewals(api: type_of_api, acme: Brand, anna: Collaboration) -> None:
    body = {"external_id": "A-1", "currency": "EUR", "net": "30", "subscription": "S9", "lines": [
        {"id": "1", "sku": "B", "title": "Box", "quantity": 2, "net": "30"}
    ]}  # fmt: skip
    answer = api(acme).post("/api/v1/orders/", body, format="json")
    assert (answer.status_code, answer.json()["lines"][0]["sku"]) == (201, "B")
    back = {"external_id": "R-1", "net": "15", "lines": [{"line": "1", "quantity": 1, "net": "15"}]}
    given = api(acme).post("/api/v1/orders/A-1/refunds/", back, format="json").json()
    assert given["refunds"][0]["lines"] == [{"line": "1", "quantity": 1, "net": "15.0000"}]
    bare = {"external_id": "A-2", "currency": "EUR", "net": "30", "is_renewal": True}
    assert api(acme).post("/api/v1/orders/", bare, format="json").status_code == 400
