"""What creators are owed: locking what is due, and noting payments."""

from __future__ import annotations

from itertools import chain
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from campaigns.models import Collaboration
from groundswell.lib.money import rounded
from groundswell.web.attempts import attempt
from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.files import csv_file
from tracking.actions.commissions import NothingOwed, approve_commissions, pay_commissions
from tracking.forms.ledger import PaymentForm
from tracking.models import Commission
from tracking.reports.commissions import Owed, owed_by, totals

LATEST = 50
COLUMNS = ["creator", "campaign", "collaboration", "currency", "pending", "held", "approved", "paid"]


@require_GET
@brand_page()
def commissions(request: BrandRequest) -> HttpResponse:
    """Everybody's commission by where it stands, and the latest entries."""
    rows = owed_by(request.brand)
    latest = Commission.objects.of(request.brand).select_related(
        "order__store", "collaboration__campaign", "collaboration__relationship__creator"
    )
    context = {
        "rows": rows,
        "totals": totals(rows).items(),
        "due": Commission.objects.of(request.brand).due(request.brand.day()).count(),
        "latest": latest.order_by("-pk")[:LATEST],
    }
    return render(request, "tracking/commissions.html", context)


@require_POST
@brand_page("spend")
def approve(request: BrandRequest) -> HttpResponse:
    """Lock every commission whose hold is over."""
    return attempt(
        request,
        lambda: approve_commissions(request.brand, by=request.user),
        to="tracking:commissions",
        done="What was due is approved. It does not move any more.",
        refusal=NothingOwed,
    )


@require_POST
@brand_page("spend")
def pay(request: BrandRequest, code: str) -> HttpResponse:
    """Note that a creator was paid all that is approved for a campaign."""
    rows = Collaboration.objects.of(request.brand).select_related("campaign__brand", "relationship__creator")
    collaboration = get_object_or_404(rows, code=code)
    form = PaymentForm(request.POST)
    reference = form.cleaned_data["reference"] if form.is_valid() else ""
    return attempt(
        request,
        lambda: pay_commissions(collaboration, reference=reference, by=request.user),
        to="tracking:commissions",
        done=f"Noted as paid to {collaboration.relationship.creator.name}.",
        refusal=NothingOwed,
    )


@require_GET
@brand_page()
def commissions_csv(request: BrandRequest) -> HttpResponse:
    """What everybody is owed, as a file."""
    return csv_file("commissions", chain([COLUMNS], map(csv_row, owed_by(request.brand))))


def csv_row(row: Owed) -> list[Any]:
    stands, of = row.standing, row.collaboration
    names = [of.relationship.creator.name, of.campaign.name, of.code, row.currency]
    amounts = (stands.pending, stands.held, stands.approved, stands.paid)
    return [*names, *(rounded(each, row.currency) for each in amounts)]
