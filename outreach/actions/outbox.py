"""The outbox: each queued row leaves once, also when a worker dies at any point.

    queued -> sending -> handed_over -> sent
                  |           |-> failed, or queued again, as the server answered
                  |           `-> (died here) asked of the server's log: sent, queued again, or unconfirmed
                  `-> (died here) queued again

A claim is a conditional update plus a session-level advisory lock that PostgreSQL releases when its holder dies, so a
dead worker is told from a slow server without waiting for a timeout. (Behind a pooler, use session pooling.)
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from creators.actions.portal import portal_url
from groundswell.events.actions import record
from outreach.letters import letter_of, thread_of
from outreach.lookup import LookupUnavailable, SentLookup
from outreach.mime import compose
from outreach.models import Message, Suppression
from outreach.rendering import LATE, PROFILE, fill_late, uses
from outreach.smtp import Refused, Transport, Uncertain

logger = logging.getLogger(__name__)
Status = Message.Status
LOCKS = 0x6F7574  # our half of the advisory lock's key
RETRY_AFTER = [timedelta(seconds=seconds) for seconds in (30, 120, 600, 3600, 14400)]
SETTLING = timedelta(seconds=3)  # a claim younger than this is between its steps
ANSWERLESS = timedelta(hours=1)  # how long the server's log may be out of reach before people decide


class ClaimLost(Exception):
    """Another worker took the message over meanwhile; this one must not send it."""


def send_due(transport: Transport, *, seconds: float = 20) -> tuple[int, bool]:
    """Send what is due; returns the number of messages handled, and whether that was all before the time was up."""
    ends_at, handled = time.monotonic() + seconds, 0
    try:
        while time.monotonic() < ends_at:
            message = claim_next(timezone.now())
            if message is None:
                return handled, True
            try:
                deliver(message, transport)
            finally:
                release(message.pk)
            handled += 1
    finally:
        transport.close()
    return handled, False


def claim_next(now: datetime) -> Message | None:
    """The next due message, now ours alone, or None. The caller releases it."""
    with transaction.atomic():
        due = Message.objects.due(now).select_for_update(skip_locked=True)
        pk = next((pk for pk in due.values_list("pk", flat=True)[:10] if try_lock(pk)), None)
        if pk is None:
            return None
        Message.objects.filter(pk=pk).update(
            status=Status.SENDING, claimed_at=now, claim=F("claim") + 1, attempts=F("attempts") + 1
        )
    return Message.objects.with_people().get(pk=pk)


def deliver(message: Message, transport: Transport) -> None:
    """Take one claimed message as far as it gets; a crash anywhere leaves it for `recover`."""
    try:
        reason = reason_to_stop(message)
        if reason:
            move(message, Status.CANCELLED, error=reason)
        else:
            transmit(message, transport)
    except ClaimLost:
        logger.warning("message %s was taken over by another worker", message.code)


def transmit(message: Message, transport: Transport) -> None:
    """Compose, hand over and note the server's answer. Raises ClaimLost."""
    try:
        body = message.body
        if wants_link(message):
            relationship = message.conversation.relationship
            body = fill_late(
                body, portal_url(relationship), portal_url(relationship, reverse("creators:portal-profile"))
            )
        mail = compose(letter_of(message, body=body, thread=thread_of(message)))
        transport.send(mail, before_content=partial(hand_over, message))
    except Refused as error:
        put_back(message, str(error), temporary=error.temporary)
    except Uncertain as error:
        move(message, Status.HANDED_OVER, error=f"The mail server didn't answer: {error}", claimed_at=timezone.now())
    except ValueError as error:
        put_back(message, f"This can't be put into an e-mail: {error}", temporary=False)
    else:
        mark_sent(message)


def wants_link(message: Message) -> bool:
    return uses(message.body, LATE) or uses(message.body, PROFILE)


