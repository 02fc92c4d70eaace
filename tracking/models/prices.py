"""What a brand holds a like or a view to be worth: dated lists of its own, and whether they are used at all."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q

from creators.models import Network
from groundswell.accounts.models import Brand


class PriceListQuerySet(models.QuerySet["PriceList"]):
    def of(self, brand: Brand) -> PriceListQuerySet:
        return self.filter(brand=brand)


class PriceList(models.Model):
    """Prices that hold from a day until the next list begins, in one currency, with where they come from."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="price_lists")
    starts_on = models.DateField()
    currency = models.CharField(max_length=3)
    source = models.CharField(max_length=200, help_text="Where the values come from, for whoever reads the estimate.")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    set_at = models.DateTimeField(auto_now=True)

    objects = PriceListQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on"]
        constraints = [models.UniqueConstraint(fields=["brand", "starts_on"], name="tracking_price_list_once")]

    def __str__(self) -> str:
        return f"Prices from {self.starts_on}"


class Price(models.Model):
    """The value of so many of a metric. A network's own prices take the place of those for every network."""

    class Metric(models.TextChoices):
        LIKES = "likes", "Likes"
        COMMENTS = "comments", "Comments"
        SHARES = "shares", "Shares"
        SAVES = "saves", "Saves"
        VIEWS = "views", "Views or impressions"
        REACH = "reach", "Accounts reached"

    price_list = models.ForeignKey(PriceList, on_delete=models.CASCADE, related_name="prices")
    network = models.CharField(max_length=10, choices=Network, blank=True, help_text="Empty: every network.")
    metric = models.CharField(max_length=10, choices=Metric)
    amount = models.DecimalField(max_digits=12, decimal_places=4)
    per = models.PositiveIntegerField(default=1, help_text="1, or 1,000 for a price per thousand.")

    class Meta:
        ordering = ["network", "id"]
        constraints = [
            models.UniqueConstraint(fields=["price_list", "network", "metric"], name="tracking_price_once"),
            models.CheckConstraint(condition=Q(amount__gte=0, per__gte=1), name="tracking_price_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} for {self.per} {self.metric}"

    def worth(self, count: int) -> Decimal:
        return self.amount * count / self.per


class MediaValueChoice(models.Model):
    """Whether a brand wants to see earned media value; no row: no."""

    brand = models.OneToOneField(Brand, on_delete=models.CASCADE, primary_key=True, related_name="+")
    is_shown = models.BooleanField(default=False)

    def __str__(self) -> str:
        return "shown" if self.is_shown else "not shown"
