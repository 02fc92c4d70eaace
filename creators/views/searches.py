"""Saved searches of the team, and creators like others."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from creators.actions.searches import change_search, save_search, search_url
from creators.actions.shortlists import NameTakenError, delete_shortlist, note_seen
from creators.discovery.alike import MOST_SEEDS, Lookalikes
from creators.forms.lists import SearchForm, ShortlistForm
from creators.lists import SearchRefusedError
from creators.models import Creator, Shortlist
from creators.views.shortlists import back
from groundswell.web.decorators import BrandRequest, brand_page


@require_POST
@brand_page("manage")
def searches(request: BrandRequest) -> HttpResponse:
    """Save the search of the page under a name."""
    form, query = ShortlistForm(request.POST), request.POST.get("query", "")
    alerts = request.POST.get("alerts") == "on"
    if not form.is_valid():
        messages.error(request, "Give the search a name of up to 80 characters.")
        return redirect(back(request))
    try:
        row = save_search(request.brand, form.cleaned_data["name"], query, by=request.user, alerts=alerts)
    except (NameTakenError, SearchRefusedError) as problem:
        messages.error(request, str(problem))
        return redirect(back(request))
    messages.success(request, f"“{row}” is saved for your team." + (" You hear of new matches." if alerts else ""))
    return redirect(search_url(row))


@require_POST
@brand_page("manage")
def change(request: BrandRequest, code: str) -> HttpResponse:
    """Another name, other filters, or alerts on or off: whichever is sent."""
    row = search_or_404(request, code)
    form = SearchForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Give the search a name of up to 80 characters.")
        return redirect(search_url(row))
    try:
        row = change_search(row, by=request.user, **form.changes())
        messages.success(request, "Saved.")
    except (NameTakenError, SearchRefusedError) as problem:
        messages.error(request, str(problem))
        row.refresh_from_db()
    return redirect(search_url(row))


@require_POST
@brand_page("manage")
def delete(request: BrandRequest, code: str) -> HttpResponse:
    row = search_or_404(request, code)
    delete_shortlist(row, by=request.user)
    messages.success(request, f"“{row}” is deleted. The creators stay in your directory.")
    return redirect("creators:directory")


@require_POST
@brand_page("manage")
def seen(request: BrandRequest, code: str) -> HttpResponse:
    """The team has seen the new matches: the badge goes."""
    note_seen(search_or_404(request, code), timezone.now())
    return HttpResponse(status=204)


def search_or_404(request: BrandRequest, code: str) -> Shortlist:
    return get_object_or_404(Shortlist.objects.of(request.brand).by_rule(), code=code)


@require_GET
@brand_page()
def alike(request: BrandRequest) -> HttpResponse:
    """Creators like those named by `creator=`, and why."""
    codes = request.GET.getlist("creator")[:MOST_SEEDS]
    seeds = list(Creator.objects.of(request.brand).filter(code__in=codes).order_by("name", "pk"))
    found = Lookalikes(request.brand, seeds).found() if seeds else []
    return render(request, "creators/alike.html", {"seeds": seeds, "found": found})
