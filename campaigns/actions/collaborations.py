"""Putting creators into a campaign and taking them out again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import F

from campaigns.actions.refusals import NotLive, NotYours
from campaigns.models import Campaign, Collaboration, Offer
from creators.actions.relationships import take_public_addresses
from creators.models import Creator, Relationship, SocialAccount
from groundswell.accounts.models import User
from groundswell.events.actions import record, record_each


@transaction.atomic
def add_creators(
    campaign: Campaign,
    creators: Iterable[Creator],
    *,
    by: User | None,
    own: Mapping[int, Mapping[str, Any]] | None = None,
    **terms: Any,
) -> list[Collaboration]:
    """Put creators into the campaign, each with a draft offer of `terms` (fields of Offer).

    `own` holds, by the creator's key, what differs for single ones. Those who are in the campaign already and those
    the brand has blocked are left out; only the new ones are returned. Raises NotYours when the brand can't see one of
    them, NotLive when the campaign is closed.
    """
    refuse_closed(campaign)
    wanted = {creator.pk for creator in creators}
    if Creator.objects.of(campaign.brand).filter(pk__in=wanted).count() != len(wanted):
        raise NotYours
    relationships = relationships_of(campaign, wanted)
    there = set(
        campaign.collaborations.filter(relationship__in=relationships).values_list("relationship_id", flat=True)
    )
    added = create_collaborations(campaign, [row for row in relationships if row.pk not in there])
    write_drafts(campaign, added, own or {}, by=by, **terms)
    record_each(campaign.brand, "collaboration.added", added, by=by)
    return added


def refuse_closed(campaign: Campaign) -> None:
    """Raises NotLive. Holds the campaign, so that of two who add the same creator at once the second finds them."""
    row = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    if row.is_closed:
        raise NotLive("This campaign is closed; creators can't be added any more.")


def relationships_of(campaign: Campaign, creators: set[int]) -> list[Relationship]:
    """The brand's relationships with these creators, made where missing, without the blocked ones.

    An address that a creator shows to every brand is one to write to.
    """
    Relationship.objects.bulk_create(
        [Relationship(brand=campaign.brand, creator_id=pk) for pk in sorted(creators)], ignore_conflicts=True
    )
    rows = Relationship.objects.of(campaign.brand).filter(creator__in=creators).standing().order_by("pk")
    take_public_addresses(rows)
    return list(rows)


def create_collaborations(campaign: Campaign, relationships: list[Relationship]) -> list[Collaboration]:
    """Rows with the size of each creator's largest account as it is today."""
    largest = {
        row.creator_id: row
        for row in SocialAccount.objects.filter(creator__in=[row.creator_id for row in relationships])
        .order_by("creator_id", F("followers").desc(nulls_last=True))
        .distinct("creator_id")
    }
    rows = []
    for relationship in relationships:
        account = largest.get(relationship.creator_id)
        rows.append(
            Collaboration(
                campaign=campaign,
                relationship=relationship,
                followers_when_added=account.followers if account else None,
                network_when_added=account.network if account else "",
            )
        )
    return Collaboration.objects.bulk_create(rows)


def write_drafts(
    campaign: Campaign,
    rows: list[Collaboration],
    own: Mapping[int, Mapping[str, Any]],
    *,
    by: User | None,
    **terms: Any,
) -> None:
    defaults = {"version": 1, "currency": campaign.currency, "made_by": by, **terms}
    Offer.objects.bulk_create(
        Offer(collaboration=row, **{**defaults, **own.get(row.relationship.creator_id, {})}) for row in rows
    )


@transaction.atomic
def remove_collaboration(collaboration: Collaboration, *, by: User | None) -> bool:
    """Take a creator out: a row nobody was written about is deleted, an open offer is withdrawn.

    Returns False, and changes nothing, when they agreed, declined or left already.
    """
    untouched = Collaboration.objects.filter(pk=collaboration.pk, status=Collaboration.Status.SELECTED)
    if untouched.delete()[0]:
        record(collaboration.campaign.brand, "collaboration.removed", collaboration.campaign, by=by)
        return True
    talking = Collaboration.objects.filter(pk=collaboration.pk, status__in=Collaboration.OPEN)
    if not talking.update(status=Collaboration.Status.WITHDRAWN):
        return False
    Offer.objects.filter(collaboration=collaboration, status=Offer.Status.SENT).update(status=Offer.Status.REPLACED)
    Offer.objects.filter(collaboration=collaboration, status=Offer.Status.DRAFT).delete()
    record(collaboration.campaign.brand, "collaboration.withdrawn", collaboration, by=by)
    return True
