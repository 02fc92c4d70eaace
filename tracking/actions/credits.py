"""The ledger: writing who is credited with an order, and taking it back in the same proportion.

Lines are never changed or deleted. Callers hold the order's row lock, so lines of one order are written one at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max, Sum
from django.utils import timezone

from campaigns.models import Collaboration, Offer
from groundswell.accounts.models import Brand
from groundswell.lib.money import ZERO, rounded
from tracking.actions.commissions import book
from tracking.actions.evidence import gather, keep_evidence
from tracking.actions.rollups import mark_stale
from tracking.attribution.amounts import Amounts, Part, credited, kept
from tracking.attribution.evidence import Decision, Refusal, Share
from tracking.attribution.renewals import Policy
from tracking.attribution.rules import Rule, decide
from tracking.models import AttributionRule, Click, Credit, DiscountCode, ExchangeRate, Order, Refund
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
    if reason := refused(order):
        return leave(order, reason)
    found = gather(order.store.brand, [order])[order.pk]
    rule = rule_for(order.store.brand, found.campaigns)
    answer = decide(rule, found.evidence)
    keep_evidence(order, found.evidence, rule.label)
    reason = leave(order, answer.reason) if isinstance(answer, Refusal) else share_out(order, answer, rule)
    if not reason:
        match_renewals(order)
    return reason


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


def rule_for(brand: Brand, campaigns: frozenset[int]) -> Rule:
    """The rule in force: the campaign's own where all the evidence is about one campaign, else the brand's."""
    rules = AttributionRule.objects.deciding(brand)
    return rules.get(next(iter(campaigns)), rules[None]) if len(campaigns) == 1 else rules[None]


def leave(order: Order, reason: str) -> str:
    """Note why nobody is credited; empty: somebody is."""
    if order.unmatched != reason:
        order.unmatched = reason
        order.save(update_fields=["unmatched"])
    return reason


def rate_to(order: Order, currency: str) -> Decimal | None:
    """Units of `currency` for one of the order's, on the order's day; None when unknown."""
    day = order.store.brand.day(order.placed_at)
    return ExchangeRate.objects.rate(order.currency, currency, day)


def share_out(order: Order, decision: Decision, rule: Rule) -> str:
    """The first lines of an order, one for each share; nobody gets any while a rate is missing."""
    people = people_of(decision)
    rates = {name: rate_to(order, name) for name in {row.campaign.currency for row in people.values()}}
    if None in rates.values():
        return leave(order, Order.Unmatched.RATE_MISSING)
    leave(order, "")
    parts = [part_of(order, people[share.candidate], share, rule, rates) for share in decision.shares]
    for share, part, amounts in zip(decision.shares, parts, credited(order.net, parts), strict=True):
        credit(order, people[share.candidate], share, part=part, amounts=amounts, rule=rule)
    order.credited_to = people[decision.candidate]
    return ""


def people_of(decision: Decision) -> dict[int, Collaboration]:
    rows = Collaboration.objects.select_related("campaign__brand", "relationship")
    return rows.in_bulk([share.candidate for share in decision.shares])


def part_of(
    order: Order, collaboration: Collaboration, share: Share, rule: Rule, rates: Mapping[str, Decimal | None]
) -> Part:
    currency = collaboration.campaign.currency
    set_by_rule = rule.percent(is_new=order.is_new_customer)
    percent = commission_percent(collaboration) if set_by_rule is None else set_by_rule
    return Part(share.part, currency, rates[currency] or ZERO, percent)


def credit(
    order: Order, collaboration: Collaboration, share: Share, *, part: Part, amounts: Amounts, rule: Rule
) -> Credit:
    """The first line of a share, with the commission agreed."""
    evidence: dict[str, Any] = {**share.evidence, "commission_percent": str(part.percent)}
    if order.currency != part.currency:
        evidence["rate"] = str(part.rate)
    if rule.pays_returned_goods:
        evidence["keeps_returns"] = True
    return line(
        order=order,
        collaboration=collaboration,
        rule=rule.label,
        reason=share.reason,
        evidence=evidence,
        share=share.part,
        revenue=amounts.revenue,
        commission=amounts.commission,
        credited_on=order.store.brand.day(order.placed_at),
        hold_days=rule.hold_days,
    )


def line(*, hold_days: int | None = None, **facts: Any) -> Credit:
    """Write a ledger line, mark its day, and let what is owed follow it."""
    row = Credit.objects.create(**facts)
    mark_stale([(row.collaboration_id, row.credited_on)])
    book(row, hold_days=hold_days)
    return row


def commission_percent(collaboration: Collaboration) -> Decimal:
    """What the accepted offer promises; nothing without one."""
    accepted = Offer.objects.filter(collaboration=collaboration, status=Offer.Status.ACCEPTED)
    return accepted.values_list("commission_percent", flat=True).first() or ZERO


def first_lines(order: Order) -> list[Credit]:
    """The shares of an order, in the order in which they were written."""
    firsts = order.credits.filter(refund=None, number=0).select_related("collaboration__campaign")
    return list(firsts.order_by("pk"))


def part_on(first: Credit) -> Part:
    """The share that a first line stands for."""
    return Part(
        first.share,
        first.collaboration.campaign.currency,
        Decimal(first.evidence.get("rate", 1)),
        Decimal(first.evidence.get("commission_percent", 0)),
    )


def changes(order: Order, firsts: list[Credit], given_back: Decimal) -> list[tuple[Credit, Amounts]]:
    """What each share's lines still miss to what it should be worth, with its first line."""
    keeps = bool(firsts) and bool(firsts[0].evidence.get("keeps_returns"))
    wanted = kept(order.net, ZERO if keeps else given_back, [part_on(first) for first in firsts])
    sums = {
        row["collaboration"]: Amounts(row["revenue"], row["commission"])
        for row in order.credits.order_by()
        .values("collaboration")
        .annotate(revenue=Sum("revenue"), commission=Sum("commission"))
    }
    return [(first, amounts - sums[first.collaboration_id]) for first, amounts in zip(firsts, wanted, strict=True)]


