"""First orders and renewals of a campaign, apart."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from campaigns.models import Campaign
from groundswell.lib.money import ZERO
from tracking.models import Credit


@dataclass(frozen=True)
class Apart:
    """Orders and what is left of their revenue and commission after refunds, in the campaign's currency."""

    name: str
    orders: int
    revenue: Decimal
    commission: Decimal


def apart(campaign: Campaign) -> list[Apart]:
    rows = Credit.objects.filter(collaboration__campaign=campaign)
    sums = rows.values("order__is_renewal").annotate(
        orders=Count("order", filter=Q(refund=None), distinct=True), left=Sum("revenue"), paid=Sum("commission")
    )
    found = {row["order__is_renewal"]: row for row in sums}
    return [told("First and single orders", found.get(False)), told("Renewals", found.get(True))]


def told(name: str, row: Any) -> Apart:
    facts = row or {"orders": 0, "left": ZERO, "paid": ZERO}
    return Apart(name, facts["orders"], facts["left"], facts["paid"])
