"""The outbox: each mail leaves once, whatever breaks in between."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core import mail as django_mail
from django.db import connection
from django.utils import timezone

from creators.models import Relationship
from groundswell.accounts.models import Brand, User
from groundswell.events.models import Event
from outreach.actions import outbox
from outreach.actions.outbox import claim_next, recover, release, send_due
from outreach.actions.suppressions import suppress
from outreach.lookup import LookupUnavailable
from outreach.models import Message
from outreach.smtp import Refused, Uncertain
from outreach.tasks import send_queued
from tests import factories as make


class Server:
    """A mail server in memory. `script` says what happens to the next mails: an exception, or None for 250."""

    def __init__(self, *script: Exception | None) -> None:
        self.script, self.kept, self.closed = list(script), [], 0

    def send(self, mail: EmailMessage, before_content: Callable[[], None]) -> None:
        fate = self.script.pop(0) if self.script else None
        if isinstance(fate, Refused):
            raise fate
        before_content()
        if fate:
            raise fate
        self.kept.append(mail)

    def close(self) -> None:
        self.closed += 1

    def has(self, message_id: str) -> bool:
        return any(mail["Message-ID"] == message_id for mail in self.kept)


class Silent:
    def has(self, message_id: str) -> bool:
        raise LookupUnavailable("no route")


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def message(relationship: Relationship, alice: User) -> Message:
    return make.message(relationship, author=alice)


@pytest.fixture(autouse=True)
def unlocked(db: None) -> Iterator[None]:
    """Session locks outlive a rolled back test."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock_all()")


def aged(message: Message, seconds: int = 60) -> Message:
    """The message as if its worker had shown its last sign of life so long ago."""
    Message.objects.filter(pk=message.pk).update(claimed_at=timezone.now() - timedelta(seconds=seconds))
    message.refresh_from_db()
    return message


def status(message: Message) -> str:
    message.refresh_from_db()
    return message.status


def test_sends_what_is_due(message: Message, server: Server) -> None:
    later = make.message(message.conversation.relationship, due_at=timezone.now() + timedelta(hours=1))
    assert send_due(server) == (1, True)
    assert status(message) == "sent"
    assert message.sent_at
    assert status(later) == "queued"
    assert [mail["Message-ID"] for mail in server.kept] == [message.message_id]
    assert Event.objects.get(name="message.sent").subject_id == message.pk
    assert server.closed == 1


def test_builds_the_mail_with_all_its_headers(
    relationship: Relationship, acme: Brand, alice: User, server: Server
) -> None:
    Brand.objects.update(sender_name="Alice of Acme", postal_address="Main Street 1, 10115 Berlin")
    first = make.message(
        relationship, author=alice, subject="Hello Dana", body="Hi <b>Dana</b>\n\nhttps://x.example/?a=1&b=2"
    )
    second = make.message(relationship, author=alice, subject="Re: Hello Dana")
    third = make.message(relationship, author=alice, subject="Re: Hello Dana")
    send_due(server)
    one, two, three = server.kept
    assert one["From"] == "Alice of Acme via Groundswell <hello@groundswell.localhost>"
    assert one["To"] == "Dana Field <dana@creators.example>"
    assert one["Reply-To"] == "alice@acme.example"
    assert one["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert one["List-Unsubscribe"].startswith("<http://testserver/unsubscribe/")
    assert one["In-Reply-To"] is None
    assert (two["In-Reply-To"], two["References"]) == (first.message_id, first.message_id)
    assert (three["In-Reply-To"], three["References"]) == (
        second.message_id,
        f"{first.message_id} {second.message_id}",
    )
    assert third.message_id == three["Message-ID"]
    text, html = (part.get_content() for part in one.iter_parts())
    assert "Main Street 1, 10115 Berlin" in text
    assert one["List-Unsubscribe"].strip("<>") in text
    assert "Hi &lt;b&gt;Dana&lt;/b&gt;" in html
    assert '<a href="https://x.example/?a=1&amp;b=2">' in html


def test_the_secret_link_is_made_while_sending(relationship: Relationship, server: Server) -> None:
    message = make.message(relationship, body="Look: {{ portal_link }}")
    send_due(server)
    assert "http://testserver/portal/enter/" in server.kept[0].get_body(("plain",)).get_content()
    assert status(message) == "sent"
    assert message.body == "Look: {{ portal_link }}"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda acme: suppress(acme, "Dana@Creators.example", by=None), "unsubscribed"),
        (lambda acme: Relationship.objects.update(stage="blocked"), "blocked"),
        (lambda acme: Relationship.objects.update(email="new@x.example"), "address changed"),
    ],
)
def test_does_not_send_what_changed_since(
    change: Callable[[Brand], Any], reason: str, relationship: Relationship, acme: Brand, server: Server
) -> None:
    message = make.message(relationship, body="{{ portal_link }}")
    change(acme)
    send_due(server)
    assert status(message) == "cancelled"
    assert reason in message.error
    assert not server.kept


