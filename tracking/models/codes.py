"""How creators' codes look and what they give, and in which shops they have been made."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from campaigns.models import Campaign
from groundswell.accounts.models import Brand
from groundswell.lib.sealing import SealBroken, unseal
from tracking.models.links import DiscountCode
from tracking.models.orders import Store

PATTERN = "{NAME}{VALUE}"


class CodeRulesQuerySet(models.QuerySet["CodeRules"]):
    def of(self, brand: Brand) -> CodeRulesQuerySet:
        return self.filter(brand=brand)

    def for_campaign(self, campaign: Campaign) -> CodeRules:
        """The campaign's own, else the brand's, else what holds without any."""
        rows = self.of(campaign.brand).filter(Q(campaign=campaign) | Q(campaign=None))
        found = rows.order_by(models.F("campaign").asc(nulls_last=True)).first()
        return found or CodeRules(brand=campaign.brand)


class CodeRules(models.Model):
    """What new codes of a brand, or of one of its campaigns, look like and give."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="code_rules")
    campaign = models.OneToOneField(
        Campaign, on_delete=models.CASCADE, null=True, blank=True, related_name="code_rules"
    )
    pattern = models.CharField(max_length=40, default=PATTERN)
    kind = models.CharField(max_length=10, choices=DiscountCode.Kind, default=DiscountCode.Kind.PERCENT)
    amount = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    gift = models.CharField(max_length=120, blank=True)
    valid_days = models.PositiveSmallIntegerField(null=True, blank=True, help_text="From the day it is issued.")
    usage_limit = models.PositiveIntegerField(null=True, blank=True)
    once_per_customer = models.BooleanField(default=False)
    stores = models.ManyToManyField(Store, blank=True, related_name="+", help_text="Where new codes are made.")

    objects = CodeRulesQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand"], condition=Q(campaign=None), name="tracking_code_rules_of_brand"),
            models.CheckConstraint(condition=~Q(kind="amount") | Q(amount__gt=0), name="tracking_code_rules_amount"),
            models.CheckConstraint(condition=~Q(kind="gift") | ~Q(gift=""), name="tracking_code_rules_gift"),
        ]

    def __str__(self) -> str:
        return self.pattern


class StoreAccess(models.Model):
    """The key with which we make codes in a shop."""

    store = models.OneToOneField(Store, on_delete=models.CASCADE, related_name="access")
    sealed = models.TextField(help_text="Encrypted.")
    saved_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"Access to {self.store}"

    @property
    def key(self) -> str:
        """The key; empty when this installation's keys can't read it."""
        try:
            return unseal(self.sealed)
        except SealBroken:
            return ""


class CodePublicationQuerySet(models.QuerySet["CodePublication"]):
    def of(self, brand: Brand) -> CodePublicationQuerySet:
        return self.filter(store__brand=brand)

    def waiting(self) -> CodePublicationQuerySet:
        return self.filter(status=CodePublication.Status.WAITING)

    def to_make(self) -> CodePublicationQuerySet:
        """Waiting, of codes that hold by now and have not ended."""
        now = timezone.now()
        return self.waiting().exclude(code__valid_from__gt=now).exclude(code__valid_to__lte=now)

    def to_end(self) -> CodePublicationQuerySet:
        """Being ended, and not refused by the shop."""
        return self.filter(status=CodePublication.Status.ENDING, error="")

    def with_shop(self) -> CodePublicationQuerySet:
        """With the shop and its key."""
        return self.select_related("store__brand", "store__access")


class CodePublication(models.Model):
    """A code in a shop: waiting to be made there, made, refused by the shop, being ended, or ended."""

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        MADE = "made", "Made"
        FAILED = "failed", "Refused"
        ENDING = "ending", "Being ended"
        ENDED = "ended", "Ended"

    code = models.ForeignKey(DiscountCode, on_delete=models.CASCADE, related_name="publications")
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="publications")
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    external_id = models.CharField(max_length=120, blank=True)
    error = models.CharField(max_length=300, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = CodePublicationQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "store"], name="tracking_publication_once")]

    def __str__(self) -> str:
        return f"{self.code} in {self.store}"
