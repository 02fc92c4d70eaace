"""How old the results on a page may be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Max, OuterRef, Subquery

from campaigns.models import Campaign, Collaboration
from groundswell.accounts.models import Brand
from tracking.actions.clicks import spool_lag
from tracking.actions.rollups import oldest_mark
from tracking.models import CampaignDay, Order, RollupRun, StaleDay, Store


def waiting_since() -> datetime | None:
    """Since when the oldest click or order waits to be summed: unshipped in this host's spool, or in a stale day.

    None when every result is up to date.
    """
    return min((moment for moment in (spool_lag().oldest, oldest_mark()) if moment), default=None)


@dataclass(frozen=True)
class Freshness:
    """How far a brand's results are, by source, and whether they were proved to be the sums of their rows.

    Everything that was in the database by `through` is in the results; None: nothing was ever added up. `mine` is the
    first difference of the last check where it is about this brand.
    """

    through: datetime | None
    waiting: int
    last: RollupRun | None
    check: RollupRun | None
    mine: str
    last_click_on: date | None
    stores: list[Store]
    unmatched: list[tuple[str, str, int]]

    @property
    def unmatched_count(self) -> int:
        return sum(count for _, _, count in self.unmatched)


def freshness_of(brand: Brand) -> Freshness:
    runs = {run.kind: run for run in RollupRun.objects.all()}
    last, check = runs.get(RollupRun.Kind.ROLL_UP) or runs.get(RollupRun.Kind.REBUILD), runs.get(RollupRun.Kind.CHECK)
    newest = Order.objects.filter(store=OuterRef("pk")).order_by("-placed_at").values("placed_at")[:1]
    return Freshness(
        through=oldest_mark() or (last.at if last else None),
        waiting=StaleDay.objects.filter(collaboration__campaign__brand=brand).count(),
        last=last,
        check=check,
        mine=difference_of(brand, check),
        last_click_on=CampaignDay.objects.of(brand).filter(clicks__gt=0).aggregate(last=Max("day"))["last"],
        stores=list(Store.objects.of(brand).annotate(last_order_at=Subquery(newest)).order_by("pk")),
        unmatched=unmatched_of(brand),
    )


def difference_of(brand: Brand, check: RollupRun | None) -> str:
    """What the last check found first, if it is a result of this brand; of others' nothing is told."""
    first = check.first if check else None
    if not first:
        return ""
    owners = Campaign.objects.of(brand) if "campaign" in first["level"] else Collaboration.objects.of(brand)
    return str(first["text"]) if owners.filter(pk=first["of"]).exists() else ""


def unmatched_of(brand: Brand) -> list[tuple[str, str, int]]:
    """Reason, its name, and how many orders credit nobody for it, the most frequent first."""
    rows = Order.objects.of(brand).unmatched().order_by().values_list("unmatched").annotate(count=Count("pk"))
    return [
        (reason, str(Order.Unmatched(reason).label), count) for reason, count in rows.order_by("-count", "unmatched")
    ]
