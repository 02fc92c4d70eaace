"""Shortlists: named lists of creators."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from creators.actions.shortlists import (
    NameTakenError,
    add_to_shortlist,
    create_shortlist,
    delete_shortlist,
    remove_from_shortlist,
    rename_shortlist,
)
from creators.discovery.filters import Filters
from creators.discovery.search import Search
from creators.forms import ShortlistForm
from creators.models import Creator, Shortlist
from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.paging import address

MOST = 500


@brand_page("manage", writes=True)
def shortlists(request: BrandRequest) -> HttpResponse:
    """All lists; a POST makes a new one."""
    form = ShortlistForm(request.POST or None)
    status = 200
    if request.method == "POST":
        made = make(request, form)
        if made:
            messages.success(request, f"“{made}” is ready. Add creators from the directory.")
            return redirect(made)
        status = 422
    rows = Shortlist.objects.of(request.brand).annotate(size=Count("entries")).order_by("name")
    return render(request, "creators/shortlists.html", {"shortlists": rows, "form": form}, status=status)


def make(request: BrandRequest, form: ShortlistForm) -> Shortlist | None:
    if not form.is_valid():
        return None
    try:
        return create_shortlist(request.brand, form.cleaned_data["name"], by=request.user)
    except NameTakenError as problem:
        form.add_error("name", str(problem))
        return None


@require_GET
@brand_page()
def shortlist(request: BrandRequest, code: str) -> HttpResponse:
    row = get_object_or_404(Shortlist.objects.of(request.brand), code=code)
    return show(request, row, ShortlistForm(initial={"name": row.name}))


def show(request: BrandRequest, row: Shortlist, form: ShortlistForm, status: int = 200) -> HttpResponse:
    query = request.GET.copy()
    query["shortlist"] = row.code
    search = Search(request.brand, Filters.parse(query))
    page = search.page(after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    context = {
        "shortlist": row,
        "page": page,
        "found": search.count(),
        "form": form,
        "previous_url": address(request, before=page.previous),
        "next_url": address(request, after=page.next),
    }
    return render(request, "creators/shortlist.html", context, status=status)


@require_POST
@brand_page("manage")
def rename(request: BrandRequest, code: str) -> HttpResponse:
    row = get_object_or_404(Shortlist.objects.of(request.brand), code=code)
    form = ShortlistForm(request.POST)
    try:
        if form.is_valid():
            rename_shortlist(row, form.cleaned_data["name"], by=request.user)
            messages.success(request, "Renamed.")
            return redirect(row)
    except NameTakenError as problem:
        form.add_error("name", str(problem))
    return show(request, row, form, status=422)


@require_POST
@brand_page("manage")
def delete(request: BrandRequest, code: str) -> HttpResponse:
    row = get_object_or_404(Shortlist.objects.of(request.brand), code=code)
    delete_shortlist(row, by=request.user)
    messages.success(request, f"“{row}” is deleted. The creators stay in your directory.")
    return redirect("creators:shortlists")


@require_POST
@brand_page("manage")
def fill(request: BrandRequest) -> HttpResponse:
    """Add the chosen creators to a list, or to a new one (`name`)."""
    chosen = chosen_creators(request)
    code = request.POST.get("shortlist", "")
    if code:
        row = get_object_or_404(Shortlist.objects.of(request.brand), code=code)
    else:
        form = ShortlistForm(request.POST)
        made = make(request, form)
        if made is None:
            messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
            return redirect(back(request))
        row = made
    added = add_to_shortlist(row, chosen, by=request.user)
    left = len(chosen) - added
    messages.success(
        request,
        f"{added} added to “{row}”." + (f" {left} left out: on it already, or blocked." if left else ""),
    )
    return redirect(back(request))


@require_POST
@brand_page("manage")
def trim(request: BrandRequest, code: str) -> HttpResponse:
    """Take the chosen creators off the list."""
    row = get_object_or_404(Shortlist.objects.of(request.brand), code=code)
    removed = remove_from_shortlist(row, chosen_creators(request), by=request.user)
    messages.success(request, f"{removed} taken off “{row}”.")
    return redirect(row)


def chosen_creators(request: BrandRequest) -> list[Creator]:
    codes = request.POST.getlist("creator")[:MOST]
    return list(Creator.objects.of(request.brand).filter(code__in=codes))


def back(request: BrandRequest) -> str:
    """The directory with the filters that were set."""
    query = request.POST.get("query", "")
    return f"/creators/?{query}" if query else "/creators/"
