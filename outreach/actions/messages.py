"""Single messages: replies of both sides, notes of what was said elsewhere, and what people decide about a row."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from campaigns.models import Collaboration
from creators.models import Relationship
from groundswell.accounts.models import User
from groundswell.events.actions import record
from outreach.actions.waking import wake_outbox
from outreach.actions.writing import note_queued
from outreach.letters import new_message_id
from outreach.models import Conversation, Message, Suppression
from outreach.rendering import LATE, TemplateProblem, render

Status = Message.Status
Channel = Message.Channel
Direction = Message.Direction


class CannotReply(Exception):
    """Nothing was written; the message says why and what to do instead."""


class NotPossible(Exception):
    """The message is no longer in the state that the button was for."""


@transaction.atomic
def reply_to(
    conversation: Conversation,
    body: str,
    *,
    by: User | None,
    subject: str = "",
    channel: str = Channel.EMAIL,
    batch: str = "",
) -> Message:
    """Answer by e-mail (queued) or in the portal only (there at once). A `batch` used before returns its message.

    {{ portal_link }} is the one variable a reply may hold. Raises CannotReply.
    """
    Conversation.objects.select_for_update().get(pk=conversation.pk)
    before = Message.objects.filter(conversation=conversation, batch=batch).first() if batch else None
    if before:
        return before
    refuse_reply(conversation.relationship, body, channel)
    if channel == Channel.EMAIL and not conversation.messages.exclude(channel=Channel.DM).exists():
        raise CannotReply("Write the first e-mail from a campaign: it has to mention a post of theirs.")
    fields: dict[str, Any] = {"batch": batch, "collaboration": latest_collaboration(conversation), "author": by}
    if channel == Channel.PORTAL:
        fields |= {"channel": channel, "status": Status.SENT, "sent_at": timezone.now()}
        return add(conversation, body, by, "message.sent", **fields)
    message = add(
        conversation,
        body,
        by,
        None,
        subject=subject.strip() or reply_subject(conversation),
        recipient=conversation.relationship.email,
        **fields,
    )
    note_queued(message, by)
    transaction.on_commit(wake_outbox, robust=True)
    return message


def refuse_reply(relationship: Relationship, body: str, channel: str) -> None:
    """Raises CannotReply when this creator must not, or can't, be written to this way."""
    try:
        render(body, {LATE: LATE})
    except TemplateProblem as error:
        raise CannotReply(f"{error} In a reply only {{{{ portal_link }}}} works.") from error
    refuse_writing(relationship, channel)


def refuse_writing(relationship: Relationship, channel: str) -> None:
    """The same for any text."""
    if relationship.is_blocked:
        raise CannotReply("You blocked this creator. Change the stage on their profile to write again.")
    if channel != Channel.EMAIL:
        return
    if not relationship.email:
        raise CannotReply("There is no e-mail address. Add one on the creator's profile.")
    if Suppression.objects.of(relationship.brand).holding(relationship.email).exists():
        raise CannotReply("This creator doesn't want e-mail from you any more. You can still answer in the portal.")


def reply_subject(conversation: Conversation) -> str:
    """“Re:” and the subject of the newest e-mail that went out or still may."""
    mails = conversation.messages.live().filter(channel=Channel.EMAIL)
    subject = mails.order_by("-pk").values_list("subject", flat=True).first()
    if not subject:
        return f"A message from {conversation.relationship.brand.name}"
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"[:300]


def latest_collaboration(conversation: Conversation) -> Collaboration | None:
    """The collaboration the conversation was last about."""
    newest = conversation.messages.exclude(collaboration=None).select_related("collaboration").last()
    return newest.collaboration if newest else None


@transaction.atomic
def write_from_portal(collaboration: Collaboration, body: str, *, by: User, batch: str = "") -> Message:
    """What a creator writes to the brand in the portal; the team sees it as unread. Same `batch`, same message."""
    conversation, _ = Conversation.objects.get_or_create(relationship=collaboration.relationship)
    Conversation.objects.select_for_update().get(pk=conversation.pk)
    before = Message.objects.filter(conversation=conversation, batch=batch).first() if batch else None
    if before:
        return before
    fields = {"status": Status.RECEIVED, "direction": Direction.IN, "channel": Channel.PORTAL, "author": by}
    return add(conversation, body, by, "message.received", batch=batch, collaboration=collaboration, **fields)


@transaction.atomic
def log_message(conversation: Conversation, body: str, *, by: User, direction: str = Direction.OUT) -> Message:
    """Note what was said in a direct message on a network, so that the team sees the whole conversation."""
    now = timezone.now()
    came_in = direction == Direction.IN
    state: dict[str, Any] = (
        {"status": Status.RECEIVED, "read_at": now} if came_in else {"status": Status.SENT, "sent_at": now}
    )
    return add(conversation, body, by, "message.logged", direction=direction, channel=Channel.DM, author=by, **state)


def add(conversation: Conversation, body: str, by: User | None, event: str | None, **fields: Any) -> Message:
    message = Message.objects.create(
        conversation=conversation, body=body.strip(), message_id=new_message_id(), **fields
    )
    Conversation.objects.filter(pk=conversation.pk).update(updated_at=message.created_at)
    if event:
        relationship = conversation.relationship
        record(relationship.brand, event, message, by=by, conversation=relationship.code, channel=message.channel)
    return message


@transaction.atomic
def cancel_message(message: Message, *, by: User) -> None:
    """Take a queued message out of the outbox. Raises NotPossible once a worker has it."""
    change(message, [Status.QUEUED], "It is being sent, or was sent, already.", status=Status.CANCELLED, error="")
    note(message, "message.cancelled", by)


@transaction.atomic
def retry_message(message: Message, *, by: User) -> None:
    """Queue a failed message again, or one that perhaps was sent (“send again”). Raises NotPossible."""
    fields = {"status": Status.QUEUED, "attempts": 0, "error": "", "due_at": timezone.now()}
    change(message, [Status.FAILED, Status.UNCONFIRMED], "It was settled in the meantime.", **fields)
    note_queued(message, by)
    transaction.on_commit(wake_outbox, robust=True)


@transaction.atomic
def confirm_message(message: Message, *, by: User) -> None:
    """“It arrived”: somebody knows that the mail came through. Raises NotPossible."""
    sent_at = message.claimed_at or timezone.now()
    fields = {"status": Status.SENT, "sent_at": sent_at, "error": ""}
    change(message, [Status.UNCONFIRMED], "It was settled in the meantime.", **fields)
    note(message, "message.sent", by)


@transaction.atomic
def read_conversation(conversation: Conversation, *, by: User) -> int:
    """Mark the creator's messages as read by the team; returns how many were new."""
    return Message.objects.unread().filter(conversation=conversation).update(read_at=timezone.now())


def change(message: Message, before: list[Status], otherwise: str, **fields: Any) -> None:
    """Change the row if it stands in one of `before`. Raises NotPossible."""
    if not Message.objects.filter(pk=message.pk, status__in=before).update(**fields):
        raise NotPossible(otherwise)
    for name, value in fields.items():
        setattr(message, name, value)


def note(message: Message, name: str, by: User | None) -> None:
    code = message.conversation.relationship.code
    record(message.brand, name, message, by=by, conversation=code, channel=message.channel)
