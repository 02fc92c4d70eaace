"""One creator's thread: replies of both sides, and what people decide about single messages."""

from typing import Any

import pytest
from django.test import Client

from campaigns.models import Collaboration
from creators.models import Relationship
from groundswell.accounts.models import Brand, User
from groundswell.events.models import Event
from outreach.actions.messages import CannotReply, NotPossible, cancel_message, reply_to, write_from_portal
from outreach.actions.suppressions import suppress
from outreach.models import Conversation, Message
from outreach.tasks import move_stage
from tests import factories as make


@pytest.fixture
def message(relationship: Relationship, alice: User) -> Message:
    """The first e-mail, sent."""
    return make.message(relationship, author=alice, status="sent", subject="Hello Dana", body="{{ portal_link }} here")


def url(relationship: Relationship) -> str:
    return f"/conversations/{relationship.code}/"


def reply(text: str = "Sure, the 14th is fine.", **more: str) -> dict[str, str]:
    return {"body": text, "channel": "email", "batch": "reply1", **more}


def test_shows_the_thread_without_secret_links(as_bob: Client, message: Message, relationship: Relationship) -> None:
    page = as_bob.get(url(relationship)).content.decode()
    assert "Hello Dana" in page
    assert "[personal link] here" in page
    assert 'name="body"' not in page  # a reader has no reply box


def test_an_email_reply_joins_the_thread(as_alice: Client, message: Message, relationship: Relationship) -> None:
    assert as_alice.post(url(relationship), reply()).status_code == 302
    row = Message.objects.latest("pk")
    assert (row.status, row.channel, row.subject) == ("queued", "email", "Re: Hello Dana")
    assert row.recipient == relationship.email
    assert list(Message.objects.mailed_before(row)) == [message]
    assert reply_to(row.conversation, "Once more", by=None).subject == "Re: Hello Dana"


def test_the_same_reply_twice_is_one(as_alice: Client, message: Message, relationship: Relationship) -> None:
    for _ in range(2):
        as_alice.post(url(relationship), reply())
    assert Message.objects.filter(status="queued").count() == 1


def test_a_portal_reply_is_there_at_once(as_alice: Client, message: Message, relationship: Relationship) -> None:
    as_alice.post(url(relationship), reply(channel="portal"))
    row = Message.objects.latest("pk")
    assert (row.status, row.channel, bool(row.sent_at)) == ("sent", "portal", True)


@pytest.mark.parametrize("text", ["Hi {{ first_name }}", "Hi {{ portal_link"])
def test_a_reply_holds_no_other_variable(
    text: str, as_alice: Client, message: Message, relationship: Relationship
) -> None:
    answer = as_alice.post(url(relationship), reply(text))
    assert answer.status_code == 422
    assert "In a reply only" in answer.content.decode()


def test_whoever_unsubscribed_is_answered_in_the_portal_only(
    as_alice: Client, message: Message, relationship: Relationship, acme: Brand
) -> None:
    suppress(acme, relationship.email, by=None)
    answer = as_alice.post(url(relationship), reply())
    assert answer.status_code == 422
    assert "You can still answer in the portal." in answer.content.decode()
    assert as_alice.post(url(relationship), reply(channel="portal")).status_code == 302


def test_blocked_means_no_word_at_all(message: Message) -> None:
    Relationship.objects.update(stage="blocked")
    conversation = Conversation.objects.with_people().get()
    for channel in ("email", "portal"):
        with pytest.raises(CannotReply, match="blocked"):
            reply_to(conversation, "Hi", by=None, channel=channel)


def test_the_reply_box_is_no_way_around_the_first_mail(as_alice: Client, relationship: Relationship) -> None:
    assert as_alice.get(url(relationship)).status_code == 200
    assert not Conversation.objects.exists()
    answer = as_alice.post(url(relationship), reply())
    assert answer.status_code == 422
    assert "Write the first e-mail from a campaign" in answer.content.decode()
    assert not Message.objects.exists()


def test_notes_a_direct_message(as_alice: Client, as_dana: Client, collaboration: Collaboration) -> None:
    relationship = collaboration.relationship
    data = {"log-direction": "in", "log-body": "Wrote on Instagram: sounds nice"}
    as_alice.post(f"/conversations/{relationship.code}/log/", data)
    row = Message.objects.get()
    assert (row.channel, row.status, row.direction, bool(row.read_at)) == ("dm", "received", "in", True)
    assert "sounds nice" not in as_dana.get(f"/portal/{collaboration.code}/messages/").content.decode()


