"""The directory: filters, facets, a page of creators."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Min
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from creators.discovery.address import address as address_of
from creators.discovery.filters import LISTS, SORTS, Filters
from creators.discovery.panel import Panel
from creators.discovery.search import Page, Search
from creators.discovery.words import suggest
from creators.models import Basis, Creator, RateCard, Relationship, SearchMatch, Shortlist
from groundswell.accounts.models import Brand
from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.htmx import is_htmx, render_page
from groundswell.web.paging import address

# What the table may show of a creator: the name of the column, its head, and the sort behind it.
COLUMNS: dict[str, tuple[str, str]] = {
    "followers": ("Followers", "followers"),
    "engagement": ("Engagement", "engagement"),
    "standing": ("Among peers", "standing"),
    "views": ("Views", "views"),
    "growth": ("Growth, 90 days", "growth_90"),
    "posted": ("Last post", "last_post"),
    "cadence": ("Posts a week", "posts_per_week"),
    "sponsored": ("Sponsored", "sponsored"),
    "credibility": ("Credibility", "credibility"),
    "price": ("Price", "price"),
    "niches": ("Niches", ""),
    "country": ("Country", ""),
    "city": ("City", ""),
    "stage": ("Stage", ""),
}
USUAL = ["followers", "engagement", "standing", "niches", "country", "stage"]
LAYOUTS = [("table", "As a table", "table-2"), ("cards", "As cards", "layout-grid")]
REMEMBERED = 365 * 24 * 3600


@require_GET
@brand_page()
def directory(request: BrandRequest) -> HttpResponse:
    filters = Filters.parse(request.GET)
    search = Search(request.brand, filters)
    page = search.page(after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    context = {**searched(request, search), **shown(request, search, page), **saved(request, filters)}
    swaps_all = request.headers.get("HX-Target") == "directory"
    response = render_page(request, "creators/directory.html", context, part="directory" if swaps_all else "answer")
    patch_vary_headers(response, ["HX-Target"])
    return remember(request, response, context)


def searched(request: BrandRequest, search: Search) -> dict[str, Any]:
    """The filters, what they found, and how many more or fewer each would leave."""
    filters, found = search.filters, search.count()
    lists = {row.code: row.name for row in Shortlist.objects.of(request.brand).static().order_by("name")}
    facets = search.facets()
    panel = Panel(filters, facets, lists)
    return {
        "filters": filters,
        "found": found,
        "is_exact": search.is_exact,
        "facets": facets,
        "groups": panel.groups(),
        "chips": panel.chips(),
        "taken_for": search.taken_for,
        "cut": search.cut,
        "shortlists": [{"code": code, "name": name} for code, name in lists.items()],
        "sorts": [(usual_way(key), label) for key, label in SORTS.items()],
        "sort_label": SORTS[filters.sort_key],
        "other_way": "" if filters.sort == usual_way(filters.sort_key) else f"{SORTS[filters.sort_key]}, the other way",
        "bases": Basis.choices,
        "basis_label": Basis(filters.basis).label,
        "currency": filters.currency or request.brand.currency,
        "has_scheme": search.scheme is not None,
        "is_new": filters.is_empty and not filters.problems and not found,
    }


def usual_way(key: str) -> str:
    """Names from A, everything else from the top."""
    return key if key == "name" else f"-{key}"


def shown(request: BrandRequest, search: Search, page: Page) -> dict[str, Any]:
    """The page of creators and how it is laid out."""
    columns = [name for name in wanted(request, "column", USUAL) if name in COLUMNS]
    return {
        "page": page,
        "view": "cards" if "cards" in wanted(request, "view", []) else "table",
        "layouts": LAYOUTS,
        "columns": [(name, *COLUMNS[name]) for name in columns],
        "all_columns": [(name, title, name in columns) for name, (title, _) in COLUMNS.items()],
        "asked": asked(request.brand, page) if "price" in columns else {},
        "previous_url": address(request, before=page.previous),
        "next_url": address(request, after=page.next),
    }


def wanted(request: BrandRequest, name: str, usual: list[str]) -> list[str]:
    """A choice of layout: as the address says, else as it was chosen last."""
    if name in request.GET:
        return [value for value in request.GET.getlist(name) if value]
    kept = request.COOKIES.get(f"directory-{name}", "")
    return kept.split("-") if kept else usual


def asked(brand: Brand, page: Page) -> dict[int, Decimal]:
    """The lowest price of each creator on the page, as they say or as the brand was told, in the brand's currency."""
    creators = [entry.creator.pk for entry in page.entries]
    rates = RateCard.objects.visible_to(brand).filter(creator__in=creators, currency=brand.currency)
    return {row["creator"]: row["low"] for row in rates.values("creator").annotate(low=Min("amount"))}


def saved(request: BrandRequest, filters: Filters) -> dict[str, Any]:
    """The team's searches with how many each newly found, and the one that this page shows."""
    rows = list(Shortlist.objects.of(request.brand).by_rule().order_by("name"))
    news = SearchMatch.objects.of(request.brand).new().per_search() if rows else {}
    searches = [(row, news.get(row.pk, 0)) for row in rows]
    current = next((row for row in rows if row.code == request.GET.get("saved")), None)
    query = address_of(filters)
    kept = [part for part in (query, current and f"saved={current.code}") if part]
    return {
        "searches": searches,
        "news": sum(n for _, n in searches),
        "current": current,
        "is_changed": current is not None and address_of(rule_of(current)) != query,
        "query": query,
        "here": "".join(f"{part}&" for part in kept),
        "new_ones": newly_found(current) if current and news.get(current.pk) else frozenset(),
    }


def rule_of(search: Shortlist) -> Filters:
    return Filters.parse(QueryDict(search.query))


def newly_found(search: Shortlist) -> frozenset[int]:
    """Keys of the creators found since somebody last looked."""
    return frozenset(SearchMatch.objects.filter(shortlist=search).new().values_list("creator_id", flat=True))


def remember(request: BrandRequest, response: HttpResponse, context: dict[str, Any]) -> HttpResponse:
    """The layout stays for the next visit; the address of a fragment is the plain one of its filters."""
    for name, values in (("view", [context["view"]]), ("column", [name for name, *_ in context["columns"]])):
        if name in request.GET:
            response.set_cookie(
                f"directory-{name}",
                "-".join(values),
                max_age=REMEMBERED,
                secure=request.is_secure(),
                httponly=True,
                samesite="Lax",
            )
    if is_htmx(request):
        response["HX-Push-Url"] = plain_address(request, context)
    return response


def plain_address(request: BrandRequest, context: dict[str, Any]) -> str:
    """What understood filters, the saved search and the place among the pages come to."""
    query = QueryDict(context["query"], mutable=True)
    if context["current"]:
        query["saved"] = context["current"].code
    query.update({name: request.GET[name] for name in ("after", "before") if request.GET.get(name)})
    return reverse("creators:directory") + (f"?{query.urlencode()}" if query else "")


@require_GET
@brand_page()
def suggestions(request: BrandRequest) -> HttpResponse:
    """Values of a list that begin as typed, for the field that asks."""
    kind = LISTS.get(request.GET.get("name", ""))
    text = request.GET.get("text", "").lstrip("#@").strip()
    return JsonResponse({"values": suggest(request.brand, kind, text) if kind is not None and text else []})


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
