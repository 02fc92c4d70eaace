"""What comes in through a link or with a code, as it comes: asked for every few seconds, answered in full when new."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from groundswell.web.decorators import BrandRequest
from tracking.agents import REASONS
from tracking.models import Click, DiscountCode, Order, TrackingLink

RECENT = 15
REASON_DAYS = timedelta(days=7)
WHO = [("", "All"), ("people", "People"), ("machines", "Kept apart")]


def news(request: BrandRequest, template: str, feed: dict[str, Any]) -> HttpResponse:
    """The feed, or 204 where `?seen=` is already its newest."""
    if request.GET.get("seen") == feed["mark"]:
        return HttpResponse(status=204)
    return render(request, template, feed)


def clicks_of(link: TrackingLink, who: str = "") -> dict[str, Any]:
    """Context of the feed. What costs more than looking at the newest click is lazy: only a template asks for it."""
    clicks = Click.objects.filter(link=link)
    shown = clicks.human() if who == "people" else clicks.exclude(bot_reason="") if who == "machines" else clicks
    newest = shown.order_by("-clicked_at", "-id")
    return {
        "link": link,
        "who": who if who in dict(WHO) else "",
        "chips": WHO,
        "mark": newest.values_list("id", flat=True).first() or "none",
        "recent": lambda: [(click, REASONS.get(click.bot_reason, click.bot_reason)) for click in newest[:RECENT]],
        "kinds": lambda: kinds_of(clicks.filter(clicked_at__gte=timezone.now() - REASON_DAYS)),
    }


def kinds_of(clicks: QuerySet[Click]) -> list[tuple[str, int]]:
    """How many clicks were counted, repeated, or kept apart for which reason."""
    counts = clicks.values_list("bot_reason", "is_duplicate").annotate(count=Count("id")).order_by("-count")
    named = {("", False): "People", ("", True): "Repeated within 10 seconds"}
    return [(named.get((reason, again), REASONS.get(reason, reason)), count) for reason, again, count in counts]


def orders_with(code: DiscountCode) -> dict[str, Any]:
    """Context of the feed; its mark changes with a new order and with what becomes of those shown."""
    used = Order.objects.of(code.brand).counted().filter(codes__contains=[{"code": code.code}])
    newest = used.order_by("-placed_at", "-pk")
    facts = list(newest.values_list("pk", "unmatched", "refunded", "cancelled_at")[:RECENT])
    return {
        "code": code,
        "mark": sha256(repr(facts).encode()).hexdigest()[:16],
        "orders": lambda: newest.with_credits()[:RECENT],
        "used": used.count,
    }
