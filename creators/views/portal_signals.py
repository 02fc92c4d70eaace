"""The portal's page on which creators read what is noted about their public numbers, and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from creators.actions.vetting import VettingRefusedError, reply_to_signal
from creators.models import Creator
from creators.vetting.report import public_report, replies_of
from creators.vetting.signals import Level
from groundswell.web.decorators import PortalRequest, portal_page

TOLD = (Level.LOOK, Level.NOTE)
MOST = 5


@never_cache
@portal_page
def portal_signals(request: PortalRequest) -> HttpResponse:
    """What stands out in public data alone; a POST answers one note of a record of theirs."""
    mine = Creator.objects.filter(Q(user=request.user) | Q(relationships__user=request.user)).distinct()
    if request.method == "POST":
        creator = get_object_or_404(mine, code=request.POST.get("creator", ""))
        text = request.POST.get("text", "")[:500]
        try:
            reply_to_signal(creator, request.POST.get("signal", ""), text, by=request.user)
            messages.success(request, "Saved. Brands read it next to the note.")
        except VettingRefusedError as problem:
            messages.error(request, str(problem))
        return redirect("creators:portal-signals")
    now = timezone.now()
    rows = [(creator, told(creator, now)) for creator in mine.order_by("pk")[:MOST]]
    return render(request, "creators/portal_signals.html", {"rows": rows})


def told(creator: Creator, now: datetime) -> list[dict[str, Any]]:
    """Notes of every account, each with the creator's answer."""
    replies = replies_of(creator)
    return [
        {"account": account, "signal": signal, "reply": replies.get(signal.code)}
        for account in public_report(creator, now)
        for signal in account.sorted
        if signal.level in TOLD
    ]
