"""QR codes of links, as vector for print and as picture for stories."""

from __future__ import annotations

from io import BytesIO

import segno
from django.http import Http404, HttpResponse

from tracking.models import TrackingLink

TYPES = {"svg": "image/svg+xml", "png": "image/png"}


def qr_response(link: TrackingLink, kind: str) -> HttpResponse:
    """The link's QR code as svg or png, black on white with the quiet zone scanners need, 15 % of it may be covered."""
    if kind not in TYPES:
        raise Http404
    picture = BytesIO()
    segno.make(link.address, error="m", micro=False).save(
        picture, kind=kind, scale=16, border=4, dark="#000", light="#fff"
    )
    response = HttpResponse(picture.getvalue(), content_type=TYPES[kind])
    response["Content-Disposition"] = f'inline; filename="{link.slug}.{kind}"'
    response["Cache-Control"] = "private, max-age=3600"
    return response
