"""The mails received so far, each a file of its own, found by id or by Message-ID."""

from __future__ import annotations

import email
import email.policy
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

URL = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")


@dataclass(frozen=True)
class Mail:
    """One received mail. `recipients` are the envelope's, which may differ from the To header."""

    id: str
    received_at: datetime
    recipients: list[str]
    message: EmailMessage

    @property
    def message_id(self) -> str:
        return str(self.message.get("Message-ID", "")).strip()

    @property
    def text(self) -> str:
        return self.body("plain")

    @property
    def html(self) -> str:
        return self.body("html")

    def header(self, name: str) -> str:
        return str(self.message.get(name, ""))

    def body(self, kind: str) -> str:
        part = self.message.get_body(preferencelist=(kind,))
        return str(part.get_content()) if part else ""

    def summary(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "message_id": self.message_id,
            "from": self.header("From"),
            "to": self.recipients,
            "subject": self.header("Subject"),
            "reply_to": self.header("Reply-To"),
            "in_reply_to": self.header("In-Reply-To"),
            "received_at": self.received_at.isoformat(),
            "text": self.text,
            "html": self.html,
            "links": list(dict.fromkeys(URL.findall(self.text))),
        }


class Mailbox:
    """All mails of a folder, newest first. A mail is on the disk before its sender is told so."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        self.mails = {mail.id: mail for mail in map(read, sorted(folder.glob("*.eml")))}

    def __iter__(self) -> Iterator[Mail]:
        with self.lock:
            return iter(list(reversed(self.mails.values())))

    def get(self, id: str) -> Mail | None:  # noqa: A002
        return self.mails.get(id)

    def with_message_id(self, message_id: str) -> list[Mail]:
        wanted = message_id.strip().strip("<>")
        return [mail for mail in self if mail.message_id.strip("<>") == wanted]

    def add(self, content: bytes, recipients: list[str]) -> Mail:
        """Keep one mail. Raises OSError when it cannot be written."""
        with self.lock:
            name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-{len(self.mails) + 1:06d}"
            path = self.folder / f"{name}.eml"
            envelope = f"X-Envelope-To: {', '.join(recipients)}\r\n".encode("ascii", "replace")
            write_durably(path, envelope + content)
            mail = self.mails[name] = read(path)
        return mail


def read(path: Path) -> Mail:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    recipients = [part.strip() for part in str(message.get("X-Envelope-To", "")).split(",") if part.strip()]
    received = datetime.strptime(path.name.split("-")[0], "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC)
    return Mail(path.stem, received, recipients, message)


def write_durably(path: Path, content: bytes) -> None:
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(path)
