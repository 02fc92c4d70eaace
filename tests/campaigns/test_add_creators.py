"""Creators enter a campaign in bulk, with the terms they begin with."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client

from campaigns.actions.collaborations import add_creators, remove_collaboration
from campaigns.actions.refusals import NotLive, NotYours
from campaigns.models import Campaign, Collaboration, Offer
from creators.models import ContactChannel, Creator, Relationship, Shortlist, ShortlistEntry
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


def test_an_address_shown_to_every_brand_is_one_to_write_to(
    campaign: Campaign, creator: Creator, globex: Brand, alice: User
) -> None:
    known = make.relationship(campaign.brand, make.creator("Known", handle="known"), email="own@known.example")
    unknown = make.creator("Unknown", handle="unknown")
    for one, owner, address in (
        (creator, None, "dana@open.example"),
        (known.creator, None, "other@known.example"),
        (unknown, globex, "secret@globex.example"),
    ):
        ContactChannel.objects.create(creator=one, owner=owner, kind="email", value=address)
    rows = add_creators(campaign, [creator, known.creator, unknown], by=alice, fee=Decimal(10))
    assert sorted(row.relationship.email for row in rows) == ["", "dana@open.example", "own@known.example"]
    assert set(Relationship.objects.values_list("email", flat=True)) == {"", "dana@open.example", "own@known.example"}


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


def test_ticked_creators_are_added_from_the_directory(as_alice: Client, campaign: Campaign, creator: Creator) -> None:
    milo = make.creator("Milo", followers=52_000)
    assert f'value="{campaign.code}"' in as_alice.get("/campaigns/choose/").content.decode()
    chosen = {"campaign": campaign.code, "creator": [creator.code, milo.code], "query": "q=tea"}
    form = as_alice.post("/campaigns/choose/", chosen)["Location"]
    assert form == f"/campaigns/{campaign.code}/add/?creator={creator.code}&creator={milo.code}"
    page = as_alice.get(form).content.decode()
    assert "Add 2 chosen creators" in page
    assert page.count('type="hidden" name="creator"') == 2
    assert not Collaboration.objects.exists()
    as_alice.post(form, {"creator": [creator.code, milo.code], "fee": "80", "fee_micro": "350"})
    found = Offer.objects.values_list("collaboration__relationship__creator__name", "fee", "status")
    assert sorted(found) == [("Dana Field", Decimal(80), "draft"), ("Milo", Decimal(350), "draft")]


def test_too_many_at_once_are_refused_whole(as_alice: Client, campaign: Campaign) -> None:
    ticked = {"campaign": campaign.code, "creator": [f"code{number}" for number in range(501)], "query": "q=tea"}
    page = as_alice.post("/campaigns/choose/", ticked, follow=True)
    assert page.redirect_chain[-1][0] == "/creators/?q=tea"
    assert "501 are ticked; up to 500 can be added at once. Nothing was added." in page.content.decode()


@pytest.mark.parametrize("given", ["no campaign", "another brand's", "a closed one", "no creator"])
def test_without_a_campaign_and_creators_the_directory_stays(
    as_alice: Client, globex: Brand, campaign: Campaign, creator: Creator, given: str
) -> None:
    closed = make.campaign(campaign.brand, status="closed", closed_at=campaign.launched_at)
    codes = {"another brand's": make.campaign(globex).code, "a closed one": closed.code, "no creator": campaign.code}
    wanted = {"campaign": codes.get(given, ""), "creator": [] if given == "no creator" else [creator.code]}
    assert as_alice.post("/campaigns/choose/", {**wanted, "query": "q=tea"})["Location"] == "/creators/?q=tea"
    assert closed.code not in as_alice.get("/campaigns/choose/").content.decode()
    assert not Collaboration.objects.exists()


def test_another_brands_creators_are_not_chosen(as_alice: Client, campaign: Campaign, globex: Brand) -> None:
    private = make.creator("Secret", owner=globex)
    form = f"/campaigns/{campaign.code}/add/"
    assert "Secret" not in as_alice.get(f"{form}?creator={private.code}").content.decode()
    answer = as_alice.post(form, {"creator": private.code, "fee": "10"})
    assert (answer.status_code, "Secret" in answer.content.decode()) == (422, False)
    assert "One of these creators is not in your directory." in answer.content.decode()
    assert not Collaboration.objects.exists()


def test_a_mistake_in_the_terms_keeps_who_was_chosen(as_alice: Client, campaign: Campaign, creator: Creator) -> None:
    answer = as_alice.post(f"/campaigns/{campaign.code}/add/", {"creator": creator.code, "fee": "ten"})
    assert answer.status_code == 422
    assert "Add 1 chosen creator<" in answer.content.decode()
    assert f'name="creator" value="{creator.code}"' in answer.content.decode()


def test_the_directory_asks_for_the_campaigns(as_alice: Client, as_bob: Client, creator: Creator) -> None:
    assert 'hx-get="/campaigns/choose/"' in as_alice.get("/creators/").content.decode()
    assert "/campaigns/choose/" not in as_bob.get("/creators/").content.decode()
    assert as_bob.get("/campaigns/choose/").status_code == 403


@pytest.mark.django_db(transaction=True)
def test_two_who_add_the_same_creator_at_once_add_them_once(campaign: Campaign, alice: User) -> None:
    creators = [make.creator(f"Creator {place}") for place in range(5)]

    def add(_: int) -> int:
        try:
            return len(add_creators(campaign, creators, by=alice, fee=Decimal(10)))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(add, range(4))) == [0, 0, 0, 5]
    assert Offer.objects.count() == 5


def test_new_campaign_from_the_directory_takes_the_chosen_creators_along(as_alice: Client, acme: Brand) -> None:
    creator = make.creator("Mara Wild")
    assert "New campaign" in as_alice.get("/campaigns/choose/").content.decode()  # though there is none yet
    form = as_alice.post("/campaigns/choose/", {"campaign": "new", "creator": [creator.code]})["Location"]
    assert form == f"/campaigns/new/?creator={creator.code}"
    plan = {"name": "Autumn", "objective": "sales", "currency": "EUR", "landing_url": "https://shop.example/"}
    adding = as_alice.post(form, {**plan, "discount_percent": "10", "margin_percent": "50"})["Location"]
    assert adding == f"/campaigns/{Campaign.objects.get().code}/add/?creator={creator.code}"
    assert "Mara Wild" in as_alice.get(adding).content.decode()


def test_new_campaign_without_creators_is_not_begun(as_alice: Client) -> None:
    assert as_alice.post("/campaigns/choose/", {"campaign": "new"})["Location"].startswith("/creators/")
    assert not Campaign.objects.exists()
