"""Handing mails to a real server on this machine, step by step."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_django import Settings
from pytest_httpserver import HTTPServer

from outreach.lookup import HttpLookup, LookupUnavailable, configured_lookup
from outreach.mime import Letter, compose
from outreach.smtp import BackendTransport, Refused, SmtpTransport, Uncertain, configured_transport


class Sink:
    """Keeps what it accepts; `answers` maps a command to what it says instead of yes."""

    def __init__(self) -> None:
        self.kept: list[Envelope] = []
        self.sessions: set[int] = set()
        self.answers: dict[str, str] = {}
        self.hang_up = False

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802
        self.sessions.add(id(session))
        envelope.mail_from = address
        return self.answers.pop("MAIL", "250 OK")

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802
        answer = self.answers.pop("RCPT", "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.hang_up:
            self.kept.append(envelope)
            server.transport.abort()
            await asyncio.sleep(0)
        answer = self.answers.pop("DATA", "250 OK")
        if answer.startswith("250") and not self.hang_up:
            self.kept.append(envelope)
        return answer


@pytest.fixture
def sink(settings: Settings) -> Iterator[Sink]:
    handler = Sink()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_TIMEOUT = 5
    yield handler
    controller.stop()


@pytest.fixture
def transport() -> Iterator[SmtpTransport]:
    row = SmtpTransport()
    yield row
    row.close()


def mail(**changes: Any) -> EmailMessage:
    facts: dict[str, Any] = {
        "message_id": "<one@groundswell.localhost>",
        "sender_name": "Ænne of Acme",
        "sender": "hello@groundswell.localhost",
        "recipient_name": "Dana Field",
        "recipient": "dana@creators.example",
        "reply_to": "alice@acme.example",
        "subject": "Grüße & ☀",
        "body": "Hallo Dänä\n.\n..two dots\nFrom here on",
        "brand": "Acme",
        "postal_address": "",
        "unsubscribe_url": "http://localhost/unsubscribe/x/",
    }
    return compose(Letter(**{**facts, **changes}))


class Marks:
    """Counts how often the content was about to leave, and what the sink had by then."""

    def __init__(self, sink: Sink) -> None:
        self.sink, self.kept_then = sink, []

    def __call__(self) -> None:
        self.kept_then.append(len(self.sink.kept))


def test_the_mark_comes_before_the_content(sink: Sink, transport: SmtpTransport) -> None:
    marks = Marks(sink)
    transport.send(mail(), marks)
    assert marks.kept_then == [0]
    assert len(sink.kept) == 1
    assert sink.kept[0].rcpt_tos == ["dana@creators.example"]


def test_the_content_arrives_as_it_was_written(sink: Sink, transport: SmtpTransport) -> None:
    written = mail()
    transport.send(written, lambda: None)
    content = sink.kept[0].content
    assert isinstance(content, bytes)
    got = message_from_bytes(content, policy=written.policy)
    assert got["Subject"] == "Grüße & ☀"
    assert got["From"] == "Ænne of Acme via Groundswell <hello@groundswell.localhost>"
    text = got.get_body(("plain",)).get_content().replace("\r\n", "\n")  # type: ignore[union-attr]
    assert text.startswith("Hallo Dänä\n.\n..two dots\nFrom here on\n")


def test_one_connection_for_many_mails(sink: Sink, transport: SmtpTransport) -> None:
    for _ in range(3):
        transport.send(mail(), lambda: None)
    assert (len(sink.kept), len(sink.sessions)) == (3, 1)


def test_a_connection_that_went_stale_is_made_anew(sink: Sink, transport: SmtpTransport) -> None:
    transport.send(mail(), lambda: None)
    assert transport.server is not None
    assert transport.server.sock is not None
    transport.server.sock.shutdown(2)
    transport.send(mail(), lambda: None)
    assert len(sink.kept) == 2


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(("answer", "temporary"), [("451 Try later", True), ("550 No such user", False)])
def test_refusals_carry_the_servers_words(
    command: str, answer: str, temporary: bool, sink: Sink, transport: SmtpTransport
) -> None:
    sink.answers[command] = answer
    with pytest.raises(Refused) as caught:
        transport.send(mail(), lambda: None)
    assert (str(caught.value), caught.value.temporary) == (answer, temporary)
    assert not sink.kept
    transport.send(mail(), lambda: None)
    assert len(sink.kept) == 1


def test_a_connection_lost_after_the_content_is_uncertain(sink: Sink, transport: SmtpTransport) -> None:
    sink.hang_up = True
    with pytest.raises(Uncertain):
        transport.send(mail(), lambda: None)
    assert len(sink.kept) == 1


def test_a_crash_before_the_content_leaves_nothing(sink: Sink, transport: SmtpTransport) -> None:
    def crash() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        transport.send(mail(), crash)
    transport.send(mail(message_id="<two@groundswell.localhost>"), lambda: None)
    assert len(sink.kept) == 1


def test_no_server_is_a_temporary_refusal(sink: Sink, settings: Settings, transport: SmtpTransport) -> None:
    settings.EMAIL_PORT = 1
    with pytest.raises(Refused) as caught:
        transport.send(mail(), lambda: None)
    assert caught.value.temporary


def test_international_domains_go_out_in_ascii() -> None:
    assert mail(recipient="dana@bücher.example")["To"].addresses[0].domain == "xn--bcher-kva.example"


def test_a_long_thread_keeps_its_beginning_and_its_end() -> None:
    thread = tuple(f"<{number}@x>" for number in range(50))
    references = mail(thread=thread)["References"].split()
    assert references[0] == "<0@x>"
    assert references[1:] == list(thread[-19:])
    assert mail(thread=thread)["In-Reply-To"] == "<49@x>"


@pytest.mark.parametrize("field", ["recipient_name", "sender_name"])
def test_names_cannot_smuggle_headers(field: str) -> None:
    written = mail(**{field: "Eve\r\nBcc: all@example.com"})
    assert written["Bcc"] is None
    assert b"\nBcc:" not in written.as_bytes()


def test_the_setting_chooses_the_transport(settings: Settings) -> None:
    assert isinstance(configured_transport(), BackendTransport)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert isinstance(configured_transport(), SmtpTransport)


@pytest.mark.parametrize(("found", "answer"), [([{"subject": "x"}], True), ([], False)])
def test_the_log_is_asked_over_http(found: list[Any], answer: bool, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/messages", query_string={"message_id": "<a+b@x>"}).respond_with_json(
        {"messages": found}
    )
    assert HttpLookup(httpserver.url_for("/api/messages")).has("<a+b@x>") is answer


@pytest.mark.parametrize("respond", [{"response_data": "no json"}, {"response_data": "{}"}, {"status": 500}])
def test_a_log_that_gives_no_answer_is_unavailable(respond: dict[str, Any], httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data(**respond)
    with pytest.raises(LookupUnavailable):
        HttpLookup(httpserver.url_for("/")).has("<a@x>")


def test_without_a_setting_there_is_no_log(settings: Settings) -> None:
    settings.MAIL_LOOKUP_URL = ""
    assert configured_lookup() is None
    settings.MAIL_LOOKUP_URL = "http://127.0.0.1:1/api/messages"
    assert configured_lookup() is not None