def test_marks_as_read_by_a_post_only(as_alice: Client, collaboration: Collaboration, dana: User) -> None:
    write_from_portal(collaboration, "Hello?", by=dana)
    where = url(collaboration.relationship)
    as_alice.get(where)
    assert Message.objects.unread().exists()
    assert as_alice.post(f"{where}read/", headers={"HX-Request": "true"}).status_code == 204
    assert not Message.objects.unread().exists()


@pytest.mark.parametrize(
    ("verb", "before", "after"),
    [
        ("cancel", "queued", "cancelled"),
        ("retry", "failed", "queued"),
        ("retry", "unconfirmed", "queued"),
        ("confirm", "unconfirmed", "sent"),
    ],
)
def test_people_decide(verb: str, before: str, after: str, as_alice: Client, relationship: Relationship) -> None:
    row = make.message(relationship, status=before, attempts=6)
    as_alice.post(f"/messages/{row.code}/{verb}/")
    row.refresh_from_db()
    assert row.status == after
    assert row.attempts == (0 if verb == "retry" else 6)
    page = as_alice.get(url(relationship)).content.decode()
    assert f"/messages/{row.code}/{verb}/" not in page


@pytest.mark.parametrize(("verb", "state"), [("cancel", "sending"), ("retry", "sent"), ("confirm", "queued")])
def test_a_late_click_changes_nothing(verb: str, state: str, as_alice: Client, relationship: Relationship) -> None:
    row = make.message(relationship, status=state)
    as_alice.post(f"/messages/{row.code}/{verb}/")
    row.refresh_from_db()
    assert row.status == state


def test_a_cancelled_message_cannot_be_cancelled_again(relationship: Relationship, alice: User) -> None:
    row = make.message(relationship)
    cancel_message(row, by=alice)
    with pytest.raises(NotPossible):
        cancel_message(row, by=alice)
    assert Event.objects.filter(name="message.cancelled").count() == 1


def test_strangers_and_readers_change_nothing(
    as_charlie: Client, as_bob: Client, message: Message, relationship: Relationship
) -> None:
    queued = make.message(relationship)
    for client, status in ((as_charlie, 404), (as_bob, 403)):
        assert client.post(url(relationship), reply()).status_code == status
        for path in (f"/conversations/{relationship.code}/log/", f"/conversations/{relationship.code}/read/"):
            assert client.post(path, {"log-body": "x", "log-direction": "out"}).status_code == status
        for verb in ("cancel", "retry", "confirm"):
            assert client.post(f"/messages/{queued.code}/{verb}/").status_code == status
    assert as_charlie.get(url(relationship)).status_code == 404
    assert list(Message.objects.values_list("status", flat=True)) == ["sent", "queued"]


def test_renews_itself_while_something_is_on_its_way(as_alice: Client, relationship: Relationship) -> None:
    row = make.message(relationship)
    part = as_alice.get(url(relationship), headers={"HX-Request": "true"}).content.decode()
    assert "every 3s" in part
    assert "<html" not in part
    Message.objects.filter(pk=row.pk).update(status="cancelled")
    assert "every 3s" not in as_alice.get(url(relationship)).content.decode()


@pytest.mark.parametrize("number", [3, 30])
def test_a_thread_costs_a_fixed_number_of_queries(
    number: int, as_alice: Client, relationship: Relationship, alice: User, django_assert_num_queries: Any
) -> None:
    for _ in range(number):
        make.message(relationship, author=alice, status="sent")
    with django_assert_num_queries(9):
        as_alice.get(url(relationship))


def test_older_messages_are_a_click_away(as_alice: Client, relationship: Relationship) -> None:
    made = [make.message(relationship, subject=f"Mail number {number}.", status="sent") for number in range(60)]
    page = as_alice.get(url(relationship)).content.decode()
    assert "Mail number 10." in page
    assert "Mail number 9." not in page
    older = as_alice.get(f"{url(relationship)}?before={made[10].pk}").content.decode()
    assert "Mail number 9." in older
    assert "Mail number 10." not in older


def test_the_stage_follows_the_conversation(
    relationship: Relationship, collaboration: Collaboration, dana: User
) -> None:
    row = make.message(relationship, status="sent")
    sent = Event.objects.create(
        brand=row.brand, name="message.sent", subject_type="outreach.message", subject_id=row.pk
    )
    for _ in range(2):
        move_stage(sent.pk)
        relationship.refresh_from_db()
        assert relationship.stage == "contacted"
    write_from_portal(collaboration, "Hi", by=dana)
    move_stage(Event.objects.get(name="message.received").pk)
    relationship.refresh_from_db()
    assert relationship.stage == "in_talks"
