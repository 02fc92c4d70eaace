"""Clicks from the spool into the table: every line exactly once, whatever dies between any two steps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pytest
from django.db import connection, connections
from django.utils import timezone

from campaigns.models import Collaboration
from tests import factories as make
from tracking.actions import clicks as shipping
from tracking.actions import repeats
from tracking.actions.clicks import forget_positions, ship_clicks, spool_lag
from tracking.actions.partitions import make_coming_partitions
from tracking.actions.rollups import roll_up
from tracking.models import Click, DailyResult, SpoolPosition, StaleDay, TrackingLink
from tracking.spool import rows
from tracking.spool.ids import id_at
from tracking.spool.records import encode
from tracking.spool.segments import segments_in
from tracking.spool.writer import SpoolWriter

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def spool(tmp_path: Path, settings: Any) -> Path:
    settings.SPOOL_DIR = tmp_path / "spool"
    return tmp_path / "spool"


@pytest.fixture
def writer(spool: Path) -> Iterator[SpoolWriter]:
    made = SpoolWriter(spool)
    yield made
    if not made.stopping.is_set():
        made.close()


@pytest.fixture
def link(collaboration: Collaboration) -> TrackingLink:
    return make.link(collaboration)


def line(link: TrackingLink | int, at: datetime = NOON, **facts: Any) -> bytes:
    pk = link if isinstance(link, int) else link.pk
    known = {"method": "GET", "nth": 1, "visitor": "v1", "country": "", "purpose": "", "agent": IPHONE, "referrer": ""}
    return encode(id_at(at), pk, *{**known, **facts}.values())


def letters(spool: Path) -> list[dict[str, Any]]:
    return [json.loads(text) for path in (spool / "rejected").glob("*") for text in path.read_text().splitlines()]


def test_clicks_arrive_with_their_facts(writer: SpoolWriter, link: TrackingLink) -> None:
    writer.append(line(link, referrer="https://l.instagram.com/reel", country="de"))
    assert ship_clicks().clicks == 1
    row = Click.objects.get()
    assert (row.clicked_at, row.link, row.visitor, row.bot_reason) == (NOON, link, "v1", "")
    assert (row.referrer, row.device, row.app, row.country) == ("l.instagram.com/reel", "mobile", "Mobile Safari", "DE")
    assert row.received_at >= row.clicked_at


def test_nothing_is_shipped_twice(writer: SpoolWriter, link: TrackingLink) -> None:
    writer.append(line(link))
    assert [ship_clicks().clicks for _ in range(3)] == [1, 0, 0]
    writer.append(line(link))
    assert ship_clicks().clicks == 1
    assert Click.objects.count() == 2


def test_the_day_goes_stale_in_the_brands_time_zone(writer: SpoolWriter, link: TrackingLink) -> None:
    brand = link.collaboration.campaign.brand
    brand.timezone = "Pacific/Auckland"
    brand.save()
    writer.append(line(link, datetime(2026, 11, 20, 10, 59, tzinfo=UTC)))
    writer.append(line(link, datetime(2026, 11, 20, 11, 1, tzinfo=UTC)))
    ship_clicks()
    assert set(StaleDay.objects.values_list("collaboration", "day")) == {
        (link.collaboration_id, date(2026, 11, 20)),
        (link.collaboration_id, date(2026, 11, 21)),
    }


@pytest.mark.parametrize(
    "step", ["position_of", "read_batch", "match_links", "mark_repeats", "store", "mark_stale", "bury", "copy"]
)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_shipper_that_dies_at_any_step_neither_loses_nor_doubles(  # noqa: PLR0917
    writer: SpoolWriter, link: TrackingLink, spool: Path, monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    whole = getattr(shipping, step)

    def dies(*given: Any) -> Any:
        if when == "after":
            whole(*given)
        raise SystemExit(step)

    writer.append(line(link))
    writer.append(b"not a click\n")
    writer.append(line(link, NOON + timedelta(minutes=1)))
    monkeypatch.setattr(shipping, step, dies)
    with pytest.raises(SystemExit):
        ship_clicks()
    assert (Click.objects.count(), StaleDay.objects.count(), SpoolPosition.objects.count()) == (0, 0, 0)
    monkeypatch.setattr(shipping, step, whole)
    ship_clicks()
    assert (Click.objects.count(), SpoolPosition.objects.get().rejected, len(letters(spool))) == (2, 1, 1)


def test_a_shipper_that_dies_before_removing_a_segment_removes_it_later(
    writer: SpoolWriter, link: TrackingLink, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer.append(line(link))
    writer.close()
    monkeypatch.setattr(shipping, "retire", lambda *_: (_ for _ in ()).throw(SystemExit))
    with pytest.raises(SystemExit):
        ship_clicks()
    monkeypatch.undo()
    assert (Click.objects.count(), len(segments_in(spool))) == (1, 1)
    assert shipping.ship_clicks(spool).clicks == 0
    assert (Click.objects.count(), len(segments_in(spool))) == (1, 0)


def test_a_segment_stays_while_its_writer_lives(writer: SpoolWriter, link: TrackingLink, spool: Path) -> None:
    writer.append(line(link))
    ship_clicks()
    assert len(segments_in(spool)) == 1
    writer.close()
    ship_clicks()
    assert segments_in(spool) == []


def test_an_unfinished_line_waits_for_its_writer(writer: SpoolWriter, link: TrackingLink) -> None:
    text = line(link)
    writer.append(text[:40])
    assert ship_clicks().clicks == 0
    writer.append(text[40:])
    assert ship_clicks().clicks == 1


def test_an_unfinished_line_of_a_dead_writer_is_buried(writer: SpoolWriter, link: TrackingLink, spool: Path) -> None:
    writer.append(line(link))
    writer.append(line(link)[:40])
    writer.close()
    ship_clicks()
    assert (Click.objects.count(), segments_in(spool)) == (1, [])
    assert [letter["reason"] for letter in letters(spool)] == ["the line is not finished"]
    assert SpoolPosition.objects.get().rejected == 1


def test_lines_that_are_no_clicks_are_kept_apart_with_their_reason(
    writer: SpoolWriter, link: TrackingLink, spool: Path
) -> None:
    good = line(link)
    for text in (
        b"rubbish\n",
        b"\0" * 50 + b"\n",
        good[:-20] + b"x" + good[-19:],
        line(987654),
        line(link, datetime(2019, 12, 31, tzinfo=UTC)),
        line(link, timezone.now() + timedelta(days=2)),
        line(link, visitor="v" * 33),
        line(link, visitor="v\0"),
        line(link, method='"'),
        line(link, visitor=""),
        good,
    ):
        writer.append(text)
    shipped = ship_clicks()
    assert (shipped.clicks, shipped.rejected) == (2, 9)
    assert [letter["reason"] for letter in letters(spool)] == [
        "no checksum",
        "no checksum",
        "checksum does not match",
        "the link does not exist",
        "the time lies outside 2020 to tomorrow",
        "the time lies outside 2020 to tomorrow",
        *3 * ["not a click"],
    ]
    assert letters(spool)[0]["line"] == "rubbish"
    assert letters(spool)[3]["offset"] > 0


def test_nothing_but_rubbish_is_kept_apart_too(writer: SpoolWriter, db: None, spool: Path) -> None:
    writer.append(b"rubbish\n")
    assert ship_clicks() == shipping.Shipped(0, 1)
    assert len(letters(spool)) == 1


def test_a_line_the_disk_took_twice_counts_once(writer: SpoolWriter, link: TrackingLink) -> None:
    again = line(link)
    writer.append(again)
    writer.append(again)
    ship_clicks()
    writer.append(again)
    writer.append(line(link))
    ship_clicks()
    assert Click.objects.count() == 2


def test_a_row_postgresql_refuses_does_not_hold_up_the_others(
    writer: SpoolWriter, link: TrackingLink, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "referrer_of", lambda url: url * 9)
    writer.append(line(link))
    writer.append(line(link, referrer="https://far.example/away"))
    writer.append(line(link))
    assert ship_clicks() == shipping.Shipped(clicks=2, rejected=1)
    assert "too long" in letters(spool)[0]["reason"]


def test_missing_months_are_made_on_the_way(writer: SpoolWriter, link: TrackingLink) -> None:
    writer.append(line(link, datetime(2020, 2, 29, 23, 59, tzinfo=UTC)))
    writer.append(line(link, datetime(2020, 3, 1, tzinfo=UTC)))
    assert ship_clicks().clicks == 2
    assert make_coming_partitions(date(2031, 11, 5)) == 4
    assert make_coming_partitions(date(2031, 11, 5)) == 0


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"method": "HEAD"}, "head"),
        ({"purpose": "prefetch;prerender"}, "prefetch"),
        ({"agent": ""}, "no-agent"),
        ({"agent": "facebookexternalhit/1.1"}, "preview"),
        ({"agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}, "crawler"),
        ({"agent": "curl/8.5.0"}, "tool"),
        ({"nth": 31}, "rate"),
        ({"nth": 30}, ""),
    ],
)
def test_dub_drops_bots_ours_are_kept_with_their_reason(
    writer: SpoolWriter, link: TrackingLink, facts: dict[str, Any], reason: str
) -> None:
    writer.append(line(link, **facts))
    ship_clicks()
    assert Click.objects.get().bot_reason == reason


def test_a_double_click_is_kept_and_marked(writer: SpoolWriter, link: TrackingLink) -> None:
    other = make.link(link.collaboration, placement="story")
    for seconds, at, facts in (
        (0, link, {}),
        (4, link, {}),
        (10, link, {}),
        (11, link, {}),
        (5, other, {}),
        (6, link, {"visitor": "v2"}),
        (7, link, {"visitor": ""}),
        (8, link, {"visitor": ""}),
        (9, link, {"method": "HEAD"}),
    ):
        writer.append(line(at, NOON + timedelta(seconds=seconds), **facts))
    ship_clicks()
    repeats = Click.objects.filter(is_duplicate=True).order_by("clicked_at").values_list("clicked_at", flat=True)
    assert [(at - NOON).seconds for at in repeats] == [4, 10]
    assert (Click.objects.human().count(), Click.objects.unique().count()) == (8, 6)


def test_a_double_click_over_two_workers_is_found(spool: Path, link: TrackingLink) -> None:
    for seconds in (0, 3, 12):
        writer = SpoolWriter(spool)
        writer.append(line(link, NOON + timedelta(seconds=seconds)))
        ship_clicks()
        writer.close()
    assert list(Click.objects.order_by("clicked_at").values_list("is_duplicate", flat=True)) == [False, True, False]


def test_a_double_click_over_batches_is_found_without_asking_the_table(
    writer: SpoolWriter, link: TrackingLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.click(link, NOON - timedelta(hours=1))
    monkeypatch.setattr(shipping, "BATCH_BYTES", 300)
    monkeypatch.setattr(repeats, "stored_clicks", lambda *_: pytest.fail("the window knows"))
    for seconds in (0, 4, 9, 12, 20, 30):
        writer.append(line(link, NOON + timedelta(seconds=seconds)))
    assert ship_clicks().clicks == 6
    again = Click.objects.filter(is_duplicate=True).order_by("clicked_at").values_list("clicked_at", flat=True)
    assert [(at - NOON).seconds for at in again] == [4, 9, 20]


@pytest.mark.parametrize("forgets", ["another shipper", "too much"])
def test_a_double_click_of_what_the_window_forgot_is_found_in_the_table(
    writer: SpoolWriter, link: TrackingLink, monkeypatch: pytest.MonkeyPatch, forgets: str
) -> None:
    if forgets == "too much":
        monkeypatch.setattr(repeats, "REMEMBERED", 0)
    monkeypatch.setattr(shipping, "BATCH_BYTES", 300)
    ship = shipping.ship_batch

    def interleaved(*given: Any) -> Any:
        if forgets == "another shipper":
            repeats.asked("SELECT nextval('tracking_ship_turn')")
        return ship(*given)

    monkeypatch.setattr(shipping, "ship_batch", interleaved)
    for seconds in (0, 4, 12):
        writer.append(line(link, NOON + timedelta(seconds=seconds)))
    assert ship_clicks().clicks == 3
    assert list(Click.objects.order_by("clicked_at").values_list("is_duplicate", flat=True)) == [False, True, False]


@pytest.mark.django_db(transaction=True)
def test_two_shippers_at_once_ship_each_click_once(
    writer: SpoolWriter, link: TrackingLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipping, "BATCH_BYTES", 2_000)
    for number in range(300):
        writer.append(line(link, NOON + timedelta(minutes=number)))
    shipped: list[int] = []

    def ship() -> None:
        shipped.append(ship_clicks().clicks)
        connections.close_all()

    shippers = [Thread(target=ship) for _ in range(3)]
    for shipper in shippers:
        shipper.start()
    for shipper in shippers:
        shipper.join()
    try:
        assert sum(shipped) == Click.objects.count() == Click.objects.values("id").distinct().count() == 300
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE tracking_click")


def test_dub_counts_two_people_behind_one_address_once_in_an_hour(writer: SpoolWriter, link: TrackingLink) -> None:
    """Two of the same phone on one carrier's address, twenty minutes apart: two clicks, and neither is a repeat."""
    for minutes in (0, 20):
        writer.append(line(link, NOON + timedelta(minutes=minutes)))
    ship_clicks()
    assert Click.objects.filter(is_duplicate=False, bot_reason="").count() == 2


