"""A brand's vetting of creators: what it looks for, its checklist, votes, decisions, and signals as they were seen."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Count, Q
from django.urls import reverse

from creators.models.creators import Creator
from creators.models.relationships import Shortlist
from groundswell.accounts.models import Brand
from groundswell.events.models import About
from groundswell.lib.codes import short_code


def words(text: str, size: int = 80) -> ArrayField[list[str], list[str]]:
    return ArrayField(models.CharField(max_length=size), default=list, blank=True, help_text=text)


class VettingPolicyQuerySet(models.QuerySet["VettingPolicy"]):
    def holding(self, brand: Brand) -> VettingPolicy:
        """The brand's policy; an unsaved empty one where it set none."""
        return self.filter(brand=brand).first() or VettingPolicy(brand=brand)


class VettingPolicy(models.Model):
    """What a brand looks for, the names it listens for, and the weights of the fit score."""

    brand = models.OneToOneField(Brand, on_delete=models.CASCADE, related_name="vetting_policy")
    countries = words("Countries of the wanted audience, ISO 3166-1 alpha-2.", 2)
    languages = words("Languages of the wanted audience, ISO 639-1.", 8)
    ages = words("Age bands of the wanted audience, such as 18-24.", 10)
    niches = words("Wanted niches.", 40)
    own_names = words("The brand's own names and handles.")
    competitors = words("Names and handles of competitors.")
    category = words("Words for the kind of product.")
    weights = models.JSONField(default=dict, blank=True, help_text="Weight by part of the fit score, 0 to 10.")
    updated_at = models.DateTimeField(auto_now=True)

    objects = VettingPolicyQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Vetting at {self.brand}"


class ChecklistItemQuerySet(models.QuerySet["ChecklistItem"]):
    def of(self, brand: Brand) -> ChecklistItemQuerySet:
        return self.filter(brand=brand)

    def in_use(self) -> ChecklistItemQuerySet:
        return self.filter(is_retired=False).order_by("position", "pk")


class ChecklistItem(models.Model):
    """A question that the brand's team answers by looking. A retired one keeps its earlier answers."""

    code = models.CharField(max_length=12, unique=True, default=short_code)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="checklist")
    position = models.SmallIntegerField(default=0)
    text = models.CharField(max_length=200)
    is_retired = models.BooleanField(default=False)

    objects = ChecklistItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "text"], condition=Q(is_retired=False), name="creators_checklist_item_once"
            )
        ]

    def __str__(self) -> str:
        return self.text


class VettingQuerySet(models.QuerySet["Vetting"]):
    def of(self, brand: Brand) -> VettingQuerySet:
        return self.filter(brand=brand)

    def with_votes(self) -> VettingQuerySet:
        """Adds `approvals`, `rejections` and `doubts`."""
        counts = {
            name: Count("votes", filter=Q(votes__answer=answer))
            for name, answer in (("approvals", "approve"), ("rejections", "reject"), ("doubts", "unsure"))
        }
        return self.annotate(**counts)


class Vetting(models.Model):
    """One brand's look at one creator: signals as computed, and what was decided. Kept as the record of the decision.

    `signals` is a list of {network, handle, attention, signals: [Signal.as_json]}; `inputs` says what they were
    computed from. Empty `computed_at`: nothing was stored yet.
    """

    class Decision(models.TextChoices):
        OPEN = "open", "Open"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"
        ENDED = "ended", "Ended without a decision"

    class Attention(models.TextChoices):
        CLOSE = "close", "Look closer"
        SOME = "some", "Worth a look"
        NONE = "none", "Nothing stands out"
        UNKNOWN = "unknown", "Too little known"

    code = models.CharField(max_length=12, unique=True, default=short_code)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="vettings")
    creator = models.ForeignKey(Creator, on_delete=models.CASCADE, related_name="vettings")
    attention = models.CharField(max_length=10, choices=Attention, default=Attention.UNKNOWN)
    signals = models.JSONField(default=list, blank=True)
    inputs = models.JSONField(default=dict, blank=True)
    fit = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True, help_text="0 to 100.")
    fit_coverage = models.DecimalField(max_digits=4, decimal_places=3, null=True, blank=True)
    computed_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=10, choices=Decision, default=Decision.OPEN)
    reason = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = VettingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "creator"], name="creators_vetting_once"),
            models.CheckConstraint(
                condition=Q(decision="open", decided_at=None) | ~Q(decision="open") & Q(decided_at__isnull=False),
                name="creators_vetting_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.creator} vetted by {self.brand}"

    def get_absolute_url(self) -> str:
        return reverse("creators:vetting", args=[self.creator.code])

    def about(self) -> About:
        return About(self.creator_id, url=self.get_absolute_url())


class ChecklistAnswer(models.Model):
    class Answer(models.TextChoices):
        YES = "yes", "Yes"
        NO = "no", "No"
        UNSURE = "unsure", "Not sure"

    vetting = models.ForeignKey(Vetting, on_delete=models.CASCADE, related_name="answers")
    item = models.ForeignKey(ChecklistItem, on_delete=models.CASCADE, related_name="answers")
    answer = models.CharField(max_length=10, choices=Answer)
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["vetting", "item"], name="creators_answer_once")]

    def __str__(self) -> str:
        return f"{self.item}: {self.get_answer_display()}"


class Vote(models.Model):
    """One member's opinion; the last one counts."""

    class Answer(models.TextChoices):
        APPROVE = "approve", "Approve"
        REJECT = "reject", "Reject"
        UNSURE = "unsure", "Unsure"

    vetting = models.ForeignKey(Vetting, on_delete=models.CASCADE, related_name="votes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    answer = models.CharField(max_length=10, choices=Answer)
    comment = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["vetting", "user"], name="creators_vote_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_answer_display()}"


class SignalReply(models.Model):
    """What a creator says about a signal; every brand that sees the record reads it."""

    creator = models.ForeignKey(Creator, on_delete=models.CASCADE, related_name="signal_replies")
    signal = models.CharField(max_length=30)
    text = models.CharField(max_length=500)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["creator", "signal"], name="creators_signal_reply_once")]

    def __str__(self) -> str:
        return self.text[:60]


class VettingRunQuerySet(models.QuerySet["VettingRun"]):
    def of(self, brand: Brand) -> VettingRunQuerySet:
        return self.filter(brand=brand)


class VettingRun(models.Model):
    """The signals of everybody on a list, computed in the background."""

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"

    ENDED: ClassVar[tuple[str, ...]] = (Status.DONE, Status.CANCELLED)

    code = models.CharField(max_length=12, unique=True, default=short_code)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="vetting_runs")
    shortlist = models.ForeignKey(Shortlist, on_delete=models.CASCADE, related_name="vetting_runs")
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    creators = ArrayField(models.BigIntegerField(), help_text="Keys of who was on the list at the start, in order.")
    done = models.IntegerField(default=0, help_text="How many of them are finished; where another worker goes on.")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    beat_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = VettingRunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running"], ended_at=None)
                | Q(status__in=["done", "cancelled"], ended_at__isnull=False),
                name="creators_vettingrun_ended",
            )
        ]

    def __str__(self) -> str:
        return f"{self.done} of {self.total} on {self.shortlist}"

    @property
    def total(self) -> int:
        return len(self.creators)

    @property
    def has_ended(self) -> bool:
        return self.status in self.ENDED
