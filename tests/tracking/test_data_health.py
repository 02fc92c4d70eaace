"""The page that says how far figures are behind what happened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from campaigns.models import Collaboration
from groundswell.accounts.models import Brand
from tests import factories as make
from tracking.actions.clicks import ship_clicks, spool_lag
from tracking.actions.rollups import check_rollups, oldest_mark, roll_up
from tracking.models import DailyResult
from tracking.spool.ids import new_id
from tracking.spool.records import encode
from tracking.spool.writer import SpoolWriter

URL = "/settings/data-health/"


@pytest.fixture
def writer(settings: Settings, tmp_path: Path) -> Iterator[SpoolWriter]:
    settings.SPOOL_DIR = tmp_path
    writer = SpoolWriter(tmp_path)
    yield writer
    writer.close()


def clicked(writer: SpoolWriter, at: datetime, link: int) -> None:
    click_id = new_id(int(at.timestamp() * 1000))
    writer.append(encode(click_id, link, "GET", 1, "visitor", "", "", "Mozilla/5.0", ""))


def test_everybody_at_the_brand_sees_that_all_is_well(as_bob: Client, writer: SpoolWriter) -> None:
    page = as_bob.get(URL)
    assert page.status_code == 200
    assert "up to date" in page.content.decode()
    assert page.context["lag"] == spool_lag()


def test_clicks_that_wait_and_lines_that_are_none_are_shown(
    as_alice: Client, writer: SpoolWriter, collaboration: Collaboration
) -> None:
    clicked(writer, timezone.now() - timedelta(minutes=5), make.link(collaboration).pk)
    page = as_alice.get(URL, headers={"HX-Request": "true"}).content.decode()
    assert page.lstrip().startswith("<section")
    assert "Clicks are not being copied" in page
    assert "5 min" in page
    probed = as_alice.get("/healthz").json()["clicks"]
    assert (probed["segments_waiting"], probed["unreadable"]) == (1, 0)
    assert 299 < probed["seconds_behind"] < 320
    clicked(writer, timezone.now(), 2**40)
    ship_clicks()
    lag = as_alice.get(URL).context["lag"]
    assert (lag.waiting, lag.age, lag.rejected) == (0, "none", 1)
    assert "Clicks are not being copied" not in as_alice.get(URL).content.decode()


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (119.9, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h")]
)
def test_an_age_is_told_in_a_unit_one_can_read(
    db: None, writer: SpoolWriter, monkeypatch: pytest.MonkeyPatch, seconds: float, words: str
) -> None:
    now = timezone.now().replace(microsecond=0)
    clicked(writer, now - timedelta(seconds=seconds), 1)
    monkeypatch.setattr(timezone, "now", lambda: now)
    assert spool_lag().age == words


def test_the_page_tells_how_far_the_results_are_and_whether_they_were_proved(
    acme: Brand, globex: Brand, collaboration: Collaboration, writer: SpoolWriter, as_bob: Client
) -> None:
    make.discount_code(collaboration, "DANA10")
    make.order(acme, "DANA10")
    make.order(acme, "NOBODY")
    make.order(globex, "NOBODY")
    before = as_bob.get(URL).context["fresh"]
    assert (before.waiting, before.last, before.unmatched_count) == (1, None, 1)
    assert before.through == oldest_mark()
    roll_up()
    check_rollups()
    after = as_bob.get(URL)
    assert (after.context["fresh"].waiting, after.context["fresh"].check.differences) == (0, 0)
    assert "proved" in after.content.decode()
    assert "The code belongs to no creator" in [label for _, label, _ in after.context["fresh"].unmatched]


def test_a_difference_is_told_to_its_own_brand_alone(
    collaboration: Collaboration, writer: SpoolWriter, as_bob: Client, as_charlie: Client
) -> None:
    make.discount_code(collaboration, "DANA10")
    make.order(collaboration.campaign.brand, "DANA10")
    roll_up()
    DailyResult.objects.update(orders=2)
    check_rollups()
    assert "orders is 2, its rows sum to 1" in as_bob.get(URL).content.decode()
    others = as_charlie.get(URL).content.decode()
    assert "sums differ" in others
    assert "its rows sum" not in others
