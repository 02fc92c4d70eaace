"""Exchange rates, dated, from a file that the brand's people trust."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.db import models
from django.db.models import Q

PLACES = Decimal(1).scaleb(-12)
MAX_AGE = timedelta(days=7)


class ExchangeRateQuerySet(models.QuerySet["ExchangeRate"]):
    def on(self, day: date) -> ExchangeRateQuerySet:
        """The rates a day may use: its own, else the last published in the week before (weekends, holidays)."""
        return self.filter(day__lte=day, day__gt=day - MAX_AGE).order_by("-day")

    def rate(self, base: str, quote: str, day: date) -> Decimal | None:
        """Units of `quote` for one `base`, to 12 places; None when unknown: never assumed to be one to one.

        Takes the pair as published, the other way round, or through a third currency quoted on the same day.
        """
        if base == quote:
            return Decimal(1)
        pair = Q(base__in=(base, quote)) | Q(quote__in=(base, quote))
        by_day: dict[date, dict[tuple[str, str], Decimal]] = {}
        for row in self.on(day).filter(pair):
            by_day.setdefault(row.day, {})[row.base, row.quote] = row.rate
        found = (crossed(rates, base, quote) for rates in by_day.values())
        return next((rate.quantize(PLACES) for rate in found if rate is not None), None)


def crossed(rates: dict[tuple[str, str], Decimal], base: str, quote: str) -> Decimal | None:
    """A rate from the published ones of one day; None when they don't lead from `base` to `quote`."""
    both_ways = rates | {
        (theirs, ours): 1 / rate for (ours, theirs), rate in rates.items() if (theirs, ours) not in rates
    }
    if (base, quote) in both_ways:
        return both_ways[base, quote]
    for (start, middle), rate in sorted(both_ways.items()):
        if start == base and (middle, quote) in both_ways:
            return rate * both_ways[middle, quote]
    return None


class ExchangeRate(models.Model):
    """Units of `quote` for one `base` on a day; amounts are converted once, at the order's date."""

    base = models.CharField(max_length=3)
    quote = models.CharField(max_length=3)
    day = models.DateField()
    rate = models.DecimalField(max_digits=20, decimal_places=12)
    source = models.CharField(max_length=80)

    objects = ExchangeRateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["base", "quote", "day"], name="tracking_rate_once"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="tracking_rate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.base}/{self.quote} {self.rate} on {self.day}"
