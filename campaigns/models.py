"""Campaigns, briefs, offers, contracts, what was posted and what it cost."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from creators.models import Network, Post, PostFormat, Relationship
from groundswell.accounts.models import Brand, User
from groundswell.lib.codes import short_code


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def of(self, brand: Brand) -> CampaignQuerySet:
        return self.filter(brand=brand)

    def live(self) -> CampaignQuerySet:
        return self.filter(status=Campaign.Status.LIVE)


class Campaign(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        LIVE = "live", "Live"
        CLOSED = "closed", "Closed"

    class Objective(models.TextChoices):
        AWARENESS = "awareness", "Awareness"
        TRAFFIC = "traffic", "Traffic"
        SIGN_UPS = "sign_ups", "Sign-ups"
        SALES = "sales", "Sales"
        CONTENT = "content", "Content creation"
        FEEDBACK = "feedback", "Community feedback"
        LOCAL = "local", "Local or regional"

    code = models.CharField(max_length=12, unique=True, default=short_code)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="campaigns")
    name = models.CharField(max_length=120)
    objective = models.CharField(max_length=10, choices=Objective, default=Objective.SALES)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    budget = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="EUR")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    markets = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    landing_url = models.URLField(max_length=400, help_text="Where the creators' links lead.")
    discount_percent = models.DecimalField(
        max_digits=5, decimal_places=2, default=Decimal(10), help_text="What a creator's code takes off an order."
    )
    margin_percent = models.DecimalField(
        max_digits=5, decimal_places=2, default=Decimal(60), help_text="Gross margin of what you sell, for the return."
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    launched_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="campaigns_campaign_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(launched_at__isnull=False), name="campaigns_campaign_live_was_launched"
            ),
            models.CheckConstraint(
                condition=~Q(status="closed") | Q(closed_at__isnull=False), name="campaigns_campaign_closed_has_time"
            ),
        ]
        indexes = [models.Index(fields=["brand", "-id"], name="campaigns_campaign_recent")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("campaigns:campaign", args=[self.code])

    @property
    def is_live(self) -> bool:
        return self.status == self.Status.LIVE


class BriefContent(models.Model):
    """The parts of a brief, shared by a campaign's brief and by templates. Lists hold one point per line."""

    benefits = models.TextField(blank=True, help_text="What the product does for people, one point per line.")
    must_mention = models.TextField(blank=True, help_text="Points that have to be said, one per line.")
    dos = models.TextField("do", blank=True)
    donts = models.TextField("don't", blank=True)
    disclosure = models.TextField(blank=True, help_text="How the post must be marked as advertising.")
    usage_rights = models.TextField(blank=True, help_text="Where you may use the content, and until when.")

    class Meta:
        abstract = True


class BriefTemplateQuerySet(models.QuerySet["BriefTemplate"]):
    def of(self, brand: Brand) -> BriefTemplateQuerySet:
        """The product's own templates and the brand's."""
        return self.filter(Q(brand=None) | Q(brand=brand))


class BriefTemplate(BriefContent):
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, null=True, blank=True, related_name="brief_templates")
    name = models.CharField(max_length=80)

    objects = BriefTemplateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "name"], name="campaigns_template_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return self.name


class Brief(BriefContent):
    campaign = models.OneToOneField(Campaign, on_delete=models.CASCADE, related_name="brief")
    draft_due_on = models.DateField(null=True, blank=True)
    post_due_on = models.DateField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"Brief of {self.campaign}"


