"""A campaign: what it wants, where it leads, when it runs."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse

from groundswell.accounts.models import Brand
from groundswell.events.models import About
from groundswell.lib.codes import short_code


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def of(self, brand: Brand) -> CampaignQuerySet:
        return self.filter(brand=brand)

    def live(self) -> CampaignQuerySet:
        return self.filter(status=Campaign.Status.LIVE)

    def with_totals(self) -> CampaignQuerySet:
        """With `people`, `agreed`, `posted` (creators) and `spent` (the ledger's sum, null without a line)."""
        return self.annotate(
            people=count_of(),
            agreed=count_of("accepted", "posted"),
            posted=count_of("posted"),
            spent=Subquery(
                Campaign.objects.filter(pk=OuterRef("pk")).values(total=Sum("costs__amount")),
                output_field=models.DecimalField(),
            ),
        )

    def with_turns(self) -> CampaignQuerySet:
        """With what waits for the brand: `to_send` (drafts), `to_answer` (counters), `to_review` (posts)."""
        return self.annotate(
            to_send=count_of("selected"),
            to_answer=count_of("countered"),
            to_review=Coalesce(
                Subquery(
                    Campaign.objects.filter(pk=OuterRef("pk"), collaborations__submissions__status="submitted")
                    .values("pk")
                    .values(total=Count("collaborations__submissions"))
                ),
                0,
            ),
        )


def count_of(*statuses: str) -> Coalesce:
    """How many collaborations of the outer campaign stand in these statuses; of all without one. Counted apart from
    other joins, so that several counts don't multiply each other."""
    rows = Campaign.objects.filter(pk=OuterRef("pk"))
    if statuses:
        rows = rows.filter(collaborations__status__in=statuses)
    return Coalesce(Subquery(rows.values("pk").values(total=Count("collaborations"))), 0)


class Campaign(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        LIVE = "live", "Live"
        CLOSED = "closed", "Closed"

    class Objective(models.TextChoices):
        AWARENESS = "awareness", "Awareness"
        TRAFFIC = "traffic", "Traffic"
        SIGN_UPS = "sign_ups", "Sign-ups"
        SALES = "sales", "Sales"
        CONTENT = "content", "Content creation"
        FEEDBACK = "feedback", "Community feedback"
        LOCAL = "local", "Local or regional"

    # What a person or a partner fills in.
    PLAN: ClassVar[tuple[str, ...]] = (
        "name",
        "objective",
        "budget",
        "currency",
        "starts_on",
        "ends_on",
        "markets",
        "landing_url",
        "discount_percent",
        "margin_percent",
    )

    code = models.CharField(max_length=12, unique=True, default=short_code)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="campaigns")
    name = models.CharField(max_length=120)
    objective = models.CharField(max_length=10, choices=Objective, default=Objective.SALES)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    budget = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="EUR")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    markets = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    landing_url = models.URLField(max_length=400, help_text="Where the creators' links lead.")
    discount_percent = models.DecimalField(
        max_digits=5, decimal_places=2, default=Decimal(10), help_text="What a creator's code takes off an order."
    )
    margin_percent = models.DecimalField(
        max_digits=5, decimal_places=2, default=Decimal(60), help_text="Gross margin of what you sell, for the return."
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    launched_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="campaigns_campaign_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(launched_at__isnull=False), name="campaigns_campaign_live_was_launched"
            ),
            models.CheckConstraint(
                condition=~Q(status="closed") | Q(closed_at__isnull=False), name="campaigns_campaign_closed_has_time"
            ),
        ]
        indexes = [models.Index(fields=["brand", "-id"], name="campaigns_campaign_recent")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("campaigns:campaign", args=[self.code])

    def about(self) -> About:
        return About(None, self.name, self.get_absolute_url())

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT

    @property
    def is_closed(self) -> bool:
        return self.status == self.Status.CLOSED

    @property
    def is_live(self) -> bool:
        return self.status == self.Status.LIVE
