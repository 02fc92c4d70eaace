"""What one brand knows of creators: contacts, prices, notes, shortlists."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, Count, Exists, OuterRef, Q, When
from django.urls import reverse

from creators.models.creators import Creator, SocialAccount
from creators.models.lifecycle import LifecycleRule
from groundswell.accounts.models import Brand, User
from groundswell.events.models import About
from groundswell.lib.codes import short_code


class RelationshipQuerySet(models.QuerySet["Relationship"]):
    def of(self, brand: Brand) -> RelationshipQuerySet:
        return self.filter(brand=brand)

    def blocked(self) -> RelationshipQuerySet:
        return self.filter(stage=Relationship.Stage.BLOCKED)

    def standing(self) -> RelationshipQuerySet:
        """All but the blocked ones, and those whose creator is about to be erased."""
        return self.exclude(stage=Relationship.Stage.BLOCKED).filter(creator__leaves_at=None)

    def mentioning(self, text: str) -> RelationshipQuerySet:
        """The creator's name or handle, the e-mail or the next step holds the text."""
        handles = SocialAccount.objects.filter(handle__contains=text.lower().lstrip("@")).values("creator")
        name = Q(creator__name__icontains=text) | Q(creator__in=handles)
        return self.filter(name | Q(email__icontains=text) | Q(next_step__icontains=text))

    def due(self, day: date) -> RelationshipQuerySet:
        """Those whose next step is due by that day."""
        return self.filter(next_step_on__lte=day)

    def unreminded(self) -> RelationshipQuerySet:
        """Those of whose next step nobody was reminded yet."""
        return self.filter(reminded_at=None)

    def with_lifecycle(self, rule: LifecycleRule, now: datetime) -> RelationshipQuerySet:
        """Adds `lifecycle`, as it is at this moment."""
        return self.annotate(lifecycle=rule.expression(now))

    def with_people(self) -> RelationshipQuerySet:
        return self.select_related("creator", "owner")


class Relationship(models.Model):
    """What one brand knows of a creator beyond public facts; no other brand ever sees it."""

    class Stage(models.TextChoices):
        PROSPECT = "prospect", "Prospect"
        CONTACTED = "contacted", "Contacted"
        IN_TALKS = "in_talks", "In talks"
        ACTIVE = "active", "Active"
        PAST = "past", "Past"
        BLOCKED = "blocked", "Blocked"

    code = models.CharField(max_length=12, unique=True, default=short_code)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="relationships")
    creator = models.ForeignKey(Creator, on_delete=models.CASCADE, related_name="relationships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="relationships",
        help_text="The creator's own sign-in, set when they enter the portal through this relationship.",
    )
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.PROSPECT)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    address = models.TextField(blank=True)
    price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True, help_text="Asked per post.")
    price_currency = models.CharField(max_length=3, blank=True)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    custom = models.JSONField(default=dict, blank=True, help_text="Values of the brand's own fields, by their codes.")
    next_step = models.CharField(max_length=160, blank=True)
    next_step_on = models.DateField(null=True, blank=True)
    reminded_at = models.DateTimeField(
        null=True, blank=True, help_text="When the team was reminded of the next step; empty again for another step."
    )
    blocked_at = models.DateTimeField(null=True, blank=True)
    blocked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    blocked_reason = models.CharField(max_length=300, blank=True)
    worked_at = ArrayField(
        models.DateTimeField(), default=list, blank=True, help_text="Accepted collaborations, newest first."
    )
    last_worked_at = models.DateTimeField(null=True, blank=True, help_text="Last acceptance or post handed in.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = RelationshipQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "creator"], name="creators_relationship_once")]
        indexes = [
            models.Index(fields=["brand", "stage"], name="creators_relationship_stage"),
            models.Index(fields=["brand", "-id"], name="creators_relationship_newest"),
            models.Index(
                fields=["brand", "next_step_on"],
                condition=Q(next_step_on__isnull=False),
                name="creators_relationship_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.brand} and {self.creator}"

    @property
    def is_blocked(self) -> bool:
        return self.stage == self.Stage.BLOCKED

    def get_absolute_url(self) -> str:
        return reverse("creators:profile", args=[self.creator.code])

    def about(self) -> About:
        return About(self.creator_id)


class NoteQuerySet(models.QuerySet["Note"]):
    def of(self, brand: Brand) -> NoteQuerySet:
        return self.filter(relationship__brand=brand)

    def naming(self, user: User) -> NoteQuerySet:
        """Notes in which this person is mentioned."""
        return self.filter(mentions__user=user)


class Note(models.Model):
    relationship = models.ForeignKey(Relationship, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = NoteQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.text[:60]


class Mention(models.Model):
    """Somebody of the team whom a note names with @; they are told once."""

    note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="mentions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["note", "user"], name="creators_mention_once")]

    def __str__(self) -> str:
        return f"@{self.user}"


class ShortlistQuerySet(models.QuerySet["Shortlist"]):
    def of(self, brand: Brand) -> ShortlistQuerySet:
        return self.filter(brand=brand)

    def static(self) -> ShortlistQuerySet:
        """Lists that creators are put on by hand."""
        return self.filter(query="")

    def by_rule(self) -> ShortlistQuerySet:
        return self.exclude(query="")

    def with_size(self) -> ShortlistQuerySet:
        """Adds `size`: who is on the list and isn't blocked; None for lists by rule, which are searched for."""
        blocked = Relationship.objects.blocked().filter(brand=OuterRef("brand"), creator=OuterRef("entries__creator"))
        return self.annotate(size=Case(When(query="", then=Count("entries", filter=~Exists(blocked)))))


class Shortlist(models.Model):
    """Creators put on it by hand, or with a `query` whoever a search finds now: a saved search is a list by rule."""

    code = models.CharField(max_length=12, unique=True, default=short_code)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="shortlists")
    name = models.CharField(max_length=80, default="Shortlist")
    query = models.TextField(blank=True, help_text="The directory's query string; empty: a list by hand.")
    alerts = models.BooleanField(default=False, help_text="Tell the team about new matches.")
    last_seen = models.DateTimeField(null=True, blank=True, help_text="Until when new matches were looked for.")
    creators: models.ManyToManyField[Creator, ShortlistEntry] = models.ManyToManyField(
        Creator, through="ShortlistEntry", related_name="shortlists"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ShortlistQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "name"], name="creators_shortlist_name_once")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("creators:shortlist", args=[self.code])

    def about(self) -> About:
        return About(None, url=self.get_absolute_url())

    @property
    def is_by_rule(self) -> bool:
        return bool(self.query)


class ShortlistEntry(models.Model):
    shortlist = models.ForeignKey(Shortlist, on_delete=models.CASCADE, related_name="entries")
    creator = models.ForeignKey(Creator, on_delete=models.CASCADE, related_name="shortlist_entries")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shortlist", "creator"], name="creators_entry_once")]

    def __str__(self) -> str:
        return f"{self.creator} in {self.shortlist}"