def test_a_temporary_refusal_waits_longer_each_time(message: Message) -> None:
    for attempt, patience in enumerate(outbox.RETRY_AFTER, start=1):
        before = timezone.now()
        send_due(Server(Refused("451 later", temporary=True)))
        assert (status(message), message.attempts, message.error) == ("queued", attempt, "451 later")
        assert before + patience <= message.due_at <= timezone.now() + patience
        Message.objects.update(due_at=timezone.now())
    send_due(Server(Refused("451 later", temporary=True)))
    assert (status(message), message.error) == ("failed", "451 later")
    assert Event.objects.get(name="message.failed").data["error"] == "451 later"


def test_a_final_refusal_is_shown_in_the_servers_words(message: Message) -> None:
    send_due(Server(Refused("550 no such user", temporary=False)))
    assert (status(message), message.error) == ("failed", "550 no such user")


def test_one_refusal_does_not_stop_the_others(message: Message) -> None:
    other = make.message(make.relationship(message.brand))
    send_due(Server(Refused("550 no", temporary=False)))
    assert (status(message), status(other)) == ("failed", "sent")


def test_a_header_that_cannot_be_written_fails_alone(relationship: Relationship, server: Server) -> None:
    message = make.message(relationship, recipient="not an address")
    send_due(server)
    assert status(message) == "failed"
    assert "can't be put into an e-mail" in message.error


SEAMS = ["claim_next", "reason_to_stop", "compose", "hand_over", "mark_sent"]


