"""Clicks through a Redis stream instead of files: acknowledged before the answer, in the table exactly once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from campaigns.models import Collaboration
from tests import factories as make
from tracking.actions import clicks as shipping
from tracking.actions.clicks import Shipped, ship_clicks, spool_lag
from tracking.models import Click, SpoolPosition, TrackingLink
from tracking.redirect import Redirect
from tracking.spool import streams
from tracking.spool.ids import id_at
from tracking.spool.pressure import Pressure, pressure_in
from tracking.spool.records import encode
from tracking.spool.streams import StreamWriter, after, place_of

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def store(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[redis.Redis]:
    """The tests' Redis, with a stream of this test alone."""
    settings.SPOOL_DIR, settings.CLICK_STREAM = tmp_path, settings.REDIS_URL
    monkeypatch.setattr(streams, "STREAM", f"test:{tmp_path}")
    store = redis.Redis.from_url(settings.REDIS_URL)
    yield store
    store.delete(streams.STREAM)
    store.close()


@pytest.fixture
def writer(store: redis.Redis, settings: Settings, tmp_path: Path) -> Iterator[StreamWriter]:
    """A writer that tries again when a test says so."""
    made = StreamWriter(settings.CLICK_STREAM, tmp_path)
    made.stopping.set()
    made.thread.join()
    yield made
    made.close()


@pytest.fixture
def link(collaboration: Collaboration) -> TrackingLink:
    return make.link(collaboration)


def line(link: TrackingLink, minute: int = 0) -> bytes:
    at = NOON + timedelta(minutes=minute)
    return encode(id_at(at), link.pk, "GET", 1, "visitor", "DE", "", "Mozilla/5.0 (iPhone) Safari/604.1", "")


def test_clicks_arrive_once_and_leave_the_stream(writer: StreamWriter, link: TrackingLink, store: redis.Redis) -> None:
    for minute in range(3):
        writer.append(line(link, minute))
    assert store.xlen(streams.STREAM) == 3
    assert [ship_clicks().clicks for _ in range(2)] == [3, 0]
    assert (Click.objects.count(), store.xlen(streams.STREAM)) == (3, 0)
    writer.append(line(link, 5))
    assert ship_clicks().clicks == 1


@pytest.mark.parametrize("step", ["copy", "mark_stale", "finish"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_shipper_that_dies_neither_loses_nor_doubles(
    writer: StreamWriter, link: TrackingLink, monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    whole = getattr(shipping, step)

    def dies(*given: Any) -> None:
        if when == "after":
            whole(*given)
        raise SystemExit(step)

    writer.append(line(link))
    with monkeypatch.context() as patch:
        patch.setattr(shipping, step, dies)
        with pytest.raises(SystemExit):
            ship_clicks()
    writer.append(line(link, 1))
    ship_clicks()
    assert (Click.objects.count(), SpoolPosition.objects.count()) == (2, 1)


def test_an_entry_that_is_no_click_is_kept_apart(writer: StreamWriter, link: TrackingLink, tmp_path: Path) -> None:
    for text in (b"rubbish\n", line(link), b"more rubbish\n"):
        writer.append(text)
    assert ship_clicks() == Shipped(1, 2)
    (file,) = (tmp_path / "rejected").iterdir()
    assert [json.loads(letter)["line"] for letter in file.read_text().splitlines()] == ["rubbish", "more rubbish"]


def test_what_arrived_twice_counts_once(writer: StreamWriter, link: TrackingLink) -> None:
    again = line(link)
    for _ in range(2):
        writer.append(again)
    ship_clicks()
    writer.append(again)
    ship_clicks()
    assert Click.objects.count() == 1


def test_while_redis_is_away_clicks_wait_in_order_and_what_is_too_much_is_counted(
    writer: StreamWriter, store: redis.Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "BACKLOG", 2)
    there, writer.store = writer.store, redis.Redis(port=1)
    for text in (b"one\n", b"two\n", b"three\n"):
        writer.append(text)
    writer.gauge.show(Pressure(len(writer.lines), writer.lost))
    assert pressure_in(tmp_path) == Pressure(waiting=2, lost=1)
    writer.store = there
    writer.send()
    writer.append(b"four\n")
    assert [fields[b"line"] for _, fields in store.xrange(streams.STREAM)] == [b"one\n", b"two\n", b"four\n"]


def test_many_at_once_lose_and_double_nothing(writer: StreamWriter, store: redis.Redis) -> None:
    texts = [b"%d\n" % number for number in range(800)]
    with ThreadPoolExecutor(8) as people:
        list(people.map(writer.append, texts))
    assert sorted(fields[b"line"] for _, fields in store.xrange(streams.STREAM)) == sorted(texts)


def test_the_lag_counts_the_stream(writer: StreamWriter, link: TrackingLink) -> None:
    assert (spool_lag().segments, spool_lag().waiting, spool_lag().oldest) == (1, 0, None)
    writer.append(line(link))
    lag = spool_lag()
    assert (lag.waiting, lag.unshipped_bytes > 0) == (1, True)
    assert lag.oldest is not None
    assert abs(lag.oldest - timezone.now()) < timedelta(minutes=1)
    ship_clicks()
    assert (spool_lag().waiting, spool_lag().unshipped_bytes) == (0, 0)


def test_places_grow_with_entries() -> None:
    entries = [b"1790000000000-0", b"1790000000000-1", b"1790000000000-10", b"1790000000001-0"]
    places = [place_of(entry) for entry in entries]
    assert places == sorted(places)
    assert after(places[1]) == "1790000000000-2"
    assert places[-1] < 2**63


@pytest.mark.django_db(transaction=True)
def test_the_redirect_puts_clicks_into_the_stream(store: redis.Redis, settings: Settings, link: TrackingLink) -> None:
    redirect = Redirect(make.database_url(), settings.SPOOL_DIR, stream=settings.CLICK_STREAM)
    said: list[str] = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": f"/r/{link.slug}", "REMOTE_ADDR": "203.0.113.7"}
    redirect(environ, lambda status, _headers: said.append(status))  # type: ignore[arg-type, return-value, misc]
    try:
        assert said == ["302 Found"]
        assert ship_clicks().clicks == Click.objects.count() == 1
    finally:
        redirect.stop()
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE tracking_click")
