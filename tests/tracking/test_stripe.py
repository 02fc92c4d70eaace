"""Stripe's webhooks: signed with a time, sessions and invoices as one order, renewals, and refunds told three ways."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db.models import Sum
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from campaigns.models import Campaign, Collaboration
from groundswell.accounts.models import Brand
from tests import factories as make
from tracking.models import Credit, Order, Store, WebhookDelivery
from tracking.shops import stripe as shop

FIXTURES = Path(settings.BASE_DIR).parent / "shared" / "data" / "stripe-fixtures.json"
BOUGHT = 1777888800  # 2026-05-04 10:00 UTC


@pytest.fixture
def store(acme: Brand) -> Store:
    return make.store(acme, kind=Store.Kind.STRIPE, domain="acct_1")


def session(**fields: Any) -> dict[str, Any]:
    """63.00 of goods after 7.00 off, 5.00 shipping and 12.92 tax: 80.92 paid."""
    return {
        "id": "cs_1",
        "object": "checkout.session",
        "mode": "payment",
        "payment_status": "paid",
        "created": BOUGHT,
        "currency": "eur",
        "amount_subtotal": 7000,
        "amount_total": 8092,
        "total_details": {"amount_discount": 700, "amount_shipping": 500, "amount_tax": 1292},
        "discounts": [{"coupon": None, "promotion_code": "promo_1Anna"}],
        "client_reference_id": None,
        "customer_details": {"email": "Jo.Buyer@example.com", "name": "Jo Buyer"},
        "metadata": {},
        "payment_intent": "pi_1",
        "invoice": None,
        "subscription": None,
        **fields,
    }


def invoice(number: int = 1, **fields: Any) -> dict[str, Any]:
    """A month of a subscription for 20.00 and 3.80 tax."""
    return {
        "id": f"in_{number}",
        "object": "invoice",
        "billing_reason": "subscription_create" if number == 1 else "subscription_cycle",
        "created": BOUGHT + (number - 1) * 30 * 86400,
        "currency": "eur",
        "total": 2380,
        "total_taxes": [{"amount": 380}],
        "total_discount_amounts": [],
        "customer_email": "jo.buyer@example.com",
        "lines": {"data": [{"id": f"il_{number}", "description": "Monthly box", "quantity": 1, "amount": 2000}]},
        "parent": {"subscription_details": {"subscription": "sub_1", "metadata": {}}},
        **fields,
    }


def refund(number: int, amount: int, **fields: Any) -> dict[str, Any]:
    common = {"object": "refund", "currency": "eur", "status": "succeeded", "payment_intent": "pi_1", "charge": "ch_1"}
    return {"id": f"re_{number}", "amount": amount, "created": BOUGHT + 86400, **common, **fields}


def charge(amount_refunded: int) -> dict[str, Any]:
    common = {"object": "charge", "currency": "eur", "payment_intent": "pi_1", "created": BOUGHT}
    return {"id": "ch_1", "amount": 8092, "amount_refunded": amount_refunded, **common}


PROMOTION = {"id": "promo_1Anna", "object": "promotion_code", "code": "Anna10"}


def deliver(store: Store, topic: str, about: Any, event: str = "", header: str = "", **facts: Any) -> HttpResponse:
    body = {"id": event or f"evt_{make.number.__next__()}", "type": topic, "livemode": True, "created": BOUGHT}
    raw = about if isinstance(about, bytes) else json.dumps(body | {"data": {"object": about}} | facts).encode()
    headers = {"Stripe-Signature": header or signed(raw)}
    url = f"/webhooks/stripe/{store.code}/"
    answer: HttpResponse = Client().post(url, raw, content_type="application/json", headers=headers)
    return answer


def send(store: Store, topic: str, about: Any, event: str = "", **facts: Any) -> int:
    return deliver(store, topic, about, event, **facts).status_code


def signed(raw: bytes, seconds: int = 0) -> str:
    """The header as Stripe's documentation describes it, made by this independent line of code."""
    time = str(int(timezone.now().timestamp()) + seconds)
    return f"t={time},v1={hmac.new(b'hush', f'{time}.'.encode() + raw, hashlib.sha256).hexdigest()}"


def total() -> Decimal:
    return Credit.objects.aggregate(sum=Sum("revenue"))["sum"] or Decimal(0)


