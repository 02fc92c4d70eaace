"""A stranger who knows ids puts them into bodies and query strings of their own pages, and gets nothing by it.

Ids in paths are walked through in test_routes.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from campaigns.models import Campaign, Collaboration, Cost
from creators.models import Creator, Shortlist, ShortlistEntry
from groundswell.accounts.models import Brand
from outreach.models import EmailTemplate, Message
from tests import factories as make

NAME = "Secret Sorrel"


@pytest.fixture
def private(acme: Brand, campaign: Campaign) -> Collaboration:
    """Acme's own creator, in Acme's campaign."""
    return make.collaboration(campaign, make.relationship(acme, make.creator(NAME, owner=acme)))


@pytest.fixture
def shortlist(acme: Brand, private: Collaboration) -> Shortlist:
    """Of Acme: its private creator and a public one."""
    row = Shortlist.objects.create(brand=acme, name="Acme's favourites")
    for creator in (private.relationship.creator, make.creator("Public Pat")):
        ShortlistEntry.objects.create(shortlist=row, creator=creator)
    return row


@pytest.fixture
def template(acme: Brand) -> EmailTemplate:
    return make.email_template(acme, body="Acme's secret words {{ portal_link }}")


@pytest.fixture
def theirs(globex: Brand) -> Campaign:
    return make.campaign(globex, name="Globex goes out")


def test_another_brands_shortlist_filters_nobody(as_charlie: Client, shortlist: Shortlist) -> None:
    page = as_charlie.get("/creators/", {"shortlist": shortlist.code})
    assert list(page.context["page"].entries) == []
    assert "Acme" not in page.content.decode()


def test_a_private_creator_is_neither_found_nor_listed(as_charlie: Client, private: Collaboration) -> None:
    creator = private.relationship.creator
    found = as_charlie.get("/creators/", {"q": NAME}).content.decode()
    assert creator.code not in found
    assert "Nobody fits" in found
    as_charlie.post("/shortlists/fill/", {"creator": creator.code, "name": "Mine"})
    assert not ShortlistEntry.objects.exists()


def test_another_brands_shortlist_is_not_filled(as_charlie: Client, shortlist: Shortlist) -> None:
    filled = {"creator": make.creator().code, "shortlist": shortlist.code}
    assert as_charlie.post("/shortlists/fill/", filled).status_code == 404
    assert shortlist.entries.count() == 2


def test_nobody_is_added_by_another_brands_ids(
    as_charlie: Client, private: Collaboration, shortlist: Shortlist, theirs: Campaign
) -> None:
    url, code = f"/campaigns/{theirs.code}/add/", private.relationship.creator.code
    for wanted in ({"shortlist": shortlist.code}, {"creator": code}):
        shown = as_charlie.get(url, wanted).content.decode()
        answer = as_charlie.post(url, {**wanted, "fee": "5"})
        assert answer.status_code == 422
        assert not [word for word in (NAME, "Acme") if word in shown + answer.content.decode()]
    assert not theirs.collaborations.exists()
    chosen = {"campaign": private.campaign.code, "creator": make.creator().code}
    assert as_charlie.post("/campaigns/choose/", chosen)["Location"] == "/creators/?"


@pytest.mark.parametrize("act", ["remove", "terms", "write"])
def test_another_brands_rows_are_not_acted_on(
    as_charlie: Client, private: Collaboration, theirs: Campaign, act: str
) -> None:
    form = {"chosen": private.code, "act": act, "terms-fee": "9"}
    assert private.code not in as_charlie.post(f"/campaigns/{theirs.code}/many/", form)["Location"]
    private.refresh_from_db()
    assert (private.status, private.offers.count()) == ("offered", 1)


def test_nobody_of_another_brand_is_written_to(
    as_charlie: Client, private: Collaboration, theirs: Campaign, template: EmailTemplate
) -> None:
    own = make.collaboration(theirs)
    url = f"/campaigns/{theirs.code}/write/"
    shown = as_charlie.get(url, {"to": [private.code, own.code], "template": template.code}).content.decode()
    assert not [word for word in (NAME, "secret words") if word in shown]
    answer = as_charlie.post(url, {"template": template.code, "chosen": [private.code, own.code], "batch": "b"})
    assert "secret words" not in answer.content.decode()
    assert not Message.objects.exists()


def test_a_cost_is_not_booked_on_another_brands_creator(
    as_charlie: Client, private: Collaboration, theirs: Campaign
) -> None:
    lines: list[tuple[str, dict[str, Any]]] = [
        ("costs/", {"kind": "ads", "amount": "5"}),
        ("costs/time/", {"hours": "1"}),
    ]
    for path, line in lines:
        url = f"/campaigns/{theirs.code}/{path}"
        assert as_charlie.post(url, {**line, "collaboration": private.code}).status_code == 422
    assert not Cost.objects.exists()


@pytest.mark.parametrize("page", ["/orders/", "/links/", "/links/links.csv", "/inbox/", "/results/", "/campaigns/"])
def test_lists_of_a_stranger_show_nothing_of_another_brand(
    as_charlie: Client, private: Collaboration, page: str
) -> None:
    make.link(private)
    make.order(private.campaign.brand)
    make.message(private.relationship)
    for query in ({"campaign": private.campaign.code}, {"q": NAME}, {"store": "x", "collaboration": private.code}):
        shown = as_charlie.get(page, query).content.decode().replace(f'value="{NAME}"', "")
        assert not [word for word in (NAME, "Spring launch", "Acme") if word in shown]


def test_a_handle_that_another_brand_keeps_private_makes_a_record_of_ones_own(
    private: Collaboration, globex: Brand, api: Any
) -> None:
    account = private.relationship.creator.accounts.get()
    answer = api(globex).post(
        "/api/v1/creators/", {"network": account.network, "handle": account.handle}, format="json"
    )
    assert (answer.status_code, answer.json()["name"] == NAME) == (201, False)
    assert Creator.objects.filter(owner=globex).count() == 1
