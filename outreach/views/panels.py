"""Small pieces that pages of the apps below ask for."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from campaigns.models import Campaign, Collaboration
from groundswell.web.decorators import BrandRequest, brand_page
from outreach.models import Message
from outreach.views.inbox import counts


@brand_page()
def home_panel(request: BrandRequest) -> HttpResponse:
    """What waits for somebody in the inbox."""
    newest = Message.objects.of(request.brand).unread().with_people().order_by("-pk")[:3]
    return render(request, "outreach/home_panel.html", {"counts": counts(request.brand), "newest": newest})


@brand_page()
def collaboration_panel(request: BrandRequest, code: str) -> HttpResponse:
    """The last words with this creator."""
    rows = Collaboration.objects.of(request.brand).select_related("relationship", "campaign")
    row = get_object_or_404(rows, code=code)
    thread = Message.objects.filter(conversation__relationship=row.relationship_id).select_related("author")
    context = {
        "collaboration": row,
        "thread": list(thread.order_by("-pk")[:4])[::-1],
        "may_write": row.campaign.status == Campaign.Status.LIVE and row.status in {"selected", "offered"},
    }
    return render(request, "outreach/collaboration_panel.html", context)
