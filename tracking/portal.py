"""What a creator gets to be recognised by: link, code and QR; and what came of it."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from campaigns.models import Collaboration
from groundswell.web.decorators import PortalRequest, portal_page
from tracking.models import Commission, TrackingLink
from tracking.qr import qr_response
from tracking.reports.campaign import brought_by
from tracking.reports.commissions import standings

ENTRIES = 20


@require_GET
@portal_page
def panel(request: PortalRequest, code: str) -> HttpResponse:
    """Links and code of a collaboration; asks again every two seconds until they are issued."""
    collaboration = get_object_or_404(Collaboration.objects.of_user(request.user), code=code)
    links = list(
        TrackingLink.objects.of_user(request.user)
        .filter(collaboration=collaboration)
        .select_related("domain")
        .order_by("placement")
    )
    context = {
        "collaboration": collaboration,
        "links": links,
        "codes": collaboration.codes.order_by("pk") if collaboration.is_agreed else [],
    }
    return render(request, "tracking/portal_panel.html", context)


@require_GET
@portal_page
def results(request: PortalRequest, code: str) -> HttpResponse:
    """What the creator brought so far: taps, orders and their own commission. Nothing of the brand's cost or return."""
    rows = Collaboration.objects.of_user(request.user).agreed().select_related("campaign__brand")
    collaboration = get_object_or_404(rows, code=code)
    offer = collaboration.offers.filter(status="accepted").first()
    figures = brought_by(collaboration)
    context = {
        "campaign": collaboration.campaign,
        "figures": figures,
        "percent": offer.commission_percent if offer else None,
        "has_commission": bool(figures.commission or (offer and offer.commission_percent)),
    }
    return render(request, "tracking/portal_results.html", context)


@require_GET
@portal_page
def commission(request: PortalRequest, code: str) -> HttpResponse:
    """What the creator is owed for a collaboration: on hold, approved, paid; entry by entry."""
    rows = Collaboration.objects.of_user(request.user).agreed().select_related("campaign__brand")
    collaboration = get_object_or_404(rows, code=code)
    entries = collaboration.commissions.select_related("order").order_by("-pk")
    context = {
        "campaign": collaboration.campaign,
        "entries": entries[:ENTRIES],
        "standing": standings(Commission.objects.filter(collaboration=collaboration)).get(collaboration.pk),
    }
    return render(request, "tracking/portal_commission.html", context)


@require_GET
@portal_page
def qr(request: PortalRequest, code: str, kind: str) -> HttpResponse:
    """The QR code of the collaboration's link, or of the placement `?for=` names."""
    links = TrackingLink.objects.of_user(request.user).filter(collaboration__code=code)
    link = links.filter(placement=request.GET.get("for", "")).first()
    if link is None:
        raise Http404
    return qr_response(link, kind)
