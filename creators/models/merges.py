"""Two records of one person: proposed, merged, and taken apart again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Prefetch, Q

from creators.models.creators import Creator
from creators.models.relationships import Relationship
from groundswell.accounts.models import Brand
from groundswell.events.models import About
from groundswell.lib.codes import short_code

SIDES = ("first", "second")


class MergeProposalQuerySet(models.QuerySet["MergeProposal"]):
    def of(self, brand: Brand) -> MergeProposalQuerySet:
        return self.filter(brand=brand)

    def open(self) -> MergeProposalQuerySet:
        return self.filter(status=MergeProposal.Status.OPEN)

    def with_facts(self, brand: Brand) -> MergeProposalQuerySet:
        """Both records with their accounts, and as `mine` what the brand knows of each."""
        mine = Relationship.objects.of(brand)
        return self.select_related("first", "second").prefetch_related(
            *(f"{side}__accounts" for side in SIDES),
            *(Prefetch(f"{side}__relationships", mine, to_attr="mine") for side in SIDES),
        )


class MergeProposal(models.Model):
    """Two records that may be one person, and why. Of a brand: about its own records; of nobody: about public ones."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        DISMISSED = "dismissed", "Dismissed"

    code = models.CharField(max_length=12, unique=True, default=short_code)
    brand = models.ForeignKey(
        Brand, on_delete=models.CASCADE, null=True, blank=True, related_name="+", help_text="Empty: for the operator."
    )
    first = models.ForeignKey(Creator, on_delete=models.CASCADE, related_name="+", help_text="The older record.")
    second = models.ForeignKey(Creator, on_delete=models.CASCADE, related_name="+")
    reasons = models.JSONField(default=list, help_text="Sentences.")
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MergeProposalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "first", "second"], name="creators_proposal_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="creators_proposal_in_order"),
        ]
        indexes = [models.Index(fields=["brand", "status", "-id"], name="creators_proposal_open")]

    def __str__(self) -> str:
        return f"{self.first} and {self.second}"

    @property
    def sides(self) -> tuple[Creator, Creator]:
        return self.first, self.second

    @property
    def has_public(self) -> bool:
        return any(side.is_public for side in self.sides)


class MergeQuerySet(models.QuerySet["Merge"]):
    def of(self, brand: Brand) -> MergeQuerySet:
        return self.filter(brand=brand)

    def undoable(self, at: datetime) -> MergeQuerySet:
        return self.filter(undone_at=None, merged_at__gt=at - Merge.UNDOABLE_FOR).exclude(before={})


class Merge(models.Model):
    """A record that was merged into another one, with all that is needed to take them apart again for a month."""

    UNDOABLE_FOR: ClassVar[timedelta] = timedelta(days=30)

    code = models.CharField(max_length=12, unique=True, default=short_code)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    kept = models.ForeignKey(Creator, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=160, help_text="Of the record that is gone.")
    reasons = models.JSONField(default=list)
    before = models.JSONField(
        default=dict, help_text="Rows removed, rows moved and values changed; empty when it can't be undone any more."
    )
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    merged_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True)

    objects = MergeQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["brand", "-id"], name="creators_merge_latest")]

    def about(self) -> About:
        return About(self.kept_id)

    def __str__(self) -> str:
        return f"{self.name} into {self.kept}"