def test_yourls_counts_no_unique_clicks(writer: SpoolWriter, link: TrackingLink) -> None:
    for seconds in (0, 3, 6):
        writer.append(line(link, NOON + timedelta(seconds=seconds)))
    writer.append(line(link, NOON, visitor="v2"))
    ship_clicks()
    assert (Click.objects.count(), Click.objects.filter(is_duplicate=False).count()) == (4, 2)


def test_yourls_counts_machines(writer: SpoolWriter, link: TrackingLink) -> None:
    for agent in (IPHONE, "curl/8.5.0", "Twitterbot/1.0"):
        writer.append(line(link, agent=agent))
    ship_clicks()
    roll_up()
    assert (Click.objects.count(), DailyResult.objects.get().clicks) == (3, 1)


def test_yourls_lets_counter_and_log_drift_apart(writer: SpoolWriter, link: TrackingLink) -> None:
    """The counters are sums of the log: a shipper that dies between the two leaves a day to be summed, not a gap."""
    for number in range(7):
        writer.append(line(link, NOON + timedelta(minutes=number), visitor=f"v{number}"))
    ship_clicks()
    roll_up()
    writer.append(line(link, NOON + timedelta(hours=1), visitor="late"))
    ship_clicks()
    assert StaleDay.objects.exists()
    roll_up()
    assert DailyResult.objects.get().clicks == Click.objects.count() == 8


