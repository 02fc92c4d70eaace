"""A brand's discount codes: where they were made, how they look, and whether they may have leaked."""

from __future__ import annotations

from itertools import chain
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from campaigns.models import Campaign
from groundswell.web.attempts import attempt
from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.files import csv_file
from groundswell.web.htmx import render_page
from groundswell.web.paging import page_by_key
from tracking.actions.codes import CodeRefusedError, change_code_rules, end_code, publish_codes, save_access
from tracking.actions.leaks import LeakSettled, clear_leak, confirm_leak
from tracking.forms.codes import AccessForm, CodeFilterForm, CodeRulesForm
from tracking.models import CodePublication, CodeRules, DiscountCode, Store
from tracking.shops.coupons import CLIENTS
from tracking.views.feeds import news, orders_with

PAGE_SIZE = 25
MOST_AT_ONCE = 2_000
HEADINGS = [
    "Code", "Gives", "Campaign", "Creator", "Valid from", "Valid to", "Uses in all", "Once per customer", "State",
    "Made in",
]  # fmt: skip


@require_GET
@brand_page()
def codes(request: BrandRequest) -> HttpResponse:
    """The codes the filters leave, newest first."""
    form = CodeFilterForm(request.GET, brand=request.brand)
    rows, pages = page_by_key(request, wanted(request, form).with_people(), PAGE_SIZE)
    context = {
        "form": form,
        "codes": rows,
        "is_filtered": any(request.GET.get(name) for name in form.fields),
        "doubtful": DiscountCode.objects.of(request.brand).filter(leak=DiscountCode.Leak.SUSPECTED).count(),
        "shops": shops_of(request).filter(access__isnull=False),
        "now": timezone.now(),
        **pages,
    }
    return render_page(request, "tracking/codes.html", context, part="rows")


def wanted(request: BrandRequest, form: CodeFilterForm) -> Any:
    """The brand's codes that the filters leave; an invalid filter leaves all."""
    rows = DiscountCode.objects.of(request.brand)
    asked: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    if asked.get("q"):
        name = Q(collaboration__relationship__creator__name__icontains=asked["q"])
        rows = rows.filter(name | Q(code__contains=asked["q"].upper()))
    if asked.get("campaign"):
        rows = rows.filter(collaboration__campaign=asked["campaign"])
    return in_state(rows, asked.get("state", ""))


def in_state(rows: Any, state: str) -> Any:
    if state == "doubtful":
        return rows.exclude(leak=DiscountCode.Leak.NONE)
    if state == "refused":
        return rows.filter(publications__status=CodePublication.Status.FAILED).distinct()
    return rows.filter(valid_to__lte=timezone.now()) if state == "ended" else rows


@require_GET
@brand_page()
def codes_csv(request: BrandRequest) -> HttpResponse:
    """Every code the filters leave, to be made by hand in any shop."""
    form = CodeFilterForm(request.GET, brand=request.brand)
    rows = wanted(request, form).with_people().order_by("-pk").iterator(chunk_size=500)
    return csv_file("codes", chain([HEADINGS], map(csv_row, rows)), is_marked=True)


def csv_row(code: DiscountCode) -> list[Any]:
    row = code.collaboration
    made = [pub.store.name for pub in code.publications.all() if pub.status == CodePublication.Status.MADE]
    words = [code.code, code.promise, row.campaign.name, row.relationship.creator.name]
    days = [day.isoformat() if day else "" for day in (code.valid_from, code.valid_to)]
    limits = [code.usage_limit or "", "yes" if code.once_per_customer else ""]
    return [*words, *days, *limits, code.get_leak_display(), ", ".join(made)]


def code_of(request: BrandRequest, code: str) -> DiscountCode:
    rows = DiscountCode.objects.of(request.brand).with_people()
    return get_object_or_404(rows.select_related("brand"), code=code)


@require_GET
@brand_page()
def code(request: BrandRequest, code: str) -> HttpResponse:
    """One code: what it gives, where it was made, its last orders, and what speaks for a leak."""
    found = code_of(request, code)
    context = {
        **orders_with(found),
        "shops": shops_of(request).filter(access__isnull=False),
        "now": timezone.now(),
    }
    return render(request, "tracking/code.html", context)


