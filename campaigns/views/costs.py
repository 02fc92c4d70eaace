"""The cost ledger of a campaign. Whoever holds "cost" writes lines: owners, managers and finance."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from campaigns.actions.costs import add_cost, log_time, remove_cost
from campaigns.actions.refusals import Refusal
from campaigns.forms.work import CostForm, TimeForm
from campaigns.models import Campaign, Cost
from campaigns.views.briefs import find
from campaigns.views.campaigns import header
from groundswell.web.attempts import attempt
from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.htmx import invalid


@brand_page("cost", writes=True)
def costs(request: BrandRequest, code: str) -> HttpResponse:
    """The lines with totals by kind; a POST adds one."""
    campaign = find(request, code)
    if request.method != "POST":
        return render(request, "campaigns/costs.html", facts(request, campaign))
    form = CostForm(request.POST, campaign=campaign, prefix="cost")
    return write(request, campaign, form, "cost_form", lambda: add_cost(campaign, by=request.user, **form.cleaned_data))


@require_POST
@brand_page("cost")
def time(request: BrandRequest, code: str) -> HttpResponse:
    """Log hours of the team, at the brand's rate."""
    campaign = find(request, code)
    form = TimeForm(request.POST, campaign=campaign, prefix="time")
    return write(request, campaign, form, "time_form", lambda: log_time(campaign, by=request.user, **form.cleaned_data))


def write(
    request: BrandRequest, campaign: Campaign, form: forms.Form, name: str, act: Callable[[], Any]
) -> HttpResponse:
    if not form.is_valid():
        return invalid(request, "campaigns/costs.html", facts(request, campaign, **{name: form}))
    page = f"{campaign.get_absolute_url()}costs/"
    return attempt(request, act, to=page, done="Written into the ledger.", refusal=Refusal)


def facts(request: BrandRequest, campaign: Campaign, **filled: Any) -> dict[str, Any]:
    rows = campaign.costs.all()
    lines = rows.select_related("collaboration__relationship__creator", "logged_by")
    kinds = rows.by_kind()
    total = sum(kinds.values(), Decimal(0))
    return {
        "campaign": campaign,
        "page": Paginator(lines, 50).get_page(request.GET.get("page")),
        "kinds": [(Cost.Kind(kind).label, amount, amount / total if total else 0) for kind, amount in kinds.items()],
        "total": total,
        "cost_form": CostForm(campaign=campaign, prefix="cost"),
        "time_form": TimeForm(campaign=campaign, prefix="time"),
        **header(campaign),
        **filled,
    }


@require_POST
@brand_page("cost")
def remove(request: BrandRequest, code: str, pk: int) -> HttpResponse:
    """Take back a line that was written by hand."""
    campaign = find(request, code)
    cost = get_object_or_404(campaign.costs, pk=pk)
    page = f"{campaign.get_absolute_url()}costs/"
    return attempt(request, lambda: remove_cost(cost, by=request.user), to=page, done="Removed.", refusal=Refusal)
