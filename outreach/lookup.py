"""Asking a mail server's log whether it has a message: what decides after a crash if the mail must go out again."""

from __future__ import annotations

import json
from typing import Protocol
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from django.conf import settings


class LookupUnavailable(Exception):
    """The log gave no answer; ask again later."""


class SentLookup(Protocol):
    def has(self, message_id: str) -> bool:
        """Whether the server accepted a mail with this Message-ID. Raises LookupUnavailable."""
        ...


class HttpLookup:
    """`GET <url>?message_id=<…>` answering `{"messages": [...]}`; an empty list means: never accepted."""

    def __init__(self, url: str, timeout: float = 5) -> None:
        self.url, self.timeout = url, timeout

    def has(self, message_id: str) -> bool:
        mark = "&" if "?" in self.url else "?"
        request = Request(f"{self.url}{mark}{urlencode({'message_id': message_id})}")  # noqa: S310
        try:
            with urlopen(request, timeout=self.timeout) as answer:  # noqa: S310
                return bool(json.load(answer)["messages"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise LookupUnavailable(str(error)) from error


def configured_lookup() -> SentLookup | None:
    """The installation's lookup (setting MAIL_LOOKUP_URL), or None: then people decide about uncertain mails."""
    url = settings.MAIL_LOOKUP_URL
    return HttpLookup(url) if url.startswith(("http://", "https://")) else None
