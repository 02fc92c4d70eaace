"""Partners put many creators into a campaign at once, each with an offer."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from campaigns.models import Campaign, Collaboration, Offer
from creators.models import Creator, Relationship
from groundswell.accounts.models import Brand
from groundswell.events.models import Event
from tests import factories as make

Api = Callable[..., APIClient]


def url(campaign: Campaign) -> str:
    return f"/api/v1/campaigns/{campaign.code}/creators/"


def test_creators_join_with_offers_of_their_own(campaign: Campaign, creator: Creator, api: Api) -> None:
    milo = make.creator("Milo")
    rows = [{"creator": creator.code}, {"creator": milo.code, "fee": "350.00", "message": "Hi Milo"}]
    body = {"creators": rows, "fee": "80", "product": "Tea set", "commission_percent": "8"}
    answer = api(campaign.brand).post(url(campaign), body, format="json")
    assert answer.status_code == 200, answer.data
    assert [answer.data[name] for name in ("created", "unchanged", "refused")] == [2, 0, 0]
    offers = {offer.collaboration.code: offer for offer in Offer.objects.select_related("collaboration")}
    dana, other = (offers[row["collaboration"]] for row in answer.data["rows"])
    assert (dana.fee, dana.product, dana.commission_percent, dana.message) == (80, "Tea set", 8, "")
    assert (other.fee, other.product, other.message, other.status) == (350, "Tea set", "Hi Milo", "draft")
    assert Event.objects.filter(name="collaboration.added").count() == 2


def test_each_row_stands_for_itself(campaign: Campaign, globex: Brand, collaboration: Collaboration, api: Api) -> None:
    private, blocked, fresh = make.creator("Secret", owner=globex), make.creator(), make.creator()
    make.relationship(campaign.brand, blocked, stage="blocked")
    dana = collaboration.relationship.creator
    rows: list[dict[str, Any]] = [
        {"creator": dana.code},
        {"creator": private.code},
        {"creator": blocked.code},
        {"creator": fresh.code},
        {"creator": fresh.code, "fee": "999"},
        {"creator": "nobody"},
        {"creator": make.creator().code, "fee": "-5"},
        {"creator": make.creator().code, "fee": "0"},
        {"fee": "5"},
    ]
    answer = api(campaign.brand).post(url(campaign), {"creators": rows, "fee": "10"}, format="json").data
    assert [row["status"] for row in answer["rows"]] == ["unchanged", "refused", "refused", "created", *["refused"] * 5]
    assert answer["rows"][0]["collaboration"] == collaboration.code
    assert [list(row.get("error", {})) for row in answer["rows"]] == [
        [], ["creator"], ["creator"], [], ["creator"], ["creator"], ["fee"], ["fee"], ["creator"],
    ]  # fmt: skip
    assert answer["rows"][1]["error"] == answer["rows"][5]["error"]
    assert (collaboration.offers.get().fee, Collaboration.objects.count()) == (120, 2)
    assert not Relationship.objects.filter(creator=private, brand=campaign.brand).exists()


def test_repeated_calls_add_once(campaign: Campaign, creator: Creator, api: Api) -> None:
    client, body = api(campaign.brand), {"creators": [{"creator": creator.code}], "fee": "80"}
    first, replayed = (client.post(url(campaign), body, format="json", HTTP_IDEMPOTENCY_KEY="a") for _ in range(2))
    assert (first.json(), replayed["Idempotent-Replayed"]) == (replayed.json(), "true")
    again = client.post(url(campaign), body, format="json").json()
    assert (again["unchanged"], again["rows"][0]["collaboration"]) == (1, first.json()["rows"][0]["collaboration"])
    reused = client.post(url(campaign), {**body, "fee": "81"}, format="json", HTTP_IDEMPOTENCY_KEY="a")
    assert (reused.status_code, Offer.objects.get().fee) == (422, Decimal(80))


def test_offers_are_sent_at_once_if_asked(campaign: Campaign, creator: Creator, api: Api) -> None:
    body = {"creators": [{"creator": creator.code}], "fee": "80", "send": True}
    api(campaign.brand).post(url(campaign), body, format="json")
    assert (Collaboration.objects.get().status, Offer.objects.get().status) == ("offered", "sent")


def test_a_draft_campaign_sends_nothing_and_a_closed_one_takes_nobody(acme: Brand, creator: Creator, api: Api) -> None:
    draft = make.campaign(acme, status="draft", launched_at=None)
    body = {"creators": [{"creator": creator.code}], "fee": "80", "send": True}
    answer = api(acme).post(url(draft), body, format="json")
    assert (answer.status_code, answer.data["error"]["code"]) == (409, "conflict")
    assert "isn't live" in answer.data["error"]["message"]
    live = make.campaign(acme)
    Campaign.objects.filter(pk=live.pk).update(status="closed", closed_at=live.launched_at)
    assert "closed" in api(acme).post(url(live), body, format="json").data["error"]["message"]
    assert not Collaboration.objects.exists()
    assert not Relationship.objects.exists()
    assert api(acme).post(url(draft), {**body, "send": False}, format="json").data["created"] == 1


@pytest.mark.parametrize(
    "body", [{}, {"creators": []}, {"creators": "x"}, {"creators": ["x"]}, {"creators": [{}] * 501}]
)
def test_a_list_that_is_none_is_refused(campaign: Campaign, api: Api, body: dict[str, Any]) -> None:
    answer = api(campaign.brand).post(url(campaign), body, format="json")
    assert (answer.status_code, list(answer.data["error"]["fields"])) == (400, ["creators"])


def test_strangers_and_readers_add_nobody(campaign: Campaign, globex: Brand, creator: Creator, api: Api) -> None:
    body = {"creators": [{"creator": creator.code}], "fee": "80"}
    assert api(globex).post(url(campaign), body, format="json").status_code == 404
    assert api(campaign.brand, "campaigns:read").post(url(campaign), body, format="json").status_code == 403
    assert not Collaboration.objects.exists()


def test_queries_grow_with_nothing_but_the_events(campaign: Campaign, api: Api) -> None:
    client = api(campaign.brand)

    def queries(size: int) -> int:
        rows = [{"creator": make.creator().code} for _ in range(size)]
        with CaptureQueriesContext(connection) as caught:
            assert client.post(url(campaign), {"creators": rows, "fee": "5"}, format="json").data["created"] == size
        return len([query for query in caught.captured_queries if "events_event" not in query["sql"]])

    queries(1)
    assert queries(2) == queries(20)
