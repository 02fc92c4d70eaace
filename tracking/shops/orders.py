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
class RefundData:
    """Money given back for goods. `net` as the shop states it; `tax_inside` is the tax in it, where prices hold tax."""

    external_id: str
    refunded_at: datetime
    net: Decimal
    tax_inside: Decimal = ZERO


@dataclass(frozen=True)
class OrderData:
    """A purchase. `net` is merchandise after discounts, without tax and shipping, in `currency`.

    `changed_at` is the shop's own time of the last change: an older one never overwrites a newer. Without it an order
    is final, and a second one of the same id with other figures is refused.
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
