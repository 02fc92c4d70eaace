"""The panel on a creator's page that invites them to take over their profile."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from creators.models import Creator, Relationship
from groundswell.web.decorators import BrandRequest, brand_page
from outreach.actions.invitations import invitation_of, invite_to_profile
from outreach.actions.messages import CannotReply


@brand_page()
def panel(request: BrandRequest, code: str) -> HttpResponse:
    """How far the invitation is, as a fragment; nothing for a creator whom the brand doesn't know."""
    creator = get_object_or_404(Creator.objects.of(request.brand), code=code)
    known = Relationship.objects.of(request.brand).filter(creator=creator).select_related("creator", "brand").first()
    return render(request, "outreach/invitation.html", {"invitation": invitation_of(known) if known else None})


@require_POST
@brand_page("manage")
def invite(request: BrandRequest, code: str) -> HttpResponse:
    """Send it, or send it again."""
    creator = get_object_or_404(Creator.objects.of(request.brand), code=code)
    known = get_object_or_404(
        Relationship.objects.of(request.brand).select_related("creator", "brand"), creator=creator
    )
    try:
        invite_to_profile(known, by=request.user)
        messages.success(request, "The invitation is queued. It leaves in a moment.")
    except CannotReply as refusal:
        messages.error(request, str(refusal))
    return redirect(creator)
