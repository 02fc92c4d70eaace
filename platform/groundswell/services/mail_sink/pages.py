"""The web page and the JSON of the mail sink; plain WSGI-free http.server, for this machine only."""

from __future__ import annotations

import json
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

from groundswell.services.mail_sink.mailbox import URL, Mail, Mailbox

STYLE = (Path(__file__).parent / "mail.css").read_bytes()
LIMIT = 200
POLICY = "default-src 'none'; style-src 'self'; img-src data:; frame-src 'self'; base-uri 'none'; form-action 'self'"
BODY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups allow-popups-to-escape-sandbox"
)


class Handler(BaseHTTPRequestHandler):
    """GET / · /messages/<id> · /messages/<id>/html · /api/messages[?message_id=…&to=…] · /healthz."""

    mailbox: ClassVar[Mailbox]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {key: values[-1] for key, values in parse_qs(url.query).items()}
        match url.path.strip("/").split("/"):
            case [""]:
                self.answer(listing(chosen(self.mailbox, query), query))
            case ["mail.css"]:
                self.answer(STYLE, "text/css; charset=utf-8")
            case ["healthz"]:
                self.answer(b"ok\n", "text/plain")
            case ["api", "messages"]:
                found = [mail.summary() for mail in chosen(self.mailbox, query)]
                self.answer(json.dumps({"count": len(found), "messages": found}).encode(), "application/json")
            case ["messages", id, *rest] if (mail := self.mailbox.get(id)) and rest in ([], ["html"]):
                self.answer(mail.html.encode(), policy=BODY_POLICY) if rest else self.answer(page_of(mail))
            case _:
                self.answer(page("Not here", "<p>There is no such mail.</p>"), status=HTTPStatus.NOT_FOUND)

    def answer(
        self,
        body: bytes,
        kind: str = "text/html; charset=utf-8",
        policy: str = POLICY,
        status: HTTPStatus = HTTPStatus.OK,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet: the page asks for itself every few seconds."""


def chosen(mailbox: Mailbox, query: dict[str, str]) -> list[Mail]:
    """The mails asked for: by exact Message-ID, by a part of a recipient, else all."""
    if wanted := query.get("message_id"):
        return mailbox.with_message_id(wanted)
    part = query.get("to", "").lower()
    return [mail for mail in mailbox if part in ", ".join(mail.recipients).lower()]


def listing(mails: list[Mail], query: dict[str, str]) -> bytes:
    search = (
        '<form action="/" class="search"><label>Recipient <input name="to" type="search" '
        f'value="{escape(query.get("to", ""))}"></label> <button>Find</button></form>'
    )
    rows = "".join(row(mail) for mail in mails[:LIMIT])
    table = (
        "<table><thead><tr><th>To</th><th>Subject</th><th>From</th><th>Received (UTC)</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )
    nothing = "<p class='empty'>No mail here yet. What Groundswell sends lands on this page, and nowhere else.</p>"
    more = f"<p>The newest {LIMIT} of {len(mails)}.</p>" if len(mails) > LIMIT else ""
    return page("Mail", search + (table + more if mails else nothing), refresh=True)


def row(mail: Mail) -> str:
    link = f'<a href="/messages/{escape(mail.id)}">{escape(mail.header("Subject") or "(no subject)")}</a>'
    cells = (
        escape(", ".join(mail.recipients)),
        link,
        escape(mail.header("From")),
        f"{mail.received_at:%d %b %H:%M:%S}",
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def page_of(mail: Mail) -> bytes:
    facts = {
        "From": mail.header("From"),
        "To": ", ".join(mail.recipients),
        "Reply to": mail.header("Reply-To"),
        "Received": f"{mail.received_at:%d %b %Y %H:%M:%S} UTC",
        "Message-ID": mail.message_id,
    }
    head = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts.items() if value)
    text = f"<pre>{linked(mail.text)}</pre>" if mail.text else ""
    frame = f'<iframe title="The mail as HTML" src="/messages/{escape(mail.id)}/html"></iframe>' if mail.html else ""
    back = '<p><a href="/">← All mail</a></p>'
    return page(
        mail.header("Subject") or "(no subject)", f"{back}<dl>{head}</dl>{text or frame}{frame if text else ''}"
    )


def linked(text: str) -> str:
    """Plain text as HTML with its addresses made clickable."""
    parts, at = [], 0
    for found in URL.finditer(text):
        address = escape(found[0])
        parts += [escape(text[at : found.start()]), f'<a href="{address}" rel="noreferrer">{address}</a>']
        at = found.end()
    return "".join([*parts, escape(text[at:])])


def page(title: str, body: str, *, refresh: bool = False) -> bytes:
    again = '<meta http-equiv="refresh" content="5">' if refresh else ""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)} · local mail</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{again}'
        '<link rel="stylesheet" href="/mail.css"><link rel="icon" href="data:,"></head>'
        f"<body><header><strong>Local mail</strong> Nothing here leaves this machine.</header>"
        f"<main><h1>{escape(title)}</h1>{body}</main></body></html>"
    ).encode()
