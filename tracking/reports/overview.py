"""All campaigns of a brand side by side, each in its own currency."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Sum

from campaigns.models import Campaign, Cost
from groundswell.accounts.models import Brand
from tracking.models import CollaborationResult
from tracking.reports.breakdown import added_up, cost_of
from tracking.reports.campaign import figures_of
from tracking.reports.figures import Costs, Figures


@dataclass(frozen=True)
class CampaignLine:
    campaign: Campaign
    figures: Figures


def overview_of(
    brand: Brand, *, without: tuple[str, ...] = (), campaigns: list[Campaign] | None = None
) -> list[CampaignLine]:
    """The brand's launched campaigns, newest first, in a fixed number of queries."""
    if campaigns is None:
        launched = Campaign.objects.of(brand).filter(launched_at__isnull=False)
        campaigns = list(launched.order_by("-launched_at")[:200])
    results, costs = results_by_campaign(campaigns), costs_by_campaign(campaigns)
    return [
        CampaignLine(row, figures_of(row, results.get(row.pk, {}), costs[row.pk], Costs()).without(*without))
        for row in campaigns
    ]


def results_by_campaign(campaigns: list[Campaign]) -> dict[int, dict[str, Any]]:
    rows = CollaborationResult.objects.filter(collaboration__campaign__in=campaigns)
    sums = rows.values("collaboration__campaign_id").annotate(**added_up())
    return {
        row["collaboration__campaign_id"]: {name.removeprefix("sum_"): value for name, value in row.items()}
        for row in sums
    }


def costs_by_campaign(campaigns: list[Campaign]) -> dict[int, Costs]:
    found: dict[int, Costs] = defaultdict(Costs)
    rows = Cost.objects.filter(campaign__in=campaigns).order_by().values_list("campaign_id", "kind")
    for campaign, kind, amount in rows.annotate(sum=Sum("amount")):
        found[campaign] += cost_of(kind, amount)
    return found


def conversions_of(campaigns: list[Campaign]) -> dict[int, float | None]:
    """Orders ÷ unique clicks of everybody in each campaign; None where that is no proportion."""
    rows = results_by_campaign(campaigns).items()
    return {
        pk: Figures(unique_clicks=row["unique_clicks"] or 0, orders=row["orders"] or 0).conversion for pk, row in rows
    }
