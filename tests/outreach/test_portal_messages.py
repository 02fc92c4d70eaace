"""The creator's side of the conversation."""

import pytest
from django.test import Client

from campaigns.models import Collaboration
from groundswell.accounts.models import User
from groundswell.events.models import Event
from outreach.models import Message
from tests import factories as make


def url(collaboration: Collaboration) -> str:
    return f"/portal/{collaboration.code}/messages/"


def test_a_creator_writes_and_the_team_sees_it_as_unread(
    as_dana: Client, collaboration: Collaboration, dana: User
) -> None:
    answer = as_dana.post(url(collaboration), {"body": " A week later? ", "batch": "b1"})
    assert answer.status_code == 200
    assert "A week later?" in answer.content.decode()
    row = Message.objects.unread().get()
    assert (row.direction, row.channel, row.status, row.author, row.body) == (
        "in",
        "portal",
        "received",
        dana,
        "A week later?",
    )
    assert row.collaboration == collaboration
    assert Event.objects.get(name="message.received").actor == dana


def test_a_double_tap_writes_once(as_dana: Client, collaboration: Collaboration) -> None:
    for _ in range(2):
        as_dana.post(url(collaboration), {"body": "Hello", "batch": "b1"})
    assert Message.objects.count() == 1


def test_an_empty_message_comes_back(as_dana: Client, collaboration: Collaboration) -> None:
    assert as_dana.post(url(collaboration), {"body": " ", "batch": "b1"}).status_code == 422
    assert not Message.objects.exists()


@pytest.mark.parametrize("state", ["queued", "sending", "handed_over", "unconfirmed", "failed", "cancelled"])
def test_shows_only_what_reached_them(state: str, as_dana: Client, collaboration: Collaboration) -> None:
    make.message(collaboration.relationship, status=state, body="Not yet")
    make.message(collaboration.relationship, status="sent", body="This one did: {{ portal_link }}")
    page = as_dana.get(url(collaboration)).content.decode()
    assert "This one did:" in page
    assert "personal link" not in page
    assert "/portal/" in page.split("This one did:")[1][:200]
    assert "Not yet" not in page


def test_markup_is_shown_not_obeyed(as_dana: Client, collaboration: Collaboration) -> None:
    page = as_dana.post(url(collaboration), {"body": "<script>alert(1)</script>", "batch": "b"}).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_only_their_own(collaboration: Collaboration, as_alice: Client, as_charlie: Client) -> None:
    other = Client()
    other.force_login(make.user("eve@creators.example", kind=User.Kind.CREATOR))
    assert other.get(url(collaboration)).status_code == 404
    assert other.post(url(collaboration), {"body": "Hi", "batch": "b"}).status_code == 404
    for client in (as_alice, as_charlie):
        assert client.get(url(collaboration)).status_code == 403
    assert not Message.objects.exists()


def test_not_before_an_offer_reached_them(as_dana: Client, collaboration: Collaboration) -> None:
    Collaboration.objects.update(status="selected")
    assert as_dana.get(url(collaboration)).status_code == 404


def test_signed_out_people_are_sent_to_the_entry(client: Client, collaboration: Collaboration) -> None:
    answer = client.get(url(collaboration))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/portal/sign-in/")
