"""The list of conversations, latest first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import Count, Q
from django.http import HttpResponse

from groundswell.accounts.models import Brand
from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.htmx import render_page
from outreach.models import Conversation, ConversationQuerySet, Message

PAGE = 30


@brand_page()
def inbox(request: BrandRequest) -> HttpResponse:
    """`?show=` unread, failed or queued; `?q=` a search; `?before=` where the page before ended."""
    show, text = request.GET.get("show", ""), request.GET.get("q", "").strip()[:100]
    rows = list(page(filtered(request.brand, show, text), request.GET.get("before", ""))[: PAGE + 1])
    shown = rows[:PAGE]
    messages = Message.objects.select_related("author").in_bulk([latest_id(row) for row in shown])
    context: dict[str, Any] = {
        "rows": [(row, messages.get(latest_id(row))) for row in shown],
        "next": cursor(shown[-1]) if len(rows) > PAGE else "",
        "show": show,
        "q": text,
        "counts": counts(request.brand),
    }
    return render_page(request, "outreach/inbox.html", context, part="rows")


def latest_id(row: Conversation) -> int:
    return getattr(row, "latest_id", None) or 0


def filtered(brand: Brand, show: str, text: str) -> ConversationQuerySet:
    rows = Conversation.objects.of(brand).with_people().with_latest()
    kinds = {
        "unread": Message.objects.unread(),
        "failed": Message.objects.troubled(),
        "queued": Message.objects.waiting(),
    }
    rows = rows.holding(kinds[show]) if show in kinds else rows
    return rows.search(text) if text else rows


def page(rows: ConversationQuerySet, before: str) -> ConversationQuerySet:
    rows = rows.order_by("-updated_at", "-pk")
    return rows.before(*position(before)) if before else rows


def cursor(row: Conversation) -> str:
    return f"{row.updated_at.isoformat()}_{row.pk}"


def position(text: str) -> tuple[datetime, int]:
    """Where a page goes on. Raises BadRequest."""
    at, _, pk = text.rpartition("_")
    try:
        return datetime.fromisoformat(at), int(pk)
    except ValueError as error:
        raise BadRequest("This page of the inbox doesn't exist. Start from the top.") from error


def counts(brand: Brand) -> dict[str, int]:
    """Numbers of unread, failed (or perhaps sent), and queued messages."""
    open_ones = Q(status__in=[*Message.WAITING, Message.Status.FAILED, Message.Status.UNCONFIRMED])
    unread = Q(direction=Message.Direction.IN, read_at=None)
    return (
        Message.objects.of(brand)
        .filter(open_ones | unread)
        .aggregate(
            unread=Count("pk", filter=unread),
            failed=Count("pk", filter=Q(status__in=[Message.Status.FAILED, Message.Status.UNCONFIRMED])),
            queued=Count("pk", filter=Q(status__in=Message.WAITING)),
        )
    )
