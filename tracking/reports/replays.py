"""A finished replay beside the ledger: who gains, who loses, and why orders are credited to nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from campaigns.models import Collaboration
from groundswell.lib.money import ZERO
from tracking.models import AttributionRun, Credit, Order

SHOWN = 12


@dataclass(frozen=True)
class Side:
    """Orders with a part in them, net revenue and commission after refunds, in the campaign's currency."""

    orders: int = 0
    revenue: Decimal = ZERO
    commission: Decimal = ZERO

    def __add__(self, other: Side) -> Side:
        return Side(self.orders + other.orders, self.revenue + other.revenue, self.commission + other.commission)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What the ledger says, and what the replayed rule would have said."""

    ledger: Side
    replay: Side

    @property
    def revenue_change(self) -> Decimal:
        return self.replay.revenue - self.ledger.revenue

    @property
    def commission_change(self) -> Decimal:
        return self.replay.commission - self.ledger.commission


@dataclass(frozen=True)
class Compared(Change):
    """A creator in a campaign under the ledger and under the replayed rule."""

    collaboration: Collaboration

    @property
    def name(self) -> str:
        return self.collaboration.relationship.creator.name

    @property
    def currency(self) -> str:
        return self.collaboration.campaign.currency


@dataclass(frozen=True)
class Total(Change):
    currency: str


def comparison_of(run: AttributionRun) -> list[Compared]:
    """Who gains most first, who loses most last."""
    sums = {row[0]: row[1:] for row in run.summary.get("rows", [])}
    rows = Collaboration.objects.of(run.brand).select_related("campaign", "relationship__creator").in_bulk(list(sums))
    found = [Compared(rows[pk], ledger=side(sums[pk][:3]), replay=side(sums[pk][3:])) for pk in sums if pk in rows]
    return sorted(found, key=lambda row: (-row.revenue_change, row.name, row.collaboration.pk))


def side(sums: list[str]) -> Side:
    return Side(int(sums[0]), Decimal(sums[1]), Decimal(sums[2]))


def totals_of(rows: Iterable[Compared]) -> list[Total]:
    """One for each currency; currencies are never added up."""
    ledger: dict[str, Side] = defaultdict(Side)
    replay: dict[str, Side] = defaultdict(Side)
    for row in rows:
        ledger[row.currency] += row.ledger
        replay[row.currency] += row.replay
    return [Total(name, ledger=ledger[name], replay=replay[name]) for name in sorted(ledger)]


def refusals_of(run: AttributionRun) -> list[tuple[str, int]]:
    """Why orders are credited to nobody under the rule, the most frequent reason first."""
    counts = run.summary.get("refused", {})
    names = dict(Order.Unmatched.choices) | dict(Credit.Reason.choices)
    return sorted(((str(names.get(code, code)), count) for code, count in counts.items()), key=lambda row: -row[1])


def chart_of(rows: list[Compared]) -> dict[str, Any] | None:
    """The largest changes of revenue, gains first; None where nothing changes or currencies are mixed."""
    changed = [row for row in rows if row.revenue_change]
    if not changed or len({row.currency for row in changed}) > 1:
        return None
    largest = sorted(changed, key=lambda row: -abs(row.revenue_change))[:SHOWN]
    largest.sort(key=lambda row: -row.revenue_change)
    return {
        "labels": [row.name for row in largest],
        "series": [
            {"name": "In the ledger", "values": [float(row.ledger.revenue) for row in largest]},
            {"name": "Under this rule", "values": [float(row.replay.revenue) for row in largest]},
        ],
        "money": largest[0].currency,
    }
