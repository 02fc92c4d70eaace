"""Shopify's webhooks: signed, applied once, in any order, in the shop's own money."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import Sum
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from campaigns.models import Campaign, Collaboration
from groundswell.accounts.models import Brand, User
from tests import factories as make
from tracking.actions.stores import change_secret, forget_old_secrets
from tracking.models import Credit, Order, Refund, Store, WebhookDelivery
from tracking.shops import payloads
from tracking.shops import shopify as shop

SECRET = "hush"
SAMPLES = Path(settings.BASE_DIR).parent / "shared" / "data" / "shopify-webhooks"


@pytest.fixture
def store(acme: Brand) -> Store:
    return make.store(acme)


def money(name: str, amount: str, currency: str = "EUR", presentment: str = "999.99") -> dict[str, Any]:
    """A figure as Shopify writes it: plain and as a set whose presentment money must not be read."""
    return {
        name: amount,
        f"{name}_set": {
            "shop_money": {"amount": amount, "currency_code": currency},
            "presentment_money": {"amount": presentment, "currency_code": "USD"},
        },
    }


def line(price: str, quantity: int = 1, *, off: str = "0", tax: str = "0") -> dict[str, Any]:
    return {
        "id": 1,
        "quantity": quantity,
        **money("price", price),
        "discount_allocations": [money("amount", off)],
        "tax_lines": [money("price", tax)],
    }


def order(**fields: Any) -> dict[str, Any]:
    """Two lines: 2 × 30.00 less 6.00, and 10.00 less 1.00: net 63.00 with 5.00 shipping."""
    return {
        "id": 1001,
        "currency": "EUR",
        "created_at": "2026-05-04T12:00:00+02:00",
        "updated_at": "2026-05-04T12:00:00+02:00",
        "test": False,
        "email": "Jo.Buyer@example.com",
        "taxes_included": False,
        "line_items": [line("30.00", 2, off="6.00"), line("10.00", off="1.00")],
        **money("total_shipping_price", "5.00"),
        **money("total_discounts", "7.00"),
        "discount_codes": [{"code": "anna10", "amount": "7.00", "type": "percentage"}],
        "note_attributes": [],
        "landing_site": "/spring",
        **fields,
    }


def refund(number: int, *items: tuple[str, str], **fields: Any) -> dict[str, Any]:
    lines = [{"quantity": 1, **money("subtotal", subtotal), **money("total_tax", tax)} for subtotal, tax in items]
    return {
        "id": number,
        "order_id": 1001,
        "created_at": "2026-05-06T09:00:00Z",
        "refund_line_items": lines,
        "order_adjustments": [],
        **fields,
    }


def send(store: Store, topic: str, payload: Any, delivery: str = "", secret: str = SECRET, **headers: str) -> int:
    """The status of the webhook's answer to a delivery signed by this independent line of code."""
    return deliver(store, topic, payload, delivery, secret, **headers).status_code


def deliver(
    store: Store, topic: str, payload: Any, delivery: str = "", secret: str = SECRET, **headers: str
) -> HttpResponse:
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    signature = b64encode(hmac.new(secret.encode(), raw, hashlib.sha256).digest()).decode()
    sent = {
        "X-Shopify-Topic": topic,
        "X-Shopify-Webhook-Id": delivery or f"{topic} {make.number.__next__()}",
        "X-Shopify-Hmac-Sha256": signature,
        **headers,
    }
    url = f"/webhooks/shopify/{store.code}/"
    answer: HttpResponse = Client().post(url, raw, content_type="application/json", headers=sent)
    return answer


def total() -> Decimal:
    return Credit.objects.aggregate(sum=Sum("revenue"))["sum"] or Decimal(0)


def test_an_order_is_read_in_shop_money_and_credited(store: Store, anna: Collaboration) -> None:
    assert send(store, "orders/create", order()) == 200
    row = Order.objects.get()
    assert (row.net, row.shipping, row.discount, row.currency) == (63, 5, 7, "EUR")
    assert row.codes == [{"code": "ANNA10", "amount": "7.00"}]
    assert (total(), row.credits.get().commission) == (63, Decimal("6.30"))


