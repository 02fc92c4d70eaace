"""Making codes in shops: what is asked of each shop's documented interface, and what its answers lead to."""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.core.cache import cache
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from creators.connectors.errors import BadAnswer, RateLimited, Unreachable
from groundswell.lib.hosts import HostRefused, check_public
from tests.networks import reply
from tracking.shops.coupons import CLIENTS
from tracking.shops.coupons.facts import Access, Coupon, CouponRefused

ANYWHERE = re.compile(".*")
GRAPHQL = "/admin/api/2026-10/graphql.json"
COUPONS = "/wp-json/wc/v3/coupons"
PERCENT = Coupon("acme-7", "DANA10", "Spring: DANA10", Decimal("10.00"), usage_limit=500, once_per_customer=True)
AMOUNT = Coupon("acme-8", "DANA5", "Spring: DANA5", Decimal("5.0000"), "EUR", ends_at=datetime(2027, 1, 31, tzinfo=UTC))
YEN = Coupon("acme-9", "DANA500", "Spring: DANA500", Decimal("500.0000"), "JPY")


@pytest.fixture
def shop(httpserver: HTTPServer, settings: Any) -> Access:
    """A shop on this machine; calls to it are allowed because the installation names it."""
    cache.clear()
    settings.CONNECTOR_BACKOFF = 0
    url = httpserver.url_for("").rstrip("/")
    settings.SHOP_ADDRESSES = {"here": url}
    return Access(url, "ck_1:cs_2")


def asked(server: HTTPServer) -> list[Request]:
    return [request for request, _ in server.log]


# Shopify


def shopify(body: dict[str, Any] | None = None, **problem: str) -> dict[str, Any]:
    node = {"id": "gid://shopify/DiscountCodeNode/1"}
    made = {"codeDiscountNode": None if problem else node, "userErrors": [problem] if problem else []}
    return {"data": {"discountCodeBasicCreate": made, **(body or {})}}


def test_shopify_is_asked_for_a_basic_discount(shop: Access, httpserver: HTTPServer) -> None:
    httpserver.expect_request(GRAPHQL, method="POST").respond_with_json(shopify())
    assert CLIENTS["shopify"].create(shop, PERCENT) == "gid://shopify/DiscountCodeNode/1"
    (request,) = asked(httpserver)
    discount = request.json["variables"]["discount"]
    assert request.headers["X-Shopify-Access-Token"] == shop.key
    assert {"code", "context", "customerGets", "startsAt", "title"} <= set(discount)
    assert discount["customerGets"] == {"value": {"percentage": 0.1}, "items": {"all": True}}
    assert (discount["code"], discount["usageLimit"], discount["appliesOncePerCustomer"]) == ("DANA10", 500, True)
    assert "endsAt" not in discount


def test_shopify_takes_an_amount_off(shop: Access, httpserver: HTTPServer) -> None:
    httpserver.expect_request(GRAPHQL).respond_with_json(shopify())
    CLIENTS["shopify"].create(shop, AMOUNT)
    discount = asked(httpserver)[0].json["variables"]["discount"]
    assert discount["customerGets"]["value"]["discountAmount"] == {"amount": "5.0000", "appliesOnEachItem": False}
    assert discount["endsAt"] == "2027-01-31T00:00:00+00:00"


@pytest.mark.parametrize(("title", "is_ours"), [("Spring: DANA10 [acme-7]", True), ("Somebody's", False)])
def test_a_code_shopify_has_already_is_ours_by_its_title(
    shop: Access, httpserver: HTTPServer, title: str, is_ours: bool
) -> None:
    def answer(request: Request) -> Response:
        if "codeDiscountNodeByCode" in request.json["query"]:
            node = {"id": "gid://known", "codeDiscount": {"title": title}}
            return reply({"data": {"codeDiscountNodeByCode": node}})
        return reply(shopify(field="code", code="TAKEN", message="Code must be unique."))

    httpserver.expect_request(GRAPHQL).respond_with_handler(answer)
    if is_ours:
        assert CLIENTS["shopify"].create(shop, PERCENT) == "gid://known"
    else:
        with pytest.raises(CouponRefused, match="was not made here"):
            CLIENTS["shopify"].create(shop, PERCENT)


def test_shopifys_budget_and_refusals(shop: Access, httpserver: HTTPServer) -> None:
    throttled = {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]}
    httpserver.expect_ordered_request(GRAPHQL).respond_with_json(throttled)
    httpserver.expect_ordered_request(GRAPHQL).respond_with_json(shopify(code="INVALID", message="Code is too long"))
    httpserver.expect_ordered_request(GRAPHQL).respond_with_json({"data": None})
    with pytest.raises(RateLimited):
        CLIENTS["shopify"].create(shop, PERCENT)
    with pytest.raises(CouponRefused, match="Code is too long"):
        CLIENTS["shopify"].create(shop, PERCENT)
    with pytest.raises(BadAnswer):
        CLIENTS["shopify"].create(shop, PERCENT)


# WooCommerce


