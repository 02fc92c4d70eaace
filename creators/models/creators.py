"""Creators and their accounts: public facts only."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Lower
from django.urls import reverse

from groundswell.accounts.models import Brand
from groundswell.events.models import About
from groundswell.lib.codes import short_code


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


class Gender(models.TextChoices):
    """As the creator says; never guessed."""

    FEMALE = "female", "Female"
    MALE = "male", "Male"
    OTHER = "other", "Another"


class AccountType(models.TextChoices):
    PERSONAL = "personal", "Personal"
    CREATOR = "creator", "Creator"
    BUSINESS = "business", "Business"


PROFILE_URLS: dict[str, str] = {
    Network.INSTAGRAM: "https://www.instagram.com/{handle}/",
    Network.TIKTOK: "https://www.tiktok.com/@{handle}",
    Network.YOUTUBE: "https://www.youtube.com/@{handle}",
}


class CreatorQuerySet(models.QuerySet["Creator"]):
    def of(self, brand: Brand) -> CreatorQuerySet:
        """The directory of a brand: public records and its own private ones.

        A public record that isn't listed is there only for brands that know the creator already. One that is about to
        be erased is there for nobody.
        """
        known = Exists(Creator.objects.filter(pk=OuterRef("pk"), relationships__brand=brand))
        return self.filter(Q(owner=brand) | Q(owner=None) & (Q(is_listed=True) | known), leaves_at=None)


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
    gender = models.CharField(max_length=10, choices=Gender, blank=True, help_text="Self-declared only.")
    birth_year = models.SmallIntegerField(null=True, blank=True, help_text="Self-declared only.")
    accepts_product_only = models.BooleanField(null=True, help_text="Works for product alone; null: unknown.")
    is_listed = models.BooleanField(
        default=True,
        db_default=True,
        help_text="Found in the directory; a public record that isn't waits or opted out.",
    )
    leaves_at = models.DateTimeField(
        null=True, blank=True, help_text="When it is erased, as its person wishes; until then nobody sees it."
    )
    source = models.CharField(max_length=10, choices=Source, default=Source.IMPORT)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = CreatorQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["owner", "country"], name="creators_creator_country"),
            models.Index(Lower("name"), "id", name="creators_creator_by_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("creators:profile", args=[self.code])

    def about(self) -> About:
        return About(self.pk)

    @property
    def is_public(self) -> bool:
        return self.owner_id is None


class SocialAccountQuerySet(models.QuerySet["SocialAccount"]):
    def leading(self, creator: Combinable) -> SocialAccountQuerySet:
        """The accounts of one creator, the largest first, unknown sizes last."""
        return self.filter(creator=creator).largest_first()

    def largest_first(self) -> SocialAccountQuerySet:
        return self.order_by(F("followers").desc(nulls_last=True), "pk")

    def visible_to(self, brand: Brand) -> SocialAccountQuerySet:
        return self.filter(Q(owner=None) | Q(owner=brand))


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
    average_shares = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    average_views = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    is_verified = models.BooleanField(null=True)
    account_type = models.CharField(max_length=10, choices=AccountType, blank=True)
    credibility = models.DecimalField(
        max_digits=5,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="Share of the audience that somebody else's tool took for real people, 0 to 1. Imported only.",
    )
    audience_country = models.CharField(
        max_length=2, blank=True, help_text="Where most of the followers live; not where the creator lives."
    )
    source = models.CharField(max_length=10, choices=Source, default=Source.IMPORT)
    observed_at = models.DateTimeField(null=True, blank=True)
    provenance = models.JSONField(
        default=dict,
        blank=True,
        help_text="Where a number is not from the account's own source and time: {field: [source, time in ISO 8601]}.",
    )

    objects = SocialAccountQuerySet.as_manager()

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
            models.CheckConstraint(
                condition=Q(credibility=None) | Q(credibility__gte=0, credibility__lte=1),
                name="creators_account_credibility_share",
            ),
        ]
        indexes = [
            models.Index("creator", F("followers").desc(nulls_last=True), "id", name="creators_account_largest"),
            models.Index(fields=["handle", "network"], name="creators_account_by_handle"),
            models.Index(fields=["network", "followers"], name="creators_account_followers"),
            models.Index(fields=["engagement_basis", "engagement_rate"], name="creators_account_rate"),
            GinIndex(fields=["handle"], name="creators_account_handle", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return f"@{self.handle} on {self.get_network_display()}"

    def source_of(self, field: str) -> tuple[str, datetime | None]:
        """Where one of its numbers comes from and when it was observed."""
        if field not in self.provenance:
            return self.source, self.observed_at
        source, at = self.provenance[field]
        return source, datetime.fromisoformat(at) if at else None

    @property
    def profile_url(self) -> str:
        """Where the account can be seen; empty for networks whose addresses we don't know."""
        return self.url or PROFILE_URLS.get(self.network, "").format(handle=self.handle)


class FollowerSnapshot(models.Model):
    account = models.ForeignKey(SocialAccount, on_delete=models.CASCADE, related_name="snapshots")
    followers = models.BigIntegerField()
    observed_on = models.DateField()
    source = models.CharField(max_length=10, choices=Source, default=Source.IMPORT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "observed_on"], name="creators_snapshot_once")]

    def __str__(self) -> str:
        return f"{self.followers} on {self.observed_on}"
