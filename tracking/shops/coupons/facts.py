"""What every shop is told of a code, and what it may answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol


class CouponRefused(Exception):
    """The shop won't have it; the message says why, for the brand."""


@dataclass(frozen=True)
class Coupon:
    """A code as a shop makes it. `value` is a percentage, or with a `currency` an amount off the order."""

    reference: str
    code: str
    title: str
    value: Decimal
    currency: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    usage_limit: int | None = None
    once_per_customer: bool = False


@dataclass(frozen=True)
class Access:
    """Where a shop's interface is and the key it asks for."""

    url: str
    key: str


class CouponClient(Protocol):
    """Both raise CouponRefused, and ConnectorError where the shop doesn't answer or asks for a pause."""

    key_label: str
    key_help: str

    def create(self, access: Access, coupon: Coupon) -> str:
        """Make the code; returns the shop's id. A second time returns the same id."""

    def withdraw(self, access: Access, external_id: str) -> None:
        """End the code. A second time changes nothing."""
