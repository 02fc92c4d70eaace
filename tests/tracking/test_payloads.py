"""Payloads that nobody here wrote, all of them; and one purchase in the words of three shops and in four currencies."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import stripe as vendor
from django.conf import settings
from django.db.models import Sum
from django.test import Client

from campaigns.models import Campaign, Collaboration
from groundswell.accounts.models import Brand
from tests import factories as make
from tracking.models import Credit, Order, Store, WebhookDelivery
from tracking.shops.payloads import base64_signature

DATA = Path(settings.BASE_DIR).parent / "shared" / "data"
BOUGHT = 1777888800  # 2026-05-04 10:00 UTC
needs_data = pytest.mark.skipif(not DATA.exists(), reason="The shops' own payloads are not beside the project.")


def told(store: Store, topic: str, payload: dict[str, Any]) -> int:
    """The status of the answer to a delivery, signed as the shop signs."""
    raw = json.dumps(payload)
    name = f"d-{next(make.number)}"
    signature = base64_signature(raw.encode(), "hush")
    headers = {
        Store.Kind.SHOPIFY: {
            "X-Shopify-Topic": topic, "X-Shopify-Webhook-Id": name, "X-Shopify-Hmac-Sha256": signature,
        },
        Store.Kind.WOOCOMMERCE: {
            "X-WC-Webhook-Topic": topic, "X-WC-Webhook-Delivery-ID": name, "X-WC-Webhook-Signature": signature,
        },
        Store.Kind.STRIPE: {"Stripe-Signature": vendor.WebhookSignature.generate_signature_header(raw, "hush")},
    }[Store.Kind(store.kind)]  # fmt: skip
    answer = Client().post(store.webhook_path, raw, content_type="application/json", headers=headers)
    return answer.status_code


def event(topic: str, about: dict[str, Any]) -> dict[str, Any]:
    common = {"livemode": True, "created": BOUGHT, "object": "event"}
    return {"id": f"evt_{next(make.number)}", "type": topic, "data": {"object": about}, **common}


# Every file -----------------------------------------------------------------------------------------------------------


@needs_data
def test_every_sample_of_shopify_is_answered_and_kept(acme: Brand) -> None:
    store = make.store(acme)
    files = sorted((DATA / "shopify-webhooks").glob("*/*.metadatas.json"))
    for path in files:
        topic = f"{path.parent.name}/{path.name.partition('.')[0]}"
        assert told(store, topic, json.loads(path.read_text())["response"]) == 200, topic
    assert WebhookDelivery.objects.count() == len(files) >= 11
    errors = set(WebhookDelivery.objects.exclude(error="").values_list("topic", "error"))
    assert {topic for topic, error in errors if error != "This topic is not used."} == set()


@needs_data
def test_every_fixture_of_stripe_is_answered_and_kept(acme: Brand) -> None:
    """As events of every name that Stripe could give them: nothing fails, and none is lost."""
    store = make.store(acme, kind=Store.Kind.STRIPE, domain="acct_1")
    resources = json.loads((DATA / "stripe-fixtures.json").read_text())["resources"]
    names = ("created", "completed", "paid", "closed", "refunded")
    for kind, about in resources.items():
        for name in names if kind in {"charge", "invoice", "checkout.session", "dispute", "refund"} else names[:1]:
            assert told(store, f"{kind}.{name}", event(f"{kind}.{name}", about)) == 200, kind
    assert WebhookDelivery.objects.count() == len(resources) + 5 * 4


@needs_data
def test_every_example_of_woocommerce_is_answered_and_kept(acme: Brand) -> None:
    store = make.store(acme, kind=Store.Kind.WOOCOMMERCE, domain="shop.acme.example")
    topics = {"orders": "order.updated", "coupons": "coupon.updated", "webhooks": "action.woocommerce_webhook",
              "order-refunds": "order.updated"}  # fmt: skip
    number = 0
    for path in sorted((DATA / "woocommerce").glob("*.json")):
        for payload in objects(json.loads(path.read_text())):
            number += 1
            assert told(store, topics[path.name.rpartition("_")[0]], payload) == 200, path.name
    assert WebhookDelivery.objects.count() == number > 20
    told_orders = {
        str(one["id"]): one
        for path in (DATA / "woocommerce").glob("orders_*.json")
        for one in objects(json.loads(path.read_text()))
        if one["status"] != "pending"
    }
    sums = {ref: sum(Decimal(item["total"]) for item in one["line_items"]) for ref, one in told_orders.items()}
    assert dict(Order.objects.filter(external_id__in=sums).values_list("external_id", "net")) == sums


def objects(value: Any) -> list[dict[str, Any]]:
    """Every object with an id, wherever it lies in the example."""
    if isinstance(value, list):
        return [one for item in value for one in objects(item)]
    return [value] if "id" in value else [one for item in value.values() for one in objects(item)]


# One purchase, three shops --------------------------------------------------------------------------------------------

# Two of the first article and one of the second, less two codes' discounts; a third of the goods comes back.
PURCHASES = {
    "EUR": (Decimal("30.00"), Decimal("10.00"), Decimal("6.00"), Decimal("1.00"), Decimal("21.00"), 100),
    "JPY": (Decimal(3000), Decimal(1000), Decimal(600), Decimal(100), Decimal(2100), 1),
    "KWD": (Decimal("3.005"), Decimal("1.001"), Decimal("0.600"), Decimal("0.111"), Decimal("2.100"), 1000),
    "ISK": (Decimal(3000), Decimal(1000), Decimal(600), Decimal(100), Decimal(2100), 100),
}


@pytest.fixture
def people(campaign: Campaign) -> dict[str, Collaboration]:
    """Anna's code took most off."""
    found = {}
    for code in ("ANNA10", "BEN10"):
        found[code] = make.collaboration(campaign, status="accepted")
        make.discount_code(found[code], code)
    return found


