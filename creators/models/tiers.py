"""How a brand names sizes of following."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from creators.models.creators import Network
from groundswell.accounts.models import Brand


class TierSchemeQuerySet(models.QuerySet["TierScheme"]):
    def of(self, brand: Brand) -> TierSchemeQuerySet:
        return self.filter(brand=brand)


class TierScheme(models.Model):
    """How a brand names sizes of following. A tier is computed from it, never stored as a fact."""

    brand = models.OneToOneField(Brand, on_delete=models.CASCADE, related_name="tier_scheme")
    name = models.CharField(max_length=80, default="Standard")
    updated_at = models.DateTimeField(auto_now=True)

    objects = TierSchemeQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class TierBand(models.Model):
    """Lower bound inclusive, upper bound exclusive; an empty bound is open. Empty network: every network."""

    scheme = models.ForeignKey(TierScheme, on_delete=models.CASCADE, related_name="bands")
    network = models.CharField(max_length=10, choices=Network, blank=True)
    name = models.CharField(max_length=30)
    lower = models.BigIntegerField(null=True, blank=True)
    upper = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["network", F("lower").asc(nulls_first=True)]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "network", "name"], name="creators_band_name_once"),
            models.CheckConstraint(
                condition=Q(lower=None) | Q(upper=None) | Q(upper__gt=F("lower")),
                name="creators_band_upper_above_lower",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def holds(self, followers: int) -> bool:
        return (self.lower is None or followers >= self.lower) and (self.upper is None or followers < self.upper)