def test_a_paid_session_is_an_order_and_its_code_is_named_later(store: Store, anna: Collaboration) -> None:
    assert send(store, "checkout.session.completed", session()) == 200
    row = Order.objects.get()
    assert (row.external_id, row.net, row.shipping, row.tax, row.discount) == ("pi_1", 63, 5, Decimal("12.92"), 7)
    assert row.unmatched == "unknown_code"
    send(store, "promotion_code.created", PROMOTION)
    row.refresh_from_db()
    assert (row.codes, total()) == ([{"code": "ANNA10", "amount": "7.00"}], 63)


def test_several_promotion_codes_with_what_each_took_off(store: Store, anna: Collaboration, campaign: Campaign) -> None:
    ben = make.collaboration(campaign, status="accepted")
    make.discount_code(ben, "BEN20")
    send(store, "promotion_code.created", PROMOTION)
    told = [(300, {"promotion_code": "promo_1Anna"}), (400, {"promotion_code": {"id": "promo_2", "code": "ben20"}})]
    breakdown = {"discounts": [{"amount": amount, "discount": discount} for amount, discount in told]}
    details = session()["total_details"] | {"breakdown": breakdown}
    send(store, "checkout.session.completed", session(total_details=details))
    assert Order.objects.get().codes == [{"code": "BEN20", "amount": "4.00"}, {"code": "ANNA10", "amount": "3.00"}]
    assert Credit.objects.get().collaboration == ben


@pytest.mark.parametrize("where", ["reference", "metadata"])
def test_the_click_id_comes_by_reference_or_metadata(store: Store, anna: Collaboration, where: str) -> None:
    click = make.click(make.link(anna), shop.time_of(BOUGHT - 86400))
    fields = (
        {"client_reference_id": click.id} if where == "reference" else {"metadata": {"icid": click.id, "note": "Jo"}}
    )
    send(store, "checkout.session.completed", session(discounts=[], **fields))
    assert Credit.objects.get().reason == "click"
    assert "Jo" not in json.dumps(WebhookDelivery.objects.get().body)


def test_a_reference_of_the_shops_own_is_no_click(store: Store, anna: Collaboration) -> None:
    send(store, "checkout.session.completed", session(discounts=[], client_reference_id="cart-1234"))
    assert (Order.objects.get().click_id, Order.objects.get().unmatched) == ("", "no_evidence")


@pytest.mark.parametrize(
    ("currency", "amount", "net"),
    [
        ("jpy", 1099, "1099"),
        ("eur", 1099, "10.99"),
        ("kwd", 10990, "10.99"),
        ("isk", 109900, "1099"),
        ("ugx", 500, "5"),
    ],
)
def test_the_smallest_unit_is_the_currencys_own(store: Store, currency: str, amount: int, net: str) -> None:
    details = {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0}
    fields = {"currency": currency, "amount_total": amount, "amount_subtotal": amount, "total_details": details}
    send(store, "checkout.session.completed", session(discounts=[], **fields))
    assert Order.objects.get().net == Decimal(net)


def test_a_session_counts_once_it_is_paid_and_test_mode_never(store: Store, anna: Collaboration) -> None:
    send(store, "checkout.session.completed", session(payment_status="unpaid"))
    assert not Order.objects.exists()
    send(store, "checkout.session.async_payment_succeeded", session())
    send(store, "checkout.session.completed", session(payment_intent="pi_2"), livemode=False)
    assert list(Order.objects.order_by("pk").values_list("is_test", flat=True)) == [False, True]


EITHER_WAY = list(itertools.permutations(["session", "invoice", "payment", "code"]))


@pytest.mark.parametrize("order", EITHER_WAY[::5], ids=["-".join(each) for each in EITHER_WAY[::5]])
def test_session_invoice_payment_and_code_make_one_order_in_any_order(
    store: Store, anna: Collaboration, order: tuple[str, ...]
) -> None:
    first = session(mode="subscription", invoice="in_1", subscription="sub_1", payment_intent=None)
    details = {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 380}
    told = {
        "session": ("checkout.session.completed", first | {"amount_total": 2380, "total_details": details}),
        "invoice": ("invoice.paid", invoice()),
        "payment": (
            "invoice_payment.paid",
            {"id": "inpay_1", "object": "invoice_payment", "invoice": "in_1", "payment": {"payment_intent": "pi_1"}},
        ),
        "code": ("promotion_code.created", PROMOTION),
    }
    for name in order:
        assert send(store, *told[name]) == 200
    send(store, "refund.created", refund(1, 1190))
    row = Order.objects.get()
    assert (row.external_id, row.payment_ref, row.subscription_ref, row.net) == ("in_1", "pi_1", "sub_1", 20)
    assert (row.codes[0]["code"], row.refunded, total()) == ("ANNA10", 10, 10)
    assert not WebhookDelivery.objects.filter(handled_at=None).exists()


