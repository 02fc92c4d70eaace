"""Creators alike: near in what is known of them, with the reasons, and never one whom the brand may not see."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from creators.actions.discovery import reindex_all
from creators.actions.relationships import block
from creators.discovery import alike
from creators.discovery.alike import Lookalikes, near
from creators.models import Creator
from groundswell.accounts.models import Brand, User
from tests import factories as make

Api = Callable[..., APIClient]


@pytest.fixture
def cook(acme: Brand) -> Creator:
    return make.creator("Cook", followers=5_000, rate="0.05", niches=["food", "travel"], country="DE", language="de")


def names(brand: Brand, *seeds: Creator) -> list[str]:
    return [one.entry.creator.name for one in Lookalikes(brand, seeds).found()]


def test_the_nearest_come_first_and_say_why(acme: Brand, cook: Creator) -> None:
    make.creator("Twin", followers=5_500, rate="0.05", niches=["food", "travel"], country="DE", language="de")
    make.creator("Far", followers=40_000, rate="0.01", niches=["food", "cars"], country="FR", language="fr")
    make.creator("Other", followers=5_000, rate="0.05", niches=["cars"], country="DE", language="de")
    make.creator("Elsewhere", network="youtube", niches=["food"])
    assert names(acme, cook) == ["Twin", "Far"]
    twin = Lookalikes(acme, [cook]).found()[0]
    assert twin.likeness > 0.95
    assert [reason.feature for reason in twin.reasons][:2] == ["niches", "size"]
    assert {reason.text for reason in twin.reasons} >= {
        "same niches: food, travel",
        "5,500 followers, like 5,000",
        "5.00% engagement by followers, like 5.00%",
        "lives in Germany",
        "speaks German",
    }


def test_what_is_not_known_neither_helps_nor_harms(acme: Brand, cook: Creator) -> None:
    make.creator("Same", followers=5_000, rate="0.05", niches=["food", "travel"])
    make.creator("Unknown", followers=None, rate=None, niches=["food", "travel"], country="", language="")
    make.creator("Against", followers=90_000, rate="0.3", niches=["food", "travel"], country="FR", language="fr")
    assert names(acme, cook) == ["Same", "Unknown", "Against"]


def test_several_are_taken_together(acme: Brand, cook: Creator) -> None:
    runner = make.creator("Runner", followers=20_000, niches=["running", "travel"], country="FR", language="fr")
    make.creator("Between", followers=10_000, niches=["travel"], country="DE")
    found = Lookalikes(acme, [cook, runner]).found()
    assert [one.entry.creator.name for one in found] == ["Between"]
    assert "10,000 followers, like 10,000" in {reason.text for reason in found[0].reasons}


def test_blocked_and_other_brands_creators_are_not_named(
    acme: Brand, globex: Brand, cook: Creator, alice: User
) -> None:
    make.creator("Secret", niches=["food"], owner=globex)
    block(acme, make.creator("Blocked", niches=["food"]), by=alice)
    assert names(acme, cook) == []
    assert sorted(names(globex, cook)) == ["Blocked", "Secret"]


def test_many_with_the_niche_are_narrowed_by_size(acme: Brand, cook: Creator, monkeypatch: pytest.MonkeyPatch) -> None:
    for size in (100, 4_000, 4_900, 5_200, 6_000, 900_000):
        make.creator(f"S{size}", followers=size, niches=["food"])
    reindex_all()
    monkeypatch.setattr(alike, "FEW", -1)
    monkeypatch.setattr(alike, "NEAR", 2)
    assert sorted(names(acme, cook)) == ["S4000", "S4900", "S5200", "S6000"]


def test_near_is_even_on_a_scale_of_ratios() -> None:
    assert near(100, 100, 10) == 1
    assert [near(100, other, 10) for other in (1000, 10, 0, 5000)] == pytest.approx([0, 0, 0, 0])
    assert near(100, 200, 10) == pytest.approx(near(200, 100, 10))


def test_the_page_from_a_profile_and_from_ticked_creators(
    as_alice: Client, as_charlie: Client, acme: Brand, cook: Creator
) -> None:
    private = make.creator("Private", niches=["food"], owner=acme)
    page = as_alice.get(f"/creators/alike/?creator={cook.code}").content.decode()
    assert "More like Cook" in page
    assert "Private" in page
    assert "Private" not in as_charlie.get(f"/creators/alike/?creator={cook.code}").content.decode()
    assert as_charlie.get(f"/creators/alike/?creator={private.code}").context["seeds"] == []
    assert as_alice.get("/creators/alike/").status_code == 200


def test_the_api_names_them(api: Api, acme: Brand, globex: Brand, cook: Creator) -> None:
    private = make.creator("Private", niches=["food"], owner=acme)
    client = api(acme)
    found = client.get(f"/api/v1/creators/alike/?creator={cook.code}").json()
    assert [one["creator"]["name"] for one in found] == ["Private"]
    assert found[0]["reasons"][0].keys() == {"feature", "likeness", "text"}
    assert client.get("/api/v1/creators/alike/").json() == []
    assert client.get(f"/api/v1/creators/alike/?creator={','.join('x' * 21)}").status_code == 400
    refused = api(globex).get(f"/api/v1/creators/alike/?creator={private.code}")
    unheard = api(globex).get("/api/v1/creators/alike/?creator=unheard")
    assert refused.status_code == unheard.status_code == 400
    assert refused.json()["error"]["code"] == unheard.json()["error"]["code"]


def test_the_number_of_queries_does_not_grow(acme: Brand, cook: Creator) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            Lookalikes(acme, [cook]).found()
        return len(captured)

    make.creator(niches=["food"])
    few = queries()
    for _ in range(20):
        make.relationship(acme, make.creator(niches=["food"]))
    assert queries() == few
