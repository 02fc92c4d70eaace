"""The mail sink: keeps every mail on the disk before saying so, and shows it with links to click."""

from __future__ import annotations

import json
import smtplib
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from groundswell.services import ports
from groundswell.services.mail_sink.mailbox import Mailbox
from groundswell.services.mail_sink.pages import linked, listing, page_of

ROOT = Path(__file__).resolve().parents[2]
LINK = "https://brand.example/portal/enter/abc-1/?a=1&b=2"


def letter(number: int = 1, **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Nora <nora@brand.example>"
    message["To"] = "Dana <dana@creators.example>"
    message["Subject"] = "Winter <layers> & you"
    message["Message-ID"] = f"<letter-{number}@brand.example>"
    for name, value in headers.items():
        message[name] = value
    message.set_content(f"Hej Dana, ærlig talt:\n{LINK}.\n<script>alert(1)</script>\n")
    return message


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[tuple[str, Callable[[EmailMessage], object]]]:
    """The address of a running sink's pages and a function that mails to it."""
    web, smtp = ports.reserve(0), ports.reserve(0)
    command = ["mail_sink", "--port", str(web.number), "--smtp-port", str(smtp.number), "--folder", str(tmp_path)]
    process = subprocess.Popen([sys.executable, "manage.py", *command], cwd=ROOT, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{web.number}"

    def send(message: EmailMessage) -> None:
        with smtplib.SMTP(ports.HOST, smtp.number, timeout=5) as server:
            server.send_message(message, to_addrs=["dana@creators.example", "hidden@creators.example"])

    deadline = time.monotonic() + 20
    while not listens(smtp.number) and time.monotonic() < deadline:
        time.sleep(0.05)
    yield url, send
    process.terminate()
    assert process.wait(timeout=5) == 0


def listens(port: int) -> bool:
    try:
        with smtplib.SMTP(ports.HOST, port, timeout=1):
            return True
    except OSError:
        return False


def fetched(url: str) -> str:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return str(answer.read().decode())


@pytest.mark.services
def test_sent_mail_is_found_by_its_message_id_and_shown(sink: tuple[str, Callable[[EmailMessage], object]]) -> None:
    url, send = sink
    send(letter(1))
    send(letter(2))
    wanted = urllib.parse.quote("<letter-1@brand.example>")
    found = json.loads(fetched(f"{url}/api/messages?message_id={wanted}"))
    assert found["count"] == 1
    mail = found["messages"][0]
    assert mail["to"] == ["dana@creators.example", "hidden@creators.example"]
    assert mail["links"] == [LINK]
    assert json.loads(fetched(f"{url}/api/messages"))["count"] == 2
    assert json.loads(fetched(f"{url}/api/messages?message_id=none@brand.example")) == {"count": 0, "messages": []}
    assert "Winter &lt;layers&gt; &amp; you" in fetched(f"{url}/")
    page = fetched(f"{url}/messages/{mail['id']}")
    assert f'href="{LINK.replace("&", "&amp;")}"' in page
    assert "<script>" not in page


def test_mails_survive_a_restart_newest_first(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    for number in range(3):
        mailbox.add(letter(number).as_bytes(), ["dana@creators.example"])
    again = Mailbox(tmp_path)
    assert [mail.message_id for mail in again] == [f"<letter-{number}@brand.example>" for number in (2, 1, 0)]
    assert "ærlig talt" in next(iter(again)).text
    assert next(iter(again)).recipients == ["dana@creators.example"]


def test_message_id_is_found_with_or_without_brackets(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    mailbox.add(letter().as_bytes(), ["dana@creators.example"])
    for wanted in ("<letter-1@brand.example>", "letter-1@brand.example", " <letter-1@brand.example> "):
        assert len(mailbox.with_message_id(wanted)) == 1


def test_half_written_mail_is_no_mail(tmp_path: Path) -> None:
    (tmp_path / "20261122T120000000000Z-000001.new").write_bytes(b"Subject: half")
    assert list(Mailbox(tmp_path)) == []


def test_html_of_a_mail_is_shown_in_a_frame_of_its_own(tmp_path: Path) -> None:
    message = letter()
    message.add_alternative("<p onclick='x()'>Hello</p>", subtype="html")
    mail = Mailbox(tmp_path).add(message.as_bytes(), ["dana@creators.example"])
    assert b"<iframe" in page_of(mail)
    assert b"onclick" not in page_of(mail)


def test_addresses_in_text_become_links_and_the_rest_is_escaped() -> None:
    assert linked("see <b> https://a.example/x?y=1&z=2.") == (
        'see &lt;b&gt; <a href="https://a.example/x?y=1&amp;z=2" rel="noreferrer">https://a.example/x?y=1&amp;z=2</a>.'
    )


def test_empty_mailbox_says_what_would_be_there() -> None:
    assert "No mail here yet" in listing([], {}).decode()