@pytest.mark.parametrize(
    ("kind", "number", "paid"),
    [("first_order_only", 0, 0), ("first_n", 2, 1), ("months", 2, 2), ("lifetime", 0, 3)],
)
def test_renewals_follow_the_campaigns_policy(
    store: Store, anna: Collaboration, kind: str, number: int, paid: int
) -> None:
    make.renewal_policy(anna.campaign, kind, number)
    discounts = [{"promotion_code": {"id": "promo_1Anna", "code": "ANNA10"}}]
    for each in (2, 1, 3, 4):
        send(store, "invoice.paid", invoice(each, discounts=discounts if each == 1 else []))
    reasons = Credit.objects.order_by("order__placed_at").values_list("reason", flat=True)
    assert list(reasons) == ["code", *["renewal"] * paid]
    assert total() == 20 * (1 + paid)
    assert set(Order.objects.unmatched().values_list("unmatched", flat=True)) == ({"renewal"} if paid < 3 else set())


def told_of(amounts: tuple[int, ...]) -> list[tuple[str, dict[str, Any]]]:
    """Each refund as itself and as the charge's running sum."""
    singles = [("refund.created", refund(place, amount)) for place, amount in enumerate(amounts)]
    return singles + [("charge.refunded", charge(sum(amounts[: place + 1]))) for place in range(len(amounts))]


@pytest.mark.parametrize("shuffled", list(itertools.permutations(range(4)))[::3])
def test_partial_refunds_told_twice_in_any_order_count_once(
    store: Store, anna: Collaboration, shuffled: tuple[int, ...]
) -> None:
    send(store, "promotion_code.created", PROMOTION)
    told = told_of((2023, 4046))
    send(store, *told[shuffled[0]])
    send(store, "checkout.session.completed", session())
    for place in shuffled[1:]:
        send(store, *told[place])
    assert Order.objects.get().refunded == Decimal("47.25")
    send(store, "charge.refunded", charge(8092))
    assert (Order.objects.get().refunded, total()) == (63, 0)


def test_dub_defect_a_partial_refund_leaves_the_rest_credited(store: Store, anna: Collaboration) -> None:
    send(store, "promotion_code.created", PROMOTION)
    send(store, "checkout.session.completed", session())
    send(store, "charge.refunded", charge(4046))
    assert (total(), Order.objects.get().is_refunded_in_full) == (Decimal("31.50"), False)


def test_a_dispute_counts_when_it_is_lost_and_a_refund_when_it_succeeded(store: Store, anna: Collaboration) -> None:
    send(store, "promotion_code.created", PROMOTION)
    send(store, "checkout.session.completed", session())
    dispute = {"id": "dp_1", "object": "dispute", "payment_intent": "pi_1", "currency": "eur", "created": BOUGHT}
    send(store, "charge.dispute.closed", dispute | {"amount": 8092, "status": "won"})
    send(store, "refund.created", refund(1, 8092, status="pending"))
    assert total() == 63
    send(store, "charge.dispute.closed", dispute | {"amount": 8092, "status": "lost"})
    assert total() == 0


@pytest.mark.parametrize(("seconds", "status"), [(0, 200), (-270, 200), (-302, 401), (302, 401), (-(10**9), 401)])
def test_a_signature_is_good_for_five_minutes(store: Store, seconds: int, status: int) -> None:
    raw = json.dumps({"id": "evt_1", "type": "product.created", "data": {"object": {}}}).encode()
    assert deliver(store, "", raw, header=signed(raw, seconds=seconds)).status_code == status


