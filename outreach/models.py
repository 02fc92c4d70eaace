"""Templates, conversations with creators, the outbox, and addresses that must not be written to."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Collaboration
from creators.models import Relationship
from groundswell.accounts.models import Brand
from groundswell.events.models import About
from groundswell.lib.codes import short_code
from outreach.addresses import digests_of
from outreach.rendering import PROFILE, fill_late


class EmailTemplateQuerySet(models.QuerySet["EmailTemplate"]):
    def of(self, brand: Brand) -> EmailTemplateQuerySet:
        return self.filter(brand=brand)


class EmailTemplate(models.Model):
    """A personal e-mail with variables such as {{ first_name }}; a first message also needs {{ referenced_post }}."""

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

    def get_absolute_url(self) -> str:
        return reverse("outreach:template", args=[self.code])


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def of(self, brand: Brand) -> ConversationQuerySet:
        return self.filter(relationship__brand=brand)

    def with_people(self) -> ConversationQuerySet:
        return self.select_related("relationship__creator", "relationship__brand")

    def with_latest(self) -> ConversationQuerySet:
        """Each with the pk of its newest message (`latest_id`) and the number of unread ones (`unread`)."""
        newest = Message.objects.filter(conversation=OuterRef("pk")).order_by("-pk").values("pk")[:1]
        unread = Message.objects.unread().filter(conversation=OuterRef("pk")).order_by().values("conversation")
        return self.annotate(
            latest_id=Subquery(newest), unread=Subquery(unread.annotate(number=Count("pk")).values("number"))
        )

    def holding(self, messages: MessageQuerySet) -> ConversationQuerySet:
        """Those with at least one of these messages."""
        return self.filter(Exists(messages.filter(conversation=OuterRef("pk"))))

    def search(self, text: str) -> ConversationQuerySet:
        """By the creator's name, handle or address, or a word of a subject."""
        handle = Q(relationship__creator__accounts__handle__icontains=text.removeprefix("@"))
        people = Q(relationship__creator__name__icontains=text) | Q(relationship__email__icontains=text)
        return self.filter(handle | people | Q(messages__subject__icontains=text)).distinct()

    def before(self, at: datetime, pk: int) -> ConversationQuerySet:
        """The page after this row, latest first."""
        return self.filter(Q(updated_at__lt=at) | Q(updated_at=at, pk__lt=pk))


class Conversation(models.Model):
    """Everything written between a brand and a creator."""

    relationship = models.OneToOneField(Relationship, on_delete=models.CASCADE, related_name="conversation")
    updated_at = models.DateTimeField(default=timezone.now)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-updated_at", "-id"], name="outreach_conversation_recent")]

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

    def unread(self) -> MessageQuerySet:
        return self.filter(direction=Message.Direction.IN, read_at=None)

    def waiting(self) -> MessageQuerySet:
        """On their way: queued, or in a worker's hands."""
        return self.filter(status__in=Message.WAITING)

    def troubled(self) -> MessageQuerySet:
        """What somebody has to look at: failed, or perhaps sent."""
        return self.filter(status__in=[Message.Status.FAILED, Message.Status.UNCONFIRMED])

    def shown_to_creator(self) -> MessageQuerySet:
        """What reached the creator and what they wrote; notes of the team about other channels stay with the team."""
        return self.exclude(channel=Message.Channel.DM).filter(
            status__in=[Message.Status.SENT, Message.Status.RECEIVED]
        )

    def live(self) -> MessageQuerySet:
        """Outgoing mail that went out or still may."""
        dead = [Message.Status.FAILED, Message.Status.CANCELLED]
        return self.filter(direction=Message.Direction.OUT).exclude(status__in=dead)

    def invitations(self) -> MessageQuerySet:
        """E-mails that invite a creator to their own profile: those with the link to it."""
        return self.filter(direction=Message.Direction.OUT, body__contains="{{ " + PROFILE + " }}")

    def mailed_before(self, message: Message) -> MessageQuerySet:
        """E-mails of the same conversation that went out earlier, oldest first: what a thread refers to."""
        return self.filter(
            conversation=message.conversation_id,
            channel=Message.Channel.EMAIL,
            status=Message.Status.SENT,
            pk__lt=message.pk,
        ).order_by("pk")

    def with_people(self) -> MessageQuerySet:
        return self.select_related(
            "author", "conversation__relationship__brand", "conversation__relationship__creator", "collaboration"
        )