def test_tax_inside_the_prices_is_taken_out(store: Store, anna: Collaboration) -> None:
    lines = [line("119.00", tax="19.00")]
    send(store, "orders/create", order(taxes_included=True, line_items=lines, **money("total_discounts", "0")))
    assert Order.objects.get().net == 100
    send(store, "refunds/create", refund(1, ("119.00", "19.00")))
    assert total() == 0


@pytest.mark.parametrize("given_back", [("11.90", "1.90"), ("0.07", "0.01"), ("118.99", "19.00")])
@pytest.mark.parametrize("topic", ["orders/cancelled", "orders/updated"])
def test_cancelling_after_a_part_was_refunded_with_tax_takes_back_exactly_the_rest(
    store: Store, anna: Collaboration, given_back: tuple[str, str], topic: str
) -> None:
    taxed = order(taxes_included=True, line_items=[line("119.00", tax="19.00")], **money("total_discounts", "0"))
    send(store, "orders/create", taxed)
    send(store, "refunds/create", refund(1, given_back))
    net = Decimal(given_back[0]) - Decimal(given_back[1])
    assert (total(), Order.objects.get().refunded) == (100 - net, net)
    later = "2026-05-07T12:00:00Z"
    send(store, topic, taxed | {"cancelled_at": later, "updated_at": later, "refunds": [refund(1, given_back)]})
    row = Order.objects.get()
    assert (row.refunded, row.net, row.cancelled_at is None) == (100, 100, False)
    assert (total(), Credit.objects.aggregate(sum=Sum("commission"))["sum"]) == (0, 0)
    assert row.refunds.aggregate(sum=Sum("net"))["sum"] == 100


def test_dub_defect_yen_have_no_cents(store: Store, acme: Brand, campaign: Campaign) -> None:
    campaign.currency = "JPY"
    campaign.save()
    make.discount_code(make.collaboration(campaign, status="accepted"), "YEN")
    payload = order(currency="JPY", line_items=[line("1500", 2)], discount_codes=[{"code": "YEN", "amount": "0"}])
    send(store, "orders/create", payload | money("total_discounts", "0"))
    assert (Order.objects.get().net, total()) == (3000, 3000)


def test_the_code_with_the_largest_discount_wins(store: Store, anna: Collaboration, campaign: Campaign) -> None:
    ben = make.collaboration(campaign, status="accepted")
    make.discount_code(ben, "BEN20")
    codes = [{"code": "ANNA10", "amount": "3.00"}, {"code": "Ben20", "amount": "4.00"}]
    send(store, "orders/create", order(discount_codes=codes))
    credit = Credit.objects.get()
    assert (credit.collaboration, credit.reason) == (ben, "largest_code")
    assert credit.evidence["codes"] == [["BEN20", "4.00"], ["ANNA10", "3.00"]]


@pytest.mark.parametrize("where", ["note", "landing"])
def test_the_click_id_comes_with_the_cart_or_the_landing_page(store: Store, anna: Collaboration, where: str) -> None:
    click = make.click(make.link(anna), payloads.moment("2026-05-01T08:00:00Z"))
    found = (
        {"note_attributes": [{"name": "icid", "value": click.id}]}
        if where == "note"
        else {"landing_site": f"/spring?utm_source=x&icid={click.id}#top"}
    )
    send(store, "orders/create", order(discount_codes=[], **found))
    assert Credit.objects.get().reason == "click"


def test_one_flipped_bit_is_refused(store: Store) -> None:
    raw = bytearray(json.dumps(order()).encode())
    signature = payloads.base64_signature(bytes(raw), "hush")
    raw[40] ^= 1
    assert send(store, "orders/create", bytes(raw), **{"X-Shopify-Hmac-Sha256": signature}) == 401
    assert not WebhookDelivery.objects.exists()


@given(st.binary(min_size=1, max_size=200), st.data())
def test_a_signature_covers_every_bit(body: bytes, data: st.DataObject) -> None:
    place, bit = data.draw(st.integers(0, len(body) - 1)), data.draw(st.integers(0, 7))
    flipped = bytearray(body)
    flipped[place] ^= 1 << bit
    headers = {"X-Shopify-Hmac-Sha256": payloads.base64_signature(body, "hush")}
    unsigned = {"X-Shopify-Hmac-Sha256": payloads.base64_signature(body, "")}
    now = timezone.now()
    assert shop.is_signed(body, ["hush"], headers, now)
    assert not shop.is_signed(bytes(flipped), ["hush"], headers, now)
    assert not shop.is_signed(body, [""], unsigned, now)