def test_one_of_several_signatures_is_enough_and_the_time_is_signed(store: Store) -> None:
    raw = json.dumps({"id": "evt_1", "type": "product.created", "data": {"object": {}}}).encode()
    good = signed(raw)
    time, one = good.split(",")
    assert deliver(store, "", raw, header=f"{time},v1={'0' * 64},{one},v0=abc").status_code == 200
    forged = [f"t=1,{time},{one}", f"t=1,{one}", f"{time},v0{one[2:]}", time, one, "", "t=,v1=", "ü", "t=٣,v1=a"]
    assert [deliver(store, "", raw, header=header or " ").status_code for header in forged] == [401] * len(forged)


@given(st.binary(min_size=1, max_size=200), st.data())
def test_a_signature_covers_every_bit(body: bytes, data: st.DataObject) -> None:
    place, bit = data.draw(st.integers(0, len(body) - 1)), data.draw(st.integers(0, 7))
    flipped = bytearray(body)
    flipped[place] ^= 1 << bit
    headers, now = {"Stripe-Signature": signed(body)}, timezone.now()
    assert shop.is_signed(body, ["old", "hush"], headers, now)
    assert not shop.is_signed(bytes(flipped), ["hush"], headers, now)
    assert not shop.is_signed(body, ["hush"], headers, now + timedelta(minutes=6))


@pytest.mark.parametrize(
    "broken",
    [
        {"currency": "zzz"},
        {"currency": None},
        {"amount_total": -5},
        {"amount_total": 10.5},
        {"amount_total": "10"},
        {"amount_total": 10**30},
        {"created": 1},
        {"created": 4070908800},
        {"created": 10**20},
        {"total_details": None, "amount_total": None},
        {"payment_intent": None, "id": None, "created": None},
    ],
)
def test_what_cannot_be_an_order_is_kept_with_the_reason(store: Store, broken: dict[str, Any]) -> None:
    assert send(store, "checkout.session.completed", session(**broken)) == 200
    assert WebhookDelivery.objects.get().error
    assert not Order.objects.exists()


@pytest.mark.parametrize("about", [None, [], "x", {"object": "invoice"}, {"object": ["checkout.session"]}])
@pytest.mark.parametrize(
    "topic", ["checkout.session.completed", "invoice.paid", "refund.created", "invoice_payment.paid"]
)
def test_events_of_no_shape_are_kept_and_answered(store: Store, topic: str, about: Any) -> None:
    assert send(store, topic, about) == 200
    assert WebhookDelivery.objects.get().error


def test_the_same_purchase_told_by_two_stores_is_credited_once(store: Store, acme: Brand, anna: Collaboration) -> None:
    send(store, "promotion_code.created", PROMOTION)
    send(store, "checkout.session.completed", session())
    key = Order.objects.get().customer_key
    later = shop.time_of(BOUGHT + 60)
    twin = make.order(acme, "ANNA10", net="63", placed_at=later, customer_key=key)
    other = make.order(acme, "ANNA10", net="63", placed_at=later + timedelta(hours=1), customer_key=key)
    assert (twin.unmatched, other.unmatched, total()) == ("duplicate", "", 126)


@pytest.mark.skipif(not FIXTURES.exists(), reason="Stripe's own fixtures are not beside the project")
def test_stripes_own_fixtures_are_taken_in_whole(store: Store) -> None:
    own = json.loads(FIXTURES.read_text())["resources"]
    paid = {"payment_status": "paid", "currency": "usd", "amount_total": 2000, "amount_subtotal": 2000}
    details = {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0}
    kept = own["checkout.session"] | paid | {"total_details": details, "created": BOUGHT}
    assert send(store, "checkout.session.completed", kept) == 200
    assert send(store, "invoice.paid", own["invoice"] | {"created": BOUGHT}) == 200
    for topic in ("promotion_code.created", "refund.created", "charge.refunded", "charge.dispute.closed"):
        assert send(store, topic, own[{"charge.dispute.closed": "dispute"}.get(topic, topic.split(".")[0])]) == 200
    assert send(store, own["event"]["type"], own["event"]["data"]["object"]) == 200
    assert {(row.external_id, row.net) for row in Order.objects.all()} == {
        (own["checkout.session"]["payment_intent"], 20),
        (own["invoice"]["id"], Decimal(own["invoice"]["total"]) / 100),
    }
    assert store.shop_codes.get().code == own["promotion_code"]["code"]
