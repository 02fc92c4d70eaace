"""The directory: filters, facets, a page of creators."""

from __future__ import annotations

from decimal import Decimal

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from creators.discovery.filters import SORTS, Filters
from creators.discovery.search import Search
from creators.models import Basis, Creator, Relationship, Shortlist
from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.htmx import render_page
from groundswell.web.paging import address


@require_GET
@brand_page()
def directory(request: BrandRequest) -> HttpResponse:
    filters = Filters.parse(request.GET)
    search = Search(request.brand, filters)
    page = search.page(after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    found = search.count()
    context = {
        "filters": filters,
        "page": page,
        "found": found,
        "is_exact": search.is_exact,
        "facets": search.facets(),
        "shortlists": list(Shortlist.objects.of(request.brand).order_by("name")),
        "sorts": [(f"{'' if key == 'name' else '-'}{key}", label) for key, label in SORTS.items()],
        "bases": Basis.choices,
        "shortlist": next(iter(filters.choice("shortlist").any), ""),
        "followers": filters.bound("followers"),
        "er_from": percent_text(filters.bound("er").low),
        "er_to": percent_text(filters.bound("er").high),
        "basis_label": Basis(filters.basis).label,
        "has_scheme": search.scheme is not None,
        "previous_url": address(request, before=page.previous),
        "next_url": address(request, after=page.next),
        "is_new": filters.is_empty and not found,
    }
    return render_page(request, "creators/directory.html", context, part="directory")


def percent_text(rate: Decimal | None) -> str:
    """0.031 → 3.1, as it stands in the address."""
    return "" if rate is None else f"{(rate * 100).normalize():f}"


@require_GET
@brand_page()
def home_panel(request: BrandRequest) -> HttpResponse:
    """Creators at a glance, for the first page."""
    known = Relationship.objects.of(request.brand)
    context = {
        "creators": Creator.objects.of(request.brand).count(),
        "related": known.count(),
        "shortlists": Shortlist.objects.of(request.brand).count(),
    }
    return render(request, "creators/home_panel.html", context)
