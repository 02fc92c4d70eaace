"""A brand's own domains for links, its rules for where they may lead, and what every new link gets."""

from __future__ import annotations

import secrets

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from campaigns.models import Campaign
from groundswell.accounts.models import Brand
from groundswell.lib.codes import short_code


def new_token() -> str:
    return secrets.token_hex(16)


class LinkDomainQuerySet(models.QuerySet["LinkDomain"]):
    def of(self, brand: Brand) -> LinkDomainQuerySet:
        return self.filter(brand=brand)

    def verified(self) -> LinkDomainQuerySet:
        return self.exclude(verified_at=None)


class LinkDomain(models.Model):
    """A host such as go.acme.example on which a brand's links live. It serves once a DNS record proves whose it is."""

    code = models.CharField(max_length=12, unique=True, default=short_code)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="link_domains")
    host = models.CharField(max_length=253)
    token = models.CharField(max_length=32, default=new_token)
    verified_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=200, blank=True, help_text="What the last look-up found wrong.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = LinkDomainQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "host"], name="tracking_domain_once"),
            models.UniqueConstraint(
                fields=["host"], condition=Q(verified_at__isnull=False), name="tracking_domain_one_owner"
            ),
        ]

    def __str__(self) -> str:
        return self.host

    @property
    def record_name(self) -> str:
        """Name of the TXT record that proves the domain."""
        return f"_groundswell.{self.host}"

    @property
    def record_value(self) -> str:
        return f"groundswell-verify={self.token}"


class LinkRules(models.Model):
    """Where a brand's links may lead, and how their visitors are counted."""

    class Consent(models.TextChoices):
        DAILY = "daily", "By a key of the day, no cookie"
        NONE = "none", "Not at all"
        COOKIE = "cookie", "Also by a cookie, once they agreed"

    brand = models.OneToOneField(Brand, on_delete=models.CASCADE, related_name="link_rules")
    hosts = ArrayField(models.CharField(max_length=253), default=list, blank=True)
    app_schemes = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    consent = models.CharField("Visitors are told apart", max_length=8, choices=Consent, default=Consent.DAILY)
    consent_cookie = models.CharField(max_length=120, blank=True)

    def __str__(self) -> str:
        return f"Rules of {self.brand}"


class LinkTemplate(models.Model):
    """What new links get: of a brand (no campaign), or of one campaign. UTM values hold variables such as {handle}."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="link_templates")
    campaign = models.OneToOneField(
        Campaign, on_delete=models.CASCADE, null=True, blank=True, related_name="link_template"
    )
    utm_source = models.CharField("Source", max_length=80, default="{network}")
    utm_medium = models.CharField("Medium", max_length=80, default="influencer")
    utm_campaign = models.CharField("Campaign", max_length=120, default="{campaign}")
    utm_term = models.CharField("Term", max_length=120, blank=True)
    utm_content = models.CharField("Content", max_length=120, blank=True, default="{handle}-{placement}")
    placements = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    domain = models.ForeignKey(LinkDomain, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    has_page = models.BooleanField("Open a page of the creator first", default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand"], condition=Q(campaign=None), name="tracking_template_of_brand"),
        ]

    def __str__(self) -> str:
        return f"Links of {self.campaign or self.brand}"


class DestinationCheckQuerySet(models.QuerySet["DestinationCheck"]):
    def of(self, brand: Brand) -> DestinationCheckQuerySet:
        return self.filter(brand=brand)

    def broken(self) -> DestinationCheckQuerySet:
        return self.filter(state=DestinationCheck.State.BROKEN)


class DestinationCheck(models.Model):
    """The last look at a page that links of a brand lead to."""

    class State(models.TextChoices):
        FINE = "fine", "Answers"
        BROKEN = "broken", "Broken"
        SKIPPED = "skipped", "Not checked"

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="destination_checks")
    url = models.CharField(max_length=600)
    state = models.CharField(max_length=8, choices=State)
    http_status = models.IntegerField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)
    checked_at = models.DateTimeField()
    broken_since = models.DateTimeField(null=True, blank=True)

    objects = DestinationCheckQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "url"], name="tracking_check_once"),
            models.CheckConstraint(
                condition=Q(state="broken", broken_since__isnull=False)
                | (~Q(state="broken") & Q(broken_since__isnull=True)),
                name="tracking_check_broken_since",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.url}: {self.state}"
