"""Shortlists: named lists of creators."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme as is_local
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from creators.actions.searches import change_search
from creators.actions.shares import revoke_share, share_list
from creators.actions.shortlists import (
    ByRuleError,
    NameTakenError,
    add_to_shortlist,
    create_shortlist,
    delete_shortlist,
    remove_from_shortlist,
    rename_shortlist,
)
from creators.forms.lists import NewListForm, ShareForm, ShortlistForm
from creators.forms.relationships import BulkForm
from creators.lists import SearchRefusedError, search_of
from creators.models import Creator, SharedList, Shortlist, Verdict
from creators.models.shares import shared_url
from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.paging import address

VERDICTS = 200


@brand_page("manage", writes=True)
def shortlists(request: BrandRequest) -> HttpResponse:
    """All lists; a POST makes a new one."""
    form = NewListForm(request.POST or None)
    status = 200
    if request.method == "POST":
        made = make(request, form)
        if made:
            messages.success(request, f"“{made}” is ready.")
            return redirect(made)
        status = 422
    rows = Shortlist.objects.of(request.brand).with_size().order_by("name")
    return render(request, "creators/shortlists.html", {"shortlists": rows, "form": form}, status=status)


def make(request: BrandRequest, form: ShortlistForm) -> Shortlist | None:
    if not form.is_valid():
        return None
    try:
        return create_shortlist(
            request.brand, form.cleaned_data["name"], by=request.user, query=form.cleaned_data.get("query", "")
        )
    except NameTakenError as problem:
        form.add_error("name", str(problem))
        return None


@require_GET
@brand_page()
def shortlist(request: BrandRequest, code: str) -> HttpResponse:
    row = get_object_or_404(Shortlist.objects.of(request.brand), code=code)
    return show(request, row)


def show(request: BrandRequest, row: Shortlist, status: int = 200, **more: Any) -> HttpResponse:
    search = search_of(row, request.GET.get("sort", ""))
    page = search.page(after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    context = {
        "shortlist": row,
        "page": page,
        "found": search.count(),
        "is_exact": search.is_exact,
        "form": ShortlistForm(initial={"name": row.name}),
        "share_form": ShareForm(initial={"title": row.name, "facts": SharedList.USUAL, "days": 14}),
        "shares": row.shares.prefetch_related("visits").select_related("created_by"),
        "verdicts": Verdict.objects.filter(shared_list__shortlist=row).select_related("creator", "shared_list")[
            :VERDICTS
        ],
        "bulk_form": BulkForm(request.brand),
        "others": Shortlist.objects.of(request.brand).static().exclude(pk=row.pk).order_by("name"),
        "previous_url": address(request, before=page.previous),
        "next_url": address(request, after=page.next),
        **more,
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
    return show(request, row, 422, form=form)


@require_POST
@brand_page("manage")
def rule(request: BrandRequest, code: str) -> HttpResponse:
    """Another search (`query`) behind a list by rule, or alerts on and off (`alerts` = on or off)."""
    row = get_object_or_404(Shortlist.objects.of(request.brand), code=code)
    alerts = {"on": True, "off": False}.get(request.POST.get("alerts", ""))
    asked = request.POST.get("query", "")
    try:
        change_search(row, by=request.user, query=asked or None, alerts=alerts)
    except (ByRuleError, SearchRefusedError) as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, "Saved.")
    return redirect(row)


@never_cache
@require_POST
@brand_page("manage")
def share(request: BrandRequest, code: str) -> HttpResponse:
    """Make a link to the list and answer with it, the only time it is ever shown."""
    row = get_object_or_404(Shortlist.objects.of(request.brand), code=code)
    form = ShareForm(request.POST)
    if not form.is_valid():
        return show(request, row, 422, share_form=form)
    _, token = share_list(row, by=request.user, **form.share())
    messages.success(request, "The link is ready. Copy it now.")
    return show(request, row, new_link=shared_url(token))


@require_POST
@brand_page("manage")
def revoke(request: BrandRequest, code: str) -> HttpResponse:
    """End a shared link; what was said of the creators stays."""
    row = get_object_or_404(SharedList.objects.of(request.brand).select_related("shortlist__brand"), code=code)
    revoke_share(row, by=request.user)
    messages.success(request, "The link leads nowhere any more.")
    return redirect(row.shortlist)


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
    try:
        added = add_to_shortlist(row, chosen, by=request.user)
    except ByRuleError as problem:
        messages.error(request, str(problem))
        return redirect(back(request))
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
    return list(Creator.objects.of(request.brand).filter(code__in=request.POST.getlist("creator")))


def back(request: BrandRequest) -> str:
    """The page it was sent from, as its form says, else the directory with the filters that were set."""
    page = request.POST.get("back", "")
    if page.startswith("/") and is_local(page, allowed_hosts=None):
        return page
    query = request.POST.get("query", "")
    return f"/creators/?{query}" if query else "/creators/"