def reverse(order: Order, refund: Refund, given_back: Decimal) -> None:
    """Take back what a refund undoes. `given_back` is the sum of the order's refunds up to this one, within its net.

    Every share shrinks in proportion and the lines go on summing to what is left of the order; when everything was
    given back they sum to exactly zero, whatever the steps. A refund that takes nothing back writes no line.
    """
    for first, change in changes(order, first_lines(order), given_back):
        order.credited_to = first.collaboration
        if change:
            reversing_line(first, order, refund, given_back, change)


def reversing_line(first: Credit, order: Order, refund: Refund, given_back: Decimal, change: Amounts) -> Credit:
    return line(
        order=order,
        refund=refund,
        collaboration=first.collaboration,
        rule=first.rule,
        reason=Credit.Reason.REFUND,
        share=first.share,
        evidence={"refund": refund.external_id, "net": str(refund.net), "given_back": str(given_back)},
        revenue=change.revenue,
        commission=change.commission,
        credited_on=order.store.brand.day(refund.refunded_at),
    )


def catch_up_refunds(order: Order) -> None:
    """Reverse refunds that came before the order was credited, in the order they came."""
    given_back = ZERO
    for refund in order.refunds.order_by("pk"):
        given_back = min(given_back + refund.net, order.net)
        reverse(order, refund, given_back)


def credit_addition(order: Order) -> list[Credit]:
    """After goods were added to a credited order: a further line for each share, up to what the new net is worth."""
    found = changes(order, first_lines(order), order.refunded)
    return [add_line(order, first, change) for first, change in found]


def add_line(order: Order, first: Credit, change: Amounts) -> Credit:
    last = order.credits.filter(collaboration=first.collaboration_id, refund=None).aggregate(last=Max("number"))["last"]
    return line(
        order=order,
        collaboration=first.collaboration,
        rule=first.rule,
        reason=Credit.Reason.EDIT,
        share=first.share,
        number=last + 1,
        evidence={key: first.evidence[key] for key in ("rate", "commission_percent") if key in first.evidence},
        revenue=change.revenue,
        commission=change.commission,
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