def reason_to_stop(message: Message) -> str:
    """What changed between queueing and now; empty when the message may go out."""
    relationship = message.conversation.relationship
    if relationship.is_blocked:
        return "You blocked this creator after the message was queued."
    if Suppression.objects.of(relationship.brand).holding(message.recipient).exists():
        return "The creator unsubscribed before the message was sent."
    if relationship.email.lower() != message.recipient.lower() and wants_link(message):
        return "The creator's address changed; the personal link is only for the address it was written to."
    return ""


def hand_over(message: Message) -> None:
    """The last step before the content leaves. Raises ClaimLost."""
    move(message, Status.HANDED_OVER, claimed_at=timezone.now())


@transaction.atomic
def mark_sent(message: Message) -> None:
    move(message, Status.SENT, sent_at=timezone.now(), error="")
    note(message, "message.sent")


@transaction.atomic
def put_back(message: Message, words: str, *, temporary: bool) -> None:
    """Try again later with growing patience, or give up with the server's words."""
    if temporary and message.attempts <= len(RETRY_AFTER):
        move(message, Status.QUEUED, error=words, due_at=timezone.now() + RETRY_AFTER[message.attempts - 1])
        return
    move(message, Status.FAILED, error=words)
    note(message, "message.failed", error=words)


def move(message: Message, to: str, **fields: Any) -> None:
    """Move a message that is still under our claim. Raises ClaimLost when it isn't."""
    ours = Message.objects.filter(pk=message.pk, claim=message.claim, status__in=[Status.SENDING, Status.HANDED_OVER])
    if not ours.update(status=to, **fields):
        raise ClaimLost
    message.status = to
    for name, value in fields.items():
        setattr(message, name, value)


def note(message: Message, name: str, **data: Any) -> None:
    code = message.conversation.relationship.code
    record(message.brand, name, message, conversation=code, channel=message.channel, **data)


def recover(lookup: SentLookup | None) -> int:
    """Settle messages whose worker died; returns how many there were to look at."""
    rows = list(Message.objects.with_people().interrupted(timezone.now() - SETTLING).order_by("pk")[:500])
    for row in rows:
        with locked(row.pk) as free:
            if free:
                settle(row, lookup)
    return len(rows)


def settle(message: Message, lookup: SentLookup | None) -> None:
    """Decide about one message nobody works on any more; its state is read again first, now that it is locked."""
    message.refresh_from_db(fields=["status", "claim", "claimed_at", "attempts"])
    try:
        if message.status == Status.SENDING:
            requeue(message)
        elif message.status == Status.HANDED_OVER:
            settle_handed_over(message, lookup)
    except ClaimLost:
        logger.info("message %s was settled by another worker", message.code)


@transaction.atomic
def requeue(message: Message) -> None:
    """Nothing left for the server: send it again, unless sending broke off too often."""
    words = "Sending was interrupted."
    if message.attempts > len(RETRY_AFTER):
        move(message, Status.FAILED, error=words)
        note(message, "message.failed", error=words)
    else:
        move(message, Status.QUEUED, error=words, due_at=timezone.now())


def settle_handed_over(message: Message, lookup: SentLookup | None) -> None:
    if lookup is None:
        unconfirm(message)
        return
    silent_for = timezone.now() - (message.claimed_at or timezone.now())
    try:
        arrived = lookup.has(message.message_id)
    except LookupUnavailable as error:
        logger.warning("the mail server's log can't be read: %s", error)
        if silent_for > ANSWERLESS:
            unconfirm(message)
        return
    if arrived:
        mark_sent(message)
    elif silent_for > timedelta(seconds=settings.OUTBOX_PATIENCE):
        requeue(message)  # before that the server may still be storing what it got


def unconfirm(message: Message) -> None:
    move(message, Status.UNCONFIRMED, error="The connection broke before the mail server confirmed.")


def try_lock(pk: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCKS, pk % 2**31])
        row = cursor.fetchone()
    return bool(row and row[0])


def release(pk: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCKS, pk % 2**31])


@contextmanager
def locked(pk: int) -> Iterator[bool]:
    """Whether nobody works on the message; nobody will inside the block."""
    free = try_lock(pk)
    try:
        yield free
    finally:
        if free:
            release(pk)