def refused(answer: HttpResponse) -> tuple[int, str]:
    """Status and code of a refusal, which has nothing but the one shape."""
    error = json.loads(answer.content)["error"]
    assert set(error) == {"code", "message"}
    assert error["message"].endswith(".")
    return answer.status_code, error["code"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "parse_error"),
        (b"[1]", 400, "parse_error"),
        (b'{"id": NaN}', 400, "parse_error"),
        (b"[" * 100_000, 400, "parse_error"),
        (b"\xff\xfe", 400, "parse_error"),
        (b"", 400, "parse_error"),
        (b'"' + b"x" * 5_300_000 + b'"', 413, "too_large"),
    ],
    ids=["cut off", "a list", "NaN", "nested", "not UTF-8", "empty", "too large"],
)
def test_a_signed_body_that_is_no_delivery_is_refused(store: Store, body: bytes, status: int, code: str) -> None:
    assert refused(deliver(store, "orders/create", body)) == (status, code)
    assert not WebhookDelivery.objects.exists()


def test_who_is_refused_and_how(store: Store, acme: Brand, client: Client) -> None:
    unsigned = (401, "bad_signature")
    assert refused(deliver(store, "orders/create", order(), secret="wrong")) == unsigned
    assert refused(deliver(store, "orders/create", order(), **{"X-Shopify-Hmac-Sha256": "ü"})) == unsigned
    assert refused(deliver(make.store(acme, secret=""), "orders/create", order(), secret="")) == unsigned
    assert refused(client.post(f"/webhooks/shopify/{store.code}/")) == unsigned
    assert refused(client.post("/webhooks/shopify/nothere/")) == (404, "not_found")
    assert refused(client.post("/webhooks/other/")) == (404, "not_found")
    assert refused(client.post("/webhooks/shopify/a%00b/")) == (400, "bad_request")
    assert refused(client.post(f"/webhooks/shopify/{store.code}/?x=%00")) == (400, "bad_request")
    answer = client.get(f"/webhooks/shopify/{store.code}/")
    assert (refused(answer), answer["Allow"]) == ((405, "method_not_allowed"), "POST")
    assert not WebhookDelivery.objects.exists()


def test_nul_characters_in_a_signed_delivery_are_left_out(store: Store) -> None:
    assert send(store, "orders/create", order(id=7, name="a\x00b")) == 200
    assert WebhookDelivery.objects.get().body["name"] == "ab"


@pytest.mark.parametrize(("seconds", "status"), [(0, 200), (3599, 200), (3600, 401), (3601, 401)])
def test_an_old_secret_is_accepted_for_an_hour(
    store: Store, alice: User, monkeypatch: pytest.MonkeyPatch, seconds: int, status: int
) -> None:
    changed = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: changed)
    change_secret(store, "new", by=alice)
    monkeypatch.setattr(timezone, "now", lambda: changed + timedelta(seconds=seconds))
    assert send(store, "orders/create", order()) == status
    assert send(store, "orders/create", order(), secret="new") == 200
    assert forget_old_secrets(timezone.now()) == (status == 401)
    store.refresh_from_db()
    assert store.old_secret == ("" if status == 401 else "hush")


def test_only_the_secret_before_the_present_one_is_accepted(store: Store, alice: User) -> None:
    for secret in ("second", "third"):
        change_secret(store, secret, by=alice)
    answers = [send(store, "orders/create", order(), secret=secret) for secret in ("hush", "second", "third", "")]
    assert answers == [401, 200, 200, 401]


def test_a_leaked_secret_is_refused_at_once(store: Store, alice: User) -> None:
    change_secret(store, "new", by=alice, is_leaked=True)
    assert [send(store, "orders/create", order(), secret=secret) for secret in ("hush", "new")] == [401, 200]


def test_a_first_secret_has_none_before_it(acme: Brand, alice: User) -> None:
    bare = change_secret(make.store(acme, secret=""), "new", by=alice)
    assert [send(bare, "orders/create", order(), secret=secret) for secret in ("", "new")] == [401, 200]


def test_a_topic_we_do_not_use_is_kept(store: Store) -> None:
    assert send(store, "products/update", {"id": 5}) == 200
    assert WebhookDelivery.objects.get().error == "This topic is not used."


