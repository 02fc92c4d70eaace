"""Codes that may have leaked: looking, telling both sides, and a person's decision."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from campaigns.models import Submission
from groundswell.accounts.actions.letters import send_letter
from groundswell.accounts.models import Membership, User
from groundswell.events.actions import record
from tracking.leaks import Day, Signal, is_coupon_site, signals
from tracking.models import Click, DiscountCode, Order

LOOKS_BACK = timedelta(days=120)


class LeakSettled(Exception):
    """Somebody has decided about this code already."""


def look(code: DiscountCode) -> bool:
    """Suspect the code where its orders and clicks speak for a leak; True when this call did."""
    found = signals(days_of(code), posted_on(code))
    return bool(found) and suspect(code, found)


def days_of(code: DiscountCode) -> list[Day]:
    """The code's days from its first order or click on, or from when signs were last found harmless, up to today."""
    brand = code.brand
    since = max(code.cleared_at or code.created_at, timezone.now() - LOOKS_BACK)
    orders = Order.objects.of(brand).counted().filter(placed_at__gte=since, codes__contains=[{"code": code.code}])
    clicks = Click.objects.unique().filter(link__collaboration=code.collaboration, clicked_at__gte=since)
    bought: Counter[date] = Counter()
    without: Counter[date] = Counter()
    for placed_at, click_id in orders.values_list("placed_at", "click_id").iterator(chunk_size=2000):
        bought[brand.day(placed_at)] += 1
        without[brand.day(placed_at)] += not click_id
    visits: Counter[date] = Counter()
    collected: Counter[date] = Counter()
    for clicked_at, referrer in clicks.values_list("clicked_at", "referrer").iterator(chunk_size=2000):
        visits[brand.day(clicked_at)] += 1
        collected[brand.day(clicked_at)] += is_coupon_site(referrer)
    return [
        Day(day, bought[day], without[day], visits[day], collected[day])
        for day in every_day(brand.day(since), brand.day(timezone.now()))
    ]


def every_day(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def posted_on(code: DiscountCode) -> date | None:
    """The day the creator's first post for the campaign went live, as far as it is known."""
    counting = Submission.objects.counting().filter(collaboration=code.collaboration)
    times = counting.values_list("post__posted_at", "submitted_at")
    known = [posted or submitted for posted, submitted in times]
    return code.brand.day(min(known)) if known else None


@transaction.atomic
def suspect(code: DiscountCode, found: list[Signal]) -> bool:
    """Hold the code's commission, once; True when this call did. Both sides are told by who hears of it."""
    facts: dict[str, Any] = {"leak": DiscountCode.Leak.SUSPECTED, "leak_signals": [asdict(row) for row in found]}
    if not DiscountCode.objects.watched().filter(pk=code.pk).update(leak_at=timezone.now(), **facts):
        return False
    record(code.brand, "code.leak_suspected", code, code=code.code, signals=[row.words for row in found])
    return True


@transaction.atomic
def tell(code: DiscountCode, words: list[str], event: int) -> None:
    """One letter to each member who manages, and one to the creator; again for the same event does nothing."""
    campaign, relationship = code.collaboration.campaign, code.collaboration.relationship
    person = relationship.user or relationship.creator.user
    context = {"brand": code.brand.name, "campaign": campaign.name, "code": code.code, "signals": words}
    members = Membership.objects.of(code.brand).select_related("user")
    for row in members:
        if row.may("manage"):
            send_letter("tracking/leak_brand", row.user.email, context, once=f"leak-{event}-{row.user_id}")
    if person is not None:
        send_letter("tracking/leak_creator", person.email, context, once=f"leak-{event}-creator")


@transaction.atomic
def confirm_leak(code: DiscountCode, *, by: User | None) -> None:
    """The code has leaked: from now on a click decides about its orders. Raises LeakSettled."""
    suspected = DiscountCode.objects.filter(pk=code.pk, leak=DiscountCode.Leak.SUSPECTED)
    if not suspected.update(leak=DiscountCode.Leak.CONFIRMED):
        raise LeakSettled(f"Somebody has decided about {code.code} already.")
    record(code.brand, "code.leak_confirmed", code, by=by, code=code.code)


@transaction.atomic
def clear_leak(code: DiscountCode, *, by: User | None) -> None:
    """The signs were harmless: commission is held no more, and only later signs count. Raises LeakSettled."""
    doubtful = DiscountCode.objects.filter(pk=code.pk).exclude(leak=DiscountCode.Leak.NONE)
    facts: dict[str, Any] = {
        "leak": DiscountCode.Leak.NONE,
        "leak_signals": [],
        "leak_at": None,
        "cleared_at": timezone.now(),
    }
    if not doubtful.update(**facts):
        raise LeakSettled(f"Nothing is held against {code.code}.")
    record(code.brand, "code.leak_cleared", code, by=by, code=code.code)
