"""Terms and their answers. Every move is a conditional update of the collaboration, which locks it, then of the offer.

SELECTED, DECLINED, WITHDRAWN --send_offer--> OFFERED --accept_offer--> ACCEPTED
OFFERED --counter_offer--> COUNTERED --accept_counter--> ACCEPTED, or send_offer--> OFFERED
OFFERED --decline_offer--> DECLINED, COUNTERED --decline_counter--> DECLINED
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from campaigns.actions.contracts import write_contract
from campaigns.actions.costs import write_offer_costs
from campaigns.actions.refusals import (
    AlreadyAgreed,
    AnotherVersion,
    Blocked,
    EmptyOffer,
    NoTerms,
    NothingToAnswer,
    NotLive,
    Refusal,
)
from campaigns.models import Campaign, Collaboration, Offer
from creators.models import Relationship
from groundswell.accounts.models import User
from groundswell.events.actions import record

TERMS = ("fee", "product", "product_value", "product_cost", "commission_percent", "message")
State = Collaboration.Status


@transaction.atomic
def set_offer(collaboration: Collaboration, *, by: User | None, **terms: Any) -> Offer:
    """Write the draft of the next version; terms not named keep those of the newest version.

    Raises AlreadyAgreed once an offer was accepted. Nothing reaches the creator before send_offer.
    """
    status = Collaboration.objects.select_for_update().values_list("status", flat=True).get(pk=collaboration.pk)
    if status in Collaboration.AGREED:
        raise AlreadyAgreed
    newest = collaboration.offers.order_by("-version").first()
    draft = newest if newest and newest.status == Offer.Status.DRAFT else next_version(collaboration, newest)
    for name, value in terms.items():
        setattr(draft, name, value)
    draft.made_by = by
    draft.save()
    return draft


def set_offers(collaborations: Iterable[Collaboration], *, by: User | None, **terms: Any) -> tuple[int, int]:
    """The same terms for many; returns how many were set and how many had agreed already."""
    done, refused = 0, 0
    for row in sorted(collaborations, key=lambda row: row.pk):
        try:
            set_offer(row, by=by, **terms)
            done += 1
        except AlreadyAgreed:
            refused += 1
    return done, refused


def next_version(collaboration: Collaboration, newest: Offer | None) -> Offer:
    """An unsaved draft after `newest`, with its terms. The brand's own cost comes from its own last version."""
    ours = collaboration.offers.filter(side=Offer.Side.BRAND).order_by("-version").first()
    terms = {name: getattr(newest, name) for name in TERMS if name != "message"} if newest else {}
    if ours:
        terms["product_cost"] = ours.product_cost
    highest = collaboration.offers.aggregate(highest=Max("version"))["highest"] or 0
    return Offer(collaboration=collaboration, version=highest + 1, currency=collaboration.campaign.currency, **terms)


@transaction.atomic
def send_offer(collaboration: Collaboration, *, by: User | None) -> Offer:
    """Put the draft before the creator; an open version before it is replaced.

    Raises NotLive, Blocked, AlreadyAgreed, NoTerms (no draft) or EmptyOffer (a draft that gives nothing).
    """
    require_live(collaboration)
    refuse_blocked(collaboration)
    sendable = [State.SELECTED, State.OFFERED, State.COUNTERED, State.DECLINED, State.WITHDRAWN]
    move(collaboration, sendable, State.OFFERED, AlreadyAgreed())
    draft = collaboration.offers.filter(status=Offer.Status.DRAFT).first()
    if draft is None:
        raise NoTerms
    if not (draft.fee or draft.product or draft.commission_percent):
        raise EmptyOffer
    open_ones = collaboration.offers.filter(status=Offer.Status.SENT)
    open_ones.update(status=Offer.Status.REPLACED, answered_at=timezone.now())
    draft.status, draft.sent_at = Offer.Status.SENT, timezone.now()
    draft.save(update_fields=["status", "sent_at"])
    return noted(draft, "offer.sent", by)


@transaction.atomic
def accept_offer(collaboration: Collaboration, *, by: User | None, version: int | None = None) -> Offer:
    """The creator takes the brand's open offer: costs and contract are written.

    `version` is the one they read. Raises NotLive, NothingToAnswer or AnotherVersion.
    """
    require_live(collaboration)
    agree(collaboration, State.OFFERED)
    return settled(close_open(collaboration, Offer.Side.BRAND, Offer.Status.ACCEPTED, version), by)


