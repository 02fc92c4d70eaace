"""Shopify's webhooks: the signature, and orders and refunds in the shop's own money.

Amounts come as `…_set` with shop money and presentment money, and as a plain figure in shop money; shop money is read.
Net merchandise is the line items after their discounts; where prices contain tax, that tax is taken out. It agrees
with the shop's total: net + shipping + tax = total.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from groundswell.lib.money import rounded
from tracking.shops.customers import customer_key
from tracking.shops.orders import (
    UNUSED,
    ZERO,
    CodeOnOrder,
    Fact,
    OrderData,
    OrderLineData,
    RefundData,
    RefundLineData,
    largest_first,
)
from tracking.shops.payloads import (
    CLICK,
    LIMIT,
    MISREAD,
    MalformedPayload,
    Named,
    Payload,
    base64_signature,
    chosen,
    click_of_query,
    in_range,
    is_same,
    known_currency,
    listed,
    moment,
)

ORDER_TOPICS = frozenset({"orders/create", "orders/updated", "orders/paid", "orders/cancelled"})
REFUND_TOPIC = "refunds/create"
# What is kept of a payload: all that is read below, and what helps to find the order in the shop. No person in it.
KEPT = (
    "id",
    "order_id",
    "name",
    "currency",
    "presentment_currency",
    "created_at",
    "processed_at",
    "updated_at",
    "cancelled_at",
    "test",
    "taxes_included",
    "financial_status",
    "total_price_set",
    "total_price",
    "total_tax_set",
    "total_tax",
    "total_discounts_set",
    "total_discounts",
    "total_shipping_price_set",
    "total_shipping_price",
    "discount_codes",
)
KEPT_OF_LINE = (
    "id",
    "line_item_id",
    "sku",
    "title",
    "quantity",
    "price",
    "price_set",
    "discount_allocations",
    "tax_lines",
    "subtotal",
    "subtotal_set",
    "total_tax",
    "total_tax_set",
)
KEPT_OF_REFUND = ("id", "order_id", "created_at", "processed_at", "order_adjustments")


def is_signed(body: bytes, secrets: list[str], headers: Mapping[str, str], at: datetime) -> bool:
    """Whether one of the shop's secrets made the signature in the header. A store without a secret accepts nothing."""
    given = headers.get("X-Shopify-Hmac-Sha256", "")
    return any(secret and is_same(base64_signature(body, secret), given) for secret in secrets)


def is_ping(body: bytes, headers: Mapping[str, str]) -> bool:
    """Shopify tries an address with a real, signed delivery."""
    return False


def named(headers: Mapping[str, str], payload: Payload) -> Named:
    topic = headers.get("X-Shopify-Topic", "")
    order = payload.get("order_id" if topic == REFUND_TOPIC else "id")
    return Named(headers.get("X-Shopify-Webhook-Id", "").strip(), topic, str(order or ""))


def impersonal(payload: Payload, key: bytes) -> Payload:
    """The part of a payload to keep: what an order is read from, the buyer's e-mail as its hash, no other person."""
    kept = chosen(payload, KEPT) | {
        "customer_key": buyer(payload, key),
        "landing_site": f"/?{CLICK}={click_id_of(payload)}",
    }
    for name in ("line_items", "shipping_lines"):
        kept[name] = [chosen(line, KEPT_OF_LINE) for line in listed(payload, name)]
    kept["refunds"] = [impersonal_refund(refund) for refund in listed(payload, "refunds")]
    return kept | impersonal_refund(payload)


def impersonal_refund(refund: Payload) -> Payload:
    items = [chosen(item, KEPT_OF_LINE) for item in listed(refund, "refund_line_items")]
    return chosen(refund, KEPT_OF_REFUND) | {"refund_line_items": items}


def buyer(payload: Payload, key: bytes) -> str:
    customer = payload.get("customer")
    nested = customer.get("email") if isinstance(customer, dict) else None
    addresses = (payload.get("email"), payload.get("contact_email"), nested)
    return customer_key(next((str(address) for address in addresses if address), ""), key)


def read(topic: str, body: Payload) -> Fact:
    """What an (impersonal) payload says. Raises MalformedPayload."""
    if topic in ORDER_TOPICS:
        return order_of(body)
    return refund_of(body) if topic == REFUND_TOPIC else UNUSED


def order_of(payload: Payload) -> OrderData:
    """The order in an (impersonal) payload of orders/*. Raises MalformedPayload."""
    try:
        return read_order(payload)
    except MISREAD as error:
        raise MalformedPayload(f"not an order as Shopify sends it: {error!r}") from error


