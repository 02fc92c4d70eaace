"""Facts about a creator that come in several rows: audience, prices, ways to reach them."""

from __future__ import annotations

from typing import TypeVar
from urllib.parse import quote

from django.db import models
from django.db.models import Q

from creators.models.creators import Creator, Network, SocialAccount, Source
from creators.models.posts import PostFormat
from groundswell.accounts.models import Brand

row = TypeVar("row", bound=models.Model)


class AudienceSlice(models.Model):
    """The share of an account's audience that one source puts in one place, age band, gender or language.

    Keys: ISO 3166 alpha-2 for a country, "DE/berlin" for a city, "18-24" for an age band, `Gender` for a gender,
    ISO 639-1 for a language.
    """

    class Kind(models.TextChoices):
        COUNTRY = "country", "Country"
        CITY = "city", "City"
        AGE = "age", "Age"
        GENDER = "gender", "Gender"
        LANGUAGE = "language", "Language"

    account = models.ForeignKey(SocialAccount, on_delete=models.CASCADE, related_name="audience")
    kind = models.CharField(max_length=10, choices=Kind)
    key = models.CharField(max_length=80)
    share = models.DecimalField(max_digits=7, decimal_places=6, help_text="0 to 1.")
    source = models.CharField(max_length=10, choices=Source, default=Source.IMPORT)
    observed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "kind", "key", "source"], name="creators_audience_once"),
            models.CheckConstraint(condition=Q(share__gte=0, share__lte=1), name="creators_audience_share"),
        ]

    def __str__(self) -> str:
        return f"{self.share:.1%} {self.key}"


class OwnedQuerySet(models.QuerySet[row]):
    def visible_to(self, brand: Brand) -> OwnedQuerySet[row]:
        """Public rows and the brand's own."""
        return self.filter(Q(owner=None) | Q(owner=brand))


class RateCard(models.Model):
    """What a creator asks for one piece of work, in their own words (public) or as a brand came to know it."""

    creator = models.ForeignKey(Creator, on_delete=models.CASCADE, related_name="rates")
    owner = models.ForeignKey(
        Brand, on_delete=models.CASCADE, null=True, blank=True, related_name="+", help_text="Empty: a public record."
    )
    network = models.CharField(max_length=10, choices=Network)
    format = models.CharField(max_length=10, choices=PostFormat, blank=True, help_text="Empty: any format.")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    source = models.CharField(max_length=10, choices=Source, default=Source.MANUAL)
    observed_at = models.DateTimeField(null=True, blank=True)

    objects = OwnedQuerySet["RateCard"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["creator", "owner", "network", "format"], name="creators_rate_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="creators_rate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


class ContactChannel(models.Model):
    """A way to reach a creator: public, or known to one brand."""

    class Kind(models.TextChoices):
        EMAIL = "email", "E-mail"
        PHONE = "phone", "Phone"
        WEBSITE = "website", "Website"
        AGENT = "agent", "Agent or manager"

    creator = models.ForeignKey(Creator, on_delete=models.CASCADE, related_name="contacts")
    owner = models.ForeignKey(
        Brand, on_delete=models.CASCADE, null=True, blank=True, related_name="+", help_text="Empty: a public record."
    )
    kind = models.CharField(max_length=10, choices=Kind)
    value = models.CharField(max_length=254)
    source = models.CharField(max_length=10, choices=Source, default=Source.MANUAL)
    observed_at = models.DateTimeField(null=True, blank=True)

    objects = OwnedQuerySet["ContactChannel"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["creator", "owner", "kind", "value"], name="creators_contact_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.value

    @property
    def url(self) -> str:
        """What a click leads to; empty for names and anything that only looks like an address."""
        if self.kind == self.Kind.EMAIL:
            return f"mailto:{quote(self.value, safe='@+')}"
        if self.kind == self.Kind.PHONE:
            return f"tel:{quote(self.value.replace(' ', ''), safe='+')}"
        return self.value if self.value.startswith(("https://", "http://")) else ""