@transaction.atomic
def accept_counter(collaboration: Collaboration, *, by: User | None, version: int | None = None) -> Offer:
    """The brand takes the creator's counter-offer; otherwise as accept_offer. Raises Blocked too."""
    require_live(collaboration)
    refuse_blocked(collaboration)
    agree(collaboration, State.COUNTERED)
    return settled(close_open(collaboration, Offer.Side.CREATOR, Offer.Status.ACCEPTED, version), by)


@transaction.atomic
def counter_offer(collaboration: Collaboration, *, by: User | None, version: int | None = None, **terms: Any) -> Offer:
    """The creator answers with terms of their own: the next version, open to the brand.

    Of `terms`, fee, product, commission_percent and message count; what isn't named stays as offered.
    """
    require_live(collaboration)
    move(collaboration, [State.OFFERED], State.COUNTERED, NothingToAnswer())
    offered = close_open(collaboration, Offer.Side.BRAND, Offer.Status.COUNTERED, version)
    collaboration.offers.filter(status=Offer.Status.DRAFT).delete()
    counter = next_version(collaboration, offered)
    for name in {"fee", "product", "commission_percent", "message"} & terms.keys():
        setattr(counter, name, terms[name])
    counter.side, counter.status = Offer.Side.CREATOR, Offer.Status.SENT
    counter.made_by, counter.sent_at = by, timezone.now()
    counter.save()
    return noted(counter, "offer.countered", by)


@transaction.atomic
def decline_offer(
    collaboration: Collaboration, *, by: User | None, reason: str = "", version: int | None = None
) -> Offer:
    """The creator says no; the reason goes to the brand with the event."""
    move(collaboration, [State.OFFERED], State.DECLINED, NothingToAnswer())
    offer = close_open(collaboration, Offer.Side.BRAND, Offer.Status.DECLINED, version)
    return noted(offer, "offer.declined", by, reason=reason)


@transaction.atomic
def decline_counter(
    collaboration: Collaboration, *, by: User | None, reason: str = "", version: int | None = None
) -> Offer:
    """The brand says no to the counter-offer. It may still send a new version later."""
    move(collaboration, [State.COUNTERED], State.DECLINED, NothingToAnswer())
    offer = close_open(collaboration, Offer.Side.CREATOR, Offer.Status.DECLINED, version)
    return noted(offer, "offer.declined", by, reason=reason)


def require_live(collaboration: Collaboration) -> None:
    if not Campaign.objects.live().filter(pk=collaboration.campaign_id).exists():
        raise NotLive


def refuse_blocked(collaboration: Collaboration) -> None:
    if Relationship.objects.blocked().filter(pk=collaboration.relationship_id).exists():
        raise Blocked


def move(collaboration: Collaboration, before: list[State], after: State, refusal: Refusal, **fields: Any) -> None:
    """Move the collaboration if it stands in one of `before`, else raise; the row stays locked to the commit."""
    if not Collaboration.objects.filter(pk=collaboration.pk, status__in=before).update(status=after, **fields):
        raise refusal
    collaboration.status = after
    for name, value in fields.items():
        setattr(collaboration, name, value)


def agree(collaboration: Collaboration, before: State) -> None:
    move(collaboration, [before], State.ACCEPTED, NothingToAnswer(), accepted_at=timezone.now())


def close_open(collaboration: Collaboration, side: Offer.Side, answer: Offer.Status, version: int | None) -> Offer:
    """Answer the open offer of one side and return it; at most one is open, which a constraint holds."""
    offer = collaboration.offers.filter(side=side, status=Offer.Status.SENT).first()
    if offer is None:
        raise NothingToAnswer
    if version is not None and version != offer.version:
        raise AnotherVersion
    offer.status, offer.answered_at = answer, timezone.now()
    offer.save(update_fields=["status", "answered_at"])
    return offer


def settled(offer: Offer, by: User | None) -> Offer:
    """What follows from an agreement, in its transaction."""
    offer.collaboration.offers.filter(status=Offer.Status.DRAFT).delete()
    write_offer_costs(offer)
    write_contract(offer)
    return noted(offer, "offer.accepted", by)


def noted(offer: Offer, name: str, by: User | None, **data: Any) -> Offer:
    collaboration = offer.collaboration
    facts = {"collaboration": collaboration.code, "version": offer.version, "side": offer.side, **data}
    record(collaboration.campaign.brand, name, offer, by=by, **facts)
    return offer
