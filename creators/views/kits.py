"""Media kits: pages of creators for everybody, while the creators want it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from creators.kits import as_data, blocks, summary
from creators.models import MediaKit
from groundswell.lib.typesetting import typeset


def find(slug: str) -> MediaKit:
    kit: MediaKit = get_object_or_404(MediaKit.objects.live(), slug=slug)
    return kit


@require_safe
def kit(request: HttpRequest, slug: str) -> HttpResponse:
    row = find(slug)
    return render(request, "creators/kit.html", facts(row))


def facts(row: MediaKit) -> dict[str, Any]:
    return {
        "kit": row,
        "creator": row.creator,
        "blocks": blocks(row),
        "summary": summary(row),
        "address": settings.SITE_URL + row.get_absolute_url(),
        "site": settings.SITE_URL,
    }


@require_safe
def kit_pdf(request: HttpRequest, slug: str) -> HttpResponse:
    row = find(slug)
    content = typeset(
        "creators/kit.typ", {**as_data(row), "address": settings.SITE_URL + row.get_absolute_url()}, "pdf"
    )
    return HttpResponse(
        content, "application/pdf", headers={"Content-Disposition": f'attachment; filename="media-kit-{row.slug}.pdf"'}
    )


@require_safe
def kit_card(request: HttpRequest, slug: str) -> HttpResponse:
    """The picture that previews of the link show."""
    row = find(slug)
    card = {"name": row.creator.name, "summary": summary(row)}
    return HttpResponse(
        typeset("creators/kit_card.typ", card, "png"), "image/png", headers={"Cache-Control": "public, max-age=3600"}
    )
