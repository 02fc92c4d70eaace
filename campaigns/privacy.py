"""What campaigns know of creators. Money and contracts stay: the brand's books have to add up without the person."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils import timezone

from campaigns.models import Collaboration, Contract, Offer, Submission
from creators.privacy.holdings import ERASED, Holding, Person, hold
from creators.privacy.words import Words


def of_collaboration(person: Person) -> Q:
    return Q(collaboration__relationship__in=person.relationships)


def nameless(contract: Any, words: Words) -> dict[str, Any]:
    """The agreed text without the person; its hash stays that of the text as it was agreed."""
    agreed = {"agreed_name": ERASED} if contract.agreed_at else {}
    return {"text": words.clean(contract.text), "redacted_at": timezone.now(), **agreed}


hold(
    Holding(
        Contract,
        of_collaboration,
        "contracts",
        ("collaboration__campaign__name", "text", "sha256", "agreed_at", "agreed_name", "agreed_address",
         "agreed_agent"),
        kept=True,
        keeps=("template", "sha256"),
        left=nameless,
    ),
    Holding(
        Offer,
        lambda person: of_collaboration(person) & ~Q(status="draft"),
        "offers",
        ("collaboration__campaign__name", "version", "side", "status", "fee", "product", "product_value",
         "commission_percent", "currency", "message", "sent_at", "answered_at"),
        kept=True,
        keeps=("product", "currency"),
    ),
    Holding(Offer, of_collaboration, kept=True, keeps=("product", "currency")),
    Holding(
        Submission,
        of_collaboration,
        "posts handed in",
        ("collaboration__campaign__name", "post__url", "status", "note", "submitted_at", "reviewed_at"),
        kept=True,
    ),
    Holding(
        Collaboration,
        lambda person: Q(relationship__in=person.relationships) & ~Q(status="selected"),
        "collaborations",
        ("campaign__brand__name", "campaign__name", "status", "created_at", "accepted_at"),
        kept=True,
    ),
)  # fmt: skip
