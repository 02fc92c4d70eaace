"""Which later orders of a subscription a campaign pays for."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from campaigns.models import Campaign


class RenewalPolicy(models.Model):
    """A campaign's answer to renewals; a campaign without one pays for the first order only."""

    class Kind(models.TextChoices):
        FIRST_ORDER_ONLY = "first_order_only", "The first order only"
        FIRST_N = "first_n", "The first so many orders"
        MONTHS = "months", "Every order for so many months"
        LIFETIME = "lifetime", "Every order"

    campaign = models.OneToOneField(Campaign, on_delete=models.CASCADE, related_name="renewal_policy")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.FIRST_ORDER_ONLY)
    number = models.PositiveSmallIntegerField(default=0, help_text="Orders or months, where the kind counts them.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["first_n", "months"], number__gte=1)
                | Q(kind__in=["first_order_only", "lifetime"], number=0),
                name="tracking_renewal_policy_number",
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