def test_woocommerce_is_asked_for_a_coupon(shop: Access, httpserver: HTTPServer) -> None:
    httpserver.expect_request(COUPONS, method="POST").respond_with_json({"id": 719}, status=201)
    assert CLIENTS["woocommerce"].create(shop, AMOUNT) == "719"
    (request,) = asked(httpserver)
    assert base64.b64decode(request.headers["Authorization"].split()[1]) == b"ck_1:cs_2"
    assert request.json == {
        "code": "DANA5",
        "description": "Spring: DANA5",
        "discount_type": "fixed_cart",
        "amount": "5.00",
        "date_expires_gmt": "2027-01-31T00:00:00",
        "meta_data": [{"key": "_groundswell", "value": "acme-8"}],
    }


def test_a_coupon_woocommerce_has_already_is_ours_by_its_mark(shop: Access, httpserver: HTTPServer) -> None:
    exists = {"code": "woocommerce_rest_coupon_code_already_exists", "message": "The coupon code already exists"}
    httpserver.expect_request(COUPONS, method="POST").respond_with_json(exists, status=400)
    ours = {"id": 5, "meta_data": [{"key": "_groundswell", "value": "acme-7"}]}
    httpserver.expect_request(COUPONS, method="GET", query_string={"code": "DANA10"}).respond_with_json([ours])
    assert CLIENTS["woocommerce"].create(shop, PERCENT) == "5"
    httpserver.expect_request(COUPONS, method="GET", query_string={"code": "DANA5"}).respond_with_json([ours])
    with pytest.raises(CouponRefused, match="was not made here"):
        CLIENTS["woocommerce"].create(shop, AMOUNT)


@pytest.mark.parametrize("status", [200, 404])
def test_woocommerce_deletes_a_coupon_once(shop: Access, httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request(f"{COUPONS}/5", method="DELETE").respond_with_json({"id": 5}, status=status)
    CLIENTS["woocommerce"].withdraw(shop, "5")
    assert asked(httpserver)[0].args["force"] == "true"


# Stripe


def stripe(server: HTTPServer) -> None:
    server.expect_request("/v1/coupons", method="POST").respond_with_json({"id": "Z4OV52SU", "object": "coupon"})
    made = {"id": "promo_1", "object": "promotion_code"}
    server.expect_request("/v1/promotion_codes", method="POST").respond_with_json(made)


@pytest.mark.parametrize(
    ("coupon", "off"),
    [
        (PERCENT, {"percent_off": "10"}),
        (AMOUNT, {"amount_off": "500", "currency": "eur"}),
        (YEN, {"amount_off": "500", "currency": "jpy"}),
    ],
)
def test_stripe_is_asked_for_a_coupon_and_its_promotion_code(
    shop: Access, httpserver: HTTPServer, coupon: Coupon, off: dict[str, str]
) -> None:
    stripe(httpserver)
    assert CLIENTS["stripe"].create(shop, coupon) == "promo_1"
    parent, promotion = (dict(parse_qsl(request.get_data(as_text=True))) for request in asked(httpserver))
    assert {name: parent.get(name) for name in off} == off
    assert (promotion["promotion[type]"], promotion["promotion[coupon]"]) == ("coupon", "Z4OV52SU")
    assert promotion["code"] == coupon.code
    keys = {request.headers["Idempotency-Key"] for request in asked(httpserver)}
    assert keys == {f"coupon-{coupon.reference}", f"promotion-{coupon.reference}"}


def test_stripe_says_why_not(shop: Access, httpserver: HTTPServer) -> None:
    error = {"error": {"message": "An active promotion code with `code: DANA10` already exists."}}
    httpserver.expect_request("/v1/coupons").respond_with_json({"id": "Z4OV52SU"})
    httpserver.expect_request("/v1/promotion_codes").respond_with_json(error, status=400)
    with pytest.raises(CouponRefused, match="already exists"):
        CLIENTS["stripe"].create(shop, PERCENT)


# All of them


@pytest.mark.parametrize("kind", CLIENTS)
def test_a_refused_key_and_a_shop_that_is_away(shop: Access, httpserver: HTTPServer, kind: str) -> None:
    httpserver.expect_request(ANYWHERE).respond_with_handler(lambda _: Response(json.dumps({}), status=401))
    with pytest.raises(CouponRefused, match="refuses the key"):
        CLIENTS[kind].create(shop, PERCENT)
    httpserver.clear()
    httpserver.expect_request(ANYWHERE).respond_with_handler(lambda _: Response("", status=502))
    with pytest.raises(Unreachable):
        CLIENTS[kind].create(shop, PERCENT)


@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3", "localhost", "[::1]", "169.254.169.254", "no.such.invalid"])
def test_nobody_leads_us_into_a_private_network(host: str, settings: Any) -> None:
    settings.SHOP_ADDRESSES = {}
    with pytest.raises(HostRefused):
        check_public(host.strip("[]"))
    with pytest.raises(CouponRefused):
        CLIENTS["woocommerce"].create(Access(f"https://{host}", "a:b"), PERCENT)
