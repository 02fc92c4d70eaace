"""The creator's side of a conversation."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from campaigns.models import Collaboration
from groundswell.web.decorators import PortalRequest, portal_page
from outreach.actions.messages import write_from_portal
from outreach.forms import PortalForm
from outreach.models import Message

SHOWN = 50


@portal_page
def panel(request: PortalRequest, code: str) -> HttpResponse:
    """The thread with the brand of this collaboration; POST writes to them. Answers with itself."""
    rows = Collaboration.objects.of_user(request.user).select_related("campaign__brand", "relationship__brand")
    row = get_object_or_404(rows, code=code)
    form = PortalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        write_from_portal(row, fields["body"], by=request.user, batch=fields["batch"])
        form = PortalForm()
    context = {"collaboration": row, "brand": row.campaign.brand, "thread": thread_of(row), "form": form}
    return render(request, "outreach/portal_panel.html", context, status=422 if form.is_bound else 200)


def thread_of(row: Collaboration) -> list[Message]:
    """What reached the creator and what they wrote, oldest first."""
    shown = Message.objects.filter(conversation__relationship=row.relationship_id).shown_to_creator()
    return list(shown.select_related("author", "collaboration").order_by("-pk")[:SHOWN])[::-1]
