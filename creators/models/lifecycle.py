"""From first interest to ambassador: how far a relationship has come, by a rule that the brand can read and change."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Case, Q, Value, When

from groundswell.accounts.models import Brand


class Lifecycle(models.TextChoices):
    PROSPECT = "prospect", "Prospect"
    TRIAL = "trial", "Trial"
    REPEAT = "repeat", "Repeat"
    AMBASSADOR = "ambassador", "Ambassador"
    DORMANT = "dormant", "Dormant"


class LifecycleRuleQuerySet(models.QuerySet["LifecycleRule"]):
    def of(self, brand: Brand) -> LifecycleRuleQuerySet:
        return self.filter(brand=brand)

    def holding(self, brand: Brand) -> LifecycleRule:
        """The brand's rule; an unsaved one with the usual thresholds where it set none."""
        return self.of(brand).first() or LifecycleRule(brand=brand)


class LifecycleRule(models.Model):
    """Thresholds: numbers of accepted collaborations, and days. The last condition that holds, in this order, counts:

    trial, repeat and ambassador from so many accepted collaborations (ambassador: within `ambassador_days`), dormant
    after `dormant_days` without an acceptance or a post handed in. Nobody who never collaborated is dormant.
    """

    brand = models.OneToOneField(Brand, on_delete=models.CASCADE, related_name="lifecycle_rule")
    trial_from = models.PositiveSmallIntegerField("Trial from", default=1)
    repeat_from = models.PositiveSmallIntegerField("Repeat from", default=2)
    ambassador_from = models.PositiveSmallIntegerField("Ambassador from", default=3)
    ambassador_days = models.PositiveSmallIntegerField("… within the last days", default=365)
    dormant_days = models.PositiveSmallIntegerField("Dormant after days", default=180)

    objects = LifecycleRuleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(trial_from__gte=1)
                & Q(repeat_from__gt=models.F("trial_from"))
                & Q(ambassador_from__gt=models.F("repeat_from"))
                & Q(ambassador_from__lte=100, ambassador_days__gte=1, dormant_days__gte=1),
                name="creators_lifecyclerule_rises",
            )
        ]

    def __str__(self) -> str:
        return f"Lifecycle at {self.brand}"

    def stage(self, worked_at: list[datetime], last_worked_at: datetime | None, now: datetime) -> Lifecycle:
        """The stage by the times of the accepted collaborations, newest first, and of the last work."""
        if len(worked_at) < self.trial_from:
            return Lifecycle.PROSPECT
        if last_worked_at and last_worked_at < now - timedelta(days=self.dormant_days):
            return Lifecycle.DORMANT
        recent = [at for at in worked_at if at >= now - timedelta(days=self.ambassador_days)]
        if len(recent) >= self.ambassador_from:
            return Lifecycle.AMBASSADOR
        return Lifecycle.REPEAT if len(worked_at) >= self.repeat_from else Lifecycle.TRIAL

    def expression(self, now: datetime) -> Case:
        """The same as `stage`, for a query over relationships."""
        silent_since = now - timedelta(days=self.dormant_days)
        close = now - timedelta(days=self.ambassador_days)
        return Case(
            When(worked_at__len__lt=self.trial_from, then=Value(Lifecycle.PROSPECT)),
            When(last_worked_at__lt=silent_since, then=Value(Lifecycle.DORMANT)),
            When(**{f"worked_at__{self.ambassador_from - 1}__gte": close}, then=Value(Lifecycle.AMBASSADOR)),
            When(worked_at__len__gte=self.repeat_from, then=Value(Lifecycle.REPEAT)),
            default=Value(Lifecycle.TRIAL),
            output_field=models.CharField(),
        )

    @property
    def words(self) -> dict[str, str]:
        """What each stage means, in words."""
        return {
            Lifecycle.PROSPECT: f"fewer than {times(self.trial_from)}",
            Lifecycle.TRIAL: f"at least {times(self.trial_from)}",
            Lifecycle.REPEAT: f"at least {times(self.repeat_from)}",
            Lifecycle.AMBASSADOR: f"at least {times(self.ambassador_from)} in the last {self.ambassador_days} days",
            Lifecycle.DORMANT: f"collaborated before, but accepted and handed in nothing for {self.dormant_days} days",
        }


def times(number: int) -> str:
    return "1 accepted collaboration" if number == 1 else f"{number} accepted collaborations"
