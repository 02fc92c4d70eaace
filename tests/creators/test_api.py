"""What partners read and write about creators."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from creators.actions.shortlists import add_to_shortlist, create_shortlist
from creators.models import Creator, Relationship, SocialAccount
from groundswell.accounts.models import Brand
from tests import factories as make

Api = Callable[..., Any]


def test_list_with_filters_and_pages(api: Api, acme: Brand) -> None:
    for number in range(5):
        make.creator(f"C{number}", followers=1000 + number, country="DE" if number else "FR")
    first = api(acme).get("/api/v1/creators/?country=DE&page_size=3&sort=followers").json()
    assert [row["name"] for row in first["results"]] == ["C1", "C2", "C3"]
    assert first["results"][0]["tier"] == "nano"
    assert first["results"][0]["lead"]["engagement_basis"] == "followers"
    second = api(acme).get(first["next"]).json()
    assert [row["name"] for row in second["results"]] == ["C4"]
    assert second["next"] is None
    assert [row["name"] for row in api(acme).get(second["previous"]).json()["results"]] == ["C1", "C2", "C3"]
    assert api(acme).get("/api/v1/creators/?er_from=lots").status_code == 400


def test_others_never_see_private_facts(api: Api, acme: Brand, globex: Brand, relationship: Relationship) -> None:
    private = make.creator("Private", owner=acme)
    mine = api(acme).get(f"/api/v1/creators/{relationship.creator.code}/").json()
    theirs = api(globex).get(f"/api/v1/creators/{relationship.creator.code}/").json()
    assert mine["relationship"]["email"] == relationship.email
    assert theirs["relationship"] is None
    assert [row["name"] for row in api(globex).get("/api/v1/creators/").json()["results"]] == ["Dana Field"]
    for path in (f"creators/{private.code}/", f"creators/{private.code}/relationship/"):
        assert api(globex).get(f"/api/v1/{path}").status_code == 404
    assert (
        api(globex)
        .patch(f"/api/v1/creators/{private.code}/relationship/", {"stage": "active"}, format="json")
        .status_code
        == 404
    )
    shortlist = create_shortlist(acme, "Mine")
    add_to_shortlist(shortlist, [private])
    assert api(acme).get("/api/v1/shortlists/").json()["results"][0]["size"] == 1
    assert api(acme).get(f"/api/v1/shortlists/{shortlist.code}/").json()["name"] == "Mine"
    assert api(globex).get("/api/v1/shortlists/").json()["results"] == []
    assert api(globex).get(f"/api/v1/shortlists/{shortlist.code}/").status_code == 404
    assert api(globex).get(f"/api/v1/creators/?shortlist={shortlist.code}").json()["results"] == []


def test_create_is_idempotent(api: Api, acme: Brand, globex: Brand) -> None:
    body = {
        "network": "tiktok",
        "handle": "https://www.tiktok.com/@Eva_x",
        "name": "Eva",
        "followers": 4200,
        "email": "e@x.example",
    }
    first = api(acme).post("/api/v1/creators/", body, format="json")
    again = api(acme).post("/api/v1/creators/", body, format="json")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["code"] == again.json()["code"]
    account = SocialAccount.objects.get()
    assert (account.handle, account.followers, account.owner, account.source) == ("eva_x", 4200, acme, "partner")
    assert Relationship.objects.get().email == "e@x.example"
    assert api(globex).get(f"/api/v1/creators/{first.json()['code']}/").status_code == 404


def test_bad_bodies_are_refused(api: Api, acme: Brand) -> None:
    for body in (
        {"network": "tiktok", "handle": "two words"},
        {"network": "myspace", "handle": "x"},
        {"handle": "x"},
        {"network": "tiktok", "handle": "x", "followers": -1},
        {"network": "tiktok", "handle": "instagram.com/x"},
    ):
        assert api(acme).post("/api/v1/creators/", body, format="json").status_code == 400
    assert not Creator.objects.exists()


def test_scopes(api: Api, acme: Brand, creator: Creator) -> None:
    reader = api(acme, "creators:read")
    assert reader.get("/api/v1/creators/").status_code == 200
    assert reader.post("/api/v1/creators/", {"network": "tiktok", "handle": "x"}, format="json").status_code == 403
    assert (
        reader.patch(f"/api/v1/creators/{creator.code}/relationship/", {"stage": "active"}, format="json").status_code
        == 403
    )
    assert api(acme, "orders:write").get("/api/v1/creators/").status_code == 403
    assert not Relationship.objects.exists()


def test_change_the_relationship(api: Api, acme: Brand, creator: Creator) -> None:
    path = f"/api/v1/creators/{creator.code}/relationship/"
    assert api(acme).get(path).status_code == 404
    answer = api(acme).patch(
        path, {"stage": "active", "price": "99.50", "price_currency": "EUR", "tags": ["vip"]}, format="json"
    )
    assert answer.status_code == 200, answer.content
    assert api(acme).get(path).json()["tags"] == ["vip"]
    assert api(acme).patch(path, {"price": "-1"}, format="json").status_code == 400


def test_queries_do_not_grow(api: Api, acme: Brand) -> None:
    client = api(acme)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/api/v1/creators/")
        return len(captured)

    for _ in range(3):
        make.relationship(acme)
    queries()
    few = queries()
    for _ in range(27):
        make.relationship(acme)
    assert queries() == few
