"""Partners brief, launch and close campaigns, and answer counter-offers, by the actions that the pages use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.response import Response
from rest_framework.test import APIClient

from campaigns.actions.offers import counter_offer, set_offer
from campaigns.models import Brief, Campaign, Collaboration, Deliverable
from groundswell.accounts.models import Brand, User
from groundswell.events.models import Event
from tests import factories as make

Api = Callable[..., APIClient]
PLAN = {"name": "Autumn tea", "landing_url": "https://shop.example/tea"}
BRIEF = {"benefits": "Warms", "disclosure": "#ad first", "usage_rights": "Our channels, 6 months"}
REEL = {"network": "instagram", "format": "reel", "quantity": 1}


@pytest.fixture
def countered(collaboration: Collaboration, dana: User) -> Collaboration:
    """Dana asks for 150 instead."""
    counter_offer(collaboration, by=dana, fee=150)
    return collaboration


def at(row: Campaign | Collaboration, rest: str) -> str:
    kind = "campaigns" if isinstance(row, Campaign) else "collaborations"
    return f"/api/v1/{kind}/{row.code}/{rest}"


def reason(answer: Response) -> str:
    assert answer.status_code == 409, answer.data
    return str(answer.data["error"]["message"])


def test_from_a_plan_to_a_live_campaign(acme: Brand, api: Api) -> None:
    client = api(acme)
    code = client.post("/api/v1/campaigns/", PLAN, format="json").data["code"]
    campaign = Campaign.objects.get(code=code)
    assert "disclosure" in reason(client.post(at(campaign, "launch/")))
    assert client.patch(at(campaign, "brief/"), BRIEF, format="json").status_code == 200
    assert client.get(at(campaign, "brief/")).data["disclosure"] == "#ad first"
    made = client.put(at(campaign, "deliverables/"), {"deliverables": [REEL]}, format="json")
    assert made.data["deliverables"][0]["id"] == campaign.deliverables.get().pk
    assert client.get(at(campaign, "deliverables/")).data == made.data
    launched = client.post(at(campaign, "launch/"))
    assert (launched.status_code, launched.data["status"]) == (200, "live")
    assert "already been launched" in reason(client.post(at(campaign, "launch/")))
    assert client.post(at(campaign, "close/")).data["status"] == "closed"
    assert "live" in reason(client.post(at(campaign, "close/")))
    assert Event.objects.filter(brand=acme, name__in=["campaign.launched", "campaign.closed"]).count() == 2


def test_a_repeated_launch_answers_as_the_first(acme: Brand, api: Api) -> None:
    campaign = make.campaign(acme, status="draft", launched_at=None)
    Brief.objects.update(usage_rights="Our channels, 6 months")
    client = api(acme)
    answers = [client.post(at(campaign, "launch/"), HTTP_IDEMPOTENCY_KEY="l") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert Event.objects.filter(name="campaign.launched").count() == 1


def test_a_part_of_a_brief_leaves_the_others(campaign: Campaign, api: Api) -> None:
    before = campaign.brief.benefits
    client = api(campaign.brand)
    client.patch(at(campaign, "brief/"), {"dos": "Show steam", "draft_due_on": "2026-05-04"}, format="json")
    brief = Brief.objects.get(campaign=campaign)
    assert (brief.dos, brief.benefits) == ("Show steam", before)
    early = client.patch(at(campaign, "brief/"), {"post_due_on": "2026-05-03"}, format="json")
    assert list(early.data["error"]["fields"]) == ["post_due_on"]


@pytest.mark.parametrize(
    "piece",
    [{}, {**REEL, "quantity": 0}, {**REEL, "quantity": 51}, {**REEL, "network": "x"}, {**REEL, "due_on": "soon"}],
)
def test_a_wrong_piece_is_refused(campaign: Campaign, api: Api, piece: dict[str, Any]) -> None:
    answer = api(campaign.brand).put(at(campaign, "deliverables/"), {"deliverables": [piece]}, format="json")
    assert (answer.status_code, list(answer.data["error"]["fields"])) == (400, ["deliverables"])
    assert campaign.deliverables.count() == 1


def test_promised_pieces_stay(campaign: Campaign, api: Api) -> None:
    make.collaboration(campaign, status="accepted")
    url, client = at(campaign, "deliverables/"), api(campaign.brand)
    assert "agreed" in reason(client.put(url, {"deliverables": []}, format="json"))
    kept = {**client.get(url).data["deliverables"][0], "due_on": "2026-09-01"}
    assert client.put(url, {"deliverables": [kept]}, format="json").status_code == 200
    assert str(campaign.deliverables.get().due_on) == "2026-09-01"


def test_a_piece_of_another_campaign_is_not_taken(campaign: Campaign, globex: Brand, api: Api) -> None:
    theirs = make.campaign(globex).deliverables.get()
    body = {"deliverables": [{**REEL, "id": theirs.pk, "quantity": 9}]}
    api(campaign.brand).put(at(campaign, "deliverables/"), body, format="json")
    theirs.refresh_from_db()
    assert (theirs.quantity, theirs.campaign.brand) == (1, globex)
    assert Deliverable.objects.filter(campaign=campaign).exclude(pk=theirs.pk).get().quantity == 9


def test_a_draft_offer_is_sent(campaign: Campaign, api: Api) -> None:
    row = make.collaboration(campaign)
    url, client = at(row, "send/"), api(campaign.brand)
    assert "no new offer" in reason(client.post(url))
    set_offer(row, by=None, fee=90)
    sent = client.post(url)
    assert (sent.status_code, sent.data["status"], sent.data["fee"]) == (200, "sent", "90.00")


def test_a_counter_offer_is_accepted(countered: Collaboration, api: Api) -> None:
    client = api(countered.campaign.brand)
    assert "changed while" in reason(client.post(at(countered, "accept/"), {"version": 1}, format="json"))
    assert client.post(at(countered, "accept/"), {}, format="json").status_code == 400
    taken = client.post(at(countered, "accept/"), {"version": 2}, format="json")
    assert (taken.status_code, taken.data["status"], taken.data["fee"]) == (200, "accepted", "150.00")
    countered.refresh_from_db()
    assert countered.status == "accepted"
    assert "no open offer" in reason(client.post(at(countered, "accept/"), {"version": 2}, format="json"))


def test_a_counter_offer_is_declined(countered: Collaboration, api: Api) -> None:
    answer = {"version": 2, "reason": "Beyond the budget"}
    declined = api(countered.campaign.brand).post(at(countered, "decline/"), answer, format="json")
    assert (declined.status_code, declined.data["status"]) == (200, "declined")
    assert Event.objects.get(name="offer.declined").data["reason"] == "Beyond the budget"


def test_a_creator_is_taken_out_until_something_is_agreed(collaboration: Collaboration, api: Api) -> None:
    client, agreed = api(collaboration.campaign.brand), make.collaboration(collaboration.campaign, status="accepted")
    answers = [client.post(at(collaboration, "remove/"), HTTP_IDEMPOTENCY_KEY="r") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [204, 204]
    collaboration.refresh_from_db()
    assert collaboration.status == "withdrawn"
    assert "stays" in reason(client.post(at(agreed, "remove/")))


def test_strangers_and_readers_move_nothing(countered: Collaboration, globex: Brand, api: Api) -> None:
    campaign = countered.campaign
    for client, status in ((api(globex), 404), (api(campaign.brand, "campaigns:read"), 403)):
        for move in ("launch/", "close/"):
            assert client.post(at(campaign, move)).status_code == status
        for move in ("send/", "accept/", "decline/", "remove/"):
            assert client.post(at(countered, move), {"version": 2}, format="json").status_code == status
        assert client.patch(at(campaign, "brief/"), {"dos": "x"}, format="json").status_code == status
        assert client.put(at(campaign, "deliverables/"), {"deliverables": []}, format="json").status_code == status
    countered.refresh_from_db()
    assert (countered.status, campaign.deliverables.count()) == ("countered", 1)
