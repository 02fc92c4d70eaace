"""Partners plan campaigns, follow them, make offers and write costs."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from campaigns.models import Campaign, Collaboration, Cost
from groundswell.accounts.models import Brand
from tests import factories as make

Api = Callable[..., APIClient]
PLAN = {"name": "Autumn tea", "landing_url": "https://shop.example/tea", "budget": "3000.00", "markets": ["DE"]}


def test_a_campaign_is_planned_and_read(acme: Brand, api: Api) -> None:
    made = api(acme).post("/api/v1/campaigns/", PLAN, format="json")
    assert made.status_code == 201, made.data
    found = api(acme).get(f"/api/v1/campaigns/{made.data['code']}/").data
    assert (found["name"], found["status"], found["currency"], found["spent"]) == ("Autumn tea", "draft", "EUR", "0.00")
    assert (found["creators"], found["agreed"], found["markets"]) == (0, 0, ["DE"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"landing_url": "http://shop.example"},
        {"budget": "-1"},
        {"markets": ["Germany"]},
        {"currency": "EURO"},
        {"starts_on": "2026-05-02", "ends_on": "2026-05-01"},
        {"name": ""},
    ],
)
def test_a_wrong_plan_is_refused(acme: Brand, api: Api, wrong: dict[str, Any]) -> None:
    answer = api(acme).post("/api/v1/campaigns/", {**PLAN, **wrong}, format="json")
    assert answer.status_code == 400
    assert list(wrong)[-1] in answer.data["error"]["fields"]
    assert not Campaign.objects.exists()


def test_a_campaign_is_changed(campaign: Campaign, collaboration: Collaboration, api: Api) -> None:
    url = f"/api/v1/campaigns/{campaign.code}/"
    assert api(campaign.brand).patch(url, {"name": "Renamed", "status": "closed"}, format="json").status_code == 200
    campaign.refresh_from_db()
    assert (campaign.name, campaign.status) == ("Renamed", "live")
    assert api(campaign.brand).patch(url, {"currency": "USD"}, format="json").status_code == 409


def test_a_repeated_plan_is_one_campaign(acme: Brand, api: Api) -> None:
    client = api(acme)
    for _ in range(2):
        client.post("/api/v1/campaigns/", PLAN, format="json", HTTP_IDEMPOTENCY_KEY="plan-1")
    assert Campaign.objects.count() == 1


def test_collaborations_are_listed_and_filtered(campaign: Campaign, collaboration: Collaboration, api: Api) -> None:
    make.collaboration(campaign, status="accepted")
    client = api(campaign.brand)
    assert len(client.get("/api/v1/collaborations/").data["results"]) == 2
    (row,) = client.get("/api/v1/collaborations/", {"campaign": campaign.code, "status": "offered"}).data["results"]
    assert (row["code"], row["creator_name"], row["offer"]["fee"]) == (collaboration.code, "Dana Field", "120.00")
    unknown = client.get("/api/v1/collaborations/", {"status": "nope"})
    assert (unknown.status_code, list(unknown.data["error"]["fields"])) == (400, ["status"])
    detail = client.get(f"/api/v1/collaborations/{collaboration.code}/").data
    assert [offer["version"] for offer in detail["offers"]] == [1]


def test_an_offer_is_made_and_sent(collaboration: Collaboration, acme: Brand, api: Api) -> None:
    url = f"/api/v1/collaborations/{collaboration.code}/offers/"
    made = api(acme).post(url, {"fee": "135.50"}, format="json")
    assert (made.status_code, made.data["version"], made.data["status"]) == (201, 2, "sent")
    assert (made.data["fee"], made.data["commission_percent"]) == ("135.50", "10.00")
    assert collaboration.offers.get(version=1).status == "replaced"


def test_a_refused_offer_leaves_no_draft(collaboration: Collaboration, acme: Brand, api: Api) -> None:
    Campaign.objects.update(status="closed", closed_at=collaboration.created_at)
    url = f"/api/v1/collaborations/{collaboration.code}/offers/"
    answer = api(acme).post(url, {"fee": "135.50"}, format="json")
    assert answer.status_code == 409
    assert "live" in answer.data["error"]["message"]
    assert collaboration.offers.count() == 1


def test_costs_are_written(campaign: Campaign, api: Api) -> None:
    url = f"/api/v1/campaigns/{campaign.code}/costs/"
    client = api(campaign.brand)
    assert client.post(url, {"kind": "ads", "amount": "12.50"}, format="json").status_code == 201
    assert client.post(url, {"kind": "time", "hours": "2"}, format="json").data["amount"] == "80.00"
    assert [row["kind"] for row in client.get(url).data["results"]] == ["time", "ads"]
    assert Cost.objects.total() == Decimal("92.50")


@pytest.mark.parametrize("line", [{"kind": "ads"}, {"kind": "time", "amount": "5"}, {"kind": "x", "amount": "5"}, {}])
def test_a_wrong_line_is_refused(campaign: Campaign, api: Api, line: dict[str, str]) -> None:
    answer = api(campaign.brand).post(f"/api/v1/campaigns/{campaign.code}/costs/", line, format="json")
    assert answer.status_code == 400
    assert not Cost.objects.exists()


def test_another_brands_things_are_unknown(
    collaboration: Collaboration, globex: Brand, campaign: Campaign, api: Api
) -> None:
    client = api(globex)
    for path in (
        f"campaigns/{campaign.code}/",
        f"campaigns/{campaign.code}/costs/",
        f"collaborations/{collaboration.code}/",
    ):
        assert client.get(f"/api/v1/{path}").status_code == 404
    offers = f"/api/v1/collaborations/{collaboration.code}/offers/"
    assert client.post(offers, {"fee": "1"}, format="json").status_code == 404
    for path in ("campaigns/", "collaborations/"):
        assert client.get(f"/api/v1/{path}").data["results"] == []
    assert collaboration.offers.count() == 1


def test_reading_isnt_writing(campaign: Campaign, collaboration: Collaboration, api: Api) -> None:
    reader = api(campaign.brand, "campaigns:read")
    assert reader.get("/api/v1/campaigns/").status_code == 200
    assert reader.post("/api/v1/campaigns/", PLAN, format="json").status_code == 403
    assert reader.patch(f"/api/v1/campaigns/{campaign.code}/", {"name": "x"}, format="json").status_code == 403
    offers = f"/api/v1/collaborations/{collaboration.code}/offers/"
    assert reader.post(offers, {"fee": "1"}, format="json").status_code == 403
    assert api(campaign.brand, "orders:write").get("/api/v1/campaigns/").status_code == 403
    assert Campaign.objects.count() == 1
