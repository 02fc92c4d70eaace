"""Reports that a brand puts together, who gets them by mail, and the links that show them to outsiders."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core import signing
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Campaign
from groundswell.accounts.models import Brand
from groundswell.events.models import About
from groundswell.lib.codes import short_code
from groundswell.lib.shares import Share, VisitCount, digest_of


class ReportQuerySet(models.QuerySet["Report"]):
    def of(self, brand: Brand) -> ReportQuerySet:
        return self.filter(brand=brand)

    def with_sharing(self, at: datetime) -> ReportQuerySet:
        """With `open_links`: how many links lead to it now."""
        is_open = Q(shares__revoked_at=None, shares__expires_at__gt=at)
        return self.annotate(open_links=models.Count("shares", filter=is_open, distinct=True))


class Report(models.Model):
    """What to tell, of what and of when. It holds no figures: they are looked up whenever it is read."""

    class Scope(models.TextChoices):
        CAMPAIGNS = "campaigns", "Chosen campaigns"
        BRAND = "brand", "The whole brand"

    class Period(models.TextChoices):
        WHOLE = "whole", "The campaigns' whole run"
        DAYS_7 = "7-days", "The last 7 days"
        DAYS_28 = "28-days", "The last 28 days"
        DAYS_90 = "90-days", "The last 90 days"
        THIS_MONTH = "this-month", "This month so far"
        LAST_MONTH = "last-month", "Last month"
        FIXED = "fixed", "Fixed days"

    class Section(models.TextChoices):
        HEADLINE = "headline", "Headline figures"
        FUNNEL = "funnel", "From the choice to the order"
        SERIES = "series", "Over time"
        CREATORS = "creators", "Creators"
        TIERS = "tiers", "Tiers"
        FORMATS = "formats", "Networks and formats"
        MONEY = "money", "Money"
        ATTRIBUTION = "attribution", "How credit was given"
        POSTS = "posts", "Posts and engagement"
        HEALTH = "health", "Disclosure and data"
        TEXT = "text", "Text of your own"

    USUAL: ClassVar[tuple[str, ...]] = ("headline", "funnel", "series", "creators", "money", "attribution")
    MOST: ClassVar[int] = 1000

    code = models.CharField(max_length=12, unique=True, default=short_code)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="reports")
    name = models.CharField(max_length=120)
    scope = models.CharField(max_length=10, choices=Scope, default=Scope.CAMPAIGNS)
    campaigns = models.ManyToManyField(Campaign, related_name="+", blank=True)
    period = models.CharField(max_length=10, choices=Period, default=Period.WHOLE)
    since = models.DateField(null=True, blank=True, help_text="First of the fixed days, in the brand's time zone.")
    until = models.DateField(null=True, blank=True, help_text="Last of the fixed days.")
    sections = ArrayField(models.CharField(max_length=12, choices=Section), default=list, help_text="In their order.")
    top = models.PositiveSmallIntegerField(
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(MOST)],
        help_text="How many creators and posts are named.",
    )
    text_title = models.CharField(max_length=120, blank=True)
    text = models.TextField(max_length=5000, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ("name", "id")
        indexes = [models.Index(fields=["brand", "name"], name="tracking_report_name")]
        constraints = [
            models.CheckConstraint(
                condition=Q(period="fixed", since__isnull=False, until__gte=F("since")) | ~Q(period="fixed"),
                name="tracking_report_period",
            ),
            models.CheckConstraint(condition=Q(sections__len__gt=0), name="tracking_report_has_section"),
            models.CheckConstraint(condition=Q(top__gte=1, top__lte=1000), name="tracking_report_top"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("tracking:report", args=[self.code])

    def about(self) -> About:
        return About(None, self.name, self.get_absolute_url())


# Links for outsiders


class ReportShareQuerySet(models.QuerySet["ReportShare"]):
    def of(self, brand: Brand) -> ReportShareQuerySet:
        return self.filter(report__brand=brand)

    def behind(self, token: str) -> ReportShareQuerySet:
        """The one that a link leads to, as long as it is open."""
        return self.filter(digest=digest_of(token), revoked_at=None, expires_at__gt=timezone.now())

    def with_visits(self) -> ReportShareQuerySet:
        """With `seen` (how often it was opened) and `seen_at` (when last)."""
        return self.annotate(seen=models.Sum("visits__times", default=0), seen_at=models.Max("visits__last_at"))


class ReportShare(Share):
    """A link to a report, for a while."""

    code = models.CharField(max_length=12, unique=True, default=short_code)
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="shares")
    hides_names = models.BooleanField(default=False, help_text="Creators are numbered instead of named.")
    shows_costs = models.BooleanField(
        default=False, help_text="What each creator cost, and the return on it, is shown."
    )
    gives_files = models.BooleanField(default=True, help_text="PDF and workbook can be taken.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ReportShareQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"link to {self.report}"

    @staticmethod
    def url_of(token: str) -> str:
        """What is given to the reader."""
        return settings.SITE_URL + reverse("tracking:shared-report", args=[token])

    def about(self) -> About:
        return self.report.about()


class ReportVisit(VisitCount):
    """Of a shared report."""

    share = models.ForeignKey(ReportShare, on_delete=models.CASCADE, related_name="visits")

    class Meta:
        ordering = ("-day", "-last_at")
        constraints = [models.UniqueConstraint(fields=["share", "day", "agent"], name="tracking_report_visit_once")]


# By mail


class ReportScheduleQuerySet(models.QuerySet["ReportSchedule"]):
    def of(self, brand: Brand) -> ReportScheduleQuerySet:
        return self.filter(report__brand=brand)

    def due(self, at: datetime) -> ReportScheduleQuerySet:
        return self.filter(next_due__lte=at)


class ReportSchedule(models.Model):
    """When a report goes out. `next_due` moves on in the transaction that makes the letters of the time before."""

    class Every(models.TextChoices):
        WEEK = "week", "Every week"
        MONTH = "month", "Every month"

    report = models.OneToOneField(Report, on_delete=models.CASCADE, related_name="schedule")
    every = models.CharField(max_length=5, choices=Every, default=Every.WEEK)
    weekday = models.PositiveSmallIntegerField(default=0, help_text="0: Monday.")
    day = models.PositiveSmallIntegerField(default=1, help_text="Of the month; the last one where it is shorter.")
    hour = models.PositiveSmallIntegerField(default=8, help_text="By the brand's clock.")
    stops_after = models.PositiveSmallIntegerField(
        default=14, help_text="Days after the last campaign closed from which on nothing is sent."
    )
    next_due = models.DateTimeField(null=True, blank=True, help_text="Empty: paused.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ReportScheduleQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["next_due"], name="tracking_report_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday__lte=6, day__gte=1, day__lte=31, hour__lte=23), name="tracking_report_schedule"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_every_display()}: {self.report}"

    def about(self) -> About:
        return self.report.about()


class ReportReaderQuerySet(models.QuerySet["ReportReader"]):
    def of(self, brand: Brand) -> ReportReaderQuerySet:
        return self.filter(report__brand=brand)

    def subscribed(self) -> ReportReaderQuerySet:
        return self.filter(left_at=None)


class ReportReader(models.Model):
    """Who gets a report by mail: a member of the team, or an address outside it."""

    SALT: ClassVar[str] = "tracking.report-reader"

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="readers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    address = models.EmailField(blank=True, help_text="Outside the team; a member's is their own.")
    left_at = models.DateTimeField(null=True, blank=True, help_text="When they asked to get no more.")

    objects = ReportReaderQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=["report", "user", "address"], name="tracking_report_reader_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(user=None) & ~Q(address="") | Q(user__isnull=False, address=""),
                name="tracking_report_reader_is_one",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def email(self) -> str:
        return self.user.email if self.user else self.address

    @property
    def unsubscribe_url(self) -> str:
        token = signing.dumps(self.pk, salt=self.SALT)
        return settings.SITE_URL + reverse("tracking:report-unsubscribe", args=[token])


class ReportLetterQuerySet(models.QuerySet["ReportLetter"]):
    def of(self, brand: Brand) -> ReportLetterQuerySet:
        return self.filter(report__brand=brand)

    def waiting(self) -> ReportLetterQuerySet:
        return self.filter(status=ReportLetter.Status.QUEUED)


class ReportLetter(models.Model):
    """A report that was due to one reader, and what became of it. A time at which nothing was sent is one row."""

    class Status(models.TextChoices):
        QUEUED = "queued", "Waiting"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        FAILED = "failed", "Refused"
        UNCERTAIN = "uncertain", "May have arrived"
        SKIPPED = "skipped", "Not sent"

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="letters")
    reader = models.ForeignKey(ReportReader, on_delete=models.SET_NULL, null=True, related_name="+")
    due_at = models.DateTimeField()
    address = models.EmailField(blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    note = models.CharField(max_length=300, blank=True)
    moved_at = models.DateTimeField(auto_now_add=True, help_text="When it got its status.")

    objects = ReportLetterQuerySet.as_manager()

    class Meta:
        ordering = ("-due_at", "id")
        constraints = [
            models.UniqueConstraint(fields=["report", "due_at", "address"], name="tracking_report_letter_once")
        ]
        indexes = [
            models.Index(
                fields=["moved_at"], condition=Q(status__in=["queued", "sending"]), name="tracking_report_letter_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.report} to {self.address}"
