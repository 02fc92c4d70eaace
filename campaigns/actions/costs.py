"""The cost ledger: written by accepted offers and by hand. Commission is kept with its credits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction

from campaigns.actions.refusals import OtherCurrency, WrittenByOffer
from campaigns.models import Campaign, Collaboration, Cost, Offer
from groundswell.accounts.models import User
from groundswell.events.actions import record
from groundswell.lib.money import rounded


@transaction.atomic
def add_cost(
    campaign: Campaign,
    *,
    by: User | None,
    kind: str,
    amount: Decimal,
    incurred_on: date | None = None,
    collaboration: Collaboration | None = None,
    hours: Decimal | None = None,
    note: str = "",
) -> Cost:
    """A line in the campaign's currency, rounded to whole minor units; today at the brand without a day."""
    cost = Cost.objects.create(
        campaign=campaign,
        collaboration=collaboration,
        kind=kind,
        amount=rounded(amount, campaign.currency),
        hours=hours,
        incurred_on=incurred_on or campaign.brand.day(),
        note=note,
        logged_by=by,
    )
    record(campaign.brand, "cost.added", cost, by=by, kind=str(kind), amount=str(cost.amount))
    return cost


def log_time(
    campaign: Campaign,
    hours: Decimal,
    *,
    by: User | None,
    collaboration: Collaboration | None = None,
    note: str = "",
    incurred_on: date | None = None,
) -> Cost:
    """Hours of the team at the brand's rate of today; a later change of the rate leaves the line alone.

    The rate is in the brand's currency. Raises OtherCurrency for a campaign in another one.
    """
    if campaign.currency != campaign.brand.currency:
        raise OtherCurrency
    return add_cost(
        campaign,
        by=by,
        kind=Cost.Kind.TIME,
        amount=hours * campaign.brand.hour_rate,
        hours=hours,
        collaboration=collaboration,
        note=note,
        incurred_on=incurred_on,
    )


@transaction.atomic
def remove_cost(cost: Cost, *, by: User | None) -> None:
    """Take back a line written by hand. Raises WrittenByOffer for the lines of accepted offers."""
    if not Cost.objects.filter(pk=cost.pk, origin="").delete()[0]:
        raise WrittenByOffer
    record(
        cost.campaign.brand,
        "cost.removed",
        cost.campaign,
        by=by,
        kind=cost.kind,
        amount=str(cost.amount),
        note=cost.note,
    )


def write_offer_costs(offer: Offer) -> None:
    """Fee and product of an accepted offer, once however often it is called; nothing is written for zero."""
    collaboration = offer.collaboration
    campaign = collaboration.campaign
    amounts = {Cost.Kind.FEE: offer.fee, Cost.Kind.PRODUCT: offer.product_cost}
    Cost.objects.bulk_create(
        [
            Cost(
                campaign=campaign,
                collaboration=collaboration,
                kind=kind,
                amount=amount,
                incurred_on=campaign.brand.day(offer.answered_at),
                origin=f"offer:{offer.pk}",
                note=offer.product if kind == Cost.Kind.PRODUCT else "",
            )
            for kind, amount in amounts.items()
            if amount
        ],
        ignore_conflicts=True,
    )
