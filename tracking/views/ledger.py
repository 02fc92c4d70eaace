"""Rules of credit, and replays of a period under another one beside the ledger."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from groundswell.lib.money import rounded
from groundswell.web.attempts import attempt
from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.files import csv_file
from groundswell.web.htmx import render_page
from tracking.actions.replays import ReplayRefused, cancel_replay, start_replay
from tracking.actions.rules import RuleRefused, activate_rule, add_rule, retire_rule, set_counts
from tracking.attribution.rules import BUILT_IN, DEFAULT
from tracking.attribution.words import describe
from tracking.forms.ledger import CountsForm, ReplayForm, RuleForm
from tracking.models import AttributionRule, AttributionRun, DiscountCode
from tracking.reports.replays import Compared, chart_of, comparison_of, refusals_of, totals_of

PERIOD = timedelta(days=90)
LATEST = 20


@brand_page("manage", writes=True)
def rules(request: BrandRequest) -> HttpResponse:
    """The brand's rules with their versions; a POST writes the next one."""
    form = RuleForm(request.brand, request.POST or None)
    if request.method != "POST":
        return show_rules(request, RuleForm(request.brand))
    if not form.is_valid():
        return show_rules(request, form, status=422)
    name, campaign = form.cleaned_data["name"], form.cleaned_data["campaign"]
    try:
        row = add_rule(request.brand, name, campaign=campaign, by=request.user, **form.params)
    except RuleRefused as problem:
        form.add_error("name", str(problem))
        return show_rules(request, form, status=422)
    messages.success(request, f"{row.label} is written. Replay it, or put it in force.")
    return redirect("tracking:rules")


@require_POST
@brand_page("manage")
def counts(request: BrandRequest) -> HttpResponse:
    """Say when a code counts."""
    form = CountsForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Name a code, and when it counts.")
        return redirect("tracking:rules")
    code, wanted = form.cleaned_data["code"], form.cleaned_data["counts"]
    return attempt(
        request,
        lambda: set_counts(request.brand, code, wanted, by=request.user),
        to="tracking:rules",
        done="Saved. It holds for the orders that come from now on.",
        refusal=RuleRefused,
    )


def show_rules(request: BrandRequest, form: RuleForm, *, status: int = 200) -> HttpResponse:
    rows = list(AttributionRule.objects.of(request.brand).select_related("campaign"))
    is_default = not any(row.is_active and row.campaign_id is None for row in rows)
    context = {
        "form": form,
        "rows": [(row, row.rule, describe(row.rule)) for row in rows],
        "counts_form": CountsForm(auto_id="counts-%s"),
        "codes": DiscountCode.objects.of(request.brand).exclude(counts="always").order_by("code"),
        "built_in": [(rule, describe(rule), is_default and rule == DEFAULT) for rule in BUILT_IN.values()],
    }
    return render(request, "tracking/rules.html", context, status=status)


def find_rule(request: BrandRequest, code: str) -> AttributionRule:
    return get_object_or_404(AttributionRule.objects.of(request.brand).select_related("brand"), code=code)


@require_POST
@brand_page("manage")
def activate(request: BrandRequest, code: str) -> HttpResponse:
    """Let a rule decide the orders to come."""
    row = find_rule(request, code)
    done = f"{row.label} decides the orders that come from now on."
    return attempt(
        request, lambda: activate_rule(row, by=request.user), to="tracking:rules", done=done, refusal=RuleRefused
    )


@require_POST
@brand_page("manage")
def retire(request: BrandRequest, code: str) -> HttpResponse:
    """Take a rule out of force."""
    row = find_rule(request, code)
    done = f"{row.label} decides no more orders."
    return attempt(
        request, lambda: retire_rule(row, by=request.user), to="tracking:rules", done=done, refusal=RuleRefused
    )


@brand_page("manage", writes=True)
def replays(request: BrandRequest) -> HttpResponse:
    """The latest replays; a POST starts one."""
    if request.method != "POST":
        today = request.brand.day()
        form = ReplayForm(request.brand)
        form.initial = {"since": today - PERIOD, "until": today, "rule": request.GET.get("rule", DEFAULT.label)}
        return show_replays(request, form)
    form = ReplayForm(request.brand, request.POST)
    if not form.is_valid():
        return show_replays(request, form, status=422)
    facts = form.cleaned_data
    rule = AttributionRule.objects.labelled(request.brand, facts["rule"])
    assert rule is not None
    try:
        run = start_replay(request.brand, rule, facts["since"], facts["until"], by=request.user)
    except ReplayRefused as problem:
        form.add_error("since", str(problem))
        return show_replays(request, form, status=422)
    return redirect("tracking:replay", run.code)


def show_replays(request: BrandRequest, form: ReplayForm, *, status: int = 200) -> HttpResponse:
    runs = AttributionRun.objects.of(request.brand).select_related("started_by").defer("summary", "learned")
    context = {"form": form, "runs": runs.order_by("-pk")[:LATEST]}
    return render(request, "tracking/replays.html", context, status=status)


def find(request: BrandRequest, code: str) -> AttributionRun:
    return get_object_or_404(AttributionRun.objects.of(request.brand).select_related("brand"), code=code)


@require_GET
@brand_page()
def replay(request: BrandRequest, code: str) -> HttpResponse:
    """How far a replay is; when it has ended, who gains and who loses."""
    run = find(request, code)
    rows = comparison_of(run) if run.has_ended else []
    context = {
        "run": run,
        "rows": rows,
        "totals": totals_of(rows),
        "refusals": refusals_of(run),
        "chart": chart_of(rows),
        "described": describe(run.rule),
        "url": reverse("tracking:replay", args=[run.code]),
    }
    return render_page(request, "tracking/replay.html", context, part="progress")


@require_POST
@brand_page("manage")
def cancel(request: BrandRequest, code: str) -> HttpResponse:
    """Stop a replay."""
    run = find(request, code)
    return attempt(
        request,
        lambda: cancel_replay(run, by=request.user),
        to=run.get_absolute_url(),
        done="Stopped. Nothing was changed.",
        refusal=ReplayRefused,
    )


COLUMNS = [
    "creator", "campaign", "collaboration", "currency", "orders_ledger", "orders_replay", "revenue_ledger",
    "revenue_replay", "revenue_change", "commission_ledger", "commission_replay", "commission_change",
]  # fmt: skip


@require_GET
@brand_page()
def replay_csv(request: BrandRequest, code: str) -> HttpResponse:
    """The comparison as a file."""
    run = find(request, code)
    return csv_file(f"replay-{run.code}", chain([COLUMNS], map(csv_row, comparison_of(run))))


def csv_row(row: Compared) -> list[Any]:
    amounts = (
        row.ledger.revenue, row.replay.revenue, row.revenue_change, row.ledger.commission, row.replay.commission,
        row.commission_change,
    )  # fmt: skip
    names = [row.name, row.collaboration.campaign.name, row.collaboration.code, row.currency]
    return [*names, row.ledger.orders, row.replay.orders, *(rounded(amount, row.currency) for amount in amounts)]
