"""Saved searches: shared by the team, told of once, and nobody else's."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from creators.actions import searches
from creators.actions.relationships import block
from creators.actions.searches import (
    change_search,
    look_for_matches,
    save_search,
    tell_matches,
)
from creators.actions.shortlists import create_shortlist
from creators.lists import SearchRefusedError
from creators.models import SearchMatch, Shortlist
from creators.tasks import tell_matches as tell_all
from creators.tasks import watch_searches
from groundswell.accounts.models import Brand, User
from tests import factories as make

Api = Callable[..., APIClient]
FOOD = {"name": "Food", "query": "niche=food", "alerts": "on"}


def new_ones(brand: Brand) -> set[str]:
    return {match.creator.name for match in SearchMatch.objects.of(brand).new().select_related("creator")}


def test_a_search_is_saved_for_the_team(as_alice: Client, as_bob: Client, acme: Brand, creator: object) -> None:
    answer = as_alice.post(
        "/searches/", {"name": "Small", "query": "followers_to=10k&csrfmiddlewaretoken=x&er_from=many"}
    )
    assert not Shortlist.objects.exists()
    answer = as_alice.post("/searches/", {"name": "Small", "query": "sort=-views&followers_to=10k&q="})
    row = Shortlist.objects.get()
    assert (row.query, row.alerts) == ("followers_to=10000&sort=-views", False)
    assert answer["Location"] == f"/creators/?{row.query}&saved={row.code}"
    page = as_bob.get(answer["Location"])
    assert (page.context["current"], page.context["is_changed"]) == (row, False)
    assert as_bob.get(f"/creators/?followers_to=9k&saved={row.code}").context["is_changed"]


@pytest.mark.parametrize("query", ["", "sort=-views", "er_from=lots", "network=myspace"])
def test_searches_for_everybody_or_of_wrong_filters_are_refused(as_alice: Client, acme: Brand, query: str) -> None:
    page = as_alice.post("/searches/", {"name": "Wrong", "query": query}, follow=True).content.decode()
    assert "Set at least one filter" in page or "left out" in page
    assert not Shortlist.objects.exists()


def test_a_name_is_given_once(as_alice: Client, acme: Brand) -> None:
    save_search(acme, "Food", "niche=food")
    page = as_alice.post("/searches/", FOOD, follow=True).content.decode()
    assert "already" in page
    assert Shortlist.objects.count() == 1


def test_renaming_changing_and_deleting(as_alice: Client, acme: Brand, alice: User) -> None:
    row = save_search(acme, "Food", "niche=food")
    as_alice.post(f"/searches/{row.code}/change/", {"name": "Cooks"})
    as_alice.post(f"/searches/{row.code}/change/", {"query": "niche=cooking"})
    as_alice.post(f"/searches/{row.code}/change/", {"alerts": "on"})
    row.refresh_from_db()
    assert (row.name, row.query, row.alerts) == ("Cooks", "niche=cooking", True)
    as_alice.post(f"/searches/{row.code}/change/", {"name": ""})
    as_alice.post(f"/searches/{row.code}/change/", {"name": "Other", "query": "er_to=many"})
    row.refresh_from_db()
    assert (row.name, row.query) == ("Cooks", "niche=cooking")
    as_alice.post(f"/searches/{row.code}/delete/")
    assert not Shortlist.objects.exists()


def test_a_list_by_hand_is_no_search(as_alice: Client, acme: Brand) -> None:
    row = create_shortlist(acme, "By hand")
    for what in ("change", "delete", "seen"):
        assert as_alice.post(f"/searches/{row.code}/{what}/", {"name": "Mine"}).status_code == 404
    assert Shortlist.objects.get().name == "By hand"


def test_whoever_was_there_is_not_new(acme: Brand) -> None:
    make.creator("Old", niches=["food"])
    row = save_search(acme, "Food", "niche=food", alerts=True)
    assert look_for_matches(row) == 0
    make.creator("Ann", niches=["food"])
    make.creator("Bea", niches=["travel"])
    assert (look_for_matches(row), look_for_matches(row)) == (1, 0)
    assert new_ones(acme) == {"Ann"}


@pytest.mark.usefixtures("alice", "bob", "charlie")
def test_new_matches_are_told_once_to_those_who_manage(
    acme: Brand, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    row = save_search(acme, "Food", "niche=food", alerts=True)
    make.creator("Ann", niches=["food"])
    with django_capture_on_commit_callbacks(execute=True):
        watch_searches()
        tell_all()
        tell_all()
    assert [letter.to for letter in mail.outbox] == [["alice@acme.example"]]
    assert mail.outbox[0].subject == "Acme: 1 new creator in your saved searches"
    assert "- Ann" in mail.outbox[0].body
    assert f"/creators/?niche=food&saved={row.code}" in mail.outbox[0].body
    assert tell_matches(acme) == 0


def test_who_leaves_and_comes_again_is_told_no_second_time(acme: Brand) -> None:
    row = save_search(acme, "Food", "niche=food", alerts=True)
    ann = make.creator("Ann", niches=["food"])
    assert (look_for_matches(row), tell_matches(acme)) == (1, 1)
    block(acme, ann, by=make.member(acme))
    assert (look_for_matches(row), tell_matches(acme)) == (0, 0)


def test_blocked_creators_are_no_matches(acme: Brand) -> None:
    row = save_search(acme, "Food", "niche=food", alerts=True)
    block(acme, make.creator(niches=["food"]), by=make.member(acme))
    assert look_for_matches(row) == 0


def test_other_filters_start_the_watch_again(acme: Brand, alice: User) -> None:
    row = save_search(acme, "Food", "niche=food", alerts=True)
    make.creator("Ann", niches=["food"])
    make.creator("Bea", niches=["travel"])
    change_search(row, by=alice, query="niche=travel")
    assert (look_for_matches(row), new_ones(acme), tell_matches(acme)) == (0, set(), 0)
    change_search(row, by=alice, alerts=False)
    make.creator("Cem", niches=["travel"])
    assert not SearchMatch.objects.exists()


def test_alerts_need_a_search_of_moderate_size(acme: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searches, "MOST_WATCHED", 1)
    make.creator(niches=["food"])
    make.creator(niches=["food"])
    with pytest.raises(SearchRefusedError, match="Narrow it"):
        save_search(acme, "Food", "niche=food", alerts=True)
    assert not Shortlist.objects.exists()


def test_the_badge_goes_when_somebody_looked(as_alice: Client, as_bob: Client, acme: Brand) -> None:
    row = save_search(acme, "Food", "niche=food", alerts=True)
    make.creator("Ann", niches=["food"])
    look_for_matches(row)
    page = as_bob.get(f"/creators/?niche=food&saved={row.code}")
    assert page.context["news"] == 1
    assert len(page.context["new_ones"]) == 1
    assert as_bob.post(f"/searches/{row.code}/seen/").status_code == 403
    assert new_ones(acme) == {"Ann"}
    assert as_alice.post(f"/searches/{row.code}/seen/").status_code == 204
    assert as_bob.get("/creators/").context["news"] == 0


def test_another_brands_searches_and_creators_stay_theirs(
    as_charlie: Client, acme: Brand, globex: Brand, charlie: User
) -> None:
    mine = save_search(acme, "Food", "niche=food", alerts=True)
    theirs = save_search(globex, "Food", "niche=food", alerts=True)
    make.creator("Secret", niches=["food"], owner=acme)
    assert (look_for_matches(mine), look_for_matches(theirs)) == (1, 0)
    assert as_charlie.get(f"/creators/?niche=food&saved={mine.code}").context["current"] is None
    assert [row for row, _ in as_charlie.get("/creators/").context["searches"]] == [theirs]


def test_the_api_keeps_searches(api: Api, acme: Brand, globex: Brand) -> None:
    client = api(acme)
    made = client.post("/api/v1/searches/", {**FOOD, "alerts": True}, format="json")
    assert made.status_code == 201
    address = f"/api/v1/searches/{made.json()['code']}/"
    make.creator(niches=["food"])
    look_for_matches(Shortlist.objects.get())
    assert [(row["name"], row["new"]) for row in client.get("/api/v1/searches/").json()] == [("Food", 1)]
    assert client.patch(address, {"name": "Cooks"}, format="json").json()["name"] == "Cooks"
    assert client.patch(address, {"query": "er_from=lots"}, format="json").status_code == 400
    assert client.post("/api/v1/searches/", {"name": "Cooks", "query": "niche=a"}, format="json").status_code == 400
    assert api(globex).get(address).status_code == 404
    assert api(acme, "creators:read").delete(address).status_code == 403
    assert client.delete(address).status_code == 204
    assert not Shortlist.objects.exists()


def test_seen_never_goes_back(acme: Brand, as_alice: Client) -> None:
    row = save_search(acme, "Food", "niche=food", alerts=True)
    later = timezone.now() + timedelta(hours=1)
    Shortlist.objects.update(last_seen=later)
    as_alice.post(f"/searches/{row.code}/seen/")
    assert Shortlist.objects.get().last_seen == later