def read_order(payload: Payload) -> OrderData:
    currency = known_currency(payload["currency"])
    is_tax_included = bool(payload.get("taxes_included"))
    discount = lines_discount(payload)
    goods = sum((money(line, "price") * int(line["quantity"]) for line in payload["line_items"]), ZERO)
    net = goods - discount - (lines_tax(payload) if is_tax_included else ZERO)
    if abs(net) >= LIMIT:
        raise MalformedPayload("the net is out of range")
    return OrderData(
        external_id=str(payload["id"])[:80],
        placed_at=moment(payload.get("processed_at") or payload["created_at"]),
        currency=currency,
        net=rounded(max(net, ZERO), currency),
        discount=rounded(discount, currency),
        tax=rounded(money(payload, "total_tax"), currency),
        shipping=rounded(money(payload, "total_shipping_price"), currency),
        codes=largest_first([code_on_order(item) for item in payload.get("discount_codes") or []]),
        click_id=click_id_of(payload),
        customer_key=str(payload.get("customer_key") or ""),
        is_test=bool(payload.get("test")),
        is_tax_included=is_tax_included,
        cancelled_at=moment(payload["cancelled_at"]) if payload.get("cancelled_at") else None,
        changed_at=moment(payload.get("updated_at") or payload["created_at"]),
        refunds=tuple(refund_of(item) for item in payload.get("refunds") or []),
        lines=tuple(line_of(item, currency, is_tax_included=is_tax_included) for item in payload["line_items"]),
    )


def line_of(item: Payload, currency: str, *, is_tax_included: bool) -> OrderLineData:
    price, quantity = money(item, "price"), int(item["quantity"])
    if price < 0 or quantity < 0:
        raise MalformedPayload("a line is negative")
    off = total(item.get("discount_allocations") or [], "amount")
    tax = total(item.get("tax_lines") or [], "price") if is_tax_included else ZERO
    net = price * quantity - off - tax
    return OrderLineData(
        external_id=str(item.get("id") or "")[:80],
        sku=str(item.get("sku") or "")[:80],
        title=str(item.get("title") or "")[:200],
        quantity=quantity,
        net=rounded(max(net, ZERO), currency),
    )


def money(holder: Payload, name: str) -> Decimal:
    """An amount in shop money; zero where the field is absent."""
    shop = (holder.get(f"{name}_set") or {}).get("shop_money") or {}
    return in_range(name, shop.get("amount", holder.get(name)))


def total(holders: Iterable[Payload], name: str) -> Decimal:
    return sum((money(holder, name) for holder in holders), ZERO)


def lines_discount(payload: Payload) -> Decimal:
    """What was taken off the goods: the lines' allocations, else the order's discounts that aren't on shipping."""
    on_lines = sum((total(line.get("discount_allocations") or [], "amount") for line in payload["line_items"]), ZERO)
    shipping = payload.get("shipping_lines") or []
    on_shipping = sum((total(line.get("discount_allocations") or [], "amount") for line in shipping), ZERO)
    return on_lines or max(money(payload, "total_discounts") - on_shipping, ZERO)


def lines_tax(payload: Payload) -> Decimal:
    """Tax on the goods: the lines' own, else the order's less what is on shipping."""
    on_lines = sum((total(line.get("tax_lines") or [], "price") for line in payload["line_items"]), ZERO)
    shipping = payload.get("shipping_lines") or []
    on_shipping = sum((total(line.get("tax_lines") or [], "price") for line in shipping), ZERO)
    return on_lines or max(money(payload, "total_tax") - on_shipping, ZERO)


def code_on_order(item: Payload) -> CodeOnOrder:
    return CodeOnOrder(str(item["code"]), money(item, "amount"))


def click_id_of(payload: Payload) -> str:
    """The click id from the cart's attribute `icid`, else from the query of the page the buyer landed on."""
    attributes = listed(payload, "note_attributes")
    named = {str(item.get("name")).lower(): str(item.get("value") or "") for item in attributes}
    return named[CLICK].strip()[:26] if named.get(CLICK) else click_of_query(payload.get("landing_site"))


def refund_of(payload: Payload) -> RefundData:
    """The goods' part of a refund; shipping given back is not revenue. Raises MalformedPayload."""
    try:
        items = payload.get("refund_line_items") or []
        return RefundData(
            external_id=str(payload["id"])[:80],
            refunded_at=moment(payload.get("processed_at") or payload["created_at"]),
            net=max(total(items, "subtotal") - discrepancy(payload), ZERO),
            tax_inside=total(items, "total_tax"),
            lines=tuple(refund_line_of(item) for item in items if item.get("line_item_id")),
        )
    except MISREAD as error:
        raise MalformedPayload(f"not a refund as Shopify sends it: {error!r}") from error


def refund_line_of(item: Payload) -> RefundLineData:
    """Pieces of an article that came back; the amount is as the shop states it, with tax where prices hold tax."""
    net = max(money(item, "subtotal"), ZERO)
    return RefundLineData(str(item["line_item_id"])[:80], max(int(item.get("quantity") or 0), 0), net)


def discrepancy(payload: Payload) -> Decimal:
    """Given back less (positive) or more (negative) than the items say; shipping kept back is set off first."""
    adjustments = payload.get("order_adjustments") or []
    apart = total([item for item in adjustments if item.get("kind") == "refund_discrepancy"], "amount")
    shipping = total([item for item in adjustments if item.get("kind") == "shipping_refund"], "amount")
    return max(apart + shipping, ZERO) if apart > 0 else apart
