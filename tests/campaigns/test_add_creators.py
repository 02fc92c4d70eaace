"""Creators enter a campaign in bulk, with the terms they begin with."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client

from campaigns.actions.collaborations import add_creators, remove_collaboration
from campaigns.actions.refusals import NotLive, NotYours
from campaigns.models import Campaign, Collaboration, Offer
from creators.models import Creator, Relationship, Shortlist, ShortlistEntry
from groundswell.accounts.models import Brand, User
from tests import factories as make


@pytest.fixture
def shortlist(acme: Brand, alice: User, creator: Creator) -> Shortlist:
    """Dana with 8,200 followers and Milo with 52,000."""
    row = Shortlist.objects.create(brand=acme, name="Tea lovers")
    for one in (creator, make.creator("Milo", followers=52_000)):
        ShortlistEntry.objects.create(shortlist=row, creator=one, added_by=alice)
    return row


def test_a_shortlist_joins_with_draft_offers(as_alice: Client, campaign: Campaign, shortlist: Shortlist) -> None:
    form = {
        "shortlist": shortlist.code,
        "fee": "80",
        "fee_micro": "350",
        "product": "Tea set",
        "commission_percent": "8",
    }
    as_alice.post(f"/campaigns/{campaign.code}/add/", form)
    offers = Offer.objects.filter(collaboration__campaign=campaign)
    found = offers.values_list("collaboration__relationship__creator__name", "fee", "status", "version")
    assert sorted(found) == [("Dana Field", Decimal(80), "draft", 1), ("Milo", Decimal(350), "draft", 1)]
    assert set(offers.values_list("product", "commission_percent", "currency")) == {("Tea set", Decimal(8), "EUR")}


def test_their_size_is_kept_as_it_was(campaign: Campaign, creator: Creator, alice: User) -> None:
    make.account(creator, network="tiktok", followers=20_000)
    make.account(creator, network="youtube", followers=None)
    (row,) = add_creators(campaign, [creator], by=alice, fee=Decimal(10))
    assert (row.followers_when_added, row.network_when_added) == (20_000, "tiktok")


def test_nobody_joins_twice(campaign: Campaign, creator: Creator, alice: User) -> None:
    assert len(add_creators(campaign, [creator], by=alice, fee=Decimal(10))) == 1
    assert add_creators(campaign, [creator], by=alice, fee=Decimal(99)) == []
    assert Offer.objects.get().fee == Decimal(10)


def test_the_blocked_stay_out(campaign: Campaign, relationship: Relationship, alice: User) -> None:
    Relationship.objects.update(stage="blocked")
    assert add_creators(campaign, [relationship.creator], by=alice, fee=Decimal(10)) == []


def test_another_brands_private_creator_is_refused(campaign: Campaign, globex: Brand, alice: User) -> None:
    private = make.creator("Secret", owner=globex)
    with pytest.raises(NotYours):
        add_creators(campaign, [private], by=alice)
    assert not Collaboration.objects.exists()
    assert not Relationship.objects.filter(creator=private).exists()


def test_a_closed_campaign_takes_nobody(campaign: Campaign, creator: Creator, alice: User) -> None:
    Campaign.objects.update(status="closed", closed_at=campaign.launched_at)
    campaign.refresh_from_db()
    with pytest.raises(NotLive):
        add_creators(campaign, [creator], by=alice)


def test_another_brands_shortlist_is_no_choice(as_alice: Client, campaign: Campaign, globex: Brand) -> None:
    theirs = Shortlist.objects.create(brand=globex, name="Theirs")
    response = as_alice.post(f"/campaigns/{campaign.code}/add/", {"shortlist": theirs.code, "fee": "10"})
    assert response.status_code == 422
    assert not Collaboration.objects.exists()


@pytest.mark.parametrize("terms", [{}, {"fee": "-5"}, {"fee": "ten"}, {"commission_percent": "101"}])
def test_terms_have_to_make_sense(
    as_alice: Client, campaign: Campaign, shortlist: Shortlist, terms: dict[str, str]
) -> None:
    response = as_alice.post(f"/campaigns/{campaign.code}/add/", {"shortlist": shortlist.code, **terms})
    assert response.status_code == 422
    assert not Collaboration.objects.exists()


def test_terms_are_set_for_many(as_alice: Client, campaign: Campaign, collaboration: Collaboration) -> None:
    agreed = make.collaboration(campaign, status="accepted")
    chosen = [collaboration.code, agreed.code]
    as_alice.post(f"/campaigns/{campaign.code}/many/", {"act": "terms", "chosen": chosen, "terms-fee": "99"})
    assert collaboration.offers.get(version=2).fee == Decimal(99)
    assert collaboration.offers.get(version=2).status == "draft"
    assert agreed.offers.count() == 1


def test_many_are_removed_but_not_those_who_agreed(
    as_alice: Client, campaign: Campaign, collaboration: Collaboration, creator: Creator
) -> None:
    agreed = make.collaboration(campaign, status="accepted")
    fresh = make.collaboration(campaign, status="selected")
    chosen = [collaboration.code, agreed.code, fresh.code]
    as_alice.post(f"/campaigns/{campaign.code}/many/", {"act": "remove", "chosen": chosen})
    assert not Collaboration.objects.filter(pk=fresh.pk).exists()
    collaboration.refresh_from_db()
    agreed.refresh_from_db()
    assert (collaboration.status, agreed.status) == ("withdrawn", "accepted")
    assert collaboration.offers.get().status == "replaced"


def test_another_brands_rows_are_left_alone(as_charlie: Client, campaign: Campaign, globex: Brand) -> None:
    ours = make.collaboration(campaign, status="selected")
    theirs = make.campaign(globex)
    as_charlie.post(f"/campaigns/{theirs.code}/many/", {"act": "remove", "chosen": [ours.code]})
    assert Collaboration.objects.filter(pk=ours.pk).exists()


def test_an_answer_and_a_removal_dont_both_win(collaboration: Collaboration, alice: User, dana: User) -> None:
    Collaboration.objects.filter(pk=collaboration.pk).update(status="accepted", accepted_at=collaboration.created_at)
    assert remove_collaboration(collaboration, by=alice) is False
    assert collaboration.offers.get().status == "sent"


def test_writing_to_many_leads_to_outreach(as_alice: Client, campaign: Campaign, collaboration: Collaboration) -> None:
    second = make.collaboration(campaign)
    chosen = [collaboration.code, second.code]
    response = as_alice.post(f"/campaigns/{campaign.code}/many/", {"act": "write", "chosen": chosen})
    assert response["Location"] == f"/campaigns/{campaign.code}/write/?to={chosen[0]}&to={chosen[1]}"
    assert as_alice.get(response["Location"]).status_code == 200


def test_nothing_chosen_changes_nothing(as_alice: Client, campaign: Campaign, collaboration: Collaboration) -> None:
    as_alice.post(f"/campaigns/{campaign.code}/many/", {"act": "remove"})
    as_alice.post(f"/campaigns/{campaign.code}/many/", {"act": "burn", "chosen": [collaboration.code]})
    assert Collaboration.objects.filter(pk=collaboration.pk, status="offered").exists()
