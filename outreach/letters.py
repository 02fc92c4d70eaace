"""From a message's row to the e-mail it becomes."""

from __future__ import annotations

from email.utils import parseaddr
from uuid import uuid4

from django.conf import settings
from django.urls import reverse

from groundswell.accounts.models import Brand
from outreach.addressees import sender_name
from outreach.addresses import unsubscribe_token
from outreach.mime import Letter
from outreach.models import Message


def new_message_id() -> str:
    """`<unique@our-domain>`: stored before sending, so that a mail can be recognised after a crash."""
    return f"<{uuid4().hex}@{sender_address().rpartition('@')[2]}>"


def sender_address() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def letter_of(message: Message, *, body: str, thread: tuple[str, ...] = ()) -> Letter:
    """The letter of a message, saved or not; `body` is its text with the secret link filled in or masked."""
    relationship = message.conversation.relationship
    brand = relationship.brand
    return Letter(
        message_id=message.message_id,
        sender_name=sender_name(brand, message.author),
        sender=sender_address(),
        recipient_name=relationship.creator.name,
        recipient=message.recipient,
        reply_to=message.author.email if message.author else "",
        subject=message.subject,
        body=body,
        brand=brand.name,
        postal_address=brand.postal_address,
        unsubscribe_url=unsubscribe_url(brand, message.recipient),
        erasure_url=settings.SITE_URL + reverse("creators:remove"),
        thread=thread,
        written_at=message.created_at,
    )


def unsubscribe_url(brand: Brand, email: str) -> str:
    return settings.SITE_URL + reverse("outreach:unsubscribe", args=[unsubscribe_token(brand.pk, email)])


def thread_of(message: Message) -> tuple[str, ...]:
    """Message-IDs of the e-mails before this one in its conversation, oldest first."""
    return tuple(Message.objects.mailed_before(message).values_list("message_id", flat=True))
