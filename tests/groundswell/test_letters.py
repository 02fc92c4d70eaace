"""Our own e-mails: written with what they tell of, sent after the commit, and not lost on the way."""

from __future__ import annotations

import threading
from datetime import timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from celery import current_app
from django.core import mail
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from groundswell.accounts.actions import letters
from groundswell.accounts.actions.letters import deliver, deliver_due, forget_letters, post, send_letter
from groundswell.accounts.models import Letter, Text, User

TOKEN = "https://groundswell.example/enter/secret-token/"


def write(to: str = "eve@creators.example", once: str = "") -> None:
    send_letter("creators/portal_link", to, {"url": TOKEN}, once=once)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """What the mail server does with the next letters; it takes those after them."""
    faults: list[BaseException] = []
    send = EmailMessage.send

    def answer(self: EmailMessage, fail_silently: bool = False) -> int:
        if faults:
            raise faults.pop(0)
        return send(self, fail_silently)

    monkeypatch.setattr(EmailMessage, "send", answer)
    return faults


def due_now() -> None:
    Letter.objects.update(due_at=timezone.now())


@pytest.mark.django_db
def test_a_letter_goes_out_after_the_commit(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        write()
        assert mail.outbox == []
    assert [letter.to for letter in mail.outbox] == [["eve@creators.example"]]
    assert TOKEN in str(mail.outbox[0].body)


@pytest.mark.django_db
def test_nothing_is_written_about_what_did_not_happen() -> None:
    with transaction.atomic():
        write()
        transaction.set_rollback(True)
    assert (deliver_due(), mail.outbox, Letter.objects.count()) == (0, [], 0)


@pytest.mark.django_db
def test_with_the_broker_down_it_goes_out_with_the_next_sweep(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    with monkeypatch.context() as away, django_capture_on_commit_callbacks(execute=True):
        away.setattr(current_app.tasks[letters.DELIVER], "apply_async", refused)
        write()
    assert mail.outbox == []
    assert (deliver_due(), deliver_due()) == (1, 0)
    assert len(mail.outbox) == 1


def refused(*args: object, **kwargs: object) -> None:
    raise ConnectionRefusedError


@pytest.mark.django_db
def test_text_is_sealed_while_it_waits_and_gone_afterwards() -> None:
    write()
    row = Letter.objects.get()
    assert row.read().to == ["eve@creators.example"]
    assert not [word for word in ("secret-token", "eve@") if word in row.sealed]
    deliver(row.code)
    row.refresh_from_db()
    assert (row.sealed, row.sent_at is None, deliver(row.code), len(mail.outbox)) == ("", False, None, 1)


@pytest.mark.django_db
def test_a_worker_killed_before_the_servers_yes_loses_nothing(server: list[BaseException]) -> None:
    write()
    server.append(SystemExit())
    with pytest.raises(SystemExit):
        deliver_due()
    assert mail.outbox == []
    assert (deliver_due(), deliver_due(), len(mail.outbox)) == (1, 0, 1)


@pytest.mark.django_db
def test_a_worker_killed_after_the_servers_yes_sends_the_same_letter_again(monkeypatch: pytest.MonkeyPatch) -> None:
    write()
    with monkeypatch.context() as killed:
        send = EmailMessage.send
        killed.setattr(EmailMessage, "send", lambda self: (send(self), exit_now()))
        with pytest.raises(SystemExit):
            deliver_due()
    assert deliver_due() == 1
    names = [letter.extra_headers["Message-ID"] for letter in mail.outbox]
    assert (len(names), len(set(names))) == (2, 1)


def exit_now() -> None:
    raise SystemExit


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "hand_over", lambda code: None)
    write()
    inside, go_on = threading.Event(), threading.Event()
    send = EmailMessage.send

    def slow(self: EmailMessage) -> int:
        inside.set()
        go_on.wait(20)
        return send(self)

    def work() -> None:
        deliver_due()
        connection.close()

    monkeypatch.setattr(EmailMessage, "send", slow)
    first = threading.Thread(target=work)
    first.start()
    assert inside.wait(20)
    deliver_due()
    go_on.set()
    first.join()
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_a_mail_server_that_is_away_is_asked_again_ever_more_rarely(server: list[BaseException]) -> None:
    write()
    pauses = []
    for _ in range(4):
        server.append(ConnectionRefusedError())
        due_now()
        before = timezone.now()
        assert deliver_due() == 0
        pauses.append(Letter.objects.get().due_at - before)
    assert [round(pause.total_seconds()) for pause in pauses] == [5, 10, 20, 40]
    assert (Letter.objects.get().tries, Letter.objects.get().error) == (4, "ConnectionRefusedError")
    assert deliver_due() == 0, "its time has not come"
    due_now()
    assert deliver_due() == 1


@pytest.mark.django_db
def test_a_server_that_is_away_is_asked_for_one_letter_a_sweep(server: list[BaseException]) -> None:
    write(), write("finn@creators.example")
    server.append(ConnectionRefusedError())
    assert deliver_due() == 0
    assert mail.outbox == []
    assert deliver_due() == 1


@pytest.mark.django_db
def test_a_refused_address_holds_nobody_up_and_names_nobody(server: list[BaseException]) -> None:
    write(), write("finn@creators.example")
    server.append(SMTPRecipientsRefused({"eve@creators.example": (550, b"no such user")}))
    assert deliver_due() == 1
    assert mail.outbox[0].to == ["finn@creators.example"]
    assert Letter.objects.get(sent_at=None).error == "SMTPRecipientsRefused"


@pytest.mark.django_db
def test_it_is_given_up_after_two_days(server: list[BaseException]) -> None:
    write()
    Letter.objects.update(created_at=timezone.now() - timedelta(days=2, minutes=1))
    server.append(ConnectionRefusedError())
    deliver_due()
    row = Letter.objects.get()
    assert (row.sealed, row.sent_at) == ("", None)
    assert not Letter.objects.waiting().exists()


@pytest.mark.django_db
def test_keys_that_are_gone_hold_nobody_up(settings: Any) -> None:
    write()
    settings.SECRET_KEY = "another" * 10
    write("finn@creators.example")
    assert deliver_due() == 1
    assert [letter.to for letter in mail.outbox] == [["finn@creators.example"]]


@pytest.mark.django_db
def test_what_must_not_be_told_twice_is_written_once() -> None:
    write(once="leak-1"), write(once="leak-1"), write(), write()
    assert deliver_due() == 3
    write(once="leak-1")
    assert deliver_due() == 0


@pytest.mark.django_db
def test_letters_are_forgotten_after_a_month_if_they_wait_no_more() -> None:
    write(), write("finn@creators.example")
    deliver(Letter.objects.earliest("pk").code)
    Letter.objects.update(created_at=timezone.now() - timedelta(days=31))
    assert (forget_letters(), Letter.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_letters_on_their_way_can_be_changed_and_dropped() -> None:
    for to in ("eve@x.example", "finn@x.example"):
        post("x", EmailMessage("About Eve", "Eve is here", to=[to]))
    letters.rewrite_letters(lambda text: None if "eve@x.example" in text.to else Text(text.to, "About …", "… is here"))
    assert deliver_due() == 1
    (letter,) = mail.outbox
    assert (letter.to, letter.subject, letter.body) == (["finn@x.example"], "About …", "… is here")


@pytest.mark.django_db
def test_operators_see_that_it_was_sent_and_not_what_it_says(admin_client: Client, admin_user: User) -> None:
    write()
    row = Letter.objects.get()
    pages = [admin_client.get(f"/operator/accounts/letter/{path}") for path in ("", f"{row.pk}/change/")]
    for page in pages:
        text = page.content.decode()
        assert (page.status_code, "creators/portal_link" in text) == (200, True)
        assert not [word for word in (row.sealed, "eve@creators", "secret-token") if word in text]
    assert admin_client.post(f"/operator/accounts/letter/{row.pk}/delete/", {"post": "yes"}).status_code == 403