class Deliverable(models.Model):
    """What each creator of a campaign is asked to make."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="deliverables")
    network = models.CharField(max_length=10, choices=Network)
    format = models.CharField(max_length=10, choices=PostFormat)
    quantity = models.PositiveSmallIntegerField(default=1)
    due_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=Q(quantity__gte=1), name="campaigns_deliverable_at_least_one")]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.get_format_display()} on {self.get_network_display()}"


class CollaborationQuerySet(models.QuerySet["Collaboration"]):
    def of(self, brand: Brand) -> CollaborationQuerySet:
        return self.filter(campaign__brand=brand)

    def of_user(self, user: User) -> CollaborationQuerySet:
        """What a creator may see in the portal: collaborations with an offer that reached them."""
        return self.filter(relationship__user=user).exclude(status=Collaboration.Status.SELECTED)


class Collaboration(models.Model):
    """One creator in one campaign."""

    class Status(models.TextChoices):
        SELECTED = "selected", "Selected"
        OFFERED = "offered", "Offered"
        COUNTERED = "countered", "Countered"
        ACCEPTED = "accepted", "Accepted"
        POSTED = "posted", "Posted"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Withdrawn"

    code = models.CharField(max_length=12, unique=True, default=short_code)
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="collaborations")
    relationship = models.ForeignKey(Relationship, on_delete=models.PROTECT, related_name="collaborations")
    status = models.CharField(max_length=10, choices=Status, default=Status.SELECTED)
    followers_when_added = models.BigIntegerField(null=True, blank=True)
    network_when_added = models.CharField(max_length=10, choices=Network, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    accepted_at = models.DateTimeField(null=True, blank=True)

    objects = CollaborationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "relationship"], name="campaigns_collaboration_once"),
            models.CheckConstraint(
                condition=~Q(status__in=["accepted", "posted"]) | Q(accepted_at__isnull=False),
                name="campaigns_collaboration_accepted_has_time",
            ),
        ]
        indexes = [models.Index(fields=["campaign", "status"], name="campaigns_collaboration_status")]

    def __str__(self) -> str:
        return f"{self.relationship.creator} in {self.campaign}"

    @property
    def is_agreed(self) -> bool:
        return self.status in {self.Status.ACCEPTED, self.Status.POSTED}


class Offer(models.Model):
    """One version of the terms; a counter-offer is the next version, made by the creator."""

    class Side(models.TextChoices):
        BRAND = "brand", "Brand"
        CREATOR = "creator", "Creator"

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        SENT = "sent", "Sent"
        ACCEPTED = "accepted", "Accepted"
        COUNTERED = "countered", "Countered"
        DECLINED = "declined", "Declined"
        REPLACED = "replaced", "Replaced"

    collaboration = models.ForeignKey(Collaboration, on_delete=models.CASCADE, related_name="offers")
    version = models.PositiveSmallIntegerField()
    side = models.CharField(max_length=10, choices=Side, default=Side.BRAND)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    fee = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    product = models.CharField(max_length=160, blank=True)
    product_value = models.DecimalField(
        max_digits=12, decimal_places=2, default=Decimal(0), help_text="Retail value, shown to the creator."
    )
    product_cost = models.DecimalField(
        max_digits=12, decimal_places=2, default=Decimal(0), help_text="What product and shipping cost you."
    )
    commission_percent = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(0))
    currency = models.CharField(max_length=3, default="EUR")
    message = models.TextField(blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["collaboration", "version"], name="campaigns_offer_version_once"),
            models.UniqueConstraint(
                fields=["collaboration"], condition=Q(status="accepted"), name="campaigns_offer_one_accepted"
            ),
            models.CheckConstraint(
                condition=Q(fee__gte=0, product_value__gte=0, product_cost__gte=0),
                name="campaigns_offer_amounts_positive",
            ),
            models.CheckConstraint(
                condition=Q(commission_percent__gte=0, commission_percent__lte=100),
                name="campaigns_offer_commission_range",
            ),
        ]

    def __str__(self) -> str:
        return f"Version {self.version} for {self.collaboration}"


class Contract(models.Model):
    """The text both sides agreed to, with its hash and the circumstances of the agreement."""

    collaboration = models.OneToOneField(Collaboration, on_delete=models.PROTECT, related_name="contract")
    offer = models.OneToOneField(Offer, on_delete=models.PROTECT, related_name="contract")
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    agreed_at = models.DateTimeField(null=True, blank=True)
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    agreed_name = models.CharField(max_length=160, blank=True)
    agreed_address = models.GenericIPAddressField(null=True, blank=True)
    agreed_agent = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"Contract of {self.collaboration}"


class Submission(models.Model):
    """A post that a creator handed in for a deliverable."""

    class Status(models.TextChoices):
        SUBMITTED = "submitted", "Submitted"
        APPROVED = "approved", "Approved"
        CHANGES = "changes", "Changes asked for"

    code = models.CharField(max_length=12, unique=True, default=short_code)
    collaboration = models.ForeignKey(Collaboration, on_delete=models.CASCADE, related_name="submissions")
    deliverable = models.ForeignKey(Deliverable, on_delete=models.PROTECT, related_name="submissions")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="submissions")
    status = models.CharField(max_length=10, choices=Status, default=Status.SUBMITTED)
    note = models.TextField(blank=True)
    submitted_at = models.DateTimeField(auto_now_add=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["collaboration", "post"], name="campaigns_submission_once")]

    def __str__(self) -> str:
        return str(self.post)


class CostQuerySet(models.QuerySet["Cost"]):
    def of(self, brand: Brand) -> CostQuerySet:
        return self.filter(campaign__brand=brand)


class Cost(models.Model):
    """A line of a campaign's cost ledger, in the campaign's currency. Commission is kept with its credits."""

    class Kind(models.TextChoices):
        FEE = "fee", "Fee"
        PRODUCT = "product", "Product and shipping"
        BONUS = "bonus", "Bonus"
        ADS = "ads", "Paid boost"
        TOOLS = "tools", "Tools"
        TIME = "time", "Internal time"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="costs")
    collaboration = models.ForeignKey(
        Collaboration, on_delete=models.CASCADE, null=True, blank=True, related_name="costs"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    hours = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    incurred_on = models.DateField()
    note = models.CharField(max_length=200, blank=True)
    origin = models.CharField(
        max_length=60, blank=True, help_text="What created this line by itself, such as an accepted offer; unique."
    )
    logged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CostQuerySet.as_manager()

    class Meta:
        ordering = ["-incurred_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "origin"], condition=~Q(origin=""), name="campaigns_cost_origin_once"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="campaigns_cost_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"
