"""Rules of credit with their versions, the evidence orders were decided on, and replays under another rule."""

from __future__ import annotations

from dataclasses import asdict, fields
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from campaigns.models import Campaign, Collaboration
from groundswell.accounts.models import Brand
from groundswell.events.models import About
from groundswell.lib.codes import short_code
from tracking.attribution.rules import BUILT_IN, DEFAULT, Rule
from tracking.models.orders import Order

DECIMALS = ("code_part", "survey_weight", "half_life_days", "percent_new", "percent_returning")
PARAMS = tuple(field.name for field in fields(Rule) if field.name != "label")


def params_of(rule: Rule) -> dict[str, Any]:
    """A rule's settings as they are stored: decimals as text."""
    found = asdict(rule)
    return {name: str(found[name]) if isinstance(found[name], Decimal) else found[name] for name in PARAMS}


def rule_of(label: str, params: dict[str, Any]) -> Rule:
    known = {name: params[name] for name in PARAMS if name in params}
    decimals = {name: Decimal(known[name]) for name in DECIMALS if known.get(name) is not None}
    return Rule(label, **{**known, **decimals})


class AttributionRuleQuerySet(models.QuerySet["AttributionRule"]):
    def of(self, brand: Brand) -> AttributionRuleQuerySet:
        return self.filter(brand=brand)

    def active(self) -> AttributionRuleQuerySet:
        return self.filter(is_active=True)

    def labelled(self, brand: Brand, label: str) -> Rule | None:
        """A version of the brand's rules, or one that comes with the product."""
        name, _, version = label.rpartition("/")
        found = self.of(brand).filter(name=name, version=version).first() if version.isdecimal() else None
        return found.rule if found else BUILT_IN.get(label)

    def deciding(self, brand: Brand) -> dict[int | None, Rule]:
        """The rules in force by the campaign they are for; None: every other order of the brand."""
        found: dict[int | None, Rule] = {row.campaign_id: row.rule for row in self.of(brand).active()}
        return {None: DEFAULT, **found}


class AttributionRule(models.Model):
    """A version of a rule. It is never changed: another setting is the next version. At most one is in force for the
    brand, and one for each campaign; orders are decided by the one in force when they come."""

    code = models.CharField(max_length=12, unique=True, default=short_code)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="attribution_rules")
    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, null=True, blank=True, related_name="attribution_rules"
    )
    name = models.SlugField(max_length=30)
    version = models.PositiveSmallIntegerField(default=1)
    params = models.JSONField(default=dict)
    is_active = models.BooleanField(default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    activated_at = models.DateTimeField(null=True, blank=True, help_text="When it was last put in force.")

    objects = AttributionRuleQuerySet.as_manager()

    class Meta:
        ordering = ["name", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["brand", "name", "version"], name="tracking_rule_once"),
            models.UniqueConstraint(
                fields=["brand", "campaign"],
                condition=Q(is_active=True),
                name="tracking_rule_one_active",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return f"{self.name}/{self.version}"

    @property
    def rule(self) -> Rule:
        return rule_of(self.label, self.params)

    def about(self) -> About:
        return About(None, url=reverse("tracking:rules"))


class OrderEvidence(models.Model):
    """What was known of an order when it was last decided on, and by which rule; not changed once it is credited.

    Clicks are forgotten month by month and codes change: this is what a replay can rely on.
    """

    order = models.OneToOneField(Order, on_delete=models.CASCADE, primary_key=True, related_name="evidence")
    rule = models.CharField(max_length=40)
    facts = models.JSONField(encoder=DjangoJSONEncoder, help_text="See attribution.evidence.Evidence.as_json.")
    decided_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"Evidence of {self.order_id}"


class AttributionRunQuerySet(models.QuerySet["AttributionRun"]):
    def of(self, brand: Brand) -> AttributionRunQuerySet:
        return self.filter(brand=brand)


class AttributionRun(models.Model):
    """A period's orders decided once more under a rule, beside the ledger. Rule, period and cut-off never change.

    `place` says where another worker goes on: [store, placed_at, order].
    """

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"
        REFUSED = "refused", "Too little to learn from"

    ENDED: ClassVar[tuple[str, ...]] = (Status.DONE, Status.CANCELLED, Status.REFUSED)

    code = models.CharField(max_length=12, unique=True, default=short_code)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="attribution_runs")
    label = models.CharField(max_length=40, help_text="Name and version of the rule.")
    params = models.JSONField()
    since = models.DateField(help_text="First day of the orders, in the brand's time zone.")
    until = models.DateField(help_text="Last day.")
    cutoff = models.DateTimeField(help_text="Refunds after it are left out.")
    as_decided = models.BooleanField(
        default=False, help_text="With the evidence each order was decided on, and the rule in force then."
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    place = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    learned = models.JSONField(default=dict, help_text="What the model learned from all journeys, and how many.")
    summary = models.JSONField(default=dict, help_text="Sums beside the ledger's, once it has ended.")
    note = models.CharField(max_length=200, blank=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    beat_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = AttributionRunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running"], ended_at=None)
                | Q(status__in=["done", "cancelled", "refused"], ended_at__isnull=False),
                name="tracking_run_ended",
            ),
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="tracking_run_period"),
        ]

    def __str__(self) -> str:
        return f"{self.label}, {self.since} to {self.until}"

    @property
    def rule(self) -> Rule:
        return rule_of(self.label, self.params)

    @property
    def has_ended(self) -> bool:
        return self.status in self.ENDED

    def get_absolute_url(self) -> str:
        return reverse("tracking:replay", args=[self.code])

    def about(self) -> About:
        return About(None, url=self.get_absolute_url())


class RunLine(models.Model):
    """What a replay gives a collaboration of an order, after refunds; without a collaboration: why nobody gets it."""

    run = models.ForeignKey(AttributionRun, on_delete=models.CASCADE, related_name="lines", db_index=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+")
    collaboration = models.ForeignKey(
        Collaboration, on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    reason = models.CharField(max_length=20)
    share = models.DecimalField(max_digits=12, decimal_places=10)
    revenue = models.DecimalField(max_digits=16, decimal_places=4)
    commission = models.DecimalField(max_digits=16, decimal_places=4)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "order", "collaboration"], name="tracking_runline_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.revenue} of {self.order_id}"
