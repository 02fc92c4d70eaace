"""What each creator is owed for a campaign, by where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum

from campaigns.models import Collaboration
from groundswell.accounts.models import Brand
from groundswell.lib.money import ZERO
from tracking.models import Commission


@dataclass(frozen=True)
class Standing:
    """Pending (of which held for a look at the code), approved and so owed, paid. In the campaign's currency."""

    pending: Decimal = ZERO
    held: Decimal = ZERO
    approved: Decimal = ZERO
    paid: Decimal = ZERO
    reversed_orders: int = 0


@dataclass(frozen=True)
class Owed:
    collaboration: Collaboration
    standing: Standing

    @property
    def currency(self) -> str:
        return self.collaboration.campaign.currency


def standings(rows: QuerySet[Commission]) -> dict[int, Standing]:
    """The standing of each collaboration in two queries."""
    found: dict[int, dict[str, Decimal | int]] = {}
    sums = rows.order_by().values_list("collaboration", "status").annotate(sum=Sum("amount"), count=Count("pk"))
    for pk, status, amount, count in sums:
        name, value = ("reversed_orders", count) if status == Commission.Status.REVERSED else (status, amount)
        found.setdefault(pk, {})[name] = value
    held = Commission.objects.held().filter(pk__in=rows.pending().values("pk"))  # type: ignore[attr-defined]
    for pk, amount in held.order_by().values_list("collaboration").annotate(sum=Sum("amount")):
        found[pk]["held"] = amount
    return {pk: Standing(**facts) for pk, facts in found.items()}  # type: ignore[arg-type]


def owed_by(brand: Brand) -> list[Owed]:
    """Everybody with a commission at the brand, who is owed most first."""
    found = standings(Commission.objects.of(brand))
    rows = Collaboration.objects.of(brand).select_related("campaign", "relationship__creator").in_bulk(list(found))
    owed = [Owed(rows[pk], standing) for pk, standing in found.items()]
    return sorted(owed, key=lambda row: (-row.standing.approved, -row.standing.pending, row.collaboration.pk))


def totals(rows: Iterable[Owed]) -> dict[str, Standing]:
    """By currency; currencies are never added up."""
    found: dict[str, Standing] = {}
    for row in rows:
        known, more = found.get(row.currency, Standing()), row.standing
        found[row.currency] = Standing(
            known.pending + more.pending,
            known.held + more.held,
            known.approved + more.approved,
            known.paid + more.paid,
            known.reversed_orders + more.reversed_orders,
        )
    return dict(sorted(found.items()))
