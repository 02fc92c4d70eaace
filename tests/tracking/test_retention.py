"""Single clicks go after so many months, by whole partitions; every result stays, and a rebuild gives the same."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from campaigns.models import Collaboration
from tests import factories as make
from tracking.actions.retention import drop_old_clicks, stored_months
from tracking.actions.rollups import check_rollups, rebuild
from tracking.models import Click, DailyResult, TrackingLink
from tracking.tasks.clicks import make_partitions

TODAY = date(2026, 11, 22)
OLD = (datetime(2025, 9, 30, 21, 30, tzinfo=UTC), datetime(2025, 9, 30, 22, 30, tzinfo=UTC))
KEPT = datetime(2025, 10, 1, 12, tzinfo=UTC)


@pytest.fixture
def link(collaboration: Collaboration) -> TrackingLink:
    """In Berlin the clicks of half past ten and of noon are on the same day, in different months by UTC."""
    brand = collaboration.campaign.brand
    brand.timezone = "Europe/Berlin"
    brand.save()
    link = make.link(collaboration)
    make.click(link, OLD[0])
    make.click(link, OLD[1], bot_reason="head")
    make.click(link, KEPT)
    make.click(link, KEPT.replace(hour=13), is_duplicate=True)
    rebuild()
    return link


def results() -> list[tuple[Any, ...]]:
    return list(DailyResult.objects.order_by("day").values_list("day", "clicks", "unique_clicks", "bot_clicks"))


def test_months_go_and_results_stay(link: TrackingLink) -> None:
    before = results()
    assert before == [(date(2025, 9, 30), 1, 1, 0), (date(2025, 10, 1), 2, 1, 1)]
    assert date(2025, 9, 1) in drop_old_clicks(months=13, today=TODAY)
    assert drop_old_clicks(months=13, today=TODAY) == []
    assert stored_months()[0] == date(2025, 10, 1)
    assert (Click.objects.count(), results(), check_rollups()) == (2, before, [])
    rebuild()
    assert results() == before


def test_a_click_that_comes_after_its_month_was_dropped_is_added(link: TrackingLink) -> None:
    drop_old_clicks(months=13, today=TODAY)
    make.click(link, OLD[0])
    rebuild()
    assert results()[0] == (date(2025, 9, 30), 2, 2, 0)
    drop_old_clicks(months=13, today=TODAY)
    rebuild()
    assert results()[0] == (date(2025, 9, 30), 2, 2, 0)


def test_zero_keeps_everything(link: TrackingLink, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("drop_clicks", "--months", "0")
    assert Click.objects.count() == 4
    assert "nothing" in capsys.readouterr().out


def test_it_happens_by_itself_and_the_page_tells(link: TrackingLink, settings: Any, as_bob: Client) -> None:
    settings.CLICK_MONTHS = 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT tracking_click_partition('2019-05-01')")
    make_partitions()
    assert date(2019, 5, 1) not in stored_months()
    assert "kept for 1 month" in as_bob.get("/settings/data-health/").content.decode()
