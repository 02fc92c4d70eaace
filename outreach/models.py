"""Templates, conversations with creators, and the outbox."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from campaigns.models import Collaboration
from creators.models import Relationship
from groundswell.accounts.models import Brand
from groundswell.lib.codes import short_code


class EmailTemplateQuerySet(models.QuerySet["EmailTemplate"]):
    def of(self, brand: Brand) -> EmailTemplateQuerySet:
        return self.filter(brand=brand)


class EmailTemplate(models.Model):
    """A personal e-mail with variables such as {{ first_name }}; {{ referenced_post }} is required."""

    code = models.CharField(max_length=12, unique=True, default=short_code)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="email_templates")
    name = models.CharField(max_length=80)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    updated_at = models.DateTimeField(auto_now=True)

    objects = EmailTemplateQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["brand", "name"], name="outreach_template_once")]

    def __str__(self) -> str:
        return self.name


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def of(self, brand: Brand) -> ConversationQuerySet:
        return self.filter(relationship__brand=brand)


class Conversation(models.Model):
    """Everything written between a brand and a creator."""

    relationship = models.OneToOneField(Relationship, on_delete=models.CASCADE, related_name="conversation")
    updated_at = models.DateTimeField(null=True, blank=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-updated_at"], name="outreach_conversation_recent")]

    def __str__(self) -> str:
        return f"Conversation of {self.relationship}"

    def get_absolute_url(self) -> str:
        return reverse("outreach:conversation", args=[self.relationship.code])


class MessageQuerySet(models.QuerySet["Message"]):
    def of(self, brand: Brand) -> MessageQuerySet:
        return self.filter(conversation__relationship__brand=brand)

    def due(self, at: datetime) -> MessageQuerySet:
        """What the outbox may send now."""
        return self.filter(status=Message.Status.QUEUED, due_at__lte=at).order_by("due_at", "pk")

    def interrupted(self, before: datetime) -> MessageQuerySet:
        """Claimed by a worker that gave no sign of life since `before`."""
        return self.filter(status__in=[Message.Status.SENDING, Message.Status.HANDED_OVER], claimed_at__lt=before)


class Message(models.Model):
    """One e-mail, or a message written in the portal. A queued row is the outbox."""

    class Direction(models.TextChoices):
        OUT = "out", "From the brand"
        IN = "in", "From the creator"

    class Channel(models.TextChoices):
        EMAIL = "email", "E-mail"
        PORTAL = "portal", "Portal"

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        SENDING = "sending", "Being sent"
        HANDED_OVER = "handed_over", "Handed to the mail server"
        SENT = "sent", "Sent"
        UNCONFIRMED = "unconfirmed", "Perhaps sent"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"
        RECEIVED = "received", "Received"

    code = models.CharField(max_length=12, unique=True, default=short_code)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    collaboration = models.ForeignKey(
        Collaboration, on_delete=models.SET_NULL, null=True, blank=True, related_name="messages"
    )
    direction = models.CharField(max_length=3, choices=Direction, default=Direction.OUT)
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.EMAIL)
    status = models.CharField(max_length=12, choices=Status, default=Status.QUEUED)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    template = models.ForeignKey(EmailTemplate, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    referenced_post = models.URLField(max_length=400, blank=True)
    recipient = models.EmailField(blank=True)
    subject = models.CharField(max_length=300, blank=True)
    body = models.TextField()
    message_id = models.CharField(
        max_length=160, unique=True, help_text="The e-mail's Message-ID, fixed before sending."
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="sent") | Q(sent_at__isnull=False), name="outreach_message_sent_has_time"
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status="queued"), name="outreach_message_outbox"),
            models.Index(fields=["conversation", "id"], name="outreach_message_thread"),
        ]

    def __str__(self) -> str:
        return self.subject or self.body[:60]
