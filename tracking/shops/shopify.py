"""Shopify's webhooks: the signature, and orders and refunds in the shop's own money.

Amounts come as `…_set` with shop money and presentment money, and as a plain figure in shop money; shop money is read.
Net merchandise is the line items after their discounts; where prices contain tax, that tax is taken out. It agrees
with the shop's total: net + shipping + tax = total.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qs, urlsplit

from groundswell.lib.money import CURRENCIES, rounded
from tracking.shops.customers import customer_key
from tracking.shops.orders import ZERO, CodeOnOrder, OrderData, RefundData, largest_first

Payload = dict[str, Any]
CLICK = "icid"
LIMIT = Decimal(10) ** 11
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


class MalformedPayload(ValueError):
    """The payload lacks something an order can't be without; the message says what."""


def signature(body: bytes, secret: str) -> str:
    """What X-Shopify-Hmac-Sha256 must be: base64 of HMAC-SHA256 over the raw body."""
    return b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def is_signed(body: bytes, secret: str, given: str) -> bool:
    """Compares in constant time. A store without a secret accepts nothing."""
    return bool(secret) and hmac.compare_digest(signature(body, secret).encode(), given.strip().encode())


def load(body: bytes) -> Payload:
    """The payload with exact decimals, without what a database can't hold. Raises ValueError for no JSON object."""
    try:
        payload = json.loads(body, parse_float=Decimal, parse_constant=refuse_constant)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(payload, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - the caller tells one kind of bad body
    clean: Payload = storable(payload)
    return clean


def refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def storable(value: Any) -> Any:
    """The same without NUL characters and lone surrogates, which PostgreSQL refuses."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    return value


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


def chosen(holder: Payload, names: tuple[str, ...]) -> Payload:
    return {name: holder[name] for name in names if name in holder}


def listed(payload: Payload, name: str) -> list[Payload]:
    """The objects in a list of the payload; nothing where there is none."""
    found = payload.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def buyer(payload: Payload, key: bytes) -> str:
    customer = payload.get("customer")
    nested = customer.get("email") if isinstance(customer, dict) else None
    addresses = (payload.get("email"), payload.get("contact_email"), nested)
    return customer_key(next((str(address) for address in addresses if address), ""), key)


def order_of(payload: Payload) -> OrderData:
    """The order in an (impersonal) payload of orders/*. Raises MalformedPayload."""
    try:
        return read_order(payload)
    except (KeyError, TypeError, AttributeError, ValueError, InvalidOperation) as error:
        raise MalformedPayload(f"not an order as Shopify sends it: {error!r}") from error


def read_order(payload: Payload) -> OrderData:
    currency = str(payload["currency"]).upper()
    if currency not in CURRENCIES:
        raise MalformedPayload(f"unknown currency {currency[:10]!r}")
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
    )


def money(holder: Payload, name: str) -> Decimal:
    """An amount in shop money; zero where the field is absent."""
    shop = (holder.get(f"{name}_set") or {}).get("shop_money") or {}
    given = shop.get("amount", holder.get(name))
    amount = Decimal(str(given)) if given is not None else ZERO
    if not amount.is_finite() or abs(amount) >= LIMIT:
        raise MalformedPayload(f"{name} is out of range")
    return amount


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
    landing = parse_qs(query_of(str(payload.get("landing_site") or ""))).get(CLICK, [""])
    return (named.get(CLICK) or landing[-1]).strip()[:26]


def query_of(address: str) -> str:
    try:
        return urlsplit(address).query
    except ValueError:
        return ""


def refund_of(payload: Payload) -> RefundData:
    """The goods' part of a refund; shipping given back is not revenue. Raises MalformedPayload."""
    try:
        items = payload.get("refund_line_items") or []
        return RefundData(
            external_id=str(payload["id"])[:80],
            refunded_at=moment(payload.get("processed_at") or payload["created_at"]),
            net=max(total(items, "subtotal") - discrepancy(payload), ZERO),
            tax_inside=total(items, "total_tax"),
        )
    except (KeyError, TypeError, AttributeError, ValueError, InvalidOperation) as error:
        raise MalformedPayload(f"not a refund as Shopify sends it: {error!r}") from error


def discrepancy(payload: Payload) -> Decimal:
    """Given back less (positive) or more (negative) than the items say; shipping kept back is set off first."""
    adjustments = payload.get("order_adjustments") or []
    apart = total([item for item in adjustments if item.get("kind") == "refund_discrepancy"], "amount")
    shipping = total([item for item in adjustments if item.get("kind") == "shipping_refund"], "amount")
    return max(apart + shipping, ZERO) if apart > 0 else apart


def moment(text: Any) -> datetime:
    """An aware time from ISO 8601; without a zone it is UTC. Raises ValueError outside the years 2000 to 2100."""
    time = datetime.fromisoformat(str(text))
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    if not 2000 <= aware.year < 2100:
        raise ValueError(f"the year {aware.year} can't be right")
    return aware