@pytest.mark.parametrize(
    "broken",
    [
        {"currency": "ZZZ"},
        {"line_items": [line("-5.00")]},
        {"created_at": "2999-01-01T00:00:00Z"},
        {"created_at": "1970-01-01T00:00:00Z"},
    ],
)
def test_what_cannot_be_an_order_is_kept_with_the_reason(store: Store, broken: dict[str, Any]) -> None:
    assert send(store, "orders/create", order(**broken)) == 200
    assert WebhookDelivery.objects.get().error
    assert not Order.objects.exists()


@pytest.mark.parametrize("body", [b'{"id": "\xff\xfe"}', b"\xef\xbb\xbf{}\xc3", b"\x00"])
def test_a_signed_body_that_is_no_text_is_refused(store: Store, body: bytes) -> None:
    assert send(store, "orders/create", body) == 400
    assert not WebhookDelivery.objects.exists()


@pytest.mark.parametrize(
    "broken",
    [
        {"line_items": None},
        {"line_items": [{"quantity": "x"}]},
        {"line_items": [line("1e300")]},
        {"line_items": [line("99999999999", 10**30)]},
        {"created_at": "yesterday"},
        {"created_at": "0001-01-01T00:00:00Z"},
        {"discount_codes": ["ANNA10"]},
        {"customer": "Jo"},
        {"email": "\ud800\x00@x"},
        {"landing_site": "http://[bad"},
        {"note_attributes": {"icid": 1}},
    ],
)
def test_odd_payloads_never_fail(store: Store, broken: dict[str, Any]) -> None:
    assert send(store, "orders/create", order(**broken)) == 200
    delivery = WebhookDelivery.objects.get()
    assert bool(delivery.error) == (not Order.objects.exists())


def test_a_delivery_that_comes_twice_counts_once(store: Store, anna: Collaboration) -> None:
    for _ in range(2):
        assert send(store, "orders/create", order(), delivery="d-1") == 200
    send(store, "orders/paid", order())
    assert (Order.objects.count(), total()) == (1, 63)


def test_partial_refunds_sum_and_never_exceed_the_order(store: Store, anna: Collaboration) -> None:
    send(store, "orders/create", order())
    send(store, "refunds/create", refund(1, ("27.00", "0")))
    assert total() == 36
    send(store, "refunds/create", refund(1, ("27.00", "0")))
    assert total() == 36
    send(store, "refunds/create", refund(2, ("27.00", "0"), ("27.00", "0")))
    assert (total(), Order.objects.get().refunded) == (0, 63)


def test_a_refund_before_its_order_waits_for_it(store: Store, anna: Collaboration) -> None:
    assert send(store, "refunds/create", refund(1, ("27.00", "0"))) == 200
    waiting = WebhookDelivery.objects.get()
    assert (waiting.error, waiting.handled_at) == ("Waiting for its order.", None)
    send(store, "orders/create", order())
    waiting.refresh_from_db()
    assert (total(), waiting.error, waiting.handled_at is None) == (36, "", False)


def test_an_older_state_never_overwrites_a_newer(store: Store, anna: Collaboration) -> None:
    newer = order(updated_at="2026-05-05T12:00:00Z", line_items=[line("87.00", off="7.00")])
    send(store, "orders/updated", newer)
    send(store, "orders/create", order())
    assert (Order.objects.get().net, total()) == (80, 80)


def test_goods_added_later_are_credited_too(store: Store, anna: Collaboration) -> None:
    send(store, "orders/create", order())
    more = [*order()["line_items"], line("20.00")]
    send(store, "orders/updated", order(updated_at="2026-05-05T12:00:00Z", line_items=more))
    assert (total(), Credit.objects.aggregate(sum=Sum("commission"))["sum"]) == (83, Decimal("8.30"))
    send(store, "refunds/create", refund(1, ("83.00", "0")))
    assert (total(), Credit.objects.aggregate(sum=Sum("commission"))["sum"]) == (0, 0)


