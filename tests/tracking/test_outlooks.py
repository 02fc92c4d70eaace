"""What the pages and the API say of the same again: nothing too early, nothing of a leaked code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from campaigns.actions.costs import add_cost
from campaigns.models import Campaign, Cost
from groundswell.accounts.models import Brand
from tests import factories as make
from tracking.actions.outlooks import refresh_outlooks
from tracking.actions.rollups import rebuild
from tracking.models import CampaignOutlook, DiscountCode
from tracking.models.outlooks import PAUSE
from tracking.reports.campaign import CampaignReport, report_of
from tracking.reports.outlooks import Expectation, conversions, expectations_of, hint_of, judged


@pytest.fixture
def sold(acme: Brand, campaign: Campaign) -> Campaign:
    """Three posted, of whom Anna sold six and Ben none; Cem accepted and has not posted. Each costs 60."""
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
    expected = judged(report)
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
    assert "Anna" not in {names[pk] for pk in judged(report_of(sold))}


def test_nothing_is_said_without_cost_or_any_order(sold: Campaign) -> None:
    Cost.objects.all().delete()
    assert said(sold) == {}


def test_rates_are_pooled_among_three_or_more() -> None:
    assert conversions([(10, 1), (10, 2), (0, 0), (3, 5)]) == {}
    few, many = (conversions([(clicks, 0), (100, 5), (200, 8), (300, 12)])[0][0] for clicks in (2, 2000))
    assert 0 < many < few < 0.045


def test_creators_are_judged_behind_the_pages_and_only_when_a_figure_differs(
    sold: Campaign, as_bob: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"/campaigns/{sold.code}/results/"
    assert "being worked out" in as_bob.get(url).content.decode()
    assert (refresh_outlooks(), refresh_outlooks()) == (1, 0)
    assert "being worked out" not in as_bob.get(url).content.decode()
    rows = [line.collaboration.pk for line in report_of(sold).lines]
    assert expectations_of(rows) == judged(report_of(sold))
    CampaignOutlook.objects.update(marked_at=timezone.now(), at=timezone.now() - PAUSE)
    monkeypatch.setattr("tracking.actions.outlooks.judged", lambda _: pytest.fail("worked out again"))
    assert refresh_outlooks() == 0
    assert CampaignOutlook.objects.get().marked_at is None


def test_a_change_while_judging_leaves_its_mark(sold: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    later = timezone.now() + timedelta(seconds=5)

    def meanwhile(report: CampaignReport) -> dict[int, Expectation]:
        CampaignOutlook.objects.update(marked_at=later)
        return judged(report)

    monkeypatch.setattr("tracking.actions.outlooks.judged", meanwhile)
    refresh_outlooks()
    assert CampaignOutlook.objects.get().marked_at == later
    assert not CampaignOutlook.objects.due(timezone.now())
    assert CampaignOutlook.objects.due(timezone.now() + PAUSE)


def test_a_cost_has_the_brands_campaigns_judged_again(
    sold: Campaign, globex: Brand, django_capture_on_commit_callbacks: Any
) -> None:
    refresh_outlooks()
    other = make.campaign(globex)
    with django_capture_on_commit_callbacks(execute=True):
        add_cost(sold, by=None, kind=Cost.Kind.FEE, amount=Decimal(9))
    assert CampaignOutlook.objects.get(campaign=sold).marked_at
    assert not CampaignOutlook.objects.filter(campaign=other)


def test_page_file_and_api_tell_the_same(sold: Campaign, as_alice: Client, api: Callable[..., APIClient]) -> None:
    refresh_outlooks()
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
