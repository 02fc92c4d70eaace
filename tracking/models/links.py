"""Links and codes: what a creator is given to be recognised by."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Collaboration
from creators.models import SocialAccount
from groundswell.accounts.models import Brand, User
from groundswell.events.models import About, Event, EventQuerySet
from groundswell.lib.money import rounded
from tracking.models.domains import LinkDomain

AGREED = (Collaboration.Status.ACCEPTED, Collaboration.Status.POSTED)


class TrackingLinkQuerySet(models.QuerySet["TrackingLink"]):
    def of(self, brand: Brand) -> TrackingLinkQuerySet:
        return self.filter(collaboration__campaign__brand=brand)

    def of_user(self, user: User) -> TrackingLinkQuerySet:
        """What a creator may see in the portal: the links of their agreed collaborations."""
        return self.filter(collaboration__in=Collaboration.objects.of_user(user).filter(status__in=AGREED))

    def leading_to(self, urls: Any) -> TrackingLinkQuerySet:
        """One of their pages is among the URLs (a list or a subquery)."""
        web, app = Q(destination__in=urls) | Q(fallback__in=urls), Q(ios_destination__in=urls)
        return self.filter(web | app | Q(android_destination__in=urls))

    def mentioning(self, text: str) -> TrackingLinkQuerySet:
        """Slug, placement, creator, handle or code holds the text."""
        creator = "collaboration__relationship__creator"
        with_code = DiscountCode.objects.filter(code__contains=text.upper()).values("collaboration")
        with_handle = SocialAccount.objects.filter(handle__contains=text.lower().lstrip("@")).values("creator")
        return self.filter(
            Q(slug__contains=text.lower())
            | Q(placement__icontains=text)
            | Q(**{f"{creator}__name__icontains": text})
            | Q(**{f"{creator}__in": with_handle})
            | Q(collaboration__in=with_code)
        )


class TrackingLink(models.Model):
    """A creator's link in a campaign: /r/<slug> leads to the destination with its UTM parameters."""

    collaboration = models.ForeignKey(Collaboration, on_delete=models.CASCADE, related_name="links")
    placement = models.CharField(max_length=40, blank=True, help_text="Where the creator puts it; empty: everywhere.")
    domain = models.ForeignKey(
        LinkDomain, on_delete=models.RESTRICT, null=True, blank=True, related_name="links", help_text="Empty: ours."
    )
    slug = models.CharField(max_length=60)
    destination = models.URLField(max_length=600)
    ios_destination = models.CharField(max_length=600, blank=True, db_default="", help_text="For iPhones and iPads.")
    android_destination = models.CharField(max_length=600, blank=True, db_default="", help_text="For Android.")
    fallback = models.URLField(
        max_length=600, blank=True, db_default="", help_text="When it is paused or over; empty: the brand's website."
    )
    expires_at = models.DateTimeField(null=True, blank=True, help_text="From then on it leads to the fallback.")
    has_page = models.BooleanField(
        default=False, db_default=False, help_text="Opens a page with the creator's name and code and one button."
    )
    utm_source = models.CharField(max_length=80)
    utm_medium = models.CharField(max_length=80, default="influencer")
    utm_campaign = models.CharField(max_length=120)
    utm_term = models.CharField(max_length=120, blank=True, db_default="")
    utm_content = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TrackingLinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["collaboration", "placement"], name="tracking_link_once"),
            models.UniqueConstraint(fields=["slug", "domain"], nulls_distinct=False, name="tracking_link_address"),
        ]
        indexes = [models.Index(fields=["updated_at"], name="tracking_link_changed")]

    def __str__(self) -> str:
        """The address without its obvious part: /r/dana, or go.acme.example/dana."""
        return f"{self.domain.host}/{self.slug}" if self.domain else f"/r/{self.slug}"

    def get_absolute_url(self) -> str:
        return reverse("tracking:link", args=[self.slug])

    def about(self) -> About:
        return About(*self.collaboration.about()[:2], self.get_absolute_url())

    @property
    def address(self) -> str:
        """What the creator shares."""
        return f"https://{self.domain.host}/{self.slug}" if self.domain else f"{settings.SITE_URL}/r/{self.slug}"

    @property
    def is_over(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()


class LinkAlias(models.Model):
    """An earlier address of a link. It goes on leading there, since it has been shared."""

    link = models.ForeignKey(TrackingLink, on_delete=models.CASCADE, related_name="aliases")
    domain = models.ForeignKey(LinkDomain, on_delete=models.RESTRICT, null=True, related_name="+")
    slug = models.CharField(max_length=60)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slug", "domain"], nulls_distinct=False, name="tracking_alias_address"),
        ]

    def __str__(self) -> str:
        return f"{self.domain.host}/{self.slug}" if self.domain else f"/r/{self.slug}"


