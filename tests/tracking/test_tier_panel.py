"""How creators of each tier answer and what they return, on the page that compares tiers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.models import Offer
from groundswell.accounts.models import Brand
from tests import factories as make
from tracking.reports.dealings import dealings_of

PANEL = "/results/tier-panel/"


@pytest.fixture
def offers(acme: Brand, globex: Brand) -> None:
    """Two nano creators asked, one of whom agreed for the product alone after six hours; one of another brand."""
    campaign = make.campaign(acme)
    agreed = make.collaboration(
        campaign, make.relationship(acme, make.creator(followers=2000)), status="accepted", fee=0, product="Candle"
    )
    Offer.objects.filter(collaboration=agreed).update(answered_at=timezone.now() + timedelta(hours=6))
    make.collaboration(campaign, make.relationship(acme, make.creator(followers=3000)))
    make.collaboration(make.campaign(globex), make.relationship(globex, make.creator(followers=2000)))


@pytest.mark.usefixtures("offers")
def test_answers_are_told_by_tier(acme: Brand) -> None:
    (nano,) = dealings_of(acme)
    assert (nano.tier, nano.asked, nano.agreed, nano.for_product, nano.countered) == ("nano", 2, 1, 1, 0)
    assert (nano.answered, nano.answer_hours) == (1, pytest.approx(6, abs=0.1))
    assert (nano.per_campaign, nano.objectives) == (2, [("Sales", 2)])


@pytest.mark.usefixtures("offers")
def test_panel_shows_answers_and_returns(as_bob: Client) -> None:
    page = as_bob.get(PANEL).content.decode()
    assert "1 of 2" in page
    assert "What came back" in page


def test_brand_without_offers_reads_what_will_be_there(as_alice: Client) -> None:
    assert "Nobody was sent an offer yet" in as_alice.get(PANEL).content.decode()
