"""Stripe's webhooks: the signature with its time, and paid sessions and invoices as orders.

A paid Checkout session is an order; where it made an invoice, session and invoice are one order under the invoice's id.
`invoice.paid` of a later period is a renewal of its subscription. Amounts come in the currency's smallest unit as
Stripe counts it. What was given back is told as a running sum on the charge, as single refunds, or as both.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from groundswell.lib.money import exponent, split
from tracking.shops.customers import customer_key
from tracking.shops.orders import (
    UNUSED,
    ZERO,
    Belongs,
    CodeName,
    CodeOnOrder,
    Fact,
    GivenBack,
    OrderData,
    OrderLineData,
    Unused,
    largest_first,
)
from tracking.shops.payloads import (
    CLICK,
    MISREAD,
    MalformedPayload,
    Named,
    Payload,
    chosen,
    in_range,
    is_same,
    known_currency,
    listed,
    nested,
    reasonable,
)
from tracking.spool.ids import is_id

TOLERANCE = 300  # seconds between Stripe's clock and ours, either way; an older delivery may be somebody's replay
SESSIONS = frozenset({"checkout.session.completed", "checkout.session.async_payment_succeeded"})
INVOICES = frozenset({"invoice.paid", "invoice.payment_succeeded"})
REFUNDS = frozenset({"refund.created", "refund.updated", "charge.refund.updated"})
CHARGE, DISPUTE, PAYMENT = "charge.refunded", "charge.dispute.closed", "invoice_payment.paid"
GIVING_BACK = REFUNDS | {CHARGE, DISPUTE}
CODES = frozenset({"promotion_code.created", "promotion_code.updated"})
RENEWALS = frozenset({"subscription_cycle", "subscription_update", "subscription_threshold"})
# Where Stripe's smallest unit is not ISO 4217's: two decimals for these, none for the ariary.
UNITS = {"ISK": 2, "UGX": 2, "MGA": 0}
KEPT = (
    "id",
    "object",
    "amount",
    "amount_paid",
    "amount_refunded",
    "amount_shipping",
    "amount_subtotal",
    "amount_total",
    "billing_reason",
    "charge",
    "client_reference_id",
    "code",
    "created",
    "currency",
    "invoice",
    "mode",
    "payment_intent",
    "payment_status",
    "status",
    "subscription",
    "subtotal",
    "tax",
    "total",
    "total_excluding_tax",
)
KEPT_OF_LINE = ("id", "description", "quantity", "amount", "amount_subtotal", "amount_total", "amount_tax")
IDS = ("charge", "invoice", "payment_intent", "subscription")


def is_signed(body: bytes, secrets: list[str], headers: Mapping[str, str], at: datetime) -> bool:
    """Whether one of the v1 signatures is by one of the secrets, over a time close to ours and the raw body."""
    parts = [part.strip().partition("=") for part in headers.get("Stripe-Signature", "").split(",")]
    times = [value for name, _, value in parts if name == "t"]
    if len(times) != 1 or not is_close(times[0], at):
        return False
    given = [value for name, _, value in parts if name == "v1"]
    expected = [signature(body, secret, times[0]) for secret in secrets if secret]
    return any(is_same(ours, theirs) for ours in expected for theirs in given)


def signature(body: bytes, secret: str, time: str) -> str:
    """Hexadecimal HMAC-SHA256 over the time, a full stop and the raw body."""
    return hmac.new(secret.encode(), time.encode() + b"." + body, hashlib.sha256).hexdigest()


def is_close(time: str, at: datetime) -> bool:
    is_number = time.isascii() and time.isdecimal() and len(time) < 12
    return is_number and abs(int(time) - at.timestamp()) <= TOLERANCE


def is_ping(body: bytes, headers: Mapping[str, str]) -> bool:
    """Stripe tries an address with a real, signed event."""
    return False


def named(headers: Mapping[str, str], payload: Payload) -> Named:
    about = nested(payload, "data", "object")
    return Named(str(payload.get("id") or ""), str(payload.get("type") or ""), order_ref(about))


def order_ref(about: Payload) -> str:
    """The id of the order that an object is or is about: its invoice's, else its payment's."""
    kind, own = str(about.get("object")), str(about.get("id") or "")
    if kind == "checkout.session":
        return id_of(about.get("invoice")) or id_of(about.get("payment_intent")) or own
    if kind in {"charge", "refund", "dispute"}:
        return id_of(about.get("payment_intent")) or id_of(about.get("charge")) or own
    return id_of(about.get("invoice")) if kind == "invoice_payment" else own


def id_of(value: Any) -> str:
    """The id of a reference, which Stripe writes bare or expanded."""
    found = value.get("id") if isinstance(value, dict) else value
    return str(found or "")[:80]


def impersonal(payload: Payload, key: bytes) -> Payload:
    """The part of an event to keep: what an order is read from, the buyer's e-mail as its hash, no other person."""
    about = nested(payload, "data", "object")
    kept = chosen(about, KEPT) | {name: id_of(about[name]) for name in IDS if about.get(name)}
    return chosen(payload, ("id", "type", "created", "livemode")) | {
        "data": {"object": kept | parts(about) | {"customer_key": customer_key(email(about), key)}}
    }


