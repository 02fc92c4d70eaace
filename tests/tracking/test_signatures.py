"""Signatures of webhooks as the shops themselves make them, the edges of their time, and one flipped bit anywhere.

Stripe's Python library signs here. Shopify's (ShopifyAPI, last touched in 2024) and WooCommerce's clients sign no
webhooks, so for these two stand published examples that others computed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
import stripe as vendor
from django.http import HttpResponse
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from groundswell.accounts.models import Brand
from tests import factories as make
from tracking.models import Store, WebhookDelivery
from tracking.shops import shopify, stripe, woocommerce
from tracking.shops.payloads import base64_signature

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
SECRET = "whsec_a secret, not a good one"
texts = st.text(min_size=1, max_size=60).filter(lambda text: text.isprintable())
Check = Callable[[bytes, list[str], Mapping[str, str], datetime], bool]


def stripes(body: str, secret: str, seconds: int = 0) -> dict[str, str]:
    """The header as Stripe's own library writes it."""
    at = int(NOW.timestamp()) + seconds
    return {"Stripe-Signature": vendor.WebhookSignature.generate_signature_header(body, secret, timestamp=at)}


@given(texts, texts)
def test_what_stripes_library_signs_is_accepted_and_one_flipped_bit_is_not(body: str, secret: str) -> None:
    refuse_flips(stripe.is_signed, body.encode(), secret, stripes(body, secret))


@given(texts, texts)
def test_what_shopify_and_woocommerce_sign_is_accepted_and_one_flipped_bit_is_not(body: str, secret: str) -> None:
    raw = body.encode()
    for shop, name in ((shopify, "X-Shopify-Hmac-Sha256"), (woocommerce, "X-WC-Webhook-Signature")):
        refuse_flips(shop.is_signed, raw, secret, {name: base64_signature(raw, secret)})


def refuse_flips(is_signed: Check, body: bytes, secret: str, headers: dict[str, str]) -> None:
    """One bit anywhere in body, secret or signature; the header's own words are left whole."""
    ((name, value),) = headers.items()
    assert is_signed(body, [secret], headers, NOW)
    for place in {0, len(body) - 1}:
        assert not is_signed(flipped(body, place), [secret], headers, NOW)
    assert not is_signed(body, [secret + "x"], headers, NOW)
    assert not is_signed(body, [chr(ord(secret[0]) ^ 1) + secret[1:]], headers, NOW)
    first = value.index("v1=") + 3 if "v1=" in value else 0
    for place in (first, len(value) // 2 + first // 2, len(value.rstrip("=")) - 3):
        assert not is_signed(body, [secret], {name: flipped(value.encode(), place).decode("latin-1")}, NOW)
    assert not is_signed(body, [""], headers, NOW)
    assert not is_signed(body, [secret], {}, NOW)


def flipped(raw: bytes, place: int) -> bytes:
    return raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]


PUBLISHED = [
    (b"foo", "secret", "dzukRpPHVT1u4g9h6l0nV6mk9KRNKEGuTpW1LkzWLbQ="),
    (
        b'{"id":1234567890,"email":"customer@example.com","total_price":"123.45"}',
        "test-webhook-secret",
        "QNyObTlKbMx2qDlPF/ZOZcBqg5OgPg+2oky3zldc0Gw=",
    ),
]


@pytest.mark.parametrize(("body", "secret", "signature"), PUBLISHED)
def test_published_examples_of_shopifys_and_woocommerces_signature_are_accepted(
    body: bytes, secret: str, signature: str
) -> None:
    assert shopify.is_signed(body, [secret], {"X-Shopify-Hmac-Sha256": signature}, NOW)
    assert woocommerce.is_signed(body, [secret], {"X-WC-Webhook-Signature": signature}, NOW)
    assert not shopify.is_signed(body + b" ", [secret], {"X-Shopify-Hmac-Sha256": signature}, NOW)


@pytest.mark.parametrize(
    ("seconds", "accepted"), [(0, True), (-300, True), (300, True), (-301, False), (301, False), (-86_400, False)]
)
def test_stripes_signature_is_good_for_five_minutes_either_way(seconds: int, accepted: bool) -> None:
    assert stripe.is_signed(b"{}", [SECRET], stripes("{}", SECRET, seconds), NOW) == accepted


def test_stripes_time_is_signed_too() -> None:
    old = stripes("{}", SECRET, -301)["Stripe-Signature"]
    renewed = old.replace(f"t={int(NOW.timestamp()) - 301}", f"t={int(NOW.timestamp())}")
    assert renewed != old
    assert not stripe.is_signed(b"{}", [SECRET], {"Stripe-Signature": renewed}, NOW)


def test_stripes_library_accepts_what_we_accept(acme: Brand) -> None:
    """The same delivery, over the wire: ours takes it in, Stripe's own check agrees; forged it is refused by both."""
    store = make.store(acme, kind=Store.Kind.STRIPE, domain="acct_1", secret=SECRET)
    body = json.dumps({"id": "evt_1", "object": "event", "type": "plan.created", "data": {"object": {}}})
    header = vendor.WebhookSignature.generate_signature_header(body, SECRET)
    assert vendor.Webhook.construct_event(body, header, SECRET).id == "evt_1"
    assert delivered(store, body, {"Stripe-Signature": header}).status_code == 200
    forged = header[:-1] + ("0" if header[-1] != "0" else "1")
    with pytest.raises(vendor.SignatureVerificationError):
        vendor.Webhook.construct_event(body, forged, SECRET)
    assert delivered(store, body, {"Stripe-Signature": forged}).status_code == 401
    assert WebhookDelivery.objects.count() == 1


def delivered(store: Store, body: str, headers: dict[str, Any]) -> HttpResponse:
    answer: HttpResponse = Client().post(store.webhook_path, body, content_type="application/json", headers=headers)
    return answer
