"""WooCommerce's webhooks: the signature, and orders with their refunds.

Line totals come after discounts and without tax, so net merchandise is their sum. An order names its refunds by amount
only, with tax and shipping in it: the goods' part is taken pro rata. There is no topic for refunds: `order.updated`
tells of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from groundswell.lib.money import rounded
from tracking.shops.customers import customer_key
from tracking.shops.orders import (
    UNUSED,
    ZERO,
    Belongs,
    CodeOnOrder,
    Fact,
    Gone,
    KnownOnly,
    OrderData,
    OrderLineData,
    RefundData,
    RefundLineData,
    largest_first,
    share_of_net,
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
    nested,
)

ORDER_TOPICS = frozenset({"order.created", "order.updated", "order.restored"})
SUBSCRIPTION_TOPICS = frozenset({"subscription.created", "subscription.updated"})
DELETED = "order.deleted"
PAID = frozenset({"processing", "completed", "refunded"})
ENDED = frozenset({"cancelled", "failed", "trash"})
PING = re.compile(rb"webhook_id=\d{1,20}")
CLICK_META = (CLICK, f"_{CLICK}")
ENTRY_META = "_wc_order_attribution_session_entry"  # the page WooCommerce itself noted as the first of the visit
RENEWAL_META = "_subscription_renewal"
KEPT = (
    "id",
    "parent_id",
    "number",
    "status",
    "currency",
    "date_created_gmt",
    "date_modified_gmt",
    "date_paid_gmt",
    "discount_total",
    "shipping_total",
    "total_tax",
    "total",
    "prices_include_tax",
)
KEPT_OF_LINE = ("id", "name", "sku", "quantity", "total", "total_tax")
KEPT_OF_COUPON = ("code", "discount")
KEPT_OF_REFUND = ("id", "total", "amount", "date_created_gmt")


def is_signed(body: bytes, secrets: list[str], headers: Mapping[str, str], at: datetime) -> bool:
    """Whether one of the shop's secrets made X-WC-Webhook-Signature. A store without a secret accepts nothing."""
    given = headers.get("X-WC-Webhook-Signature", "")
    return any(secret and is_same(base64_signature(body, secret), given) for secret in secrets)


def is_ping(body: bytes, headers: Mapping[str, str]) -> bool:
    """The shop tries a new address with a form of one field, unsigned and without a topic; it wants a 200."""
    return "X-WC-Webhook-Topic" not in headers and PING.fullmatch(body) is not None


def named(headers: Mapping[str, str], payload: Payload) -> Named:
    topic = headers.get("X-WC-Webhook-Topic", "")
    order = payload.get("parent_id" if topic in SUBSCRIPTION_TOPICS else "id")
    return Named(headers.get("X-WC-Webhook-Delivery-ID", "").strip(), topic, str(order or ""))


def impersonal(payload: Payload, key: bytes) -> Payload:
    """The part of a payload to keep: what an order is read from, the buyer's e-mail as its hash, no other person."""
    lines = [chosen(item, KEPT_OF_LINE) for item in listed(payload, "line_items")]
    return chosen(payload, KEPT) | {
        "customer_key": customer_key(str(nested(payload, "billing").get("email") or ""), key),
        CLICK: click_id_of(payload),
        RENEWAL_META: str(meta(payload).get(RENEWAL_META) or "")[:80],
        "line_items": lines if isinstance(payload.get("line_items"), list) else None,
        "coupon_lines": [chosen(item, KEPT_OF_COUPON) for item in listed(payload, "coupon_lines")],
        "refunds": [impersonal_refund(item) for item in listed(payload, "refunds")],
    }


def impersonal_refund(refund: Payload) -> Payload:
    lines = [
        chosen(item, KEPT_OF_LINE) | {"line_ref": str(meta(item).get("_refunded_item_id") or "")}
        for item in listed(refund, "line_items")
    ]
    return chosen(refund, KEPT_OF_REFUND) | {"line_items": lines}


def meta(holder: Payload) -> Payload:
    return {str(item.get("key")): item.get("value") for item in listed(holder, "meta_data")}


def click_id_of(payload: Payload) -> str:
    """The click id from the order's meta data `icid`, else from the page of entry that WooCommerce noted."""
    noted = meta(payload)
    found = next((noted[name] for name in CLICK_META if noted.get(name)), "")
    return str(found).strip()[:26] if found else click_of_query(noted.get(ENTRY_META))


