"""Rules of credit tried out beside the ledger, and commissions locked and paid month by month."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from campaigns.models import Collaboration
from groundswell.demo.brands import House
from groundswell.demo.clock import at
from groundswell.demo.programme import DAY
from tracking.actions.commissions import NothingOwed, approve_commissions, pay_commissions
from tracking.actions.replays import claim_replay, start_replay, work_on
from tracking.actions.rules import add_rule
from tracking.models import AttributionRule, Commission

PERIOD = timedelta(days=90)
PAYDAYS = (60, 30)


def settle_accounts(houses: list[House], now: datetime) -> None:
    """What was due two months and a month ago is paid; since then it is approved."""
    for house in houses:
        for days in PAYDAYS:
            with at(now - days * DAY):
                approve_commissions(house.brand, by=house.owner)
                pay_everybody(house, f"Run {days}")
        with at(now):
            approve_commissions(house.brand, by=house.owner)


def pay_everybody(house: House, reference: str) -> None:
    owed = Commission.objects.of(house.brand).owed().values("collaboration")
    for row in Collaboration.objects.filter(pk__in=owed).select_related("campaign__brand").order_by("pk"):
        try:
            pay_commissions(row, reference=reference, by=house.owner)
        except NothingOwed:
            continue


def try_rules(house: House, now: datetime) -> None:
    """Three rules of the brand's own, each replayed over the last quarter."""
    with at(now - 2 * DAY):
        add_rule(house.brand, "shared", by=house.owner, conflict="split", code_part=Decimal("0.7"))
        add_rule(house.brand, "every-touch", by=house.owner, model="linear", conflict="path")
        add_rule(house.brand, "asked", by=house.owner, survey_days=90, survey_post_days=60)
    for row in AttributionRule.objects.of(house.brand).order_by("pk"):
        with at(now - DAY):
            today = house.brand.day(now)
            run = start_replay(house.brand, row.rule, today - PERIOD, today, by=house.owner)
            if claim_replay(run):
                work_on(run)
