"""What tests of tracking share: a creator with a code, a campaign that sold, and a report of it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from campaigns.models import Campaign, Collaboration, Cost
from groundswell.accounts.models import Brand, User
from tests import factories as make
from tracking.actions.orders import refund_order
from tracking.actions.reports import create_report
from tracking.actions.rollups import rebuild
from tracking.models import Report
from tracking.shops.orders import RefundData

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
EVERY = [word for word in Report.Section.values if word != "text"]


@pytest.fixture
def sold(acme: Brand, campaign: Campaign) -> Campaign:
    """Anna sold 5 × 100, 60 came back; Ben agreed and sold nothing; 100 ads, 40 time, 150 for Anna, 50 for Ben."""
    anna = make.collaboration(campaign, make.relationship(acme, make.creator("Anna")), status="posted")
    ben = make.collaboration(
        campaign, make.relationship(acme, make.creator("Ben", followers=50_000)), status="accepted"
    )
    make.collaboration(campaign, make.relationship(acme, make.creator("Cem")), status="selected")
    make.discount_code(anna, "ANNA10")
    for row, kind, amount in [(anna, "fee", "150"), (ben, "fee", "50"), (None, "ads", "100"), (None, "time", "40")]:
        Cost.objects.create(
            campaign=campaign, collaboration=row, kind=kind, amount=Decimal(amount), incurred_on=NOON.date()
        )
    link = make.link(anna)
    for _ in range(20):
        make.click(link, NOON)
    orders = [make.order(acme, "ANNA10", net="100", customer_key=f"k{at}", placed_at=NOON) for at in range(5)]
    refund_order(orders[0], RefundData("r", timezone.now(), Decimal(60)))
    rebuild()
    return campaign


@pytest.fixture
def report(sold: Campaign, alice: User) -> Report:
    return create_report(
        sold.brand, by=alice, campaigns=[sold], name="Spring", sections=[*EVERY, "text"], text="Well <b>done</b>"
    )


@pytest.fixture
def anna(campaign: Campaign) -> Collaboration:
    """A creator who agreed to 10 % commission in Acme's campaign, with the code ANNA10."""
    row = make.collaboration(campaign, status="accepted")
    make.discount_code(row, "ANNA10")
    return row