def read(topic: str, body: Payload) -> Fact:
    """What an (impersonal) payload says. Raises MalformedPayload."""
    try:
        if topic in ORDER_TOPICS:
            return order_or_not_yet(body)
        if topic in SUBSCRIPTION_TOPICS:
            return Belongs(str(body["parent_id"])[:80], subscription_ref=str(body["id"])[:80])
        return Gone(str(body["id"])[:80]) if topic == DELETED else UNUSED
    except MISREAD as error:
        raise MalformedPayload(f"not an order as WooCommerce sends it: {error!r}") from error


def order_or_not_yet(body: Payload) -> Fact:
    status, is_paid = str(body["status"]), bool(body.get("date_paid_gmt")) or body["status"] in PAID
    order = order_of(body)
    if status in ENDED and not body.get("date_paid_gmt"):
        return KnownOnly(order, f"The order is {status} and was never paid.")
    return order if is_paid else KnownOnly(order, f"Not paid yet: the order is {status[:20]}.")


def order_of(body: Payload) -> OrderData:
    currency = known_currency(body["currency"])
    lines = tuple(line_of(item, currency) for item in body["line_items"])
    net, total = sum((line.net for line in lines), ZERO), in_range("total", body["total"])
    if net >= LIMIT or total < 0:
        raise MalformedPayload("the total is out of range")
    changed_at = moment(body.get("date_modified_gmt") or body["date_created_gmt"])
    return OrderData(
        external_id=str(body["id"])[:80],
        placed_at=moment(body["date_created_gmt"]),
        currency=currency,
        net=net,
        discount=rounded(in_range("discount_total", body.get("discount_total")), currency),
        tax=rounded(in_range("total_tax", body.get("total_tax")), currency),
        shipping=rounded(in_range("shipping_total", body.get("shipping_total")), currency),
        codes=largest_first([coupon(item) for item in body.get("coupon_lines") or []]),
        click_id=str(body.get(CLICK) or ""),
        customer_key=str(body.get("customer_key") or ""),
        cancelled_at=changed_at if is_off(body) else None,
        changed_at=changed_at,
        refunds=refunds_of(listed(body, "refunds"), total, net, currency, changed_at),
        lines=lines,
        subscription_ref=str(body.get(RENEWAL_META) or ""),
        is_renewal=bool(body.get(RENEWAL_META)),
    )


def is_off(body: Payload) -> bool:
    """Cancelled, or refunded without a refund that says how much."""
    return body["status"] in ENDED or (body["status"] == "refunded" and not body.get("refunds"))


def line_of(item: Payload, currency: str) -> OrderLineData:
    net, quantity = in_range("total", item["total"]), int(item["quantity"])
    if net < 0 or quantity < 0:
        raise MalformedPayload("a line is negative")
    return OrderLineData(
        external_id=str(item.get("id") or "")[:80],
        sku=str(item.get("sku") or "")[:80],
        title=str(item.get("name") or "")[:200],
        quantity=quantity,
        net=rounded(net, currency),
    )


def coupon(item: Payload) -> CodeOnOrder:
    return CodeOnOrder(str(item["code"]), in_range("discount", item.get("discount")))


def refunds_of(
    refunds: list[Payload], total: Decimal, net: Decimal, currency: str, at: datetime
) -> tuple[RefundData, ...]:
    """Each refund's goods' part; a refund listed again among later ones comes out the same.

    With lines it is theirs; of an amount only it is what it adds to the pro rata share of all such before it.
    """
    found, amounts, before = [], ZERO, ZERO
    for item in sorted(refunds, key=lambda each: int(each["id"])):
        lines = tuple(refund_line_of(line, currency) for line in item.get("line_items") or [])
        part = sum((line.net for line in lines), ZERO)
        if not lines:
            amounts += abs(in_range("total", item.get("total", item.get("amount"))))
            share = rounded(share_of_net(amounts, total, net), currency)
            part, before = share - before, share
        time = moment(item["date_created_gmt"]) if item.get("date_created_gmt") else at
        found.append(RefundData(str(item["id"])[:80], time, part, lines=lines))
    return tuple(found)


def refund_line_of(item: Payload, currency: str) -> RefundLineData:
    amount = rounded(abs(in_range("total", item["total"])), currency)
    return RefundLineData(str(item.get("line_ref") or item.get("id") or "")[:80], abs(int(item["quantity"])), amount)
