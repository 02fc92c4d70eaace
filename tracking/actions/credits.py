"""The ledger: writing who is credited with an order, and taking it back in the same proportion.

Lines are never changed or deleted. Callers hold the order's row lock, so lines of one order are written one at a time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet, Sum
from django.utils import timezone

from campaigns.models import Collaboration, Offer
from groundswell.lib.money import ZERO, rounded
from tracking.actions.rollups import mark_stale
from tracking.attribution import code_first
from tracking.attribution.evidence import CodeUse, Decision, Evidence, Touch
from tracking.attribution.renewals import Policy
from tracking.models import Click, Credit, DiscountCode, ExchangeRate, Order, Refund
from tracking.spool.ids import is_id, time_of

CLICKS_COME_WITHIN = timedelta(days=2)


def attribute(order: Order) -> str:
    """Credit an order that nobody is credited with, or note on it why not; returns that reason, empty when credited."""
    if order.credits.exists():
        return order.unmatched
    reason = attribute_new(order)
    if not reason:
        catch_up_refunds(order)
    return reason


def attribute_new(order: Order) -> str:
    """The same for an order that just came in, so that nobody is credited yet and nothing was given back."""
    if order.is_renewal and not order.is_test:
        return renew(order)
    answer = refused(order) or code_first.decide(evidence_of(order))
    if not isinstance(answer, Decision):
        return leave(order, answer if isinstance(answer, str) else answer.reason)
    collaboration = Collaboration.objects.select_related("campaign__brand", "relationship").get(pk=answer.candidate)
    rate = rate_to(order, collaboration.campaign.currency)
    if rate is None:
        return leave(order, Order.Unmatched.RATE_MISSING)
    leave(order, "")
    credit(order, collaboration, answer, rate)
    order.credited_to = collaboration
    match_renewals(order)
    return ""


def refused(order: Order) -> str:
    """Why an order is credited to nobody whatever its evidence; empty: nothing stands in the way."""
    if order.is_test:
        return Order.Unmatched.TEST
    return Order.Unmatched.DUPLICATE if Order.objects.same_purchase(order).exists() else ""


def renew(order: Order) -> str:
    """Credit a renewal in the shares of its subscription's first order, where the campaigns' policies pay for it."""
    subscription = Order.objects.of_subscription(order)
    first = subscription.filter(is_renewal=False).order_by("placed_at", "pk").first()
    credited = first.credits.filter(refund=None, number=0) if first else Credit.objects.none()
    shares = list(credited.select_related("collaboration__campaign__renewal_policy").order_by("pk"))
    if first is None or not shares:
        return leave(order, Order.Unmatched.FIRST_ORDER)
    position = subscription.filter(placed_at__lte=order.placed_at).count()
    paid = [share for share in shares if policy_of(share).pays(position, first.placed_at, order.placed_at)]
    if not paid:
        return leave(order, Order.Unmatched.RENEWAL)
    if any(rate_to(order, share.collaboration.campaign.currency) is None for share in paid):
        return leave(order, Order.Unmatched.RATE_MISSING)
    leave(order, "")
    for share in paid:
        renewal_line(order, share, first)
        order.credited_to = share.collaboration
    return ""


def policy_of(share: Credit) -> Policy:
    row = getattr(share.collaboration.campaign, "renewal_policy", None)
    return Policy(row.kind, row.number) if row else Policy()


def renewal_line(order: Order, share: Credit, first: Order) -> Credit:
    currency, percent = share.collaboration.campaign.currency, Decimal(share.evidence["commission_percent"])
    rate = rate_to(order, currency) or ZERO
    revenue = rounded(order.net * rate * share.share, currency)
    evidence = {"first_order": first.external_id, "commission_percent": str(percent)}
    return line(
        order=order,
        collaboration=share.collaboration,
        rule=share.rule,
        reason=Credit.Reason.RENEWAL,
        share=share.share,
        evidence=evidence | ({"rate": str(rate)} if order.currency != currency else {}),
        revenue=revenue,
        commission=rounded(revenue * percent / 100, currency),
        credited_on=order.store.brand.day(order.placed_at),
    )


def match_renewals(order: Order) -> int:
    """Renewals that waited for this first order of their subscription to be credited."""
    if order.is_renewal or not order.subscription_ref:
        return 0
    waiting = Order.objects.of_subscription(order).filter(unmatched=Order.Unmatched.FIRST_ORDER)
    return match_again(waiting.order_by("placed_at", "pk"))


def leave(order: Order, reason: str) -> str:
    """Note why nobody is credited; empty: somebody is."""
    if order.unmatched != reason:
        order.unmatched = reason
        order.save(update_fields=["unmatched"])
    return reason


def evidence_of(order: Order) -> Evidence:
    """The order's codes and click, as far as they are this brand's."""
    brand = order.store.brand
    names = [use["code"] for use in order.codes]
    known = {row.code: row for row in DiscountCode.objects.of(brand).filter(code__in=names)}
    codes = tuple(code_use(use, known.get(use["code"])) for use in order.codes)
    clicks = Click.objects.with_id(order.click_id).of(brand).select_related("link") if order.click_id else []
    touches = tuple(Touch(row.id, row.link.collaboration_id, row.clicked_at, bool(row.bot_reason)) for row in clicks)
    return Evidence(order.placed_at, codes, touches, order.click_id)


def code_use(use: dict[str, str], row: DiscountCode | None) -> CodeUse:
    amount = Decimal(use["amount"])
    if row is None:
        return CodeUse(use["code"], amount)
    return CodeUse(
        row.code, amount, row.collaboration_id, row.created_at, row.valid_from, row.valid_to, leak=str(row.leak)
    )


def rate_to(order: Order, currency: str) -> Decimal | None:
    """Units of `currency` for one of the order's, on the order's day; None when unknown."""
    day = order.store.brand.day(order.placed_at)
    return ExchangeRate.objects.rate(order.currency, currency, day)


def credit(order: Order, collaboration: Collaboration, decision: Decision, rate: Decimal) -> Credit:
    """The first line of an order: all of its net to one collaboration, with the commission agreed."""
    percent = commission_percent(collaboration)
    currency = collaboration.campaign.currency
    revenue = rounded(order.net * rate, currency)
    evidence: dict[str, Any] = {**decision.evidence, "commission_percent": str(percent)}
    if order.currency != currency:
        evidence["rate"] = str(rate)
    return line(
        order=order,
        collaboration=collaboration,
        rule=decision.rule,
        reason=decision.reason,
        evidence=evidence,
        revenue=revenue,
        commission=rounded(revenue * percent / 100, currency),
        credited_on=order.store.brand.day(order.placed_at),
    )


def line(**facts: Any) -> Credit:
    """Write a ledger line and mark its day."""
    row = Credit.objects.create(**facts)
    mark_stale([(row.collaboration_id, row.credited_on)])
    return row


def commission_percent(collaboration: Collaboration) -> Decimal:
    """What the accepted offer promises; nothing without one."""
    accepted = Offer.objects.filter(collaboration=collaboration, status=Offer.Status.ACCEPTED)
    return accepted.values_list("commission_percent", flat=True).first() or ZERO


def reverse(order: Order, refund: Refund, given_back: Decimal) -> None:
    """Take back what a refund undoes. `given_back` is the sum of the order's refunds up to this one, within its net.

    Each credited amount is reversed down to its share of what the buyer kept, rounded once: when everything was given
    back the lines sum to exactly zero, whatever the steps. A refund that takes nothing back writes no line.
    """
    firsts = order.credits.filter(refund=None, number=0)
    for first in firsts.select_related("collaboration__campaign", "collaboration__relationship").order_by("pk"):
        order.credited_to = first.collaboration
        currency = first.collaboration.campaign.currency
        revenue = still_to_reverse(first, "revenue", order, given_back, currency)
        commission = still_to_reverse(first, "commission", order, given_back, currency)
        if revenue or commission:
            reversing_line(first, order, refund, given_back, revenue=-revenue, commission=-commission)


def reversing_line(first: Credit, order: Order, refund: Refund, given_back: Decimal, **amounts: Decimal) -> Credit:
    return line(
        order=order,
        refund=refund,
        collaboration=first.collaboration,
        rule=first.rule,
        reason=Credit.Reason.REFUND,
        share=first.share,
        evidence={"refund": refund.external_id, "net": str(refund.net), "given_back": str(given_back)},
        credited_on=order.store.brand.day(refund.refunded_at),
        **amounts,
    )


def lines_of(first: Credit) -> QuerySet[Credit]:
    """Every line that credits or takes back the same share of the same order."""
    return Credit.objects.filter(order=first.order_id, collaboration=first.collaboration_id, rule=first.rule)


def still_to_reverse(first: Credit, amount: str, order: Order, given_back: Decimal, currency: str) -> Decimal:
    lines = lines_of(first)
    credited = lines.filter(refund=None).aggregate(sum=Sum(amount))["sum"] or ZERO
    reversed_so_far = -(lines.exclude(refund=None).aggregate(sum=Sum(amount))["sum"] or ZERO)
    target = rounded(credited * given_back / order.net, currency) if order.net else credited
    return max(target - reversed_so_far, ZERO)


def catch_up_refunds(order: Order) -> None:
    """Reverse refunds that came before the order was credited, in the order they came."""
    given_back = ZERO
    for refund in order.refunds.order_by("pk"):
        given_back = min(given_back + refund.net, order.net)
        reverse(order, refund, given_back)


def credit_addition(order: Order) -> list[Credit]:
    """After goods were added to a credited order: a further line for each share, up to the new net."""
    firsts = order.credits.filter(refund=None, number=0).select_related("collaboration__campaign").order_by("pk")
    return [add_line(order, first) for first in firsts]


def add_line(order: Order, first: Credit) -> Credit:
    currency = first.collaboration.campaign.currency
    rate, percent = Decimal(first.evidence.get("rate", 1)), Decimal(first.evidence["commission_percent"])
    credited = lines_of(first).filter(refund=None)
    before = credited.aggregate(revenue=Sum("revenue"), commission=Sum("commission"), last=Max("number"))
    revenue = rounded(order.net * rate * first.share, currency)
    return line(
        order=order,
        collaboration=first.collaboration,
        rule=first.rule,
        reason=Credit.Reason.EDIT,
        share=first.share,
        number=before["last"] + 1,
        evidence={key: first.evidence[key] for key in ("rate", "commission_percent") if key in first.evidence},
        revenue=max(revenue - before["revenue"], ZERO),
        commission=max(rounded(revenue * percent / 100, currency) - before["commission"], ZERO),
        credited_on=first.credited_on,
    )


def match_again(orders: Iterable[Order]) -> int:
    """Look at orders nobody is credited with once more; each in its own transaction. Returns how many are now."""
    return sum(match_one(order.pk) for order in orders)


@transaction.atomic
def match_one(pk: int) -> bool:
    order = Order.objects.select_for_update(of=("self",)).select_related("store__brand").get(pk=pk)
    return bool(order.unmatched) and attribute(order) == ""


def match_code(code: DiscountCode) -> int:
    """Orders that came with a code before it was known here."""
    waiting = Order.objects.of(code.brand).unmatched()
    return match_again(waiting.filter(codes__contains=[{"code": code.code}]).order_by("pk"))


def match_late_clicks(limit: int = 5000) -> int:
    """Orders whose click was still in a spool when they came; not looked for after two days."""
    recent = Order.objects.unmatched().filter(received_at__gt=timezone.now() - CLICKS_COME_WITHIN)
    waiting = dict(
        recent.filter(unmatched=Order.Unmatched.UNKNOWN_CLICK).order_by("-pk").values_list("pk", "click_id")[:limit]
    )
    ids = {click_id for click_id in waiting.values() if is_id(click_id)}
    here = set(
        Click.objects.filter(clicked_at__in={time_of(one) for one in ids}, id__in=ids).values_list("id", flat=True)
    )
    return sum(match_one(pk) for pk, click_id in sorted(waiting.items()) if click_id in here)


def match_rates() -> int:
    """Orders that waited for an exchange rate: their worth in the brand's currency, then their credit."""
    for order in Order.objects.filter(rate=None).select_related("store__brand").iterator():
        rate = rate_to(order, order.store.brand.currency)
        if rate is not None:
            Order.objects.filter(pk=order.pk).update(rate=rate)
    return match_again(Order.objects.unmatched().filter(unmatched=Order.Unmatched.RATE_MISSING).order_by("pk"))
