"""Lists by rule, and links that show a list to a client who says yes or no, with those who try to get more from it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from creators.actions.relationships import add_note, block
from creators.actions.shares import ShareRefusedError, revoke_share, share_list
from creators.actions.shortlists import ByRuleError, add_to_shortlist, change_rule, create_shortlist
from creators.lists import SearchRefusedError, rule_of, search_of
from creators.models import Creator, SearchMatch, SharedList, Shortlist, Verdict, Visit
from groundswell.accounts.models import Brand, User
from groundswell.events.models import Event
from tests import factories as make

FORTNIGHT = timedelta(days=14)


@pytest.fixture(autouse=True)
def unhurried() -> None:
    cache.clear()


@pytest.fixture
def shortlist(acme: Brand, creator: Creator) -> Shortlist:
    row = create_shortlist(acme, "Spring")
    add_to_shortlist(row, [creator])
    return row


def link_to(shortlist: Shortlist, **facts: Any) -> tuple[SharedList, str]:
    row, token = share_list(shortlist, by=None, **{"expires_at": timezone.now() + FORTNIGHT, **facts})
    return row, f"/shared/{token}/"


def verdict(**changed: str) -> dict[str, str]:
    return {"reviewer": "Carla", "answer": "approve", "comment": "Lovely", **changed}


# Lists by rule


def test_list_by_rule_finds_whoever_fits_now(acme: Brand) -> None:
    row = create_shortlist(acme, "Tea", query="niche=tea")
    assert search_of(row).count() == 0
    creator = make.creator(niches=["tea"])
    assert list(search_of(row).creators()) == [creator]


def test_nobody_is_put_on_a_list_by_rule(acme: Brand, creator: Creator) -> None:
    row = create_shortlist(acme, "Tea", query="niche=tea")
    with pytest.raises(ByRuleError, match="filled by its rule"):
        add_to_shortlist(row, [creator])


def test_rule_and_alerts_change(acme: Brand, alice: User, shortlist: Shortlist, as_alice: Client) -> None:
    row = create_shortlist(acme, "Tea", query="niche=tea")
    as_alice.post(f"/shortlists/{row.code}/rule/", {"query": "?niche=coffee&after=x", "alerts": "on"})
    row.refresh_from_db()
    assert (row.query, row.alerts) == ("niche=coffee", True)
    as_alice.post(f"/shortlists/{row.code}/rule/", {"query": "er_from=many"})
    row.refresh_from_db()
    assert row.query == "niche=coffee"
    with pytest.raises(ByRuleError):
        change_rule(shortlist, by=alice, query="niche=tea")


def test_alerts_put_on_from_the_list_tell_only_of_those_found_later(acme: Brand, as_alice: Client) -> None:
    known = make.creator(niches=["tea"])
    row = create_shortlist(acme, "Tea", query="niche=tea")
    as_alice.post(f"/shortlists/{row.code}/rule/", {"alerts": "on"})
    assert list(SearchMatch.objects.filter(shortlist=row, told_at=None)) == []
    assert SearchMatch.objects.get(shortlist=row).creator == known


@pytest.mark.parametrize("text", ["", "sort=name", "page=2&after=x"])
def test_a_rule_asks_for_something(text: str, db: None) -> None:
    with pytest.raises(SearchRefusedError, match="at least one filter"):
        rule_of(text)


def test_pasted_address_makes_a_list_by_rule(as_alice: Client, acme: Brand) -> None:
    address = "https://app.example/creators/?niche=tea&after=abc"
    response = as_alice.post("/shortlists/", {"name": "Tea", "query": address})
    assert response.status_code == 302
    row = Shortlist.objects.get()
    assert row.query == "niche=tea"
    assert "A list by rule" in as_alice.get(response.headers["Location"]).content.decode()


# Making and ending a link


def test_link_is_shown_once_and_kept_as_a_hash(shortlist: Shortlist, as_alice: Client) -> None:
    path = f"/shortlists/{shortlist.code}/"
    text = as_alice.post(f"{path}share/", {"title": "For you", "days": 7, "facts": ["bio"]}).content.decode()
    token = text.split("/shared/")[1].split("/")[0]
    assert len(token) == 22
    row = SharedList.objects.get()
    assert token not in str(row.__dict__)
    assert (row.facts, row.title) == (["bio"], "For you")
    again = as_alice.get(path).content.decode()
    assert token not in again
    assert "For you" in again


@pytest.mark.parametrize("given", [{"days": 0}, {"days": 400}, {"facts": ["email"]}, {"title": ""}])
def test_strange_links_are_refused(shortlist: Shortlist, as_alice: Client, given: dict[str, Any]) -> None:
    facts = {"title": "For you", "days": 7, **given}
    assert as_alice.post(f"/shortlists/{shortlist.code}/share/", facts).status_code == 422
    assert not SharedList.objects.exists()


def test_link_into_the_past_is_refused(shortlist: Shortlist) -> None:
    with pytest.raises(ShareRefusedError):
        link_to(shortlist, expires_at=timezone.now())


def test_ending_a_link(shortlist: Shortlist, client: Client, as_alice: Client, as_charlie: Client) -> None:
    row, path = link_to(shortlist)
    assert as_charlie.post(f"/shares/{row.code}/revoke/").status_code == 404
    assert client.get(path).status_code == 200
    as_alice.post(f"/shares/{row.code}/revoke/")
    assert client.get(path).status_code == 404
    assert revoke_share(row, by=None) is False


# Reading it


def test_page_says_no_more_than_was_chosen(acme: Brand, shortlist: Shortlist, creator: Creator, client: Client) -> None:
    relationship = make.relationship(
        acme, creator, email="secret@mail.example", phone="0151", price=120, price_currency="EUR", tags=["secret-tag"]
    )
    add_note(relationship, "secret note", by=None)
    _, path = link_to(shortlist)
    response = client.get(path)
    text = response.content.decode()
    assert "Dana Field" in text
    assert "8.2K" in text
    assert not [word for word in ("secret", "0151", "120", "Price") if word in text.replace(path, "")]
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in response.headers["Cache-Control"]
    _, path = link_to(shortlist, facts=["price"])
    text = client.get(path).content.decode()
    assert "120" in text
    assert "Followers" not in text


def test_visits_are_counted_without_an_address(shortlist: Shortlist, client: Client) -> None:
    _, path = link_to(shortlist)
    for _ in range(2):
        client.get(path, headers={"user-agent": "Mozilla/5.0 (iPhone) Version/19 Mobile/1 Safari/604.1"})
    visit = Visit.objects.get()
    assert (visit.times, visit.agent) == (2, "Safari, phone")


def test_queries_do_not_grow(acme: Brand, client: Client, django_assert_max_num_queries: Any) -> None:
    row = create_shortlist(acme, "Many")
    add_to_shortlist(row, [make.creator() for _ in range(8)])
    _, path = link_to(row)
    client.get(path)
    with django_assert_max_num_queries(26):
        client.get(path)


# Answering


def test_client_approves_and_changes_their_mind(
    shortlist: Shortlist, creator: Creator, client: Client, as_alice: Client
) -> None:
    _, path = link_to(shortlist)
    answer = f"{path}creators/{creator.code}/"
    assert client.post(answer, verdict()).status_code == 302
    assert "Approved" in client.get(path).content.decode()
    client.post(answer, verdict(reviewer="carla ", answer="reject", comment="Too loud"))
    row = Verdict.objects.get()
    assert (row.is_approved, row.comment) == (False, "Too loud")
    client.post(answer, verdict(reviewer="Otto"))
    text = as_alice.get(f"/shortlists/{shortlist.code}/").content.decode()
    assert all(word in text for word in ("Too loud", "Otto", "Rejected", "Approved"))
    told = Event.objects.filter(name="verdict.given", creator_id=creator.pk)
    assert told.count() == 3


def test_answer_leads_back_to_where_it_was_given(shortlist: Shortlist, creator: Creator, client: Client) -> None:
    _, path = link_to(shortlist)
    answer = client.post(f"{path}creators/{creator.code}/?after=abc", verdict())
    assert answer.headers["Location"] == f"{path}?after=abc#{creator.code}"


@pytest.mark.parametrize(
    "given", [{"reviewer": " "}, {"answer": "maybe"}, {"comment": "x" * 1001}, {"reviewer": "x" * 81}]
)
def test_half_an_answer_is_refused(
    shortlist: Shortlist, creator: Creator, client: Client, given: dict[str, str]
) -> None:
    _, path = link_to(shortlist)
    assert client.post(f"{path}creators/{creator.code}/", verdict(**given)).status_code == 422
    assert not Verdict.objects.exists()


def test_what_a_reader_writes_is_shown_as_text(
    shortlist: Shortlist, creator: Creator, client: Client, as_alice: Client
) -> None:
    _, path = link_to(shortlist)
    client.post(f"{path}creators/{creator.code}/", verdict(comment="<script>alert(1)</script>"))
    assert "<script>alert" not in as_alice.get(f"/shortlists/{shortlist.code}/").content.decode()


# Attackers


def test_expired_and_guessed_links_look_the_same(shortlist: Shortlist, creator: Creator, client: Client) -> None:
    row, path = link_to(shortlist)
    SharedList.objects.filter(pk=row.pk).update(expires_at=timezone.now())
    guessed = client.get("/shared/AAAAAAAAAAAAAAAAAAAAAA/")
    expired = client.get(path)
    assert (guessed.status_code, expired.status_code) == (404, 404)
    assert clean(guessed) == clean(expired)
    assert client.post(f"{path}creators/{creator.code}/", verdict()).status_code == 404
    assert not Verdict.objects.exists()


def clean(answer: Any) -> str:
    """The page without the token that differs each time."""
    return re.sub(r"[A-Za-z0-9]{64}", "", answer.content.decode())


def test_code_and_hash_open_nothing(shortlist: Shortlist, client: Client) -> None:
    row, _ = link_to(shortlist)
    assert client.get(f"/shared/{row.code}/").status_code == 404
    assert client.get(f"/shared/{row.digest}/").status_code == 404


def test_guessing_is_slowed_down(shortlist: Shortlist, client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr("groundswell.web.shared.GUESSES", 2)
    _, path = link_to(shortlist)
    answers = [client.get(f"/shared/guess{number}/").status_code for number in range(4)]
    assert answers[-1] == 429
    assert client.get(path).status_code == 200


def test_creators_of_other_lists_get_no_answer(
    acme: Brand, globex: Brand, alice: User, shortlist: Shortlist, client: Client
) -> None:
    elsewhere, theirs, blocked = make.creator(), make.creator(owner=globex), make.creator()
    add_to_shortlist(create_shortlist(acme, "Other"), [elsewhere])
    add_to_shortlist(shortlist, [blocked])
    block(acme, blocked, by=alice)
    _, path = link_to(shortlist)
    for stranger in (elsewhere, theirs, blocked):
        assert client.post(f"{path}creators/{stranger.code}/", verdict()).status_code == 404
        assert stranger.name not in client.get(path).content.decode()
    assert not Verdict.objects.exists()


def test_answers_need_the_page_s_own_form(shortlist: Shortlist, creator: Creator) -> None:
    _, path = link_to(shortlist)
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"{path}creators/{creator.code}/", verdict()).status_code == 403
    assert strict.post(f"{path}password/", {"password": "x"}).status_code == 403


def test_password_stands_before_everything(shortlist: Shortlist, creator: Creator, client: Client) -> None:
    row, path = link_to(shortlist, password="open sesame", title="Secret launch", message="For Vera only")
    assert "sesame" not in row.password
    for before in (client.get(path), client.post(f"{path}password/", {"password": "no"})):
        text = before.content.decode()
        assert not [word for word in ("Dana Field", "Secret launch", "Vera", "Acme", row.code) if word in text]
    client.post(f"{path}creators/{creator.code}/", verdict())
    assert not Verdict.objects.exists()
    assert not Visit.objects.exists()
    assert client.post(f"{path}password/", {"password": "wrong"}).status_code == 403
    client.post(f"{path}password/", {"password": "open sesame"})
    assert "Dana Field" in client.get(path).content.decode()


def test_password_of_one_link_opens_no_other(shortlist: Shortlist, client: Client) -> None:
    _, one = link_to(shortlist, password="one")
    _, two = link_to(shortlist, password="two")
    client.post(f"{one}password/", {"password": "one"})
    assert "Dana Field" not in client.get(two).content.decode()


def test_passwords_are_not_tried_for_long(shortlist: Shortlist, client: Client) -> None:
    _, path = link_to(shortlist, password="right")
    answers = [client.post(f"{path}password/", {"password": str(number)}).status_code for number in range(12)]
    assert answers[0] == 403
    assert answers[-1] == 429
    assert client.post(f"{path}password/", {"password": "right"}).status_code == 429


def test_reading_page_takes_no_post(shortlist: Shortlist, client: Client) -> None:
    _, path = link_to(shortlist)
    assert client.post(path).status_code == 405
    assert client.get(f"{path}password/").status_code == 405
