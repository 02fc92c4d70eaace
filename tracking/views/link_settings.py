"""What holds for all links of a brand or a campaign: the template, allowed sites and apps, own domains."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from campaigns.models import Campaign
from groundswell.web.attempts import attempt
from groundswell.web.decorators import BrandRequest, brand_page
from tracking.actions import domains as actions
from tracking.actions.destinations import LinkRefusedError
from tracking.actions.link_templates import apply_template, change_template
from tracking.actions.links import Maker, template_of
from tracking.forms.link_settings import DomainForm, RulesForm, TemplateForm
from tracking.models import LinkDomain, LinkRules, LinkTemplate, TrackingLink
from tracking.utm import NAMES, VARIABLES, filled

PAGE = "tracking/link_settings.html"
SAMPLE = {"handle": "dana.field", "network": "instagram", "placement": "story", "campaign": "spring-launch"}


@brand_page("manage", writes=True)
def link_settings(request: BrandRequest) -> HttpResponse:
    """The brand's template; below it rules and domains, which have forms of their own."""
    form = TemplateForm(request.POST or None, instance=own_template(request), brand=request.brand)
    if request.method == "POST" and form.is_valid():
        change_template(request.brand, None, by=request.user, **form.cleaned_data)
        messages.success(request, "Saved. New links get these values.")
        return redirect("tracking:link-settings")
    return show(request, template_form=form, status=422 if form.errors else 200)


def own_template(request: BrandRequest) -> LinkTemplate:
    rows = LinkTemplate.objects.filter(brand=request.brand, campaign=None)
    return rows.first() or LinkTemplate(brand=request.brand)


def show(request: BrandRequest, *, status: int = 200, **forms: Any) -> HttpResponse:
    rules = LinkRules.objects.filter(brand=request.brand).first() or LinkRules(brand=request.brand)
    template = own_template(request)
    context = {
        "template_form": TemplateForm(instance=template, brand=request.brand),
        "rules_form": RulesForm(instance=rules),
        "domain_form": DomainForm(),
        "domains": LinkDomain.objects.of(request.brand).order_by("host"),
        "variables": VARIABLES.items(),
        "sample": sample_of(template, {**SAMPLE, "tier": "micro"}),
        "site": urlsplit(settings.SITE_URL).hostname,
        **forms,
    }
    return render(request, PAGE, context, status=status)


def sample_of(template: LinkTemplate, values: dict[str, str]) -> list[tuple[str, str]]:
    return [(name, filled(getattr(template, name), values)) for name in NAMES if getattr(template, name)]


@require_POST
@brand_page("manage")
def rules(request: BrandRequest) -> HttpResponse:
    """Where links may lead, and how visitors are counted."""
    row = LinkRules.objects.filter(brand=request.brand).first() or LinkRules(brand=request.brand)
    form = RulesForm(request.POST, instance=row)
    if not form.is_valid():
        return show(request, rules_form=form, status=422)
    actions.change_rules(request.brand, by=request.user, **form.cleaned_data)
    messages.success(request, "Saved. Links follow within a second.")
    return redirect("tracking:link-settings")


@require_POST
@brand_page("manage")
def add_domain(request: BrandRequest) -> HttpResponse:
    form = DomainForm(request.POST)
    if form.is_valid():
        try:
            actions.add_domain(request.brand, form.cleaned_data["host"], by=request.user)
        except LinkRefusedError as error:
            form.add_error("host", str(error))
        else:
            messages.success(request, "Added. Now make the two DNS records, then verify it.")
            return redirect("tracking:link-settings")
    return show(request, domain_form=form, status=422)


@require_POST
@brand_page("manage")
def verify_domain(request: BrandRequest, code: str) -> HttpResponse:
    domain = get_object_or_404(LinkDomain.objects.of(request.brand), code=code)
    return attempt(
        request,
        lambda: actions.verify_domain(domain, by=request.user),
        to="tracking:link-settings",
        done=f"{domain.host} is verified. Links can live there now.",
        refusal=LinkRefusedError,
    )


@require_POST
@brand_page("manage")
def remove_domain(request: BrandRequest, code: str) -> HttpResponse:
    domain = get_object_or_404(LinkDomain.objects.of(request.brand), code=code)
    return attempt(
        request,
        lambda: actions.remove_domain(domain, by=request.user),
        to="tracking:link-settings",
        done=f"{domain.host} is removed.",
        refusal=LinkRefusedError,
    )


@brand_page("manage", writes=True)
def campaign_links(request: BrandRequest, code: str) -> HttpResponse:
    """The template of one campaign; until it is written the brand's holds."""
    campaign = get_object_or_404(Campaign.objects.of(request.brand).select_related("brand"), code=code)
    form = TemplateForm(request.POST or None, instance=template_of(campaign), brand=request.brand)
    if request.method == "POST" and form.is_valid():
        change_template(request.brand, campaign, by=request.user, **form.cleaned_data)
        messages.success(request, "Saved. New links of this campaign get these values.")
        return redirect("tracking:campaign-links", code)
    template = template_of(campaign)
    context = {
        "campaign": campaign,
        "form": form,
        "is_own": template.campaign_id is not None,
        "variables": VARIABLES.items(),
        "sample": sample_of(template, sample_values(campaign)),
        "links": TrackingLink.objects.filter(collaboration__campaign=campaign).count(),
    }
    return render(request, "tracking/campaign_links.html", context, status=422 if form.errors else 200)


def sample_values(campaign: Campaign) -> dict[str, str]:
    """Of the first creator who agreed, else of nobody in particular."""
    first = campaign.collaborations.agreed().select_related("relationship__creator").order_by("pk").first()
    return Maker(campaign, [first]).values(first, "Story") if first else {**SAMPLE, "tier": "micro"}


@require_POST
@brand_page("manage")
def apply(request: BrandRequest, code: str) -> HttpResponse:
    """Give the campaign's links the template's UTM values."""
    campaign = get_object_or_404(Campaign.objects.of(request.brand).select_related("brand"), code=code)
    count = apply_template(campaign, by=request.user)
    messages.success(
        request, f"{count} {'link' if count == 1 else 'links'} changed." if count else "Nothing to change."
    )
    return redirect("tracking:campaign-links", code)
