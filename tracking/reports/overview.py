"""All campaigns of a brand side by side, each in its own currency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Sum

from campaigns.models import Campaign, Cost
from groundswell.accounts.models import Brand
from groundswell.lib.money import ZERO
from tracking.models import DailyResult
from tracking.reports.campaign import KIND, figures_of
from tracking.reports.figures import Costs, Figures


@dataclass(frozen=True)
class CampaignLine:
    campaign: Campaign
    figures: Figures


def overview_of(brand: Brand, *, with_time: bool = True, campaigns: list[Campaign] | None = None) -> list[CampaignLine]:
    """The brand's launched campaigns, newest first, in a fixed number of queries."""
    if campaigns is None:
        launched = Campaign.objects.of(brand).filter(launched_at__isnull=False)
        campaigns = list(launched.order_by("-launched_at")[:200])
    results, costs = results_by_campaign(campaigns), costs_by_campaign(campaigns)
    return [
        CampaignLine(row, figures_of(row, results.get(row.pk, {}), costs.get(row.pk, Costs()), Costs(), with_time))
        for row in campaigns
    ]


def results_by_campaign(campaigns: list[Campaign]) -> dict[int, dict[str, Any]]:
    rows = DailyResult.objects.filter(collaboration__campaign__in=campaigns).values("collaboration__campaign_id")
    sums = rows.annotate(**{f"sum_{name}": Sum(name) for name in (*DailyResult.COUNTS, *DailyResult.AMOUNTS)})
    return {
        row["collaboration__campaign_id"]: {name.removeprefix("sum_"): value for name, value in row.items()}
        for row in sums
    }


def costs_by_campaign(campaigns: list[Campaign]) -> dict[int, Costs]:
    found: dict[int, Costs] = {}
    rows = Cost.objects.filter(campaign__in=campaigns).order_by().values("campaign_id", "kind")
    for row in rows.annotate(sum=Sum("amount")):
        more = Costs(**{KIND.get(row["kind"], "other"): row["sum"] or ZERO})
        found[row["campaign_id"]] = found.get(row["campaign_id"], Costs()) + more
    return found
