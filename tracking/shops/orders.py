"""An order and a refund as any shop or partner may state them, before they are rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True)
class CodeOnOrder:
    """A discount code as it stands on an order, with what it took off."""

    code: str
    amount: Decimal = ZERO


@dataclass(frozen=True)
class OrderLineData:
    """One article: `net` for all its pieces, after discounts and without tax."""

    quantity: int
    net: Decimal
    external_id: str = ""
    sku: str = ""
    title: str = ""


@dataclass(frozen=True)
class RefundLineData:
    """Pieces of an article that came back; `line_ref` is the shop's id of the order's line."""

    line_ref: str
    quantity: int
    net: Decimal


@dataclass(frozen=True)
class RefundData:
    """Money given back for goods. `net` as the shop states it; `tax_inside` is the tax in it, where prices hold tax."""

    external_id: str
    refunded_at: datetime
    net: Decimal
    tax_inside: Decimal = ZERO
    lines: tuple[RefundLineData, ...] = ()


@dataclass(frozen=True)
class OrderData:
    """A purchase. `net` is merchandise after discounts, without tax and shipping, in `currency`.

    `changed_at` is the shop's own time of the last change: an older one never overwrites a newer. Without it an order
    is final, and a second one of the same id with other figures is refused. `payment_ref` is the id by which refunds
    name the payment, where that isn't the order's own.
    """

    external_id: str
    placed_at: datetime
    currency: str
    net: Decimal
    discount: Decimal = ZERO
    tax: Decimal = ZERO
    shipping: Decimal = ZERO
    codes: tuple[CodeOnOrder, ...] = ()
    click_id: str = ""
    customer_key: str = ""
    is_test: bool = False
    is_tax_included: bool = False
    cancelled_at: datetime | None = None
    changed_at: datetime | None = None
    refunds: tuple[RefundData, ...] = ()
    lines: tuple[OrderLineData, ...] = ()
    payment_ref: str = ""
    subscription_ref: str = ""
    is_renewal: bool = False


@dataclass(frozen=True)
class KnownOnly:
    """A state in which an order is none yet, or none any more: applied to an order we have, it never makes one."""

    order: OrderData
    reason: str


@dataclass(frozen=True)
class Gone:
    """The shop deleted an order."""

    external_id: str


@dataclass(frozen=True)
class GivenBack:
    """How much of a payment has been given back, as one delivery tells it, in the currency's units.

    `by` says who counts: deliveries that state a running sum (the largest holds), or single amounts (their sum holds).
    """

    by: str  # the charge's or the refund's or the dispute's id
    at: datetime
    amount: Decimal
    is_sum: bool = False
    is_dispute: bool = False


@dataclass(frozen=True)
class CodeName:
    """What customers type for a code that the shop's orders name by an id."""

    external_id: str
    code: str


@dataclass(frozen=True)
class Belongs:
    """An order's payment or subscription, told apart from the order."""

    external_id: str
    payment_ref: str = ""
    subscription_ref: str = ""


@dataclass(frozen=True)
class Unused:
    """A delivery that asks for nothing; why."""

    reason: str


Fact = OrderData | RefundData | KnownOnly | Gone | GivenBack | CodeName | Belongs | Unused
UNUSED = Unused("This topic is not used.")


def given_back_in_all(told: list[GivenBack]) -> Decimal:
    """All that was given back on a payment, whatever order it is told in and however often.

    Running sums and single refunds tell of the same money, so the larger counts; disputes come on top.
    """
    sums: dict[str, Decimal] = {}
    singles: dict[str, Decimal] = {}
    disputes: dict[str, Decimal] = {}
    for one in told:
        kind = disputes if one.is_dispute else sums if one.is_sum else singles
        kind[one.by] = max(one.amount, kind.get(one.by, ZERO))
    return max(sum(sums.values(), ZERO), sum(singles.values(), ZERO)) + sum(disputes.values(), ZERO)


def largest_first(codes: list[CodeOnOrder]) -> tuple[CodeOnOrder, ...]:
    """Codes in upper case, each once, the largest discount first."""
    best: dict[str, Decimal] = {}
    for use in codes:
        name = use.code.strip().upper()[:40]
        if name:
            best[name] = max(use.amount, best.get(name, ZERO))
    return tuple(
        CodeOnOrder(name, amount) for name, amount in sorted(best.items(), key=lambda item: (-item[1], item[0]))
    )


def share_of_net(given_back: Decimal, total: Decimal, net: Decimal) -> Decimal:
    """The goods' part of an amount given back on an order of which only the amount is known: pro rata, unrounded.

    `total` is what the buyer paid with tax and shipping; everything given back is all of the net.
    """
    if total <= 0 or given_back >= total:
        return net
    return net * max(given_back, ZERO) / total
