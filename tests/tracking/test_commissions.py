"""What creators are owed: it follows the ledger while pending, is locked after the hold, and is then paid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum
from django.utils import timezone
from rest_framework.test import APIClient

from campaigns.models import Campaign, Collaboration
from groundswell.accounts.models import Brand, User
from tests import factories as make
from tracking.actions.commissions import NothingOwed, approve_commissions, pay_commissions
from tracking.actions.orders import customer_key, refund_order
from tracking.models import AttributionRule, Commission, Credit, DiscountCode, Order
from tracking.shops.orders import RefundData

LONG_AGO = datetime(2026, 1, 5, 12, tzinfo=UTC)


def old_order(acme: Brand, net: str = "100") -> Order:
    return make.order(acme, "ANNA10", net=net, placed_at=LONG_AGO)


def give_back(order: Order, net: str, name: str = "r1") -> None:
    refund_order(order, RefundData(name, timezone.now(), Decimal(net)))


def entries(order: Order) -> list[tuple[str, str]]:
    rows = Commission.objects.filter(order=order).order_by("pk").values_list("amount", "status")
    return [(f"{amount:.2f}", status) for amount, status in rows]


def test_a_pending_commission_follows_refunds(acme: Brand, anna: Collaboration) -> None:
    order = make.order(acme, "ANNA10", net="100")
    assert entries(order) == [("10.00", "pending")]
    give_back(order, "30")
    assert entries(order) == [("7.00", "pending")]
    give_back(order, "70", "r2")
    assert entries(order) == [("0.00", "reversed")]


def test_it_is_locked_when_the_hold_is_over_and_not_before(acme: Brand, anna: Collaboration) -> None:
    old, new = old_order(acme), make.order(acme, "ANNA10")
    assert approve_commissions(acme) == 1
    assert (entries(old)[0][1], entries(new)[0][1]) == ("approved", "pending")
    assert approve_commissions(acme) == 0


def test_a_locked_commission_does_not_move_but_gets_a_reversal(acme: Brand, anna: Collaboration) -> None:
    order = old_order(acme)
    approve_commissions(acme)
    give_back(order, "40")
    assert entries(order) == [("10.00", "approved"), ("-4.00", "approved")]
    pay_commissions(anna, by=None, reference="SEPA 7")
    give_back(order, "60", "r2")
    assert entries(order) == [("10.00", "paid"), ("-4.00", "paid"), ("-6.00", "approved")]
    booked = Commission.objects.filter(order=order).aggregate(sum=Sum("amount"))["sum"]
    assert booked == Credit.objects.filter(order=order).aggregate(sum=Sum("commission"))["sum"] == 0


def test_what_is_owed_below_zero_waits_for_the_next_payment(acme: Brand, anna: Collaboration, alice: User) -> None:
    first = old_order(acme)
    approve_commissions(acme)
    pay_commissions(anna, by=alice)
    give_back(first, "100")
    with pytest.raises(NothingOwed):
        pay_commissions(anna, by=alice)
    second = old_order(acme, "250")
    approve_commissions(acme)
    assert sum(row.amount for row in pay_commissions(anna, by=alice)) == Decimal(15)
    assert entries(second) == [("25.00", "paid")]


def test_a_code_that_may_have_leaked_holds_its_commission(acme: Brand, anna: Collaboration) -> None:
    old_order(acme)
    DiscountCode.objects.filter(collaboration=anna).update(leak="suspected")
    assert approve_commissions(acme) == 0
    DiscountCode.objects.filter(collaboration=anna).update(leak="none")
    assert approve_commissions(acme) == 1


def test_another_brands_commission_is_not_touched(acme: Brand, globex: Brand, anna: Collaboration) -> None:
    order = old_order(acme)
    assert approve_commissions(globex) == 0
    assert entries(order) == [("10.00", "pending")]


def test_without_commission_nothing_is_owed(acme: Brand, campaign: Campaign) -> None:
    ben = make.collaboration(campaign, status="accepted", commission_percent=Decimal(0))
    make.discount_code(ben, "BEN10")
    make.order(acme, "BEN10")
    assert not Commission.objects.exists()


# Shared orders --------------------------------------------------------------------------------------------------------


@pytest.fixture
def shared(acme: Brand, anna: Collaboration, campaign: Campaign) -> Order:
    """100.01 by Anna's code and Ben's link, under a rule that gives the code 70 %."""
    params = {"conflict": "split", "code_part": "0.7", "hold_days": 10, "percent_new": "20"}
    AttributionRule.objects.create(brand=acme, name="shared", params=params, is_active=True)
    ben = make.collaboration(campaign, status="accepted")
    click = make.click(make.link(ben), timezone.now() - timedelta(days=1))
    return make.order(acme, "ANNA10", net="100.01", click_id=click.id, customer_key="k" * 64)


def test_a_shared_order_is_credited_to_the_cent(shared: Order) -> None:
    lines = shared.credits.order_by("pk")
    assert [(line.rule, line.reason, f"{line.revenue:.2f}", f"{line.commission:.2f}") for line in lines] == [
        ("shared/1", "code", "70.01", "14.00"),
        ("shared/1", "click", "30.00", "6.00"),
    ]
    holds = {row.hold_until - shared.placed_at.date() for row in shared.commissions.all()}
    assert max(holds) <= timedelta(days=11)


def test_refunds_of_a_shared_order_leave_what_is_left_of_it(shared: Order) -> None:
    for number, net in enumerate(("33.33", "33.33", "33.35")):
        give_back(shared, net, f"r{number}")
        shared.refresh_from_db()
        sums = shared.credits.aggregate(revenue=Sum("revenue"))
        assert sums["revenue"] == shared.net - shared.refunded
    assert not shared.credits.values("collaboration").annotate(left=Sum("revenue")).exclude(left=0).exists()


def test_a_campaigns_own_rule_decides_its_orders(acme: Brand, anna: Collaboration, campaign: Campaign) -> None:
    AttributionRule.objects.create(brand=acme, campaign=campaign, name="own", params={}, is_active=True)
    other = make.collaboration(make.campaign(acme), status="accepted")
    make.discount_code(other, "OTHER")
    rules = {make.order(acme, code).credits.get().rule for code in ("ANNA10",)}
    assert rules == {"own/1"}
    assert make.order(acme, "OTHER").credits.get().rule == "code-first/2"


def test_what_an_order_was_decided_on_is_kept(acme: Brand, anna: Collaboration) -> None:
    order = make.order(acme, "ANNA10")
    DiscountCode.objects.update(leak="confirmed")
    order.evidence.refresh_from_db()
    assert (order.evidence.rule, order.evidence.facts["codes"][0][6]) == ("code-first/2", "none")


def test_a_creators_own_purchase_earns_nothing(acme: Brand, anna: Collaboration) -> None:
    key = customer_key(acme, anna.relationship.email.upper())
    assert make.order(acme, "ANNA10", customer_key=key).unmatched == "self_referral"


# Partners


def test_partners_approve_and_note_payments_once(
    acme: Brand, anna: Collaboration, api: Callable[..., APIClient]
) -> None:
    old_order(acme)
    client, pay = api(acme, "commissions:write"), f"/api/v1/commissions/{anna.code}/pay/"
    assert client.post(pay).status_code == 409
    assert client.post("/api/v1/commissions/approve/").json() == {"approved": 1}
    wrong = client.post(pay, {"amount": "9.99"}, format="json")
    assert (wrong.status_code, "10.00 EUR is owed" in wrong.content.decode()) == (409, True)
    assert Commission.objects.get().status == "approved"
    facts, key = {"amount": "10.00", "reference": "SEPA 7"}, {"HTTP_IDEMPOTENCY_KEY": "pay-1"}
    first = client.post(pay, facts, format="json", **key)
    again = client.post(pay, facts, format="json", **key)
    assert (first.status_code, again.json()) == (200, first.json())
    (row,) = first.json()
    assert (row["status"], row["amount"], row["reference"]) == ("paid", "10.0000", "SEPA 7")
    assert client.post(pay, facts, format="json").status_code == 409


def test_only_keys_for_it_move_commissions(
    acme: Brand, globex: Brand, anna: Collaboration, api: Callable[..., APIClient]
) -> None:
    old_order(acme)
    pay = f"/api/v1/commissions/{anna.code}/pay/"
    assert api(acme, "returns:read", "orders:write").post("/api/v1/commissions/approve/").status_code == 403
    assert api(globex).post("/api/v1/commissions/approve/").json() == {"approved": 0}
    assert Commission.objects.get().status == "pending"
    approve_commissions(acme)
    assert [api(acme, "returns:read").post(pay).status_code, api(globex).post(pay).status_code] == [403, 404]
    assert Commission.objects.get().status == "approved"