class DiscountCodeQuerySet(models.QuerySet["DiscountCode"]):
    def of(self, brand: Brand) -> DiscountCodeQuerySet:
        return self.filter(brand=brand)

    def with_people(self) -> DiscountCodeQuerySet:
        """With everything a row or a file shows."""
        parts = ("collaboration__campaign", "collaboration__relationship__creator")
        return self.select_related(*parts).prefetch_related("publications__store")

    def watched(self) -> DiscountCodeQuerySet:
        """Codes that nobody has found leaked and that may still be used."""
        now = timezone.now()
        return self.filter(leak=DiscountCode.Leak.NONE).exclude(valid_to__lt=now)


class DiscountCode(models.Model):
    """A creator's code. Stored in upper case; unique within the brand."""

    class Kind(models.TextChoices):
        PERCENT = "percent", "Percentage off"
        AMOUNT = "amount", "Amount off"
        GIFT = "gift", "Gift on top"

    class Leak(models.TextChoices):
        NONE = "none", "No sign of a leak"
        SUSPECTED = "suspected", "Leak suspected"
        CONFIRMED = "confirmed", "Leaked"

    class Counts(models.TextChoices):
        ALWAYS = "always", "Always"
        INVOLVED = "involved", "If its creator was clicked too"
        WINNER = "winner", "If its creator's click wins"

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="discount_codes")
    collaboration = models.ForeignKey(Collaboration, on_delete=models.CASCADE, related_name="codes")
    code = models.CharField(max_length=40)
    percent = models.DecimalField(max_digits=5, decimal_places=2)
    leak = models.CharField(max_length=10, choices=Leak, default=Leak.NONE)
    counts = models.CharField(
        max_length=10, choices=Counts, default=Counts.ALWAYS, help_text="When the code counts as evidence."
    )
    valid_from = models.DateTimeField(null=True, blank=True, help_text="Empty: since always.")
    valid_to = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PERCENT)
    amount = models.DecimalField(
        max_digits=12, decimal_places=4, null=True, blank=True, help_text="Off the order, in the campaign's currency."
    )
    gift = models.CharField(max_length=120, blank=True, help_text="What comes on top of an order.")
    usage_limit = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: without limit.")
    once_per_customer = models.BooleanField(default=False)
    leak_signals = models.JSONField(default=list, blank=True, help_text="What speaks for a leak, and by which rule.")
    leak_at = models.DateTimeField(null=True, blank=True, help_text="When the leak was suspected.")
    cleared_at = models.DateTimeField(null=True, blank=True, help_text="Signs up to then were found harmless.")

    objects = DiscountCodeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "code"], name="tracking_code_once"),
            models.CheckConstraint(condition=Q(code=Upper("code")), name="tracking_code_upper"),
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return reverse("tracking:code", args=[self.code])

    def about(self) -> About:
        return About(*self.collaboration.about()[:2], self.get_absolute_url())

    @property
    def promise(self) -> str:
        """What customers get: 10%, 5.00 EUR, or the gift."""
        if self.kind == self.Kind.GIFT:
            return self.gift
        if self.kind == self.Kind.AMOUNT and self.amount is not None:
            currency = self.collaboration.campaign.currency
            return f"{rounded(self.amount, currency)} {currency}"
        return f"{self.percent.normalize():f}%"


def history_of(link: TrackingLink) -> EventQuerySet:
    """What was changed about a link, newest first."""
    return Event.objects.about(link).feed().exclude(name="link.issued")
