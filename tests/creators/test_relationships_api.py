"""Relationships, own fields, notes, lists and shared links for partners."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from creators.actions.shares import share_list
from creators.actions.shortlists import create_shortlist
from creators.models import CustomField, LifecycleRule, Note, Relationship, SharedList, Shortlist
from groundswell.accounts.models import Brand, User
from tests import factories as make

Api = Callable[..., APIClient]


def test_relationships_are_filtered(acme: Brand, globex: Brand, alice: User, api: Api) -> None:
    one = make.relationship(acme, make.creator("Ann"), stage="active", owner=alice, tags=["vip"])
    make.relationship(acme, make.creator("Bea"), stage="blocked")
    make.relationship(globex, make.creator("Strange"))
    client = api(acme, "creators:read")
    (row,) = client.get("/api/v1/relationships/").data["results"]
    assert (row["creator"], row["owner"], row["lifecycle"]) == (one.creator.code, "alice@acme.example", "prospect")
    for query, found in {
        "stage=blocked": ["Bea"],
        "owner=ALICE@acme.example&tag=vip&stage=active&lifecycle=prospect&q=ann": ["Ann"],
        "due=true": [],
    }.items():
        rows = client.get(f"/api/v1/relationships/?{query}").data["results"]
        assert [row["name"] for row in rows] == found
    assert client.get("/api/v1/relationships/?stage=nonsense").status_code == 400


def test_list_asks_a_fixed_number_of_queries(acme: Brand, api: Api, django_assert_max_num_queries: Any) -> None:
    for _ in range(6):
        make.relationship(acme)
    client = api(acme)
    with django_assert_max_num_queries(5):
        client.get("/api/v1/relationships/")


def test_facts_and_own_fields_are_changed(acme: Brand, alice: User, api: Api) -> None:
    creator, client = make.creator(), api(acme)
    size = client.post("/api/v1/custom-fields/", {"name": "Size", "kind": "number"}, format="json").data["code"]
    path = f"/api/v1/creators/{creator.code}/relationship/"
    facts = {"owner": alice.email, "custom": {size: "42.0"}, "next_step": "Call", "next_step_on": "2026-03-01"}
    row = client.patch(path, facts, format="json").data
    assert (row["owner"], row["custom"], row["next_step_on"]) == (alice.email, {size: "42"}, "2026-03-01")
    blocked = client.patch(path, {"stage": "blocked", "blocked_reason": "Fake"}, format="json").data
    assert (blocked["blocked_reason"], blocked["blocked_at"] is None) == ("Fake", False)
    assert client.patch(path, {"custom": {}, "owner": None}, format="json").data["custom"] == {size: "42"}


def test_strange_values_change_nothing(acme: Brand, charlie: User, globex: Brand, api: Api) -> None:
    theirs = CustomField.objects.create(brand=globex, name="Size")
    path = f"/api/v1/creators/{make.creator().code}/relationship/"
    for facts in ({"owner": charlie.email}, {"custom": {theirs.code: "1"}}, {"custom": {"x": "1"}}):
        assert api(acme).patch(path, facts, format="json").status_code == 400
    assert not Relationship.objects.exists()


def test_many_are_changed(acme: Brand, globex: Brand, api: Api) -> None:
    one, two, strange = make.creator(), make.creator(), make.creator(owner=globex)
    client, path = api(acme), "/api/v1/relationships/change/"
    wanted = {"creators": [one.code, two.code], "stage": "active", "add_tags": ["tea"]}
    assert client.post(path, wanted, format="json").data == {"changed": 2}
    refused = client.post(path, {"creators": [one.code, strange.code], "stage": "past"}, format="json")
    assert refused.status_code == 400
    assert client.post(path, {"creators": [one.code], "stage": "blocked"}, format="json").status_code == 400
    assert set(Relationship.objects.values_list("stage", flat=True)) == {"active"}


def test_notes_with_mentions(acme: Brand, bob: User, globex: Brand, api: Api) -> None:
    creator = make.creator()
    path = f"/api/v1/creators/{creator.code}/notes/"
    assert api(acme).post(path, {"text": "Ask @bob"}, format="json").status_code == 201
    assert api(acme).get(path).data["results"][0]["mentions"] == [bob.email]
    assert api(globex).get(path).data["results"] == []
    assert Note.objects.count() == 1


def test_timeline(acme: Brand, globex: Brand, api: Api) -> None:
    creator = make.creator()
    api(acme).post(f"/api/v1/creators/{creator.code}/notes/", {"text": "Hello"}, format="json")
    path = f"/api/v1/creators/{creator.code}/timeline/"
    names = [row["name"] for row in api(acme).get(path).data["results"]]
    assert names == ["relationship.noted", "relationship.started"]
    assert api(globex).get(path).data["results"] == []


def test_own_fields_are_changed_and_deleted(acme: Brand, api: Api) -> None:
    client = api(acme)
    field = {"name": "Size", "kind": "choice", "choices": ["S", "M"]}
    code = client.post("/api/v1/custom-fields/", field, format="json").data["code"]
    assert client.post("/api/v1/custom-fields/", field, format="json").status_code == 400
    assert client.patch(f"/api/v1/custom-fields/{code}/", {"choices": ["S"]}, format="json").status_code == 400
    assert client.patch(f"/api/v1/custom-fields/{code}/", {"name": "Fit"}, format="json").data["name"] == "Fit"
    assert client.delete(f"/api/v1/custom-fields/{code}/").status_code == 204
    assert not CustomField.objects.exists()


def test_lifecycle_rule(acme: Brand, api: Api) -> None:
    client = api(acme)
    changed = client.patch("/api/v1/lifecycle/", {"ambassador_from": 5}, format="json").data
    assert changed["words"]["ambassador"] == "at least 5 accepted collaborations in the last 365 days"
    assert client.patch("/api/v1/lifecycle/", {"repeat_from": 1}, format="json").status_code == 400
    assert LifecycleRule.objects.get().repeat_from == 2


def test_lists_by_hand_and_by_rule(acme: Brand, api: Api) -> None:
    client, creator = api(acme), make.creator()
    hand = client.post("/api/v1/shortlists/", {"name": "Spring"}, format="json").data["code"]
    rule = client.post("/api/v1/shortlists/", {"name": "Tea", "query": "niche=tea&after=x"}, format="json").data
    assert (rule["query"], rule["size"]) == ("niche=tea", None)
    codes = {"creators": [creator.code]}
    assert client.post(f"/api/v1/shortlists/{hand}/creators/", codes, format="json").data["size"] == 1
    assert client.post(f"/api/v1/shortlists/{rule['code']}/creators/", codes, format="json").status_code == 400
    assert client.delete(f"/api/v1/shortlists/{hand}/creators/", codes, format="json").data["size"] == 0
    assert client.patch(f"/api/v1/shortlists/{rule['code']}/", {"alerts": True}, format="json").data["alerts"] is True
    taken = client.patch(f"/api/v1/shortlists/{rule['code']}/", {"alerts": False, "name": "Spring"}, format="json")
    kept = client.get(f"/api/v1/shortlists/{rule['code']}/").data
    assert (taken.status_code, kept["name"], kept["alerts"]) == (400, "Tea", True)
    assert client.patch(f"/api/v1/shortlists/{hand}/", {"query": "q=x"}, format="json").status_code == 400
    assert client.patch(f"/api/v1/shortlists/{hand}/", {"name": "Tea"}, format="json").status_code == 400
    assert client.delete(f"/api/v1/shortlists/{hand}/").status_code == 204
    assert Shortlist.objects.count() == 1


def test_shared_links(acme: Brand, api: Api, client: Client) -> None:
    creator, partner = make.creator(), api(acme)
    row = create_shortlist(acme, "Spring")
    partner.post(f"/api/v1/shortlists/{row.code}/creators/", {"creators": [creator.code]}, format="json")
    path, until = f"/api/v1/shortlists/{row.code}/shares/", timezone.now() + timedelta(days=3)
    made = partner.post(path, {"expires_at": until, "facts": ["bio"]}, format="json").data
    link = made["url"].split("//", 1)[1].split("/", 1)[1]
    client.post(f"/{link}creators/{creator.code}/", {"reviewer": "Carla", "answer": "approve"})
    share = f"/api/v1/shares/{made['code']}/"
    (verdict,) = partner.get(share).data["verdicts"]
    assert (verdict["creator"], verdict["is_approved"], verdict["reviewer"]) == (creator.code, True, "Carla")
    assert "url" not in partner.get(path).data["results"][0]
    assert partner.delete(share).status_code == 204
    assert client.get(f"/{link}").status_code == 404
    late = {"expires_at": timezone.now() - timedelta(days=1)}
    assert partner.post(path, late, format="json").status_code == 400


def test_links_of_another_brand(acme: Brand, globex: Brand, api: Api) -> None:
    until = timezone.now() + timedelta(days=3)
    row, _ = share_list(create_shortlist(acme, "Spring"), by=None, expires_at=until)
    assert api(globex).delete(f"/api/v1/shares/{row.code}/").status_code == 404
    assert SharedList.objects.get().is_open
