"""The orders of a brand, who is credited with each, and why or why not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.paging import page_by_key
from tracking.models import Credit, Order, OrderQuerySet, Store

PAGE = 50
CHIPS = [
    ("", "All"),
    ("matched", "Credited"),
    ("unmatched", "Credited to nobody"),
    ("refunded", "Refunded"),
    ("test", "Test orders"),
]


def matching(rows: OrderQuerySet, match: str) -> OrderQuerySet:
    filters: dict[str, Any] = {
        "matched": Order.objects.matched,
        "unmatched": Order.objects.unmatched,
        "refunded": Order.objects.refunded,
        "test": lambda: Order.objects.filter(is_test=True),
    }
    return rows & filters[match]() if match in filters else rows


@brand_page()
def orders(request: BrandRequest) -> HttpResponse:
    """Orders, newest arrival first; pages stay right while orders come in."""
    match, reason, text = (request.GET.get(name, "") for name in ("match", "reason", "q"))
    rows = matching(Order.objects.of(request.brand), match)
    if reason in Order.Unmatched.values:
        rows = rows.filter(unmatched=reason)
    if text:
        rows = rows.filter(external_id__startswith=text.strip()[:80].replace("\x00", ""))
    found, pages = page_by_key(request, rows.with_credits(), PAGE)
    context = {
        "orders": found,
        **pages,
        "match": match,
        "reason": reason,
        "q": text,
        "chips": CHIPS,
        "reasons": Order.Unmatched.choices,
        "has_stores": bool(found) or Store.objects.of(request.brand).exists(),
        "is_filtered": bool(match or reason or text),
    }
    return render(request, "tracking/orders.html", context)


@brand_page()
def order(request: BrandRequest, store: str, external_id: str) -> HttpResponse:
    """One order with its evidence, its ledger lines and its refunds."""
    orders = Order.objects.of(request.brand).select_related("store__brand")
    found = get_object_or_404(orders, store__code=store, external_id=external_id)
    rows = found.credits.select_related("collaboration__campaign", "collaboration__relationship__creator", "refund")
    lines = list(rows.order_by("pk"))
    context = {
        "order": found,
        "lines": lines,
        "clicked_at": click_time(lines),
        "refunds": found.refunds.order_by("refunded_at", "pk"),
        "worth": found.net * found.rate if found.rate is not None else None,
    }
    return render(request, "tracking/order.html", context)


def click_time(lines: Sequence[Credit]) -> datetime | None:
    """When the click happened that the credit rests on; None without one."""
    at = lines[0].evidence.get("clicked_at") if lines else None
    return datetime.fromisoformat(at) if at else None
