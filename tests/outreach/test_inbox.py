"""The list of conversations, latest first."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.models import Collaboration
from creators.models import Relationship
from groundswell.accounts.models import Brand, User
from outreach.actions.messages import write_from_portal
from outreach.models import Conversation
from tests import factories as make


def talk(brand: Brand, name: str, minutes: int = 0, **message: Any) -> Relationship:
    """A conversation with a creator of this name, so many minutes old."""
    row = make.relationship(brand, make.creator(name))
    make.message(row, **{"status": "sent", **message})
    Conversation.objects.filter(relationship=row).update(updated_at=timezone.now() - timedelta(minutes=minutes))
    return row


def names(client: Client, query: str = "") -> list[str]:
    rows = client.get(f"/inbox/{query}").context["rows"]
    return [row.relationship.creator.name for row, _ in rows]


def test_latest_first_and_only_ours(as_alice: Client, acme: Brand, globex: Brand) -> None:
    talk(acme, "Old", 60)
    talk(acme, "New", 1)
    talk(globex, "Foreign")
    assert names(as_alice) == ["New", "Old"]


def test_filters(as_alice: Client, acme: Brand, collaboration: Collaboration, dana: User) -> None:
    write_from_portal(collaboration, "Hello?", by=dana)
    talk(acme, "Failed", 1, status="failed")
    talk(acme, "Unsure", 2, status="unconfirmed")
    talk(acme, "Queued", 3, status="queued")
    talk(acme, "Sending", 4, status="sending")
    assert names(as_alice, "?show=unread") == ["Dana Field"]
    assert names(as_alice, "?show=failed") == ["Failed", "Unsure"]
    assert names(as_alice, "?show=queued") == ["Queued", "Sending"]
    assert as_alice.get("/inbox/").context["counts"] == {"unread": 1, "failed": 2, "queued": 2}


@pytest.mark.parametrize("text", ["dana", "dana.fi", "@dana.field", "dana@creators", "rain jack", "RAIN"])
def test_search(text: str, as_alice: Client, acme: Brand, relationship: Relationship) -> None:
    make.message(relationship, subject="About the rain jacket", status="sent")
    talk(acme, "Somebody else")
    assert names(as_alice, f"?q={text}") == ["Dana Field"]


def test_pages_stay_right_while_rows_arrive(as_alice: Client, acme: Brand) -> None:
    for number in range(35):
        talk(acme, f"Creator {number:02}", minutes=number + 5)
    first = as_alice.get("/inbox/")
    talk(acme, "Newcomer")
    second = names(as_alice, f"?before={first.context['next'].replace('+', '%2B')}")
    shown = [row.relationship.creator.name for row, _ in first.context["rows"]]
    assert shown + second == [f"Creator {number:02}" for number in range(35)]


@pytest.mark.parametrize("cursor", ["nonsense", "2026-01-01_x", "_"])
def test_a_broken_cursor_is_a_bad_request(cursor: str, as_alice: Client) -> None:
    assert as_alice.get(f"/inbox/?before={cursor}").status_code == 400


@pytest.mark.parametrize("number", [3, 30])
def test_costs_a_fixed_number_of_queries(
    number: int, as_alice: Client, acme: Brand, django_assert_num_queries: Any
) -> None:
    for _ in range(number):
        talk(acme, "Somebody")
    with django_assert_num_queries(7):
        as_alice.get("/inbox/")


def test_says_what_to_do_when_empty(as_alice: Client) -> None:
    assert "No conversations yet" in as_alice.get("/inbox/").content.decode()
    assert "All read" in as_alice.get("/inbox/?show=unread").content.decode()


def test_panels_show_our_own_only(
    as_alice: Client, as_bob: Client, as_charlie: Client, collaboration: Collaboration, dana: User
) -> None:
    write_from_portal(collaboration, "Is it waterproof?", by=dana)
    for client in (as_alice, as_bob):
        assert "Is it waterproof?" in client.get("/outreach/home-panel/").content.decode()
        assert "Is it waterproof?" in client.get(f"/collaborations/{collaboration.code}/messages/").content.decode()
    assert "Is it waterproof?" not in as_charlie.get("/outreach/home-panel/").content.decode()
    assert as_charlie.get(f"/collaborations/{collaboration.code}/messages/").status_code == 404


def test_the_panel_offers_writing_to_whoever_may(
    as_alice: Client, as_bob: Client, collaboration: Collaboration
) -> None:
    path = f"/collaborations/{collaboration.code}/messages/"
    assert f"?to={collaboration.code}" in as_alice.get(path).content.decode()
    assert f"?to={collaboration.code}" not in as_bob.get(path).content.decode()
