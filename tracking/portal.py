"""What a creator gets to be recognised by: link, code and QR."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from campaigns.models import Collaboration
from groundswell.web.decorators import PortalRequest, portal_page
from tracking.models import TrackingLink
from tracking.qr import qr_response


@require_GET
@portal_page
def panel(request: PortalRequest, code: str) -> HttpResponse:
    """Links and code of a collaboration; asks again every two seconds until they are issued."""
    collaboration = get_object_or_404(Collaboration.objects.of_user(request.user), code=code)
    links = list(TrackingLink.objects.of_user(request.user).filter(collaboration=collaboration).order_by("placement"))
    context = {
        "collaboration": collaboration,
        "links": links,
        "codes": collaboration.codes.order_by("pk") if collaboration.is_agreed else [],
    }
    return render(request, "tracking/portal_panel.html", context)


@require_GET
@portal_page
def qr(request: PortalRequest, code: str, kind: str) -> HttpResponse:
    """The QR code of the collaboration's link, or of the placement `?for=` names."""
    links = TrackingLink.objects.of_user(request.user).filter(collaboration__code=code)
    link = links.filter(placement=request.GET.get("for", "")).first()
    if link is None:
        raise Http404
    return qr_response(link, kind)