def test_kutt_locks_one_row_for_a_hot_link(
    writer: SpoolWriter, link: TrackingLink, django_assert_max_num_queries: Any
) -> None:
    for number in range(2_000):
        writer.append(line(link, NOON + timedelta(milliseconds=number), visitor=f"v{number}"))
    with django_assert_max_num_queries(18):
        assert ship_clicks().clicks == 2_000
    assert StaleDay.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_kutt_lets_clicks_of_a_hot_link_wait_for_each_other(writer: SpoolWriter, link: TrackingLink) -> None:
    """A thousand clicks from eight threads while somebody else holds the link's row and its collaboration's."""

    def visit(start: int) -> None:
        for number in range(start, start + 125):
            writer.append(line(link, NOON + timedelta(milliseconds=number), visitor=f"v{number}"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(visit, range(0, 1000, 125)))
    rows = [("tracking_trackinglink", link.pk), ("campaigns_collaboration", link.collaboration_id)]
    try:
        with psycopg.connect(make.database_url()) as holder, connection.cursor() as cursor:
            for table, pk in rows:
                holder.execute(f"SELECT FROM {table} WHERE id = %s FOR NO KEY UPDATE", [pk])
            cursor.execute("SET lock_timeout = '1s'")
            assert ship_clicks().clicks == 1000
            cursor.execute("RESET lock_timeout")
        assert Click.objects.values("id").distinct().count() == 1000
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE tracking_click")


def test_the_lag_is_visible(writer: SpoolWriter, link: TrackingLink, spool: Path) -> None:
    assert spool_lag() == shipping.SpoolLag(1, 0, 0, 0, None, 0)
    first = line(link, timezone.now() - timedelta(seconds=90))
    writer.append(first)
    lag = spool_lag()
    assert (lag.waiting, lag.unshipped_bytes, lag.shipped_bytes) == (1, len(first), 0)
    assert 89 < lag.seconds < 100
    ship_clicks()
    assert (spool_lag().unshipped_bytes, spool_lag().shipped_bytes, spool_lag().seconds) == (0, len(first), 0.0)


def test_positions_are_kept_a_week_after_their_segment(writer: SpoolWriter, link: TrackingLink) -> None:
    writer.append(line(link))
    ship_clicks()
    SpoolPosition.objects.update(updated_at=timezone.now() - timedelta(days=8))
    assert forget_positions() == 0
    writer.close()
    ship_clicks()
    assert forget_positions() == 1


def test_a_shipper_out_of_time_goes_on_next_time(
    writer: SpoolWriter, link: TrackingLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipping, "BATCH_BYTES", 600)
    for number in range(10):
        writer.append(line(link, NOON + timedelta(minutes=number)))
    first = ship_clicks(budget=-1)
    assert not first.finished
    assert 0 < first.clicks < 10
    assert first.clicks + ship_clicks().clicks == 10