@require_GET
@brand_page()
def code_orders(request: BrandRequest, code: str) -> HttpResponse:
    """The newest orders with a code alone, asked for every few seconds."""
    return news(request, "tracking/_order_feed.html", orders_with(code_of(request, code)))


@require_POST
@brand_page("manage")
def publish(request: BrandRequest) -> HttpResponse:
    """Have the ticked codes, or one of them, made in a shop."""
    rows = DiscountCode.objects.of(request.brand).filter(code__in=request.POST.getlist("codes")[:MOST_AT_ONCE])
    shops = list(shops_of(request).filter(code__in=request.POST.getlist("stores")))
    if not rows or not shops:
        messages.error(request, "Tick at least one code and one shop.")
        return redirect("tracking:codes")
    return attempt(
        request,
        lambda: publish_codes(request.brand, rows, shops, by=request.user),
        to="tracking:codes",
        done="The shops are asked to make them. This page shows how it went within a minute.",
        refusal=CodeRefusedError,
    )


@require_POST
@brand_page("manage")
def end(request: BrandRequest, code: str) -> HttpResponse:
    found = code_of(request, code)
    try:
        problems = end_code(found, by=request.user)
    except CodeRefusedError as reason:
        messages.error(request, str(reason))
        return redirect("tracking:code", found.code)
    for problem in problems:
        messages.warning(request, f"Not ended in the shop. {problem}")
    messages.success(request, f"{found.code} has ended: later orders with it credit nobody.")
    return redirect("tracking:code", found.code)


@require_POST
@brand_page("manage")
def decide(request: BrandRequest, code: str) -> HttpResponse:
    """Whether a suspected leak is one: `leak` is confirmed or cleared."""
    found, is_leak = code_of(request, code), request.POST.get("leak") == "confirmed"
    act, done = (
        (confirm_leak, f"{found.code} counts as leaked: only a click decides about its orders.")
        if is_leak
        else (clear_leak, f"{found.code} is cleared: its commission is held no more.")
    )
    return attempt(
        request,
        lambda: act(found, by=request.user),
        to=found.get_absolute_url(),
        done=done,
        refusal=LeakSettled,
    )


@brand_page("manage", writes=True)
def rules(request: BrandRequest) -> HttpResponse:
    """How new codes look and what they give: of the brand, or with `?campaign=` of one campaign."""
    name = request.GET.get("campaign", "")
    campaign = get_object_or_404(Campaign.objects.of(request.brand), code=name) if name else None
    row = CodeRules.objects.of(request.brand).filter(campaign=campaign).first()
    form = CodeRulesForm(request.POST or None, instance=row, brand=request.brand)
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        try:
            change_code_rules(request.brand, campaign, by=request.user, stores=list(facts.pop("stores")), **facts)
        except CodeRefusedError as reason:
            form.add_error(None, str(reason))
        else:
            messages.success(request, "Saved. Codes issued from now on follow it; those issued already stay.")
            return redirect(request.get_full_path())
    context = {
        "form": form,
        "campaign": campaign,
        "campaigns": Campaign.objects.of(request.brand).order_by("-pk")[:50],
        "shops": [(store, CLIENTS[store.kind]) for store in shops_of(request)],
    }
    return render(request, "tracking/code_rules.html", context, status=422 if form.errors else 200)


@require_POST
@brand_page("manage")
def access(request: BrandRequest, code: str) -> HttpResponse:
    """Save the key of a shop's interface."""
    store = get_object_or_404(shops_of(request), code=code)
    form = AccessForm(request.POST)
    if not form.is_valid():
        messages.error(request, "The key was not saved: it can't be empty, or longer than 300 characters.")
        return redirect("tracking:code-rules")
    save_access(store, form.cleaned_data["key"], by=request.user)
    messages.success(request, f"Saved. Codes can be made in {store.name} now.")
    return redirect("tracking:code-rules")


def shops_of(request: BrandRequest) -> QuerySet[Store]:
    """The brand's stores in which codes can be made."""
    return Store.objects.of(request.brand).filter(kind__in=CLIENTS).select_related("brand").order_by("pk")
