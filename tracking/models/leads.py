"""What the brand's own site tells: sign-ups and leads, and what buyers answer when asked where they heard of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from campaigns.models import Collaboration
from groundswell.accounts.models import Brand
from groundswell.lib.codes import short_code
from tracking.models.orders import Order, Store


class Snippet(models.Model):
    """A brand's small script for its own site: which sites may use it, and whether it waits for consent."""

    brand = models.OneToOneField(Brand, on_delete=models.CASCADE, related_name="snippet")
    key = models.CharField(max_length=12, unique=True, default=short_code, help_text="Public: it stands in pages.")
    domains = models.JSONField(default=list, help_text="Hosts whose pages may call, with their subdomains.")

    def __str__(self) -> str:
        return self.key


class LeadQuerySet(models.QuerySet["Lead"]):
    def of(self, brand: Brand) -> LeadQuerySet:
        return self.filter(brand=brand)

    def unmatched(self) -> LeadQuerySet:
        return self.exclude(unmatched="")

    def matched(self) -> LeadQuerySet:
        return self.filter(unmatched="")


class Lead(models.Model):
    """A sign-up or an enquiry, credited by its click or code as an order is, without money."""

    class Via(models.TextChoices):
        SNIPPET = "snippet", "The site's script"
        API = "api", "Partner API"

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="leads")
    external_id = models.CharField(max_length=80)
    kind = models.CharField(max_length=40, default="signup", help_text="What happened, such as signup or newsletter.")
    occurred_at = models.DateTimeField()
    click_id = models.CharField(max_length=26, blank=True)
    discount_code = models.CharField(max_length=40, blank=True)
    customer_key = models.CharField(max_length=64, blank=True, help_text="HMAC of the normalised e-mail.")
    via = models.CharField(max_length=10, choices=Via)
    collaboration = models.ForeignKey(
        Collaboration, on_delete=models.SET_NULL, null=True, blank=True, related_name="leads"
    )
    unmatched = models.CharField(max_length=20, choices=Order.Unmatched, blank=True, default=Order.Unmatched.WAITING)
    evidence = models.JSONField(default=dict)
    received_at = models.DateTimeField(auto_now_add=True)

    objects = LeadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "kind", "external_id"], name="tracking_lead_once"),
            models.CheckConstraint(
                condition=Q(unmatched="") | Q(collaboration=None), name="tracking_lead_matched_or_not"
            ),
        ]
        indexes = [
            models.Index(fields=["brand", "-id"], name="tracking_lead_recent"),
            models.Index(fields=["collaboration", "occurred_at"], name="tracking_lead_of"),
            models.Index(fields=["brand", "id"], condition=~Q(unmatched=""), name="tracking_lead_unmatched"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.external_id}"


class SurveyAnswerQuerySet(models.QuerySet["SurveyAnswer"]):
    def of(self, brand: Brand) -> SurveyAnswerQuerySet:
        return self.filter(store__brand=brand)

    def confirmed(self) -> SurveyAnswerQuerySet:
        """Whom they name has been confirmed by a person."""
        return self.filter(status=SurveyAnswer.Status.CONFIRMED, collaboration__isnull=False)

    def open(self) -> SurveyAnswerQuerySet:
        """Waiting for somebody to look at."""
        return self.filter(status__in=[SurveyAnswer.Status.SUGGESTED, SurveyAnswer.Status.UNCLEAR])


class SurveyAnswer(models.Model):
    """A buyer's answer to “How did you hear about us?”: one for each order.

    It earns nothing until a person confirmed it, and then only under a rule that counts answers.
    """

    class Status(models.TextChoices):
        SUGGESTED = "suggested", "A creator is suggested"
        UNCLEAR = "unclear", "Names nobody we know"
        CONFIRMED = "confirmed", "Names this creator"
        NOBODY = "nobody", "Names no creator"

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="answers")
    order_ref = models.CharField(max_length=80, help_text="The shop's id of the order it was asked about.")
    text = models.CharField(max_length=300)
    answered_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status)
    collaboration = models.ForeignKey(
        Collaboration, on_delete=models.SET_NULL, null=True, blank=True, related_name="survey_answers"
    )
    received_at = models.DateTimeField(auto_now_add=True)

    objects = SurveyAnswerQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "order_ref"], name="tracking_answer_once")]
        indexes = [models.Index(fields=["store", "-id"], name="tracking_answer_recent")]

    def __str__(self) -> str:
        return self.text
