"""Clicks live in monthly partitions that are made ahead or on demand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from campaigns.models import Collaboration
from tests import factories as make
from tracking.models import Click
from tracking.spool.ids import id_at, is_id, new_id, time_of


def partition(month: date) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tracking_click_partition(%s)", [month])
        return bool(cursor.fetchone()[0])


def test_the_coming_months_are_there_after_migrating(db: None) -> None:
    today = timezone.now().date()
    assert not partition(today)
    assert not partition(today + timedelta(days=62))


def test_a_month_is_made_once(db: None) -> None:
    assert partition(date(2019, 5, 17))
    assert not partition(date(2019, 5, 1))


@pytest.mark.parametrize(
    "moment", [datetime(2019, 4, 30, 23, 59, 59, 999000, UTC), datetime(2019, 5, 1, tzinfo=UTC)], ids=["last", "first"]
)
def test_a_click_at_the_edge_of_a_month_finds_its_partition(collaboration: Collaboration, moment: datetime) -> None:
    row = make.click(make.link(collaboration), moment)
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM tracking_click WHERE id = %s", [row.id])
        assert cursor.fetchone()[0] == f"tracking_click_{moment:%Y%m}"


def test_a_click_is_found_by_its_id_alone_in_one_partition(collaboration: Collaboration) -> None:
    row = make.click(make.link(collaboration))
    found = Click.objects.with_id(row.id)
    assert found.get() == row
    assert found.explain().count("tracking_click_") == found.explain().count(f"tracking_click_{row.clicked_at:%Y%m}")
    assert not Click.objects.with_id("'; drop").exists()


def test_click_ids_carry_their_time_and_never_repeat() -> None:
    moment = datetime(2026, 11, 22, 15, 30, 1, 234567, UTC)
    ids = {id_at(moment) for _ in range(10_000)}
    assert len(ids) == 10_000
    assert all(is_id(one) and time_of(one) == moment.replace(microsecond=234000) for one in ids)
    assert min([new_id(6), new_id(5)])[:10] == new_id(5)[:10]


@pytest.mark.parametrize("text", ["", "x" * 26, "8" + "0" * 25, "0" * 25, "01ARZ3NDEKTSV4RRFFQ69G5FAI", "é" * 26])
def test_what_is_no_click_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="click id"):
        time_of(text)