def parts(about: Payload) -> Payload:
    """What lies deeper in a session or an invoice: its tax and shipping, click, codes, lines and references."""
    details = nested(about, "total_details")
    return {
        "total_details": chosen(details, ("amount_discount", "amount_tax", "amount_shipping")),
        "taxes": [chosen(item, ("amount",)) for item in taxes(about)],
        "discounted": [chosen(item, ("amount",)) for item in listed(about, "total_discount_amounts")],
        CLICK: click_id_of(about),
        "codes": codes(about),
        "lines": [line_kept(item) for item in listed(nested(about, lines_of(about)), "data")],
        "subscription": id_of(about.get("subscription")) or id_of(parent(about).get("subscription")),
        "payment_intent": payment_of(about),
        "refunds": [chosen(item, KEPT) for item in listed(nested(about, "refunds"), "data")],
    }


def line_kept(item: Payload) -> Payload:
    return chosen(item, KEPT_OF_LINE) | {
        "discounts": [chosen(each, ("amount",)) for each in listed(item, "discount_amounts")]
    }


def lines_of(about: Payload) -> str:
    return "line_items" if about.get("object") == "checkout.session" else "lines"


def parent(about: Payload) -> Payload:
    return nested(about, "parent", "subscription_details")


def payment_of(about: Payload) -> str:
    """The payment's id, on the object itself or among an invoice's payments."""
    among = [nested(item, "payment") for item in listed(nested(about, "payments"), "data")]
    found = [nested(about, "payment"), *among]
    return id_of(about.get("payment_intent")) or next(
        filter(None, (id_of(one.get("payment_intent")) for one in found)), ""
    )


def taxes(about: Payload) -> list[Payload]:
    return listed(about, "total_taxes") or listed(about, "total_tax_amounts")


def email(about: Payload) -> str:
    given = (nested(about, "customer_details").get("email"), about.get("customer_email"), about.get("receipt_email"))
    return next((str(address) for address in given if address), "")


def click_id_of(about: Payload) -> str:
    """The click id from the metadata `icid`, else from the reference that the page gave to Checkout."""
    holders = (about, parent(about), nested(about, "subscription_details"))
    noted = [str(nested(holder, "metadata").get(CLICK) or "") for holder in holders]
    reference = str(about.get("client_reference_id") or "")
    return (next(filter(None, noted), "") or (reference if is_id(reference) else "")).strip()[:26]


def codes(about: Payload) -> list[Payload]:
    """Codes with what each took off; by the promotion code's id where the event doesn't spell it out."""
    breakdown = listed(nested(about, "total_details", "breakdown"), "discounts")
    told = breakdown or listed(about, "total_discount_amounts")
    found = [(nested(item, "discount"), item.get("amount")) for item in told if code_of(nested(item, "discount"))]
    if not found:
        applied = [*listed(about, "discounts"), nested(about, "discount")]
        found = [(item, None) for item in applied if code_of(item)]
    return [{"code": code_of(item), "amount": amount} for item, amount in found]


def code_of(discount: Payload) -> str:
    promotion = discount.get("promotion_code")
    return (
        str(promotion.get("code") or promotion.get("id") or "") if isinstance(promotion, dict) else str(promotion or "")
    )


def read(topic: str, body: Payload) -> Fact:
    """What an (impersonal) event says. Raises MalformedPayload."""
    about = nested(body, "data", "object")
    try:
        if topic in GIVING_BACK:
            return given_back(topic, about)
        if topic in CODES:
            return CodeName(id_of(about["id"]).upper(), str(about["code"]).strip().upper()[:40])
        if topic == PAYMENT:
            return Belongs(id_of(about["invoice"]), payment_ref=id_of(about["payment_intent"]))
        return paid_order(topic, about, body) if topic in SESSIONS | INVOICES else UNUSED
    except MISREAD as error:
        raise MalformedPayload(f"not what Stripe sends as {topic[:60]}: {error!r}") from error


