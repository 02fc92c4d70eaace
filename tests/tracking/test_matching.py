"""Matching by hand: one order to a creator, a code that nobody owned with all its orders."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from campaigns.models import Campaign, Collaboration
from groundswell.accounts.models import Brand
from groundswell.events.models import Event
from tests import factories as make
from tracking.actions.orders import refund_order
from tracking.models import Credit, DiscountCode
from tracking.shops.orders import RefundData


@pytest.fixture
def anna(campaign: Campaign) -> Collaboration:
    return make.collaboration(campaign, status="accepted")


def test_an_order_is_credited_by_hand_once_with_what_was_given_back(
    as_alice: Client, acme: Brand, anna: Collaboration
) -> None:
    order = make.order(acme, net="50")
    refund_order(order, RefundData("R1", order.placed_at, order.net / 5))
    url, choice = f"/unmatched/orders/{order.pk}/match/", {"collaboration": anna.code}
    assert [as_alice.post(url, choice).status_code for _ in range(2)] == [302, 302]
    order.refresh_from_db()
    assert (order.unmatched, sum(line.revenue for line in Credit.objects.all())) == ("", 40)
    first = order.credits.get(refund=None)
    assert (first.reason, first.rule, first.evidence["instead_of"]) == ("by_hand", "by-hand/1", "no_evidence")
    assert Event.objects.filter(name="order.matched").count() == 1


def test_nobody_else_matches_and_nothing_foreign_is_matched(
    as_alice: Client, as_bob: Client, as_charlie: Client, acme: Brand, anna: Collaboration
) -> None:
    foreign = make.collaboration(make.campaign(Brand.objects.get(code="globex")), status="accepted")
    order = make.order(acme)
    url = f"/unmatched/orders/{order.pk}/match/"
    assert as_bob.post(url, {"collaboration": anna.code}).status_code == 403
    assert as_charlie.post(url, {"collaboration": foreign.code}).status_code == 404
    assert as_alice.post(url, {"collaboration": foreign.code}).status_code == 404
    test = make.order(acme, is_test=True)
    as_alice.post(f"/unmatched/orders/{test.pk}/match/", {"collaboration": anna.code})
    assert not Credit.objects.exists()


def test_an_unknown_code_is_given_to_a_creator_with_its_orders(
    as_alice: Client, as_bob: Client, acme: Brand, anna: Collaboration
) -> None:
    for _ in range(3):
        make.order(acme, "SUMMER5")
    assert "SUMMER5" in as_alice.get("/unmatched/").content.decode()
    fields = {"code": "summer5", "collaboration": anna.code, "percent": "5"}
    assert as_bob.post("/unmatched/codes/", fields).status_code == 403
    assert as_alice.post("/unmatched/codes/", fields | {"percent": "500"}).status_code == 302
    assert not DiscountCode.objects.exists()
    assert as_alice.post("/unmatched/codes/", fields).status_code == 302
    assert (DiscountCode.objects.get().code, Credit.objects.filter(collaboration=anna).count()) == ("SUMMER5", 3)
    again = as_alice.post("/unmatched/codes/", fields, follow=True).content.decode()
    assert "SUMMER5 belongs to a creator already." in again


def test_partners_match_too(api: Callable[..., APIClient], acme: Brand, anna: Collaboration) -> None:
    order = make.order(acme)
    url = f"/api/v1/orders/{order.external_id}/match/"
    assert api(acme).post(url, {"collaboration": "nothere"}, format="json").status_code == 404
    told = api(acme).post(url, {"collaboration": anna.code}, format="json")
    assert (told.status_code, told.json()["credits"][0]["reason"]) == (200, "by_hand")
    assert api(acme).post(url, {"collaboration": anna.code}, format="json").status_code == 409
