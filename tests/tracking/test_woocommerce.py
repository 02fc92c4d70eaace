"""WooCommerce's webhooks: signed, applied once, in any order; and the documentation's own orders taken in whole."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db.models import Sum
from django.http import HttpResponse
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from campaigns.models import Campaign, Collaboration
from groundswell.accounts.models import Brand
from tests import factories as make
from tracking.models import Credit, Order, Store, WebhookDelivery
from tracking.shops import woocommerce as shop
from tracking.shops.payloads import moment

SAMPLES = Path(settings.BASE_DIR).parent / "shared" / "data" / "woocommerce"


@pytest.fixture
def store(acme: Brand) -> Store:
    return make.store(acme, kind=Store.Kind.WOOCOMMERCE, domain="shop.acme.example")


def line(total: str, quantity: int = 1, **fields: Any) -> dict[str, Any]:
    return {"id": 311, "name": "Beanie", "sku": "B-1", "quantity": quantity, "total": total, "total_tax": "0", **fields}


def order(**fields: Any) -> dict[str, Any]:
    """Two beanies for 54.00 and a cap for 9.00 after 7.00 off; 5.00 shipping, 12.92 tax: 80.92 in all."""
    return {
        "id": 727,
        "status": "processing",
        "currency": "EUR",
        "date_created_gmt": "2026-05-04T10:00:00",
        "date_modified_gmt": "2026-05-04T10:00:05",
        "date_paid_gmt": "2026-05-04T10:00:05",
        "discount_total": "7.00",
        "shipping_total": "5.00",
        "total_tax": "12.92",
        "total": "80.92",
        "billing": {"first_name": "Jo", "email": "Jo.Buyer@example.com"},
        "line_items": [line("54.00", 2), line("9.00", id=312, name="Cap", sku="C-1")],
        "coupon_lines": [{"code": "anna10", "discount": "7.00", "discount_tax": "1.33"}],
        "refunds": [],
        "meta_data": [],
        **fields,
    }


def deliver(store: Store, topic: str, payload: Any, delivery: str = "", **headers: str) -> HttpResponse:
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    sent = {
        "X-WC-Webhook-Topic": topic,
        "X-WC-Webhook-Delivery-ID": delivery or f"{topic} {make.number.__next__()}",
        "X-WC-Webhook-Signature": b64encode(hmac.new(b"hush", raw, hashlib.sha256).digest()).decode(),
        **headers,
    }
    url = f"/webhooks/woocommerce/{store.code}/"
    answer: HttpResponse = Client().post(url, raw, content_type="application/json", headers=sent)
    return answer


def send(store: Store, topic: str, payload: Any, delivery: str = "", **headers: str) -> int:
    return deliver(store, topic, payload, delivery, **headers).status_code


def total() -> Decimal:
    return Credit.objects.aggregate(sum=Sum("revenue"))["sum"] or Decimal(0)


def test_an_order_is_read_and_credited(store: Store, anna: Collaboration) -> None:
    assert send(store, "order.created", order()) == 200
    row = Order.objects.get()
    assert (row.net, row.shipping, row.discount, row.tax) == (63, 5, 7, Decimal("12.92"))
    assert [(one.sku, one.quantity, one.net) for one in row.lines.all()] == [("B-1", 2, 54), ("C-1", 1, 9)]
    assert (total(), row.credits.get().collaboration, row.is_new_customer) == (63, anna, True)


def test_nothing_of_the_buyer_is_kept_but_a_hash(store: Store, anna: Collaboration) -> None:
    send(store, "order.created", order(customer_note="Call Jo", customer_ip_address="203.0.113.9"))
    kept = json.dumps(WebhookDelivery.objects.get().body)
    assert not [word for word in ("Jo", "Buyer", "203.0.113", "Call") if word in kept]
    assert Order.objects.get().customer_key in kept


def test_the_ping_of_a_new_webhook_is_answered(store: Store, client: Client) -> None:
    url, form = f"/webhooks/woocommerce/{store.code}/", "application/x-www-form-urlencoded"
    assert client.post(url, "webhook_id=12", content_type=form).status_code == 200
    assert client.post(url, "webhook_id=12&status=completed", content_type=form).status_code == 401
    assert not WebhookDelivery.objects.exists()


@given(st.binary(min_size=1, max_size=200), st.data())
def test_a_signature_covers_every_bit(body: bytes, data: st.DataObject) -> None:
    place, bit = data.draw(st.integers(0, len(body) - 1)), data.draw(st.integers(0, 7))
    flipped = bytearray(body)
    flipped[place] ^= 1 << bit
    signed = {"X-WC-Webhook-Signature": b64encode(hmac.new(b"hush", body, hashlib.sha256).digest()).decode()}
    now = moment("2026-05-04T10:00:00")
    assert shop.is_signed(body, ["old", "hush"], signed, now)
    assert not shop.is_signed(bytes(flipped), ["hush"], signed, now)


def test_the_same_delivery_again_and_an_older_state_change_nothing(store: Store, anna: Collaboration) -> None:
    newer = order(date_modified_gmt="2026-05-05T10:00:00", line_items=[line("70.00")])
    assert [send(store, "order.updated", newer, "d1") for _ in range(2)] == [200, 200]
    assert send(store, "order.created", order(), "d2") == 200
    assert (Order.objects.get().net, total(), Order.objects.get().lines.count()) == (70, 70, 1)


def test_an_order_counts_from_when_it_is_paid(store: Store, anna: Collaboration) -> None:
    send(store, "order.created", order(status="pending", date_paid_gmt=None))
    assert not Order.objects.exists()
    assert WebhookDelivery.objects.get().error == "Not paid yet: the order is pending."
    send(store, "order.updated", order(date_modified_gmt="2026-05-04T11:00:00"))
    assert total() == 63


@pytest.mark.parametrize("status", ["cancelled", "failed", "trash"])
def test_an_order_that_ends_unpaid_is_taken_back_if_it_was_taken_in(
    store: Store, anna: Collaboration, status: str
) -> None:
    ended = order(id=9, status=status, date_paid_gmt=None)
    send(store, "order.updated", ended)
    assert not Order.objects.exists()
    send(store, "order.created", order())
    send(store, "order.updated", order(status=status, date_modified_gmt="2026-05-06T10:00:00"))
    assert (total(), Order.objects.get().cancelled_at) == (0, moment("2026-05-06T10:00:00"))


def test_a_deleted_order_is_taken_back(store: Store, anna: Collaboration) -> None:
    send(store, "order.deleted", {"id": 727})
    assert WebhookDelivery.objects.get().error == "Waiting for its order."
    send(store, "order.created", order())
    assert (total(), WebhookDelivery.objects.filter(handled_at=None).count()) == (0, 0)


def test_refunds_by_amount_are_taken_pro_rata_and_end_at_nothing(store: Store, anna: Collaboration) -> None:
    send(store, "order.created", order())
    first = {"id": 801, "total": "-40.46"}
    send(store, "order.updated", order(date_modified_gmt="2026-05-06T10:00:00", refunds=[first]))
    assert total() == Decimal("31.50")
    both = [{"id": 802, "total": "-40.46"}, first]
    for _ in range(2):
        send(store, "order.updated", order(date_modified_gmt="2026-05-07T10:00:00", refunds=both))
    assert (total(), Order.objects.get().refunded, Order.objects.get().refunds.count()) == (0, 63, 2)


def test_yen_have_no_cents(store: Store, campaign: Campaign) -> None:
    campaign.currency = "JPY"
    campaign.save()
    make.discount_code(make.collaboration(campaign, status="accepted"), "YEN")
    codes = [{"code": "yen", "discount": "0"}]
    send(store, "order.created", order(currency="JPY", total="3500", line_items=[line("3000", 2)], coupon_lines=codes))
    assert (Order.objects.get().net, total()) == (3000, 3000)


def test_of_several_codes_the_largest_discount_wins(store: Store, anna: Collaboration, campaign: Campaign) -> None:
    ben = make.collaboration(campaign, status="accepted")
    make.discount_code(ben, "BEN20")
    send(
        store,
        "order.created",
        order(coupon_lines=[{"code": "anna10", "discount": "3"}, {"code": "ben20", "discount": "4"}]),
    )
    assert Credit.objects.get().collaboration == ben
    assert [use["code"] for use in Order.objects.get().codes] == ["BEN20", "ANNA10"]


@pytest.mark.parametrize("key", ["icid", "_icid", "_wc_order_attribution_session_entry"])
def test_the_click_id_comes_with_the_order(store: Store, anna: Collaboration, key: str) -> None:
    click = make.click(make.link(anna), moment("2026-05-01T08:00:00Z"))
    value = f"https://shop.acme.example/?utm_source=x&icid={click.id}" if key.startswith("_wc") else click.id
    send(store, "order.created", order(coupon_lines=[], meta_data=[{"key": key, "value": value}]))
    assert Credit.objects.get().reason == "click"


def test_a_renewal_waits_for_its_subscription_to_be_told(store: Store, anna: Collaboration) -> None:
    make.renewal_policy(anna.campaign, "lifetime")
    renewal = order(id=900, coupon_lines=[], meta_data=[{"key": "_subscription_renewal", "value": "55"}])
    send(store, "order.created", renewal)
    send(store, "order.created", order(date_created_gmt="2026-04-04T10:00:00"))
    assert Order.objects.get(external_id="900").unmatched == "first_order"
    send(store, "subscription.created", {"id": 55, "parent_id": 727})
    assert Credit.objects.get(order__external_id="900").reason == "renewal"


@pytest.mark.parametrize(
    "broken",
    [
        {"currency": "ZZZ"},
        {"line_items": None},
        {"line_items": [line("-5")]},
        {"line_items": [line("1e300")]},
        {"total": "-3.00"},
        {"total": "NaN"},
        {"date_created_gmt": "1066-10-14T00:00:00"},
        {"date_created_gmt": "2099-01-01T00:00:00"},
        {"date_created_gmt": "soon"},
        {"refunds": [{"id": "x", "total": "1"}]},
        {"coupon_lines": [{"discount": "1"}]},
    ],
)
def test_what_cannot_be_an_order_is_kept_with_the_reason(store: Store, broken: dict[str, Any]) -> None:
    assert send(store, "order.created", order(**broken)) == 200
    assert WebhookDelivery.objects.get().error
    assert not Order.objects.exists()


def samples(name: str) -> list[Any]:
    """Every order (or other object) in the files of a name, wherever it lies in the example."""
    found = []
    for path in sorted(SAMPLES.glob(f"{name}_*.json")):
        found += objects(json.loads(path.read_text()))
    return found


def objects(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [one for item in value for one in objects(item)]
    return [value] if "id" in value else [one for item in value.values() for one in objects(item)]


@pytest.mark.skipif(not SAMPLES.exists(), reason="the documentation's examples are not beside the project")
def test_the_documentations_orders_are_taken_in_whole(store: Store) -> None:
    told = samples("orders")
    for payload in told:
        assert send(store, "order.updated", payload) == 200
    paid = {str(one["id"]): one for one in told if one["status"] != "pending"}
    assert {row.external_id for row in Order.objects.all()} == set(paid)
    for row in Order.objects.all():
        payload = paid[row.external_id]
        assert row.net == sum(Decimal(item["total"]) for item in payload["line_items"])
        assert row.net + row.tax + row.shipping == Decimal(payload["total"])
        assert row.lines.aggregate(sum=Sum("net"))["sum"] == row.net
    assert not WebhookDelivery.objects.exclude(error="").exclude(error__startswith="Not paid yet").exists()
    refunded = Order.objects.get(external_id="723")
    assert refunded.refunds.count() == 2
    whole = refunded.net + refunded.tax + refunded.shipping
    assert refunded.refunded == round(19 * refunded.net / whole, 2)


@pytest.mark.skipif(not SAMPLES.exists(), reason="the documentation's examples are not beside the project")
def test_the_documentations_refunds_tell_their_lines_where_they_have_some(store: Store) -> None:
    told = {one["id"]: one for one in samples("order-refunds")}
    payload = next(one for one in samples("orders") if one["id"] == 723)
    send(store, "order.updated", payload | {"refunds": list(told.values())})
    row = Order.objects.get()
    by_line = row.refunds.get(external_id="724")
    assert (by_line.net, [(one.line_ref, one.quantity, one.net) for one in by_line.lines.all()]) == (9, [("311", 1, 9)])
    assert row.refunds.get(external_id="726").net == round(10 * row.net / (row.net + row.tax + row.shipping), 2)


@pytest.mark.skipif(not SAMPLES.exists(), reason="the documentation's examples are not beside the project")
def test_the_documentations_coupons_and_webhooks_are_kept_as_unused(store: Store) -> None:
    for topic, name in (("coupon.updated", "coupons"), ("action.woocommerce_webhook", "webhooks")):
        for payload in samples(name):
            assert send(store, topic, payload) == 200
    assert set(WebhookDelivery.objects.values_list("error", flat=True)) == {"This topic is not used."}