def paid_order(topic: str, about: Payload, event: Payload) -> Fact:
    if topic in SESSIONS:
        unpaid = about.get("payment_status") not in {"paid", "no_payment_required"}
        if about.get("mode") == "setup" or unpaid:
            return Unused("Not paid yet: another event tells when it is.")
    return session_order(about, event) if topic in SESSIONS else invoice_order(about, event)


def session_order(about: Payload, event: Payload) -> OrderData:
    details = about["total_details"]
    tax, shipping = details.get("amount_tax") or 0, details.get("amount_shipping") or 0
    discount = details.get("amount_discount") or 0
    return order_of(about, event, total=about["amount_total"], tax=tax, shipping=shipping, discount=discount)


def invoice_order(about: Payload, event: Payload) -> OrderData:
    tax = about.get("tax") or sum(item.get("amount") or 0 for item in about.get("taxes") or [])
    discount = sum(item.get("amount") or 0 for item in about.get("discounted") or [])
    shipping = about.get("amount_shipping") or 0
    return order_of(about, event, total=about["total"], tax=tax, shipping=shipping, discount=discount)


def order_of(about: Payload, event: Payload, *, total: Any, tax: Any, shipping: Any, discount: Any) -> OrderData:
    currency = known_currency(about["currency"])
    net = units(total, currency) - units(tax, currency) - units(shipping, currency)
    if total is None or units(total, currency) < 0:
        raise MalformedPayload("the total is missing or negative")
    if not order_ref(about):
        raise MalformedPayload("the order has no id")
    return OrderData(
        external_id=order_ref(about),
        placed_at=time_of(about["created"]),
        currency=currency,
        net=max(net, ZERO),
        discount=units(discount, currency),
        tax=units(tax, currency),
        shipping=units(shipping, currency),
        codes=codes_of(about, units(discount, currency), currency),
        click_id=str(about.get(CLICK) or ""),
        customer_key=str(about.get("customer_key") or ""),
        is_test=event.get("livemode") is False,
        changed_at=time_of(event.get("created") or about["created"]),
        lines=tuple(line_of(item, currency) for item in about.get("lines") or []),
        payment_ref=id_of(about.get("payment_intent")),
        subscription_ref=id_of(about.get("subscription")),
        is_renewal=about.get("billing_reason") in RENEWALS,
    )


def codes_of(about: Payload, discount: Decimal, currency: str) -> tuple[CodeOnOrder, ...]:
    """The codes; where only the sum of their discounts is known, in equal parts of it."""
    told = about.get("codes") or []
    if not told:
        return ()
    even = split(discount, [Decimal(1)] * len(told), currency)
    amounts = [
        even[place] if one["amount"] is None else units(one["amount"], currency) for place, one in enumerate(told)
    ]
    return largest_first([CodeOnOrder(one["code"], amount) for one, amount in zip(told, amounts, strict=True)])


def line_of(item: Payload, currency: str) -> OrderLineData:
    """An article of a session (`amount_total` less tax) or of an invoice (`amount` less its discounts)."""
    off = sum((units(each.get("amount"), currency) for each in item.get("discounts") or []), ZERO)
    paid = units(item.get("amount_total", item.get("amount")), currency) - units(item.get("amount_tax"), currency) - off
    return OrderLineData(
        external_id=id_of(item.get("id")),
        title=str(item.get("description") or "")[:200],
        quantity=max(int(item.get("quantity") or 1), 0),
        net=max(paid, ZERO),
    )


def given_back(topic: str, about: Payload) -> Fact:
    currency, by, at = known_currency(about["currency"]), id_of(about["id"]), time_of(about["created"])
    if topic == CHARGE:
        return GivenBack(by, at, units(about["amount_refunded"], currency), is_sum=True)
    if topic == DISPUTE and about.get("status") != "lost":
        return Unused("The dispute was not lost: the money stayed.")
    if topic in REFUNDS and about.get("status") != "succeeded":
        return Unused(f"The refund is {str(about.get('status'))[:20]}; it counts once it has succeeded.")
    return GivenBack(by, at, units(about["amount"], currency), is_dispute=topic == DISPUTE)


def units(amount: Any, currency: str) -> Decimal:
    """An amount of Stripe's smallest units in whole currency: 1099 is 10.99 EUR and 1099 JPY."""
    if amount is not None and (isinstance(amount, bool) or not isinstance(amount, int)):
        raise MalformedPayload(f"{str(amount)[:20]!r} is no whole number of the smallest unit")
    return in_range("the amount", amount).scaleb(-UNITS.get(currency, exponent(currency)))


def time_of(seconds: Any) -> datetime:
    return reasonable(datetime.fromtimestamp(int(seconds), tz=UTC))
