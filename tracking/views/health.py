"""How far what is shown is behind what happened, and what got lost on the way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_POST

from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.health import detail
from groundswell.web.htmx import render_page
from tracking.actions import letters
from tracking.actions.clicks import spool_lag
from tracking.actions.rollups import oldest_mark
from tracking.reports.freshness import freshness_of
from tracking.tasks.clicks import retry_letters

USUAL = timedelta(minutes=1)  # a worker that runs ships every 2 s and sums every 5 s


@brand_page()
def data_health(request: BrandRequest) -> HttpResponse:
    """The way of a click: written to disk, copied into the database, added up."""
    context = {
        "lag": spool_lag(),
        "adding_up_since": oldest_mark(),
        "usual": USUAL.total_seconds(),
        "fresh": SimpleLazyObject(lambda: freshness_of(request.brand)),
        "click_months": settings.CLICK_MONTHS,
    }
    return render_page(request, "tracking/data_health.html", context, part="clicks")


@brand_page()
def unreadable(request: BrandRequest) -> HttpResponse:
    """Lines of the spool that are no clicks, by reason. What stands in them is for the operator only: any brand's
    visitors may be among them."""
    return render_page(request, "tracking/unreadable.html", {"reasons": letters.unreadable()}, part="lines")


@require_POST
@brand_page("manage")
def retry_unreadable(request: BrandRequest) -> HttpResponse:
    retry_letters.delay()
    messages.success(request, "The lines are being looked at again.")
    return redirect("tracking:unreadable")


@detail("clicks")
def clicks() -> dict[str, Any]:
    """For probes: how far this host's spool is ahead of the database, and what of it could not be read."""
    lag = spool_lag()
    return {
        "segments_waiting": lag.waiting,
        "bytes_waiting": lag.unshipped_bytes,
        "seconds_behind": round(lag.seconds, 1),
        "unreadable": lag.rejected,
        "in_memory": lag.in_memory,
        "lost": lag.lost,
    }
