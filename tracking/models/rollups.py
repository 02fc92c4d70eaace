"""What is summed from clicks and credits: per collaboration and day, and from that per collaboration and campaign."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import Sum

from campaigns.models import Campaign, Collaboration
from groundswell.accounts.models import Brand


class StaleDay(models.Model):
    """A day of a collaboration whose result must be summed again; written with the rows that made it stale.

    Rows are only ever added and deleted, and a pair may be there twice: writers never wait for each other or for
    the roll-up, and the roll-up deletes exactly the rows it saw, so a day that goes stale meanwhile stays marked.
    """

    collaboration = models.ForeignKey(Collaboration, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    since = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.collaboration} on {self.day}"


class Sums(models.Model):
    """Counts and amounts that add up. Amounts are in the campaign's currency."""

    COUNTS: ClassVar[tuple[str, ...]] = ("clicks", "unique_clicks", "bot_clicks", "orders", "new_customers", "refunds")
    AMOUNTS: ClassVar[tuple[str, ...]] = ("revenue", "refunded", "commission")
    NAMES: ClassVar[tuple[str, ...]] = (*COUNTS, *AMOUNTS)

    clicks = models.IntegerField(default=0)
    unique_clicks = models.IntegerField(default=0)
    bot_clicks = models.IntegerField(default=0)
    orders = models.IntegerField(default=0)
    new_customers = models.IntegerField(default=0)
    refunds = models.IntegerField(default=0)
    revenue = models.DecimalField(max_digits=16, decimal_places=4, default=Decimal(0))
    refunded = models.DecimalField(max_digits=16, decimal_places=4, default=Decimal(0))
    commission = models.DecimalField(max_digits=16, decimal_places=4, default=Decimal(0))

    class Meta:
        abstract = True


class SumsQuerySet(models.QuerySet[Any]):
    def totals(self) -> dict[str, Any]:
        """Each count and amount summed over the rows, by its name; None where there is no row."""
        return self.aggregate(**{name: Sum(name) for name in Sums.NAMES})


class DailyResultQuerySet(SumsQuerySet):
    def of(self, brand: Brand) -> DailyResultQuerySet:
        return self.filter(collaboration__campaign__brand=brand)


class DailyResult(Sums):
    """What a collaboration brought on a day, summed from clicks and credits; rebuilt from them to the same digits.

    There are as many rows as days on which somebody brought something: one index, no checked key, no time stamp.
    """

    pk = models.CompositePrimaryKey("collaboration_id", "day")
    collaboration = models.ForeignKey(
        Collaboration, on_delete=models.CASCADE, related_name="daily_results", db_constraint=False, db_index=False
    )
    day = models.DateField()

    objects = DailyResultQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.collaboration} on {self.day}"


class CollaborationResultQuerySet(SumsQuerySet):
    def of(self, brand: Brand) -> CollaborationResultQuerySet:
        return self.filter(collaboration__campaign__brand=brand)


class CollaborationResult(Sums):
    """What a collaboration brought in all: the sum of its daily results, kept with them."""

    collaboration = models.OneToOneField(
        Collaboration, on_delete=models.CASCADE, primary_key=True, related_name="result", db_constraint=False
    )
    first_order_on = models.DateField(null=True, blank=True, help_text="The first day with an order; its cohort.")

    objects = CollaborationResultQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.collaboration} in all"


class CampaignDayQuerySet(SumsQuerySet):
    def of(self, brand: Brand) -> CampaignDayQuerySet:
        return self.filter(campaign__brand=brand)


class CampaignDay(Sums):
    """What a campaign brought on a day: the sum of its daily results, kept with them."""

    pk = models.CompositePrimaryKey("campaign_id", "day")
    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="days", db_constraint=False, db_index=False
    )
    day = models.DateField()

    objects = CampaignDayQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.campaign} on {self.day}"


class RollupRun(models.Model):
    """When results were last added up, rebuilt and checked on this installation, and what came of it: a row a kind."""

    class Kind(models.TextChoices):
        ROLL_UP = "roll_up", "Added up"
        REBUILD = "rebuild", "Rebuilt"
        CHECK = "check", "Checked"

    kind = models.CharField(max_length=10, choices=Kind, primary_key=True)
    at = models.DateTimeField()
    seconds = models.FloatField(default=0)
    days = models.IntegerField(default=0, help_text="Days that were summed, or compared.")
    differences = models.IntegerField(default=0)
    first = models.JSONField(null=True, blank=True, help_text="The first difference, in the checker's words.")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at}"
