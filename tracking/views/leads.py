"""Leads, survey answers, and the script that reports them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from campaigns.models import Collaboration
from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.htmx import go
from groundswell.web.paging import page_by_key
from tracking.actions.snippets import change_snippet, snippet_of
from tracking.actions.surveys import review_answer
from tracking.forms.snippets import SnippetForm
from tracking.models import Lead, Order, Snippet, SurveyAnswer

PAGE = 50
WINDOW = timedelta(days=90)


@require_GET
@brand_page()
def leads(request: BrandRequest) -> HttpResponse:
    """Leads, newest arrival first, and how many each creator brought."""
    rows = Lead.objects.of(request.brand)
    match = request.GET.get("match", "")
    chosen = {"matched": rows.matched, "unmatched": rows.unmatched}.get(match, rows.all)()
    parts = ("collaboration__campaign", "collaboration__relationship__creator")
    found, pages = page_by_key(request, chosen.select_related(*parts), PAGE)
    context = {"leads": found, **pages, "match": match, "by_creator": most(rows.matched())}
    return render(request, "tracking/leads.html", context)


def most(rows: Any) -> list[tuple[str, int]]:
    """The ten creators with the most, by name."""
    counted = rows.values_list("collaboration__relationship__creator__name").annotate(number=Count("pk"))
    return list(counted.order_by("-number", "collaboration__relationship__creator__name")[:10])


@require_GET
@brand_page()
def answers(request: BrandRequest) -> HttpResponse:
    """Answers, newest first; who is named, and how many of the orders were answered."""
    rows = SurveyAnswer.objects.of(request.brand)
    show = request.GET.get("show", "")
    parts = ("store", "collaboration__campaign", "collaboration__relationship__creator")
    chosen = rows.open() if show == "open" else rows
    found, pages = page_by_key(request, chosen.select_related(*parts), PAGE)
    since = timezone.now() - WINDOW
    confirmed = rows.filter(status=SurveyAnswer.Status.CONFIRMED)
    context = {
        "answers": found,
        **pages,
        "show": show,
        "open": rows.open().count(),
        "recent": rows.filter(answered_at__gte=since).count(),
        "orders": Order.objects.of(request.brand).counted().filter(placed_at__gte=since).count(),
        "by_creator": most(confirmed),
        "collaborations": choices(request),
    }
    return render(request, "tracking/survey_answers.html", context)


def choices(request: BrandRequest) -> list[Collaboration]:
    """Whom an answer or an order may be given to by hand."""
    rows = Collaboration.objects.filter(campaign__brand=request.brand).exclude(accepted_at=None)
    rows = rows.select_related("campaign", "relationship__creator")
    return list(rows.order_by("relationship__creator__name", "-pk")[:1000])


@require_POST
@brand_page("manage")
def review(request: BrandRequest, pk: int) -> HttpResponse:
    """Say whom an answer names; empty for nobody."""
    answer = get_object_or_404(SurveyAnswer.objects.of(request.brand).select_related("store__brand"), pk=pk)
    code = request.POST.get("collaboration", "")
    rows = Collaboration.objects.filter(campaign__brand=request.brand).select_related("campaign")
    review_answer(answer, get_object_or_404(rows, code=code) if code else None, by=request.user)
    messages.success(request, "Noted.")
    return go(request, "tracking:survey-answers")


@brand_page("manage", writes=True)
def snippet(request: BrandRequest) -> HttpResponse:
    """How to install the script; a POST chooses the sites that may use it."""
    row = snippet_of(request.brand)
    form = SnippetForm(request.POST or None, initial={"domains": "\n".join(row.domains)})
    if request.method == "POST" and form.is_valid():
        change_snippet(request.brand, form.cleaned_data["domains"], by=request.user)
        messages.success(request, "Saved.")
        return redirect("tracking:snippet")
    context = {"snippet": row, "form": form, "site": settings.SITE_URL, "code": code_of(row)}
    return render(request, "tracking/snippet.html", context, status=422 if form.errors else 200)


def code_of(row: Snippet) -> str:
    """What to paste; nothing until the script has a key."""
    source = f"{settings.SITE_URL}/snippet.js"
    return f'<script src="{source}" data-key="{row.key}" data-consent="wait" defer></script>' if row.pk else ""
