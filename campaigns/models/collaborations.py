"""One creator in one campaign, and the terms, version by version."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThanOrEqual
from django.urls import reverse

from campaigns.models.briefs import Deliverable
from campaigns.models.campaigns import Campaign
from creators.models import Network, Relationship
from groundswell.accounts.models import Brand, User
from groundswell.events.models import About
from groundswell.lib.codes import short_code


class Step(NamedTuple):
    """What happens next, and whose turn it is: the creator's, who may "manage" or "review", or nobody's."""

    label: str
    turn: str


FIRST_STEPS = {
    "selected": Step("Send the offer", "manage"),
    "offered": Step("Answer the offer", "creator"),
    "countered": Step("Answer the counter-offer", "manage"),
    "declined": Step("Nothing open", ""),
    "withdrawn": Step("Nothing open", ""),
}


class CollaborationQuerySet(models.QuerySet["Collaboration"]):
    def of(self, brand: Brand) -> CollaborationQuerySet:
        return self.filter(campaign__brand=brand)

    def of_user(self, user: User) -> CollaborationQuerySet:
        """What a creator may see in the portal: collaborations with an offer that reached them."""
        return self.filter(relationship__user=user).exclude(status=Collaboration.Status.SELECTED)

    def agreed(self) -> CollaborationQuerySet:
        return self.filter(status__in=Collaboration.AGREED)

    def open(self) -> CollaborationQuerySet:
        """Still being talked about: an offer is out or about to go out."""
        return self.filter(status__in=Collaboration.OPEN)

    def creators_under_way(self, brand: Brand | None) -> QuerySet[Collaboration, Any]:
        """Keys of the creators in live campaigns that are neither declined nor withdrawn, of one brand or of all."""
        rows = self.of(brand) if brand else self
        states = (*Collaboration.OPEN, *Collaboration.AGREED)
        return rows.filter(status__in=states, campaign__status=Campaign.Status.LIVE).values("relationship__creator")

    def with_due(self) -> CollaborationQuerySet:
        """Adds `due_on`: the nearest day by which a piece that isn't handed in has to be online, if one is named."""
        return self.annotate(due_on=due_day())

    def owing_a_post(self, until: date) -> CollaborationQuerySet:
        """Agreed, in a live campaign, with a piece due by that day and not handed in; the longest due first."""
        due = self.filter(status=Collaboration.Status.ACCEPTED, campaign__status=Campaign.Status.LIVE)
        due = due.filter(LessThanOrEqual(due_day(), until)).select_related("campaign", "relationship__creator")
        return due.with_due().order_by(F("due_on"), "pk")

    def with_people(self) -> CollaborationQuerySet:
        return self.select_related("campaign__brand", "relationship__creator", "contract")

    def with_work(self) -> CollaborationQuerySet:
        """With how many posts are handed in, wait for the brand's eyes, or have no figures yet."""
        return self.annotate(
            handed_in=Count("submissions", filter=~Q(submissions__status="changes"), distinct=True),
            sent_back=Count("submissions", filter=Q(submissions__status="changes"), distinct=True),
            to_review=Count("submissions", filter=Q(submissions__status="submitted"), distinct=True),
            unmeasured=Count(
                "submissions",
                filter=Q(submissions__status="approved", submissions__post__observed_at=None),
                distinct=True,
            ),
        )

    def with_newest_offer(self) -> CollaborationQuerySet:
        """With `current_offers`: the newest version only, as a list of none or one."""
        return self.prefetch_related(newest(Offer.objects.all()))

    def with_shown_offer(self) -> CollaborationQuerySet:
        """With `current_offers`, without the brand's drafts: what the creator may see."""
        return self.prefetch_related(newest(Offer.objects.shown()))


def due_day() -> Subquery:
    """Of the pieces a collaboration owes, the nearest day: a piece's own, else the brief's."""
    here = Q(submissions__collaboration=OuterRef("pk")) & ~Q(submissions__status="changes")
    owed = (
        Deliverable.objects.filter(campaign=OuterRef("campaign"))
        .annotate(made=Count("submissions", filter=here), day=Coalesce("due_on", "campaign__brief__post_due_on"))
        .filter(made__lt=F("quantity"))
    )
    return Subquery(owed.order_by(F("day").asc(nulls_last=True)).values("day")[:1])


def newest(offers: OfferQuerySet) -> Prefetch[str]:
    rows = offers.order_by("collaboration_id", "-version").distinct("collaboration_id")
    return Prefetch("offers", queryset=rows, to_attr="current_offers")


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

    OPEN: ClassVar[tuple[str, ...]] = (Status.SELECTED, Status.OFFERED, Status.COUNTERED)
    AGREED: ClassVar[tuple[str, ...]] = (Status.ACCEPTED, Status.POSTED)

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

    def get_absolute_url(self) -> str:
        return reverse("campaigns:collaboration", args=[self.code])

    def about(self) -> About:
        return About(self.relationship.creator_id, self.campaign.name, self.get_absolute_url())

    @property
    def next_step(self) -> Step:
        """What happens next and whose turn it is; reads what with_people() and with_work() fetched."""
        if self.status == self.Status.ACCEPTED:
            return self.step_after_agreement()
        if self.status == self.Status.POSTED:
            return self.step_after_posting()
        return FIRST_STEPS[self.status]

    def step_after_agreement(self) -> Step:
        contract = getattr(self, "contract", None)
        if contract and not contract.agreed_at:
            return Step("Agree to the contract", "creator")
        if getattr(self, "to_review", 0):
            return Step("Review the post", "review")
        if getattr(self, "sent_back", 0) and not getattr(self, "handed_in", 0):
            return Step("Change the post and hand it in again", "creator")
        return Step("Make and hand in the post", "creator")

    def step_after_posting(self) -> Step:
        if getattr(self, "to_review", 0):
            return Step("Review the post", "review")
        if getattr(self, "unmeasured", 0):
            return Step("Enter the figures", "review")
        return Step("All done", "")

    @property
    def is_agreed(self) -> bool:
        return self.status in self.AGREED


class OfferQuerySet(models.QuerySet["Offer"]):
    def shown(self) -> OfferQuerySet:
        """What a creator may see: every version but the brand's draft."""
        return self.exclude(status=Offer.Status.DRAFT)


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

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["collaboration", "version"], name="campaigns_offer_version_once"),
            models.UniqueConstraint(
                fields=["collaboration"], condition=Q(status="accepted"), name="campaigns_offer_one_accepted"
            ),
            models.UniqueConstraint(
                fields=["collaboration"], condition=Q(status="sent"), name="campaigns_offer_one_open"
            ),
            models.UniqueConstraint(
                fields=["collaboration"], condition=Q(status="draft"), name="campaigns_offer_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(sent_at__isnull=False), name="campaigns_offer_sent_has_time"
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
        return f"Version {self.version}"

    def about(self) -> About:
        return self.collaboration.about()

    @property
    def is_product_only(self) -> bool:
        return not self.fee and not self.commission_percent and bool(self.product)

    @property
    def cost(self) -> Decimal:
        """What accepting costs before any commission: the fee, the product and its shipping."""
        return self.fee + self.product_cost