def test_a_cancellation_and_its_refund_take_back_once_in_either_order(acme: Brand, anna: Collaboration) -> None:
    cancelled = order(cancelled_at="2026-05-05T12:00:00Z", updated_at="2026-05-05T12:00:00Z")
    given = refund(1, ("63.00", "0"))
    for messages in ([("orders/cancelled", cancelled), ("refunds/create", given)],) * 2:
        store = make.store(acme)
        buyer = {"email": f"{store.code}@example.com"}
        send(store, "orders/create", order(**buyer))
        for topic, payload in messages:
            send(store, topic, payload | buyer)
        messages.reverse()
        assert Credit.objects.filter(order__store=store).aggregate(sum=Sum("revenue"))["sum"] == 0


def test_shipping_given_back_is_not_revenue(store: Store, anna: Collaboration) -> None:
    send(store, "orders/create", order())
    shipping = [{"kind": "shipping_refund", "amount": "-5.00", "tax_amount": "0.00"}]
    send(store, "refunds/create", refund(1, ("27.00", "0"), order_adjustments=shipping))
    assert total() == 36


def test_an_amount_given_back_without_goods_counts(store: Store, anna: Collaboration) -> None:
    send(store, "orders/create", order())
    goodwill = [{"kind": "refund_discrepancy", "amount": "-10.00", "tax_amount": "0.00"}]
    send(store, "refunds/create", refund(1, order_adjustments=goodwill))
    assert total() == 53


def test_a_test_order_is_excluded_but_counted(store: Store, anna: Collaboration) -> None:
    send(store, "orders/create", order(test=True))
    assert (Order.objects.count(), Order.objects.counted().count(), total()) == (1, 0, 0)


def test_nothing_of_the_buyer_is_kept(store: Store) -> None:
    person = {
        "customer": {"email": "jo.buyer@example.com", "first_name": "Joanna"},
        "billing_address": {"name": "Joanna Buyer", "phone": "555-1"},
        "note": "For Joanna",
        "note_attributes": [{"name": "gift", "value": "from Joanna"}],
        "browser_ip": "203.0.113.9",
    }
    send(store, "orders/create", order(**person))
    kept = json.dumps(WebhookDelivery.objects.get().body).lower()
    assert not [word for word in ("joanna", "buyer", "203.0.113", "555") if word in kept]
    assert len(Order.objects.get().customer_key) == 64


@pytest.mark.django_db(transaction=True)
def test_an_order_and_its_refund_at_once_find_each_other(store: Store, anna: Collaboration) -> None:
    calls = [("orders/create", order()), ("refunds/create", refund(1, ("27.00", "0")))] * 3

    def call(message: tuple[str, Any]) -> int:
        try:
            return send(store, *message)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(call, calls)) == {200}
    assert (Order.objects.count(), Refund.objects.count(), total()) == (1, 1, 36)


# Shopify's own samples -----------------------------------------------------------------------------------------------


def sample(topic: str) -> dict[str, Any]:
    path = SAMPLES / f"{topic}.metadatas.json"
    if not path.exists():
        pytest.skip("The folder with Shopify's sample payloads is not on this machine.")
    payload: dict[str, Any] = json.loads(path.read_text())["response"]
    return payload


@pytest.mark.parametrize("topic", ["create", "updated", "paid", "cancelled"])
def test_shopifys_sample_orders_are_read_whole(store: Store, topic: str) -> None:
    payload = sample(f"orders/{topic}")
    assert send(store, f"orders/{topic}", payload) == 200
    row = Order.objects.get()
    assert WebhookDelivery.objects.get().error == ""
    assert (row.external_id, row.currency, row.is_test) == (str(payload["id"]), "USD", True)
    # 89.99 + 19.99 + 24.99 + 159.99 + 119.99 = 414.95, less 20.00 = 394.95; with 10.00 shipping the total of 404.95.
    assert (row.net, row.discount, row.shipping) == (Decimal("394.95"), 20, 10)
    assert row.net + row.shipping + row.tax == Decimal(payload["total_price"])


def test_shopifys_sample_refund_takes_the_sample_order_back(store: Store, acme: Brand, anna: Collaboration) -> None:
    payload = deepcopy(sample("orders/create")) | {
        "test": False,
        "cancelled_at": None,
        "currency": "EUR",
        "discount_codes": [{"code": "ANNA10", "amount": "20.00"}],
    }
    send(store, "orders/create", payload)
    assert total() == Decimal("394.95")
    send(store, "refunds/create", sample("refunds/create"))
    assert total() == 0
