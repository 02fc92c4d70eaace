"""Creators, their accounts and posts, tier schemes, and what a brand knows of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from groundswell.accounts.models import Brand
from groundswell.lib.codes import short_code

if TYPE_CHECKING:
    from datetime import datetime


class Network(models.TextChoices):
    INSTAGRAM = "instagram", "Instagram"
    TIKTOK = "tiktok", "TikTok"
    YOUTUBE = "youtube", "YouTube"
    OTHER = "other", "Other"


class Basis(models.TextChoices):
    """The denominator of an engagement rate. Rates of different bases are never compared."""

    FOLLOWERS = "followers", "by followers"
    REACH = "reach", "by reach"
    VIEWS = "views", "by views"


class Source(models.TextChoices):
    IMPORT = "import", "Import"
    CONNECTOR = "connector", "Connector"
    CREATOR = "creator", "Creator"
    MANUAL = "manual", "Entered by hand"
    PARTNER = "partner", "Partner API"
    OPERATOR = "operator", "Operator"


class CreatorQuerySet(models.QuerySet["Creator"]):
    def of(self, brand: Brand) -> CreatorQuerySet:
        """The directory of a brand: public records and its own private ones."""
        return self.filter(Q(owner=None) | Q(owner=brand))


class Creator(models.Model):
    """A person or team behind accounts. Public facts only; what a brand knows lives on its Relationship."""

    code = models.CharField(max_length=12, unique=True, default=short_code)
    owner = models.ForeignKey(
        Brand, on_delete=models.CASCADE, null=True, blank=True, related_name="+", help_text="Empty: a public record."
    )
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="creator"
    )
    name = models.CharField(max_length=160)
    bio = models.TextField(blank=True)
    country = models.CharField(max_length=2, blank=True)
    city = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=8, blank=True)
    niches = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    source = models.CharField(max_length=10, choices=Source, default=Source.IMPORT)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = CreatorQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(fields=["niches"], name="creators_creator_niches"),
            GinIndex(fields=["name"], name="creators_creator_name", opclasses=["gin_trgm_ops"]),
            models.Index(fields=["owner", "country"], name="creators_creator_country"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("creators:profile", args=[self.code])

    @property
    def is_public(self) -> bool:
        return self.owner_id is None


class SocialAccount(models.Model):
    """One account on one network. A missing number is null, never zero."""

    creator = models.ForeignKey(Creator, on_delete=models.CASCADE, related_name="accounts")
    owner = models.ForeignKey(
        Brand, on_delete=models.CASCADE, null=True, blank=True, related_name="+", help_text="The creator's owner."
    )
    network = models.CharField(max_length=10, choices=Network)
    handle = models.CharField(max_length=80, help_text="Lower case, without @.")
    url = models.URLField(max_length=300, blank=True)
    followers = models.BigIntegerField(null=True, blank=True)
    following = models.BigIntegerField(null=True, blank=True)
    posts_count = models.IntegerField(null=True, blank=True)
    engagement_rate = models.DecimalField(
        max_digits=9, decimal_places=6, null=True, blank=True, help_text="A fraction: 0.0312 is 3.12 %."
    )
    engagement_basis = models.CharField(max_length=10, choices=Basis, default=Basis.FOLLOWERS)
    average_likes = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    average_comments = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    average_views = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    is_verified = models.BooleanField(null=True)
    source = models.CharField(max_length=10, choices=Source, default=Source.IMPORT)
    observed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "network", "handle"], name="creators_account_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(followers=None) | Q(followers__gte=0), name="creators_account_followers_positive"
            ),
            models.CheckConstraint(
                condition=Q(engagement_rate=None) | Q(engagement_rate__gte=0), name="creators_account_rate_positive"
            ),
        ]
        indexes = [
            models.Index("creator", F("followers").desc(nulls_last=True), name="creators_account_largest"),
            models.Index(fields=["network", "followers"], name="creators_account_followers"),
            models.Index(fields=["engagement_rate"], name="creators_account_rate"),
            GinIndex(fields=["handle"], name="creators_account_handle", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return f"@{self.handle} on {self.get_network_display()}"


class FollowerSnapshot(models.Model):
    account = models.ForeignKey(SocialAccount, on_delete=models.CASCADE, related_name="snapshots")
    followers = models.BigIntegerField()
    observed_on = models.DateField()
    source = models.CharField(max_length=10, choices=Source, default=Source.IMPORT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "observed_on"], name="creators_snapshot_once")]

    def __str__(self) -> str:
        return f"{self.followers} on {self.observed_on}"


class PostFormat(models.TextChoices):
    REEL = "reel", "Reel"
    STORY = "story", "Story"
    IMAGE = "image", "Image or carousel"
    VIDEO = "video", "Video"
    SHORT = "short", "Short"
    LIVE = "live", "Livestream"


class Post(models.Model):
    """A published post. Hidden likes, unknown views: null."""

    account = models.ForeignKey(SocialAccount, on_delete=models.CASCADE, related_name="posts")
    url = models.URLField(max_length=400)
    format = models.CharField(max_length=10, choices=PostFormat, blank=True)
    caption = models.TextField(blank=True)
    posted_at = models.DateTimeField(null=True, blank=True)
    followers_at_post = models.BigIntegerField(null=True, blank=True)
    likes = models.BigIntegerField(null=True, blank=True)
    comments_count = models.BigIntegerField(null=True, blank=True)
    shares = models.BigIntegerField(null=True, blank=True)
    saves = models.BigIntegerField(null=True, blank=True)
    views = models.BigIntegerField(null=True, blank=True)
    reach = models.BigIntegerField(null=True, blank=True)
    is_sponsored = models.BooleanField(null=True)
    source = models.CharField(max_length=10, choices=Source, default=Source.MANUAL)
    observed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "url"], name="creators_post_once")]
        indexes = [models.Index(fields=["account", "-posted_at"], name="creators_post_recent")]

    def __str__(self) -> str:
        return self.url

    @property
    def engagements(self) -> int | None:
        """Likes, comments, shares and saves that are known; unknown when none is."""
        known = [value for value in (self.likes, self.comments_count, self.shares, self.saves) if value is not None]
        return sum(known) if known else None


class Comment(models.Model):
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="comments")
    author = models.CharField(max_length=80)
    text = models.TextField()
    posted_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.author}: {self.text[:40]}"


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


class RelationshipQuerySet(models.QuerySet["Relationship"]):
    def of(self, brand: Brand) -> RelationshipQuerySet:
        return self.filter(brand=brand)


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
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = RelationshipQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "creator"], name="creators_relationship_once")]
        indexes = [models.Index(fields=["brand", "stage"], name="creators_relationship_stage")]

    def __str__(self) -> str:
        return f"{self.brand} and {self.creator}"

    @property
    def is_blocked(self) -> bool:
        return self.stage == self.Stage.BLOCKED


class Note(models.Model):
    relationship = models.ForeignKey(Relationship, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.text[:60]


class ShortlistQuerySet(models.QuerySet["Shortlist"]):
    def of(self, brand: Brand) -> ShortlistQuerySet:
        return self.filter(brand=brand)


class Shortlist(models.Model):
    code = models.CharField(max_length=12, unique=True, default=short_code)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="shortlists")
    name = models.CharField(max_length=80, default="Shortlist")
    creators: models.ManyToManyField[Creator, ShortlistEntry] = models.ManyToManyField(
        Creator, through="ShortlistEntry", related_name="shortlists"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ShortlistQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "name"], name="creators_shortlist_name_once")]

    def __str__(self) -> str:
        return self.name


class ShortlistEntry(models.Model):
    shortlist = models.ForeignKey(Shortlist, on_delete=models.CASCADE, related_name="entries")
    creator = models.ForeignKey(Creator, on_delete=models.CASCADE, related_name="shortlist_entries")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shortlist", "creator"], name="creators_entry_once")]

    def __str__(self) -> str:
        return f"{self.creator} in {self.shortlist}"


class ImportQuerySet(models.QuerySet["Import"]):
    def of(self, brand: Brand) -> ImportQuerySet:
        return self.filter(brand=brand)

    def abandoned(self, before: datetime) -> ImportQuerySet:
        """Running without a sign of life since `before`: its worker died."""
        return self.filter(status__in=[Import.Status.QUEUED, Import.Status.RUNNING], beat_at__lt=before)


class Import(models.Model):
    """One uploaded file of creators, from the mapping to the summary."""

    class Status(models.TextChoices):
        MAPPING = "mapping", "Waiting for the mapping"
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Failed"

    ENDED: ClassVar[tuple[str, ...]] = (Status.DONE, Status.CANCELLED, Status.FAILED)

    code = models.CharField(max_length=12, unique=True, default=short_code)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="imports")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    file = models.FileField(upload_to="imports/%Y/%m/")
    filename = models.CharField(max_length=200)
    mapping = models.JSONField(default=dict, help_text="Field name to column index.")
    status = models.CharField(max_length=10, choices=Status, default=Status.MAPPING)
    is_cancelling = models.BooleanField(default=False)
    total = models.IntegerField(null=True)
    done = models.IntegerField(default=0, help_text="Rows of the file handled so far; where a resumed job goes on.")
    created = models.IntegerField(default=0)
    updated = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    rejected = models.IntegerField(default=0)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    beat_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    def __str__(self) -> str:
        return self.filename

    @property
    def has_ended(self) -> bool:
        return self.status in self.ENDED


class RejectedRow(models.Model):
    job = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rejected_rows")
    line = models.IntegerField()
    reason = models.CharField(max_length=300)
    values = models.JSONField(default=list)

    class Meta:
        ordering = ["line"]
        constraints = [models.UniqueConstraint(fields=["job", "line"], name="creators_rejected_once")]

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"
