"""What was written between brands and creators."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from creators.privacy.holdings import Holding, Person, hold, silences, unsilences
from creators.privacy.words import GONE, Words
from outreach.addresses import digest_of, digests_of
from outreach.models import Conversation, Message, Suppression

SHOWN = ~Q(channel=Message.Channel.DM) & Q(status__in=[Message.Status.SENT, Message.Status.RECEIVED])


def of_messages(person: Person) -> Q:
    return Q(conversation__relationship__in=person.relationships)


def wordless(message: Any, words: Words) -> dict[str, Any]:
    """That something was written and when stays; what, and to whom, goes. Mail on its way is stopped."""
    stopped = {"status": Message.Status.CANCELLED} if message.status == Message.Status.QUEUED else {}
    return {"body": GONE, **stopped}


@silences
def silence(addresses: frozenset[str]) -> None:
    """No brand writes to them again; twice changes nothing."""
    rows = [Suppression(brand=None, digest=digest_of(each), reason=Suppression.Reason.MANUAL) for each in addresses]
    Suppression.objects.bulk_create(rows, ignore_conflicts=True)


@unsilences
def allow(addresses: frozenset[str]) -> None:
    """Take back what they asked of everybody; what they told one brand stands."""
    digests = [digest for each in addresses for digest in digests_of(each)]
    Suppression.objects.filter(brand=None, digest__in=digests, reason=Suppression.Reason.MANUAL).delete()


hold(
    Holding(
        Message,
        lambda person: of_messages(person) & SHOWN,
        "messages",
        (
            "conversation__relationship__brand__name",
            "direction",
            "channel",
            "recipient",
            "subject",
            "body",
            "created_at",
        ),
        kept=True,
        keeps=("batch",),
        left=wordless,
    ),
    Holding(Message, of_messages, kept=True, keeps=("batch",), left=wordless),
    Holding(Conversation, lambda person: Q(relationship__in=person.relationships), needed_by=("messages",)),
)
