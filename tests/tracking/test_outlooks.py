"""What the pages and the API say of the same again: nothing too early, nothing of a leaked code."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from campaigns.models import Campaign, Cost
from groundswell.accounts.models import Brand
from tests import factories as make
from tracking.actions.rollups import rebuild
from tracking.models import DiscountCode
from tracking.reports.campaign import report_of
from tracking.reports.outlooks import conversions, expectations_of, hint_of


@pytest.fixture
def sold(acme: Brand, campaign: Campaign) -> Campaign:
    """Three posted, of whom Anna sold six and Ben none; Cem accepted and has not posted. Each costs 60."""
    cache.clear()
    for name, orders, status in [
        ("Anna", 6, "posted"),
        ("Ben", 0, "posted"),
        ("Dora", 1, "posted"),
        ("Cem", 0, "accepted"),
    ]:
        row = make.collaboration(campaign, make.relationship(acme, make.creator(name)), status=status)
        make.discount_code(row, f"{name.upper()}10")
        link = make.link(row)
        for _ in range(10):
            make.click(link)
        for _ in range(orders):
            make.order(acme, f"{name.upper()}10", net="50")
        today = timezone.localdate()
        Cost.objects.create(campaign=campaign, collaboration=row, kind="fee", amount=Decimal(60), incurred_on=today)
    rebuild()
    return campaign


def said(campaign: Campaign) -> dict[str, str]:
    report = report_of(campaign)
    expected = expectations_of(report)
    hints = {line.name: hint_of(line, expected.get(line.collaboration.pk)) for line in report.lines}
    return {name: hint.word for name, hint in hints.items() if hint}


def test_nobody_is_judged_before_the_post(sold: Campaign) -> None:
    words = said(sold)
    assert set(words) == {"Anna", "Ben", "Dora"}
    assert words["Anna"] in {"keep", "testing"}


def test_a_leaked_code_is_neither_praised_nor_pooled(sold: Campaign) -> None:
    DiscountCode.objects.filter(code="ANNA10").update(leak=DiscountCode.Leak.SUSPECTED)
    assert said(sold)["Anna"] == "leak"
    names = {line.collaboration.pk: line.name for line in report_of(sold).lines}
    assert "Anna" not in {names[pk] for pk in expectations_of(report_of(sold))}


def test_nothing_is_said_without_cost_or_any_order(sold: Campaign) -> None:
    Cost.objects.all().delete()
    assert said(sold) == {}


def test_rates_are_pooled_among_three_or_more() -> None:
    assert conversions([(10, 1), (10, 2), (0, 0), (3, 5)]) == {}
    few, many = (conversions([(clicks, 0), (100, 5), (200, 8), (300, 12)])[0][0] for clicks in (2, 2000))
    assert 0 < many < few < 0.045


def test_figures_are_computed_once(sold: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    first = expectations_of(report_of(sold))
    monkeypatch.setattr("tracking.reports.outlooks.expectations", lambda *_: pytest.fail("computed again"))
    assert expectations_of(report_of(sold)) == first


def test_page_file_and_api_tell_the_same(sold: Campaign, as_alice: Client, api: Callable[..., APIClient]) -> None:
    page = as_alice.get(f"/campaigns/{sold.code}/results/").content.decode()
    assert "The same again" in page
    assert "likely" in page
    rows = as_alice.get(f"/campaigns/{sold.code}/results.csv").content.decode().splitlines()
    assert rows[0].endswith("advice,more_posts")
    answer = api(sold.brand, "returns:read").get(f"/api/v1/campaigns/{sold.code}/returns/").json()
    expected = {row["creator"]: row["expected"] for row in answer["creators"]}
    assert expected["Anna"]["chance"] > expected["Ben"]["chance"]
    assert expected["Cem"]["roi"] is None
    assert expected["Cem"]["conversion"] is not None
