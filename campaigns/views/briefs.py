"""The brief of a campaign, its templates, and what is to be made."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from campaigns.actions.campaigns import save_template, set_deliverables, use_template, write_brief
from campaigns.actions.refusals import Refusal
from campaigns.forms.campaigns import BriefForm, DeliverableFormSet, TemplateNameForm, deliverable_rows
from campaigns.models import Brief, BriefTemplate, Campaign, Deliverable
from campaigns.views.campaigns import header
from groundswell.web.attempts import attempt
from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.htmx import go, invalid
from groundswell.web.paging import key_of


@brand_page("manage", writes=True)
def brief(request: BrandRequest, code: str) -> HttpResponse:
    """The brief as creators will read it; whoever manages may write it."""
    campaign = find(request, code)
    stored = Brief.objects.filter(campaign=campaign).first() or Brief(campaign=campaign)
    form = BriefForm(request.POST or None, instance=stored)
    if request.method == "POST" and form.is_valid():
        write_brief(campaign, by=request.user, **form.cleaned_data)
        messages.success(request, "The brief is saved.")
        return go(request, *next_page(campaign))
    context = {
        "campaign": campaign,
        "form": form,
        "brief": Brief.objects.filter(campaign=campaign).first() or Brief(),
        "templates": BriefTemplate.objects.of(request.brand).order_by("brand_id", "name"),
        "name_form": TemplateNameForm(),
        **header(campaign),
    }
    answer = invalid if request.method == "POST" else render
    return answer(request, "campaigns/brief.html", context)


def next_page(campaign: Campaign) -> tuple[Any, ...]:
    """After the brief of a draft comes what is to be made, if nothing is named yet."""
    if campaign.is_draft and not campaign.deliverables.exists():
        return ("campaigns:deliverables", campaign.code)
    return ("campaigns:brief", campaign.code)


def find(request: BrandRequest, code: str) -> Campaign:
    rows = Campaign.objects.of(request.brand).with_totals().select_related("brand", "brief")
    return get_object_or_404(rows, code=code)


@require_POST
@brand_page("manage")
def take_template(request: BrandRequest, code: str) -> HttpResponse:
    """Fill the brief from a template."""
    campaign = find(request, code)
    rows = BriefTemplate.objects.of(request.brand)
    template = get_object_or_404(rows, pk=key_of(request.POST.get("template")))
    use_template(campaign, template, by=request.user)
    messages.success(request, f"The brief now follows “{template.name}”. Adapt it to your product.")
    return go(request, "campaigns:brief", campaign.code)


@require_POST
@brand_page("manage")
def keep_template(request: BrandRequest, code: str) -> HttpResponse:
    """Keep this brief as a template of the brand."""
    campaign = find(request, code)
    form = TemplateNameForm(request.POST)
    if form.is_valid():
        save_template(request.brand, campaign.brief, form.cleaned_data["name"], by=request.user)
        messages.success(request, f"“{form.cleaned_data['name']}” is saved for your next campaigns.")
    else:
        messages.error(request, "Give the template a name of at most 80 characters.")
    return go(request, "campaigns:brief", campaign.code)


def initial_of(row: Deliverable) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("pk", "quantity", "format", "network", "due_on")}


@brand_page("manage", writes=True)
def deliverables(request: BrandRequest, code: str) -> HttpResponse:
    """What each creator makes."""
    campaign = find(request, code)
    rows = list(campaign.deliverables.all())
    initial = [
        {**{name: getattr(row, name) for name in ("pk", "quantity", "format", "network", "due_on")}} for row in rows
    ]
    formset = DeliverableFormSet(request.POST or None, initial=initial, prefix="piece")
    context = {"campaign": campaign, "formset": formset, "deliverables": rows, **header(campaign)}
    if request.method != "POST":
        return render(request, "campaigns/deliverables.html", context)
    if not formset.is_valid():
        return invalid(request, "campaigns/deliverables.html", context)
    return attempt(
        request,
        lambda: set_deliverables(campaign, deliverable_rows(formset), by=request.user),
        to=campaign.get_absolute_url(),
        done="Saved what is to be made.",
        refusal=Refusal,
    )
