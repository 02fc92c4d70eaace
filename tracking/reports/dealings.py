"""How creators of each tier are dealt with: what they are asked for, how they answer, and on which terms they agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import (
    Aggregate,
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Subquery,
)

from campaigns.models import Campaign, Collaboration, Offer
from groundswell.accounts.models import Brand
from tracking.reports.dimensions import DIMENSIONS, collaborations

Objective = Campaign.Objective


@dataclass(frozen=True)
class Dealings:
    """Of one tier: `asked` creators got an offer, of whom `countered` made one of their own and `agreed` accepted;
    of those `for_product` get no fee. `answer` is the median time to the first answer of the `answered`."""

    tier: str
    asked: int
    countered: int
    agreed: int
    for_product: int
    answered: int
    answer: timedelta | None
    campaigns: int
    objectives: list[tuple[str, int]]

    def share(self, n: int, of: int) -> float | None:
        return n / of if of else None

    @property
    def countered_share(self) -> float | None:
        return self.share(self.countered, self.asked)

    @property
    def agreed_share(self) -> float | None:
        return self.share(self.agreed, self.asked)

    @property
    def product_share(self) -> float | None:
        return self.share(self.for_product, self.agreed)

    @property
    def per_campaign(self) -> float | None:
        """Creators of the tier asked per campaign with any."""
        return self.share(self.asked, self.campaigns)

    @property
    def answer_hours(self) -> float | None:
        return None if self.answer is None else self.answer.total_seconds() / 3600


class Median(Aggregate):
    template = "percentile_cont(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


def dealings_of(brand: Brand) -> list[Dealings]:
    """By the tier as of now, the smallest first; two statements."""
    offers = Offer.objects.filter(collaboration=OuterRef("pk")).order_by()
    agreed = offers.filter(status=Offer.Status.ACCEPTED)
    first = offers.filter(version=1, sent_at__isnull=False, answered_at__isnull=False)
    wait = ExpressionWrapper(F("answered_at") - F("sent_at"), output_field=DurationField())
    asked = DIMENSIONS["tier"].keyed(collaborations(brand), brand).filter(Exists(offers.exclude(sent_at=None)))
    rows = asked.annotate(
        has_countered=Exists(offers.filter(side=Offer.Side.CREATOR)),
        is_for_product=Exists(agreed.filter(fee=0).exclude(product="")),
        wait=Subquery(first.annotate(wait=wait).values("wait")[:1], output_field=DurationField()),
    ).values("key")
    found = rows.annotate(
        asked=Count("pk"),
        countered=Count("pk", filter=Q(has_countered=True)),
        agreed=Count("pk", filter=Q(status__in=Collaboration.AGREED)),
        for_product=Count("pk", filter=Q(status__in=Collaboration.AGREED, is_for_product=True)),
        answered=Count("wait"),
        answer=Median("wait", output_field=DurationField()),
        campaigns=Count("campaign", distinct=True),
        **{f"for_{value}": Count("pk", filter=Q(campaign__objective=value)) for value in Objective.values},
    )
    by_tier = {row["key"]: row for row in found}
    return [dealings(name, by_tier[name]) for name in DIMENSIONS["tier"].named(brand, list(by_tier))]


def dealings(tier: str, row: Mapping[str, Any]) -> Dealings:
    counts = Counter({str(label): row[f"for_{value}"] for value, label in Objective.choices})
    objectives = [(label, n) for label, n in counts.most_common() if n]
    names = ("asked", "countered", "agreed", "for_product", "answered", "answer", "campaigns")
    return Dealings(tier, **{name: row[name] for name in names}, objectives=objectives)