@pytest.mark.parametrize("currency", PURCHASES)
@pytest.mark.parametrize("kind", [Store.Kind.SHOPIFY, Store.Kind.WOOCOMMERCE, Store.Kind.STRIPE])
def test_a_purchase_comes_to_the_same_in_every_shops_words(
    acme: Brand, campaign: Campaign, people: dict[str, Collaboration], currency: str, kind: Store.Kind
) -> None:
    campaign.currency = currency
    campaign.save()
    store = make.store(acme, kind=kind, domain="shop.acme.example")
    first, second, most, least, back, _ = PURCHASES[currency]
    tell = {Store.Kind.SHOPIFY: by_shopify, Store.Kind.WOOCOMMERCE: by_woocommerce, Store.Kind.STRIPE: by_stripe}
    tell[kind](store, currency)
    row = Order.objects.get()
    net = 2 * first + second - most - least
    assert (row.currency, row.net, row.discount, row.refunded) == (currency, net, most + least, back)
    assert [use["code"] for use in row.codes] == ["ANNA10", "BEN10"]
    assert not WebhookDelivery.objects.exclude(error="").exists()
    credit = Credit.objects.filter(collaboration=people["ANNA10"]).aggregate(sum=Sum("revenue"))["sum"]
    assert (credit, Credit.objects.filter(collaboration=people["BEN10"]).count()) == (net - back, 0)


def by_shopify(store: Store, currency: str) -> None:
    first, second, most, least, back, _ = PURCHASES[currency]
    common = {"tax_lines": [], "quantity": 1}
    lines = [
        {**common, "id": 1, "quantity": 2, "price": str(first), "discount_allocations": [{"amount": str(most)}]},
        {**common, "id": 2, "price": str(second), "discount_allocations": [{"amount": str(least)}]},
    ]
    times = {"created_at": "2026-05-04T12:00:00+02:00", "updated_at": "2026-05-04T12:00:00+02:00"}
    codes = [{"code": "BEN10", "amount": str(least)}, {"code": "ANNA10", "amount": str(most)}]
    sums = {"total_discounts": str(most + least), "total_shipping_price": "0", "taxes_included": False, "test": False}
    order = {"id": 7, "currency": currency, "line_items": lines, "discount_codes": codes, **times, **sums}
    assert told(store, "orders/create", order) == 200
    part = [{"quantity": 1, "subtotal": str(back), "total_tax": "0", "line_item_id": 1}]
    refund = {"id": 9, "order_id": 7, "created_at": "2026-05-06T09:00:00Z", "refund_line_items": part}
    assert told(store, "refunds/create", {**refund, "order_adjustments": []}) == 200


def by_woocommerce(store: Store, currency: str) -> None:
    first, second, most, least, back, _ = PURCHASES[currency]
    lines = [
        {"id": 1, "name": "A", "quantity": 2, "total": str(2 * first - most), "total_tax": "0"},
        {"id": 2, "name": "B", "quantity": 1, "total": str(second - least), "total_tax": "0"},
    ]
    coupons = [{"code": "ben10", "discount": str(least)}, {"code": "anna10", "discount": str(most)}]
    order = {
        "id": 7, "status": "processing", "currency": currency, "line_items": lines, "coupon_lines": coupons,
        "date_created_gmt": "2026-05-04T10:00:00", "date_modified_gmt": "2026-05-04T10:00:05",
        "date_paid_gmt": "2026-05-04T10:00:05", "discount_total": str(most + least), "shipping_total": "0",
        "total_tax": "0", "total": str(2 * first + second - most - least), "billing": {}, "refunds": [],
        "meta_data": [],
    }  # fmt: skip
    assert told(store, "order.created", order) == 200
    later = {"date_modified_gmt": "2026-05-06T10:00:05", "refunds": [{"id": 9, "total": f"-{back}"}]}
    assert told(store, "order.updated", {**order, **later}) == 200


def by_stripe(store: Store, currency: str) -> None:
    first, second, most, least, back, units = PURCHASES[currency]
    goods, off = 2 * first + second, most + least
    discounts = [{"promotion_code": "promo_ben"}, {"promotion_code": "promo_anna"}]
    broken_down = [
        {"amount": int(amount * units), "discount": {"promotion_code": f"promo_{name}"}}
        for name, amount in (("ben", least), ("anna", most))
    ]
    details = {"amount_discount": int(off * units), "amount_shipping": 0, "amount_tax": 0}
    session = {
        "id": "cs_1", "object": "checkout.session", "mode": "payment", "payment_status": "paid", "created": BOUGHT,
        "currency": currency.lower(), "amount_subtotal": int(goods * units), "amount_total": int((goods - off) * units),
        "total_details": {**details, "breakdown": {"discounts": broken_down}}, "discounts": discounts,
        "customer_details": {}, "metadata": {}, "payment_intent": "pi_1",
    }  # fmt: skip
    for name in ("anna", "ben"):
        code = {"id": f"promo_{name}", "object": "promotion_code", "code": f"{name.upper()}10"}
        assert told(store, "promotion_code.created", event("promotion_code.created", code)) == 200
    topic = "checkout.session.completed"
    assert told(store, topic, event(topic, session)) == 200
    refund = {"id": "re_1", "object": "refund", "currency": currency.lower(), "amount": int(back * units),
              "created": BOUGHT + 86400, "status": "succeeded", "payment_intent": "pi_1", "charge": "ch_1"}  # fmt: skip
    assert told(store, "refund.created", event("refund.created", refund)) == 200
