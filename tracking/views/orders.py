"""The orders of a brand, who is credited with each, and why or why not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import connection
from django.db.models import Count, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from campaigns.models import Collaboration
from groundswell.accounts.models import Brand
from groundswell.lib.money import ZERO
from groundswell.web.attempts import attempt
from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.htmx import go
from groundswell.web.paging import page_by_key
from tracking.actions import matching
from tracking.forms.orders import AdoptForm
from tracking.models import Credit, Order, OrderLine, OrderQuerySet, RefundLine, Store
from tracking.reports.evidence import evidence_of, waiting_answer
from tracking.views.leads import choices

PAGE = 50
UNKNOWN_CODES = """
    SELECT use ->> 'code', count(*), max(purchase.placed_at)
    FROM tracking_order purchase JOIN tracking_store store ON store.id = purchase.store_id,
         jsonb_array_elements(purchase.codes) AS use
    WHERE store.brand_id = %s AND purchase.unmatched = %s AND NOT purchase.is_test
    GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 50
"""
CHIPS = [
    ("", "All"),
    ("matched", "Credited"),
    ("unmatched", "Credited to nobody"),
    ("refunded", "Refunded"),
    ("renewals", "Renewals"),
    ("test", "Test orders"),
]


def fitting(rows: OrderQuerySet, match: str) -> OrderQuerySet:
    filters: dict[str, Any] = {
        "matched": Order.objects.matched,
        "unmatched": Order.objects.unmatched,
        "refunded": Order.objects.refunded,
        "renewals": Order.objects.renewals,
        "test": lambda: Order.objects.filter(is_test=True),
    }
    return rows & filters[match]() if match in filters else rows


@brand_page()
def orders(request: BrandRequest) -> HttpResponse:
    """Orders, newest arrival first; pages stay right while orders come in."""
    match, reason, text = (request.GET.get(name, "") for name in ("match", "reason", "q"))
    rows = fitting(Order.objects.of(request.brand), match)
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
    orders = Order.objects.of(request.brand).select_related("store__brand", "evidence")
    found = get_object_or_404(orders, store__code=store, external_id=external_id)
    rows = found.credits.select_related("collaboration__campaign", "collaboration__relationship__creator", "refund")
    lines = list(rows.order_by("pk"))
    context = {
        "order": found,
        "lines": lines,
        "clicked_at": click_time(lines),
        "articles": articles(found),
        "evidence": evidence_of(found),
        "waiting_answer": waiting_answer(found),
        "collaborations": choices(request) if found.unmatched and not found.is_test else [],
        "refunds": found.refunds.order_by("refunded_at", "pk"),
        "worth": found.net * found.rate if found.rate is not None else None,
    }
    return render(request, "tracking/order.html", context)


def articles(found: Order) -> list[tuple[OrderLine, int]]:
    """Each line with how many of its pieces came back."""
    backs = RefundLine.objects.filter(refund__order=found).values_list("line_ref").annotate(pieces=Sum("quantity"))
    back = dict(backs)
    return [(line, back.get(line.external_id, 0) if line.external_id else 0) for line in found.lines.all()]


def click_time(lines: Sequence[Credit]) -> datetime | None:
    """When the click happened that the credit rests on; None without one."""
    at = lines[0].evidence.get("clicked_at") if lines else None
    return datetime.fromisoformat(at) if at else None


@brand_page()
def unmatched(request: BrandRequest) -> HttpResponse:
    """Orders credited to nobody, by reason, and the unknown codes among them with how many orders each has."""
    rows = Order.objects.of(request.brand).unmatched()
    labels = dict(Order.Unmatched.choices)
    reasons = rows.values_list("unmatched").annotate(number=Count("pk")).order_by("-number")
    context = {
        "reasons": [(reason, labels[reason], number) for reason, number in reasons],
        "codes": unknown_codes(request.brand),
        "collaborations": choices(request),
    }
    return render(request, "tracking/unmatched.html", context)


def unknown_codes(brand: Brand) -> list[tuple[str, int, datetime]]:
    """Codes that belong to no creator: how many orders came with each, and the last of them; most first."""
    with connection.cursor() as cursor:
        cursor.execute(UNKNOWN_CODES, [brand.pk, str(Order.Unmatched.UNKNOWN_CODE)])
        return list(cursor.fetchall())


@require_POST
@brand_page("manage")
def adopt(request: BrandRequest) -> HttpResponse:
    """Say whose an unknown code is; the orders that came with it are credited."""
    form = AdoptForm(request.POST)
    rows = Collaboration.objects.filter(campaign__brand=request.brand).select_related("campaign__brand")
    if not form.is_valid():
        messages.error(request, "Choose a creator, and a discount between 0 and 100 percent.")
        return go(request, "tracking:unmatched")
    data = form.cleaned_data
    found = get_object_or_404(rows, code=data["collaboration"])
    return attempt(
        request,
        lambda: matching.adopt_code(found, data["code"], data["percent"] or ZERO, by=request.user),
        to="tracking:unmatched",
        done=f"{data['code']} is {found.relationship.creator.name}'s now, and so are its orders.",
        refusal=matching.NotMatchable,
    )


@require_POST
@brand_page("manage")
def match(request: BrandRequest, pk: int) -> HttpResponse:
    """Credit one order by hand."""
    order = get_object_or_404(Order.objects.of(request.brand).select_related("store__brand"), pk=pk)
    rows = Collaboration.objects.filter(campaign__brand=request.brand).select_related("campaign__brand")
    found = get_object_or_404(rows, code=request.POST.get("collaboration", ""))
    return attempt(
        request,
        lambda: matching.match_order(order, found, by=request.user),
        to=reverse("tracking:order", args=[order.store.code, order.external_id]),
        done=f"Credited to {found.relationship.creator.name}.",
        refusal=matching.NotMatchable,
    )