class Crash(BaseException):
    """The process is gone: nothing below may catch it."""


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("seam", SEAMS)
def test_a_crash_at_any_step_neither_loses_nor_doubles(
    seam: str, moment: str, message: Message, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = getattr(outbox, seam)

    def crashing(*args: Any, **kwargs: Any) -> Any:
        if moment == "after":
            real(*args, **kwargs)
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(outbox, seam, crashing)
        with pytest.raises(Crash):
            send_due(server)
    release(message.pk)  # what PostgreSQL does when the session ends
    if status(message) in {"sending", "handed_over"}:
        aged(message)
    recover(server)
    send_due(server)
    recover(server)
    assert status(message) == "sent"
    assert [mail["Message-ID"] for mail in server.kept] == [message.message_id]
    assert Event.objects.filter(name="message.sent").count() == 1


def test_a_silent_server_is_asked_and_knows_the_mail(message: Message) -> None:
    server = Server(Uncertain("timed out"))
    send_due(server)
    assert (status(message), "timed out" in message.error) == ("handed_over", True)
    server.kept.append({"Message-ID": message.message_id})  # type: ignore[arg-type]
    recover(server)
    assert status(message) == "handed_over"  # its last sign of life is too fresh
    aged(message, 4)
    recover(server)
    assert status(message) == "sent"


def test_a_mail_the_server_does_not_know_is_sent_again_after_some_patience(message: Message) -> None:
    server = Server(Uncertain("reset"))
    send_due(server)
    aged(message, 10)
    recover(server)
    assert status(message) == "handed_over"  # the server may still be storing it
    aged(message, 31)
    recover(server)
    assert status(message) == "queued"
    send_due(server)
    assert (status(message), len(server.kept)) == ("sent", 1)


def test_without_a_log_people_decide(message: Message) -> None:
    send_due(Server(Uncertain("reset")))
    aged(message, 4)
    recover(None)
    assert status(message) == "unconfirmed"
    recover(None)
    send_due(Server())
    assert status(message) == "unconfirmed"


def test_a_log_out_of_reach_is_asked_again_for_an_hour(message: Message) -> None:
    send_due(Server(Uncertain("reset")))
    aged(message, 3500)
    recover(Silent())
    assert status(message) == "handed_over"
    aged(message, 3700)
    recover(Silent())
    assert status(message) == "unconfirmed"


def test_a_mail_that_kills_its_worker_again_and_again_is_given_up(message: Message) -> None:
    for _ in range(len(outbox.RETRY_AFTER) + 1):
        claimed = claim_next(timezone.now())
        assert claimed
        release(message.pk)
        aged(message)
        recover(None)
    assert (status(message), message.error) == ("failed", "Sending was interrupted.")


def test_a_worker_that_lost_its_claim_stops_before_the_content(message: Message, server: Server) -> None:
    claimed = claim_next(timezone.now())
    assert claimed
    Message.objects.filter(pk=message.pk).update(status="queued")
    again = claim_next(timezone.now())
    assert again
    outbox.deliver(claimed, server)
    assert not server.kept
    outbox.deliver(again, server)
    assert [mail["Message-ID"] for mail in server.kept] == [message.message_id]


@pytest.mark.django_db(transaction=True)
def test_a_live_worker_is_left_alone_however_slow_its_server(message: Message, server: Server) -> None:
    claimed = claim_next(timezone.now())
    assert claimed
    aged(message, 600)
    in_another_session(lambda: recover(server))
    assert status(message) == "sending"
    release(message.pk)
    in_another_session(lambda: recover(server))
    assert status(message) == "queued"


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_the_queue(acme: Brand, server: Server) -> None:
    made = [make.message(make.relationship(acme)) for _ in range(20)]
    start, handled = Barrier(2), []

    def work() -> None:
        start.wait()
        handled.append(send_due(server)[0])

    run_together([work, work])
    assert sorted(mail["Message-ID"] for mail in server.kept) == sorted(row.message_id for row in made)
    assert sum(handled) == 20
    assert set(Message.objects.values_list("status", "attempts")) == {("sent", 1)}


def in_another_session(work: Callable[[], Any]) -> None:
    run_together([work])


def run_together(works: list[Callable[[], Any]]) -> None:
    def closing(work: Callable[[], Any]) -> None:
        try:
            work()
        finally:
            connection.close()

    threads = [Thread(target=closing, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_makes_room_when_the_time_is_up(message: Message, server: Server) -> None:
    make.message(message.conversation.relationship)
    assert send_due(server, seconds=0) == (0, False)
    assert not server.kept


def test_the_task_sends_by_the_configured_backend(message: Message) -> None:
    assert send_queued() == 1
    [sent] = django_mail.outbox
    assert sent.extra_headers["Message-ID"] == message.message_id
    assert (sent.subject, sent.to) == ("Hello", ["Dana Field <dana@creators.example>"])
    assert sent.alternatives[0][1] == "text/html"
    assert status(message) == "sent"


def test_one_mail_costs_a_fixed_number_of_queries(acme: Brand, server: Server, django_assert_num_queries: Any) -> None:
    send_due(server)
    for _ in range(5):
        make.message(make.relationship(acme))
    with django_assert_num_queries(5 * 14 + 3):
        send_due(server)
