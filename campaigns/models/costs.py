"""The cost ledger of a campaign."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q, Sum

from campaigns.models.campaigns import Campaign
from campaigns.models.collaborations import Collaboration
from groundswell.accounts.models import Brand


class CostQuerySet(models.QuerySet["Cost"]):
    def of(self, brand: Brand) -> CostQuerySet:
        return self.filter(campaign__brand=brand)

    def by_kind(self) -> dict[str, Decimal]:
        """Totals of the kinds that have lines, in the order of `Cost.Kind`."""
        sums = dict(self.order_by().values_list("kind").annotate(total=Sum("amount")))
        return {kind: sums[kind] for kind in Cost.Kind.values if kind in sums}

    def total(self) -> Decimal:
        return self.aggregate(total=Sum("amount"))["total"] or Decimal(0)


class Cost(models.Model):
    """A line of a campaign's cost ledger, in the campaign's currency. Commission is kept with its credits."""

    class Kind(models.TextChoices):
        FEE = "fee", "Fee"
        PRODUCT = "product", "Product and shipping"
        BONUS = "bonus", "Bonus"
        ADS = "ads", "Paid boost"
        TOOLS = "tools", "Tools"
        TIME = "time", "Internal time"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="costs")
    collaboration = models.ForeignKey(
        Collaboration, on_delete=models.CASCADE, null=True, blank=True, related_name="costs"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    hours = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    incurred_on = models.DateField()
    note = models.CharField(max_length=200, blank=True)
    origin = models.CharField(
        max_length=60, blank=True, help_text="What created this line by itself, such as an accepted offer; unique."
    )
    logged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CostQuerySet.as_manager()

    class Meta:
        ordering = ["-incurred_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "kind", "origin"], condition=~Q(origin=""), name="campaigns_cost_origin_once"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="campaigns_cost_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"
