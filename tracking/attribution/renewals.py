"""Which later orders of a subscription are paid for (domain: subscriptions)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

FIRST_ORDER_ONLY, FIRST_N, MONTHS, LIFETIME = "first_order_only", "first_n", "months", "lifetime"


@dataclass(frozen=True)
class Policy:
    """`number` counts orders, the first among them, or months from the first order."""

    kind: str = FIRST_ORDER_ONLY
    number: int = 0

    def pays(self, position: int, first_at: datetime, at: datetime) -> bool:
        """Whether the subscription's order at this position (1 is the first) and time earns commission."""
        if self.kind == FIRST_N:
            return position <= self.number
        if self.kind == MONTHS:
            return at < months_later(first_at, self.number)
        return self.kind == LIFETIME or position == 1


def months_later(moment: datetime, months: int) -> datetime:
    """The same day and time so many months on; where that month is too short, the first of the next."""
    years, month = divmod(moment.month - 1 + months, 12)
    try:
        return moment.replace(year=moment.year + years, month=month + 1)
    except ValueError:
        return months_later(moment.replace(day=1), months + 1)
