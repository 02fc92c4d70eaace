"""Pages ask the database as often for thirty rows as for three; who may see which page."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from campaigns.actions.costs import add_cost
from campaigns.models import Brief, Campaign, Collaboration, Deliverable, Submission
from creators.models import Post, Relationship
from groundswell.accounts.models import Brand, User
from tests import factories as make


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as found:
        assert client.get(url).status_code == 200
    return len(found)


def fill(campaign: Campaign, count: int) -> None:
    for status in ["offered", "accepted", "posted"] * count:
        row = make.collaboration(campaign, status=status)
        account = row.relationship.creator.accounts.get()
        post = Post.objects.create(account=account, url=f"https://www.instagram.com/p/{row.code}/")
        Submission.objects.create(collaboration=row, deliverable=campaign.deliverables.get(), post=post)
        add_cost(campaign, by=None, kind="ads", amount=Decimal(3), collaboration=row)


@pytest.mark.parametrize("page", ["", "?view=table", "costs/", "brief/", "deliverables/", "add/"])
def test_a_campaigns_pages_ask_as_often_for_many(as_alice: Client, campaign: Campaign, page: str) -> None:
    url = f"/campaigns/{campaign.code}/{page}"
    fill(campaign, 1)
    few = queries(as_alice, url)
    fill(campaign, 9)
    assert queries(as_alice, url) == few


def test_the_list_asks_as_often_for_many(as_alice: Client, acme: Brand) -> None:
    for _ in range(3):
        fill(make.campaign(acme), 1)
    few = queries(as_alice, "/campaigns/")
    for _ in range(12):
        fill(make.campaign(acme), 1)
    assert queries(as_alice, "/campaigns/") == few


def test_the_portal_asks_as_often_for_many(as_dana: Client, dana: User) -> None:
    def join() -> None:
        brand = make.brand()
        make.collaboration(make.campaign(brand), make.relationship(brand, user=dana))

    join()
    few = queries(as_dana, "/portal/")
    for _ in range(9):
        join()
    assert queries(as_dana, "/portal/") == few


def test_the_lists_figures_dont_multiply(as_alice: Client, campaign: Campaign) -> None:
    fill(campaign, 2)
    (row,) = as_alice.get("/campaigns/").context["page"].object_list
    assert (row.people, row.agreed, row.posted, row.to_review, row.to_answer) == (6, 4, 2, 6, 0)
    assert row.spent == Decimal(18)
    board = as_alice.get(f"/campaigns/{campaign.code}/").context["columns"]
    assert {column.value: column.count for column in board} == {
        "selected": 0,
        "offered": 2,
        "countered": 0,
        "accepted": 2,
        "posted": 2,
    }


def test_the_home_panel_names_what_waits(as_alice: Client, collaboration: Collaboration, campaign: Campaign) -> None:
    Collaboration.objects.update(status="countered")
    fill(campaign, 1)
    page = as_alice.get("/campaigns/home-panel/").content.decode()
    assert "1 counter-offer to answer" in page
    assert "3 posts to review" in page


@pytest.mark.parametrize("view", ["", "?view=table"])
def test_a_task_is_one_only_for_who_may_do_it(
    as_alice: Client, as_bob: Client, collaboration: Collaboration, view: str
) -> None:
    Collaboration.objects.update(status="countered")
    url = f"/campaigns/{collaboration.campaign.code}/{view}"
    assert "Team's turn" not in as_alice.get(url).content.decode()
    assert "Team's turn: answer the counter-offer" in as_bob.get(url).content.decode()


def test_home_and_portal_name_the_same_day_for_a_post(
    as_alice: Client, as_dana: Client, acme: Brand, campaign: Campaign, relationship: Relationship
) -> None:
    """The nearest day of what isn't handed in: a piece's own, else the brief's."""
    row = make.collaboration(campaign, relationship, status="accepted")
    first, day = campaign.deliverables.get(), acme.day()
    second = Deliverable.objects.create(campaign=campaign, network="instagram", format="story", due_on=day)
    assert owed(as_alice) == [day] == due_in_portal(as_dana)
    post = make.post(relationship.creator)
    Submission.objects.create(collaboration=row, deliverable=second, post=post)
    assert owed(as_alice) == []
    Brief.objects.update(post_due_on=day + timedelta(days=2))
    assert owed(as_alice) == [day + timedelta(days=2)] == due_in_portal(as_dana)
    Deliverable.objects.filter(pk=first.pk).update(due_on=day + timedelta(days=3))
    assert owed(as_alice) == [day + timedelta(days=3)] == due_in_portal(as_dana)


def owed(client: Client) -> list[date]:
    return [row.due_on for row in client.get("/campaigns/home-panel/").context["owed"]]


def due_in_portal(client: Client) -> list[date]:
    return [row.due_on for row in client.get("/portal/").context["active"]]


def pages(row: Collaboration) -> list[str]:
    inside = ["", "?view=table", "brief/", "deliverables/", "costs/"]
    return [*(f"/campaigns/{row.campaign.code}/{page}" for page in inside), f"/collaborations/{row.code}/"]


def posts(row: Collaboration) -> list[str]:
    acts = ["edit/", "brief/", "brief/take/", "brief/keep/", "deliverables/", "add/", "many/", "launch/", "close/"]
    acts += ["costs/", "costs/time/", "costs/1/remove/"]
    single = [f"/collaborations/{row.code}/{act}/" for act in ("offer", "send", "accept", "decline", "remove")]
    work = [f"/submissions/{row.submissions.get().code}/{act}/" for act in ("approve", "changes", "metrics")]
    return [*(f"/campaigns/{row.campaign.code}/{act}" for act in acts), *single, *work]


@pytest.fixture
def posted(campaign: Campaign) -> Collaboration:
    fill(campaign, 1)
    return campaign.collaborations.get(status="posted")


def state(row: Collaboration) -> Any:
    tables = (Campaign, Collaboration, Submission)
    return [list(table.objects.order_by("pk").values()) for table in tables], list(row.offers.values())


def test_members_read_every_page(as_bob: Client, posted: Collaboration) -> None:
    assert {as_bob.get(url).status_code for url in pages(posted)} == {200}


def test_strangers_find_nothing(as_charlie: Client, posted: Collaboration) -> None:
    before = state(posted)
    assert {as_charlie.get(url).status_code for url in pages(posted)} == {404}
    assert {url: as_charlie.post(url).status_code for url in posts(posted)} == dict.fromkeys(posts(posted), 404)
    assert state(posted) == before


def test_readers_change_nothing(as_bob: Client, posted: Collaboration) -> None:
    before = state(posted)
    assert {url: as_bob.post(url).status_code for url in posts(posted)} == dict.fromkeys(posts(posted), 403)
    assert as_bob.get("/campaigns/new/").status_code == 403
    assert state(posted) == before


def test_creators_are_led_to_their_portal(as_dana: Client, posted: Collaboration) -> None:
    assert {as_dana.get(url)["Location"] for url in pages(posted)} == {"/portal/"}
