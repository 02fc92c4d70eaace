"""Whom the searches found that a brand watches: each creator once per search, told once."""

from __future__ import annotations

from django.db import models
from django.db.models import Count, F, Q

from creators.models.creators import Creator
from creators.models.relationships import Shortlist
from groundswell.accounts.models import Brand


class SearchMatchQuerySet(models.QuerySet["SearchMatch"]):
    def of(self, brand: Brand) -> SearchMatchQuerySet:
        return self.filter(shortlist__brand=brand)

    def new(self) -> SearchMatchQuerySet:
        """Found since somebody of the team last looked."""
        return self.filter(found_at__gt=F("shortlist__last_seen"))

    def untold(self) -> SearchMatchQuerySet:
        return self.filter(told_at=None, shortlist__alerts=True)

    def per_search(self) -> dict[int, int]:
        """How many, by the key of the search."""
        return dict(self.values_list("shortlist").annotate(n=Count("pk")))


class SearchMatch(models.Model):
    """A creator whom a watched search found; those found when the watch began count as told."""

    shortlist = models.ForeignKey(Shortlist, on_delete=models.CASCADE, related_name="matches")
    creator = models.ForeignKey(Creator, on_delete=models.CASCADE, related_name="+")
    found_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)

    objects = SearchMatchQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shortlist", "creator"], name="creators_match_once")]
        indexes = [
            models.Index(fields=["shortlist", "found_at"], name="creators_match_newest"),
            models.Index(fields=["shortlist"], condition=Q(told_at=None), name="creators_match_untold"),
        ]

    def __str__(self) -> str:
        return f"{self.creator} found by {self.shortlist}"
