"""The web process is killed while people click: every answered 302 is in the table exactly once. Counted outside."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event, Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection

from campaigns.models import Collaboration
from tests import factories as make
from tests.demos import within
from tests.webs import free_port, web
from tracking.actions.clicks import ship_clicks
from tracking.models import Click, TrackingLink
from tracking.spool.segments import segments_in

ROOT = Path(__file__).resolve().parents[2]
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148"

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


def click(port: int, slugs: list[str], number: int, ids: list[str], stop: Event) -> None:
    """One visitor who clicks until told to stop; keeps the id of every 302 that arrived."""
    link = HTTPConnection("127.0.0.1", port, timeout=5)
    at = number
    while not stop.is_set():
        at += 1
        try:
            link.request("GET", f"/r/{slugs[at % len(slugs)]}", headers={"User-Agent": IPHONE})
            answer = link.getresponse()
            answer.read()
            location = answer.getheader("Location") or ""
        except (OSError, HTTPException):
            link.close()
            stop.wait(0.02)
        else:
            assert answer.status == 302
            ids.append(parse_qs(urlsplit(location).query)["icid"][0])


@contextmanager
def crowd(port: int, slugs: list[str], ids: list[str]) -> Iterator[None]:
    stop = Event()
    visitors = [Thread(target=click, args=(port, slugs, number, ids, stop)) for number in range(8)]
    for visitor in visitors:
        visitor.start()
    try:
        yield
    finally:
        stop.set()
        for visitor in visitors:
            visitor.join()


@pytest.fixture
def slugs(collaboration: Collaboration) -> Iterator[list[str]]:
    rows: list[TrackingLink] = [make.link(collaboration, placement=f"place {number}") for number in range(20)]
    yield [row.slug for row in rows]
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE tracking_click")


def test_every_302_before_and_after_a_sigkill_is_counted_once(slugs: list[str], tmp_path: Path) -> None:
    spool, port, ids = tmp_path / "spool", free_port(), list[str]()
    with web(port, spool) as server, crowd(port, slugs, ids):
        assert within(120, lambda: len(ids) > 500)
        ship_clicks(spool)
        os.killpg(server.pid, signal.SIGKILL)
    before = len(ids)
    with web(port, spool), crowd(port, slugs, ids):
        assert within(120, lambda: len(ids) > before + 500)
    while ship_clicks(spool).clicks:
        pass
    stored = list(Click.objects.values_list("id", flat=True))
    assert len(ids) == len(set(ids)) > 1000
    assert set(ids) <= set(stored)
    assert len(stored) == len(set(stored))
    assert len(stored) - len(ids) <= 16, "more clicks than visitors can have been waiting for"
    assert segments_in(spool) == []
    assert not (spool / "rejected").exists()
