"""What the three clients share: count the call, make it, name what was refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.conf import settings

from creators.connectors.errors import ConnectorError, NotOffered
from creators.connectors.http import Answer, send
from creators.connectors.protocol import Access, CommentFacts, Meter, PostFacts

MOST_PAGES = 40


class Client:
    """Base of the clients; `section` names the network's part of settings.CONNECTORS."""

    network: ClassVar[str]
    section: ClassVar[str]
    offers: frozenset[str] = frozenset()

    def __init__(self, access: Access, meter: Meter) -> None:
        self.access, self.meter = access, meter
        self.config: dict[str, Any] = settings.CONNECTORS[self.section]

    def ask(self, method: str, path: str, *, bucket: str, **request: Any) -> dict[str, Any]:
        """The object that the network answers with. Raises a ConnectorError."""
        self.meter.spend(bucket, 1)
        headers = self.authorisation()
        answer = send(self.network, method, f"{self.config['api_url']}/{path}", headers=headers, **request)
        self.look_at(answer)
        problem = self.problem(answer, bucket)
        if problem:
            raise problem
        return answer.body

    def authorisation(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access.secret}"}

    def look_at(self, answer: Answer) -> None:
        """A network that reports its limits in headers reads them here."""

    def problem(self, answer: Answer, bucket: str) -> ConnectorError | None:
        """What the network refused, None for a success."""
        raise NotImplementedError

    def fetch_comments(self, post: PostFacts, most: int) -> list[CommentFacts]:
        raise NotOffered("This network shows no comments here.")

    def fetch_mentions(self, most: int) -> list[PostFacts]:
        raise NotOffered("This network doesn't tell who tagged an account.")


def paged(page: Callable[[str], tuple[list[Any], str]], most: int) -> list[Any]:
    """Rows of pages until there are `most`; `page(cursor)` gives rows and the next cursor (empty: the end).

    A cursor that comes again, and a page limit, end lists that never end by themselves.
    """
    found: list[Any] = []
    cursor, seen = "", {""}
    for _ in range(MOST_PAGES):
        rows, cursor = page(cursor)
        found += rows
        if len(found) >= most or cursor in seen:
            break
        seen.add(cursor)
    return found[:most]
