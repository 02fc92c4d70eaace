"""Matching by hand what no rule could: an order to a creator, a code that nobody owned to a collaboration."""

from __future__ import annotations

from decimal import Decimal

from django.db import IntegrityError, transaction

from campaigns.models import Collaboration
from groundswell.accounts.models import User
from groundswell.events.actions import record
from tracking.actions import credits as ledger
from tracking.actions import leads
from tracking.attribution.evidence import WHOLE, Decision, Share
from tracking.attribution.rules import Rule
from tracking.models import Credit, DiscountCode, Order

RULE = "by-hand/1"


class NotMatchable(Exception):
    """The order or code can't be matched by hand; the message says why."""


@transaction.atomic
def match_order(order: Order, collaboration: Collaboration, *, by: User | None = None) -> Order:
    """Credit an order that nobody is credited with to a collaboration of the same brand. Raises NotMatchable."""
    order = Order.objects.select_for_update(of=("self",)).select_related("store__brand").get(pk=order.pk)
    if order.is_test or not order.unmatched or order.credits.exists():
        raise NotMatchable("A test order counts nowhere." if order.is_test else "This order is credited already.")
    if collaboration.campaign.brand_id != order.store.brand_id:
        raise NotMatchable("There is no such collaboration.")
    rate = ledger.rate_to(order, collaboration.campaign.currency)
    if rate is None:
        raise NotMatchable(f"There is no exchange rate from {order.currency} on the order's day yet.")
    before = order.unmatched
    share = Share(collaboration.pk, WHOLE, str(Credit.Reason.BY_HAND), {"instead_of": before})
    ledger.share_out(order, Decision(RULE, (share,)), Rule(RULE))
    ledger.catch_up_refunds(order)
    ledger.match_renewals(order)
    order.credited_to = collaboration
    record(order.store.brand, "order.matched", order, by=by, number=order.external_id, before=before)
    return order


@transaction.atomic
def adopt_code(collaboration: Collaboration, code: str, percent: Decimal, *, by: User | None = None) -> int:
    """Say whose a code is that orders came with; returns how many orders are credited now. Raises NotMatchable."""
    brand, name = collaboration.campaign.brand, code.strip().upper()[:40]
    try:
        with transaction.atomic():
            row = DiscountCode.objects.create(brand=brand, collaboration=collaboration, code=name, percent=percent)
    except IntegrityError as error:
        raise NotMatchable(f"{name} belongs to a creator already.") from error
    record(brand, "code.issued", row, by=by, code=name)
    leads.match_code(row)
    return ledger.match_code(row)