class Message(models.Model):
    """One e-mail, a message written in the portal, or a note of what was said elsewhere. A queued row is the outbox."""

    class Direction(models.TextChoices):
        OUT = "out", "From the brand"
        IN = "in", "From the creator"

    class Channel(models.TextChoices):
        EMAIL = "email", "E-mail"
        PORTAL = "portal", "Portal"
        DM = "dm", "Direct message"

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        SENDING = "sending", "Being sent"
        HANDED_OVER = "handed_over", "Handed to the mail server"
        SENT = "sent", "Sent"
        UNCONFIRMED = "unconfirmed", "Perhaps sent"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"
        RECEIVED = "received", "Received"

    WAITING = (Status.QUEUED, Status.SENDING, Status.HANDED_OVER)

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
    batch = models.CharField(
        max_length=80, blank=True, help_text="The form or call that queued it: the same one never queues it twice."
    )
    referenced_post = models.URLField(max_length=400, blank=True)
    recipient = models.EmailField(blank=True)
    subject = models.CharField(max_length=300, blank=True)
    body = models.TextField(help_text="{{ portal_link }} stays a variable here; the secret link is made while sending.")
    message_id = models.CharField(
        max_length=160, unique=True, help_text="The e-mail's Message-ID, fixed before sending."
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    claim = models.PositiveIntegerField(default=0, help_text="Counts up with each claim: a worker that lost it stops.")
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True, help_text="Last sign of life of the sending worker.")
    sent_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True, help_text="When the team read the creator's message.")

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="sent") | Q(sent_at__isnull=False), name="outreach_message_sent_has_time"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["sending", "handed_over"]) | Q(claimed_at__isnull=False),
                name="outreach_message_claim_has_time",
            ),
            models.CheckConstraint(
                condition=Q(direction="in", status="received") | (Q(direction="out") & ~Q(status="received")),
                name="outreach_message_received_comes_in",
            ),
            models.UniqueConstraint(
                fields=["conversation", "batch"], condition=~Q(batch=""), name="outreach_message_batch_once"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status="queued"), name="outreach_message_outbox"),
            models.Index(
                fields=["claimed_at"],
                condition=Q(status__in=["sending", "handed_over"]),
                name="outreach_message_claimed",
            ),
            models.Index(fields=["conversation", "id"], name="outreach_message_thread"),
            models.Index(
                fields=["conversation"], condition=Q(direction="in", read_at=None), name="outreach_message_unread"
            ),
            models.Index(
                fields=["conversation", "status"],
                condition=Q(status__in=["queued", "sending", "handed_over", "failed", "unconfirmed"]),
                name="outreach_message_open",
            ),
        ]

    def __str__(self) -> str:
        return self.subject or self.body[:60]

    def about(self) -> About:
        campaign = self.collaboration.campaign.name if self.collaboration else ""
        return About(self.conversation.relationship.creator_id, campaign, self.conversation.get_absolute_url())

    @property
    def brand(self) -> Brand:
        return self.conversation.relationship.brand

    @property
    def is_incoming(self) -> bool:
        return self.direction == self.Direction.IN

    @property
    def shown_text(self) -> str:
        """The text for the brand's and the creator's eyes: the secret link is not in it, only its place."""
        return fill_late(self.body, "[personal link]")

    @property
    def text_for_creator(self) -> str:
        """The text in the portal, where the creator is inside already: the link is the page they are on."""
        row = self.collaboration
        page = reverse("campaigns:portal-collaboration", args=[row.code]) if row else reverse("campaigns:portal")
        profile = reverse("creators:portal-profile")
        return fill_late(self.body, settings.SITE_URL + page, settings.SITE_URL + profile)

    @property
    def is_mail(self) -> bool:
        return self.channel == self.Channel.EMAIL

    @property
    def is_waiting(self) -> bool:
        return self.status in self.WAITING


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def of(self, brand: Brand) -> SuppressionQuerySet:
        """What a brand must respect: its own list and the operator's."""
        return self.filter(Q(brand=None) | Q(brand=brand))

    def holding(self, email: str) -> SuppressionQuerySet:
        return self.filter(digest__in=digests_of(email))


class Suppression(models.Model):
    """An address that asked for silence, kept only as a keyed hash, so that it outlives the erasure of the rest."""

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", "Unsubscribed"
        BOUNCED = "bounced", "Address does not exist"
        COMPLAINED = "complained", "Reported as spam"
        MANUAL = "manual", "Added by hand"

    brand = models.ForeignKey(
        Brand, on_delete=models.CASCADE, null=True, blank=True, related_name="suppressions", help_text="Empty: all."
    )
    digest = models.CharField(max_length=64)
    reason = models.CharField(max_length=12, choices=Reason, default=Reason.UNSUBSCRIBED)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "digest"], name="outreach_suppression_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} {self.digest[:8]}…"
