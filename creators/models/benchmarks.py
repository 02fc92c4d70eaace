"""What others say is usual: figures with their source, never constants of the code."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q

from creators.models.creators import Network
from groundswell.accounts.models import Brand
from groundswell.lib.codes import short_code


class BenchmarkQuerySet(models.QuerySet["Benchmark"]):
    def visible_to(self, brand: Brand) -> BenchmarkQuerySet:
        """The published rows and the brand's own."""
        return self.filter(Q(owner=None) | Q(owner=brand))

    def of(self, brand: Brand) -> BenchmarkQuerySet:
        return self.filter(owner=brand)

    def engagement_on(self, network: str) -> BenchmarkQuerySet:
        """Values and bands of creators' engagement rates on a network."""
        return self.filter(
            metric=Benchmark.Metric.ENGAGEMENT,
            network=network,
            kind__in=[Benchmark.Kind.VALUE, Benchmark.Kind.BAND],
            population=Benchmark.Population.CREATORS,
        )

    def in_order(self) -> BenchmarkQuerySet:
        return self.order_by("metric", "network", "denominator", "lower", "tier", "low", "pk")


class Benchmark(models.Model):
    """One published or own figure. Rows of the same cell may contradict each other; they are shown as a band."""

    class Metric(models.TextChoices):
        ENGAGEMENT = "engagement", "Engagement rate"
        EFFECTIVENESS = "effectiveness", "Effectiveness rate"
        CONVERSION = "conversion", "Conversion rate"
        RETURN = "return", "Revenue per unit of cost"
        PRICE = "price", "Price per post"
        OPINION = "opinion", "Share who say so"
        POPULATION = "population", "Share of the creators"

    class Kind(models.TextChoices):
        VALUE = "value", "Value"
        BAND = "band", "Band"
        UPLIFT = "relative_uplift", "Relative uplift"
        SURVEY = "survey", "Survey"

    class Denominator(models.TextChoices):
        FOLLOWERS = "followers", "by followers"
        REACH = "reach", "by reach"
        VIEWS = "views", "by views"
        IMPRESSIONS = "impressions", "by impressions"
        UNSTATED = "unstated", "denominator not stated"
        NONE = "none", "no denominator"

    class Population(models.TextChoices):
        CREATORS = "creators", "Creators"
        BRANDS = "brands", "Brands' own accounts"
        PEOPLE = "people", "People asked"

    class Confidence(models.TextChoices):
        LOW = "low", "Low"
        MEDIUM = "medium", "Medium"
        HIGH = "high", "High"

    code = models.CharField(max_length=12, unique=True, default=short_code)
    owner = models.ForeignKey(
        Brand, on_delete=models.CASCADE, null=True, blank=True, related_name="+", help_text="Empty: published."
    )
    metric = models.CharField(max_length=15, choices=Metric)
    kind = models.CharField(max_length=15, choices=Kind, default=Kind.VALUE)
    low = models.DecimalField(
        max_digits=14, decimal_places=6, help_text="The value, or where the band starts. Rates and shares: 0.03 is 3 %."
    )
    high = models.DecimalField(
        max_digits=14, decimal_places=6, null=True, blank=True, help_text="Where a band ends; empty: open, or a value."
    )
    currency = models.CharField(max_length=3, blank=True)
    network = models.CharField(max_length=10, choices=Network, blank=True, help_text="Empty: any or not said.")
    tier = models.CharField(max_length=30, blank=True, help_text="As the source calls it; empty: all sizes.")
    against = models.CharField(max_length=30, blank=True, help_text="Of an uplift: the tier it is measured against.")
    lower = models.BigIntegerField(null=True, blank=True, help_text="Followers from which the source counts the tier.")
    upper = models.BigIntegerField(null=True, blank=True, help_text="Followers below which it does.")
    denominator = models.CharField(max_length=12, choices=Denominator, default=Denominator.UNSTATED)
    population = models.CharField(max_length=10, choices=Population, default=Population.CREATORS)
    country = models.CharField(max_length=2, blank=True)
    period = models.CharField(max_length=40, blank=True, help_text="The time the figure is about, as the source says.")
    source = models.CharField(max_length=200)
    url = models.URLField(max_length=300, blank=True)
    confidence = models.CharField(max_length=10, choices=Confidence, default=Confidence.LOW)
    is_disputed = models.BooleanField(default=False)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BenchmarkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(high=None) | Q(high__gte=models.F("low")), name="creators_bench_band"),
            models.CheckConstraint(
                condition=Q(lower=None) | Q(upper=None) | Q(upper__gt=models.F("lower")), name="creators_bench_sizes"
            ),
            models.CheckConstraint(
                condition=Q(kind="relative_uplift") ^ Q(against=""), name="creators_bench_uplift_against"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_metric_display()} {self.low} ({self.source})"

    @property
    def top(self) -> Decimal | None:
        """Where the row's figures end: the value itself, the band's end, or None where the band is open."""
        return self.low if self.kind != self.Kind.BAND else self.high

    @property
    def is_relative(self) -> bool:
        """Shares and rates are shown in per cent, amounts and returns as numbers."""
        return self.metric not in {self.Metric.PRICE, self.Metric.RETURN}

    def covers(self, tier: str | None, followers: int | None) -> bool:
        """Whether it speaks of an account of this size: by its own bounds, else by the name of the tier."""
        if self.lower is None and self.upper is None:
            return not self.tier or (tier is not None and self.tier.casefold() == tier.casefold())
        if followers is None:
            return False
        return (self.lower is None or followers >= self.lower) and (self.upper is None or followers < self.upper)
