"""Pages about what creators, tiers and campaigns returned."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Max, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from campaigns.models import Campaign, Collaboration
from groundswell.accounts.models import Brand
from groundswell.lib.money import rounded
from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.files import csv_file
from tracking.models import CampaignDay, Order
from tracking.reports.best import best_of
from tracking.reports.breakdown import DAY, Part, breakdown_of, keys_of
from tracking.reports.campaign import CampaignReport, Line, Rank, report_of, series_of, unmatched_in
from tracking.reports.dealings import dealings_of
from tracking.reports.dimensions import DIMENSIONS
from tracking.reports.figures import FORMULAS, KIND_NAMES, KINDS, Figures, cost_kinds, efficiency
from tracking.reports.freshness import waiting_since
from tracking.reports.matrix import MEASURES, matrix_of
from tracking.reports.outlooks import Expectation, Hint, expectations_of, hint_of, judged_at
from tracking.reports.overview import overview_of
from tracking.reports.periods import period_of
from tracking.reports.series import Day
from tracking.reports.trends import SPANS, beside, trends_of

ROWS = 25
MATRIX_ROWS = 50
WEEKS_BEYOND = 120  # days of a campaign: three charts' tables of a year are longer than anybody reads
CAMPAIGNS = 20
MONTHS = {"cohort", "first-order"}
MANY = {"campaign", "creator"}  # dimensions with so many parts that a page shows some
SORTS: dict[str, Callable[[Rank], Any]] = {
    "evidence": lambda rank: rank.figures.evidence,
    "name": lambda rank: rank.name.casefold(),
    "clicks": lambda rank: rank.figures.unique_clicks,
    "orders": lambda rank: rank.figures.orders_interval.low,
    "revenue": lambda rank: rank.figures.revenue,
    "cost": lambda rank: rank.figures.cost,
    "roi": lambda rank: rank.figures.roi,
}


def find(request: BrandRequest, code: str) -> Campaign:
    return get_object_or_404(Campaign.objects.of(request.brand).select_related("brand"), code=code)


def left_out(request: HttpRequest) -> tuple[str, ...]:
    """Kinds of cost that are asked to count as nothing: ?without=time&without=product."""
    asked = request.GET.getlist("without")
    return tuple(kind for kind in KINDS if kind in asked)


def split_by(request: HttpRequest) -> str:
    """What the results are to be told apart by; the tier as of now unless asked otherwise."""
    asked = request.GET.get("split", "")
    return asked if asked in DIMENSIONS or asked == DAY else "tier"


@brand_page()
def campaign_results(request: BrandRequest, code: str) -> HttpResponse:
    """Funnel, totals, time series, creators, tiers and cost of a campaign."""
    campaign = find(request, code)
    report = report_of(campaign, without=left_out(request))
    weekly = by_week(request, campaign)
    unmatched = unmatched_in([campaign])
    shown = [rank for rank in ranked(report, request.GET.get("sort", "")) if rank.is_worth_a_row]
    page = Paginator(shown, ROWS).get_page(request.GET.get("page"))
    expected = expectations_of(rank.pk for rank in page)
    context = {
        "campaign": campaign,
        "report": report,
        "total": report.total,
        "page": page,
        "rows": [told(line, expected.get(line.collaboration.pk)) for line in report.lines_of(page)],
        "judged_at": judged_at(campaign),
        "quiet": len(report.ranks) - len(shown),
        **parts_of(request, campaign),
        "weekly": weekly,
        "charts": charts(campaign, weekly=weekly),
        "unmatched": unmatched,
        "unmatched_count": sum(count for _, count in unmatched),
        "waiting_since": waiting_since(),
        "cost_kinds": cost_kinds(report.total),
        "kinds": KIND_NAMES,
        "left_out": report.without,
        "efficiency": efficiency(report.total, report.engagement),
        "formulas": FORMULAS,
    }
    return render(request, "tracking/campaign_results.html", context)


def by_week(request: HttpRequest, campaign: Campaign) -> bool:
    """As asked by ?by=; else weeks where a campaign has been running for long."""
    asked = request.GET.get("by")
    if asked in {"day", "week"}:
        return asked == "week"
    ends = CampaignDay.objects.filter(campaign=campaign).aggregate(first=Min("day"), last=Max("day"))
    return bool(ends["first"]) and (ends["last"] - ends["first"]).days > WEEKS_BEYOND


def told(line: Line, expected: Expectation | None) -> tuple[Line, Hint | None, Expectation | None]:
    return line, hint_of(line, expected), expected


def parts_of(
    request: BrandRequest, campaign: Campaign | None = None, keys: Iterable[Any] | None = None
) -> dict[str, Any]:
    """What the table of a breakdown shows."""
    words = [word for word in DIMENSIONS if not (campaign and word in MANY)]
    chosen = split_by(request) if split_by(request) in words else "tier"
    found = breakdown_of(
        request.brand, chosen, campaigns=[campaign] if campaign else None, without=left_out(request), keys=keys
    )
    return {
        "breakdown": found,
        "dimensions": [(word, DIMENSIONS[word].title) for word in words],
        "has_worth": any(part.worth for part in found.parts),
    }


def ranked(report: CampaignReport, sort: str) -> list[Rank]:
    """By the asked column, missing values last; best evidence first where nothing (known) is asked."""
    key = SORTS.get(sort.removeprefix("-"))
    if key is None:
        return report.ranks
    known = [rank for rank in report.ranks if key(rank) is not None]
    missing = [rank for rank in report.ranks if key(rank) is None]
    return sorted(known, key=key, reverse=sort.startswith("-")) + missing


def charts(campaign: Campaign, *, weekly: bool) -> dict[str, dict[str, Any]]:
    """Data of the charts: clicks and orders differ by orders of magnitude, so each has its own."""
    return drawn(series_of([campaign], weekly=weekly), campaign.currency)


def drawn(rows: list[Day], currency: str) -> dict[str, dict[str, Any]]:
    labels = [row.day.isoformat() for row in rows]

    def one(name: str, key: str, **options: Any) -> dict[str, Any]:
        values = [plain(getattr(row, key)) for row in rows]
        return {"labels": labels, "series": [{"name": name, "values": values}], **options}

    return {
        "clicks": one("Unique clicks", "unique_clicks"),
        "orders": one("Orders", "orders"),
        "revenue": one("Net revenue", "revenue", money=currency),
    }


def plain(value: Any) -> float | int:
    return value if isinstance(value, int) else float(value)


@brand_page()
def campaign_csv(request: BrandRequest, code: str) -> HttpResponse:
    """A table of the results page as a file: ?part=creators, split, costs or days."""
    campaign = find(request, code)
    part = request.GET.get("part", "")
    part = part if part in PARTS else "creators"
    return csv_file(f"{campaign.code}-{part}", PARTS[part](campaign, request))


FIGURE_COLUMNS = [
    "clicks", "unique_clicks", "bot_clicks", "orders", "orders_low", "orders_high", "new_customers", "conversion",
    "revenue", "refunded", "product", "fee", "commission", "time", "other", "cost", "contribution", "roi", "roi_low",
    "roi_high", "roi_on_revenue", "roas", "cpa", "cac", "currency",
]  # fmt: skip


def figure_cells(figures: Figures, currency: str) -> list[Any]:
    costs, orders, roi = figures.costs, figures.orders_interval, figures.roi_interval
    return [
        figures.clicks, figures.unique_clicks, figures.bot_clicks, figures.orders, round(orders.low, 2),
        round(orders.high, 2), figures.new_customers, rate(figures.conversion), rounded(figures.revenue, currency),
        rounded(figures.refunded, currency), rounded(costs.product, currency), rounded(costs.fee, currency),
        rounded(figures.commission, currency), rounded(costs.time, currency), rounded(costs.other, currency),
        rounded(figures.cost, currency), rounded(figures.contribution, currency), rate(figures.roi),
        rate(roi.low if roi else None), rate(roi.high if roi else None), rate(figures.roi_on_revenue),
        rate(figures.roas), None if figures.cpa is None else rounded(figures.cpa, currency),
        None if figures.cac is None else rounded(figures.cac, currency), currency,
    ]  # fmt: skip


EXPECTED_COLUMNS = [
    "pooled_conversion", "pooled_conversion_low", "pooled_conversion_high", "next_roi", "next_roi_low",
    "next_roi_high", "chance_of_profit", "odds_in_the_long_run", "advice", "more_posts",
]  # fmt: skip


def expected_cells(line: Line, expected: Expectation | None) -> list[Any]:
    """What the same again would bring; empty cells where nothing can be said."""
    outlook, pooled = (expected.outlook, expected.conversion_interval) if expected else (None, None)
    hint = hint_of(line, expected)
    roi = outlook.roi_95 if outlook else None
    return [
        rate(expected.conversion if expected else None), rate(pooled.low if pooled else None),
        rate(pooled.high if pooled else None), rate(outlook.roi if outlook else None), rate(roi.low if roi else None),
        rate(roi.high if roi else None), rate(outlook.chance if outlook else None),
        rate(outlook.odds if outlook else None), hint.word if hint else None,
        outlook.more_posts if outlook else None,
    ]  # fmt: skip


def rate(value: Any) -> float | None:
    return None if value is None else round(float(value), 6)


def creators_rows(campaign: Campaign, request: HttpRequest) -> Iterable[list[Any]]:
    report = report_of(campaign, without=left_out(request))
    expected = expectations_of(rank.pk for rank in report.ranks)
    facts = ["creator", "collaboration", "status", "tier", "tier_when_added", "tier_when_posted"]
    yield [*facts, *FIGURE_COLUMNS, *EXPECTED_COLUMNS]
    for line in report.lines:
        row = line.collaboration
        facts = [line.name, row.code, row.status, line.tier, line.tier_when_added, line.tier_when_posted]
        known = expected.get(row.pk)
        yield [*facts, *figure_cells(line.figures, campaign.currency), *expected_cells(line, known)]
    yield ["TOTAL", "", "", "", "", "", *figure_cells(report.total, campaign.currency)]


def split_rows(brand: Brand, request: HttpRequest, campaign: Campaign | None = None) -> Iterable[list[Any]]:
    """A breakdown by ?split=, which may be the day; ?from= and ?to= bound the days."""
    by = split_by(request)
    only = [campaign] if campaign else None
    found = breakdown_of(brand, by, campaigns=only, period=period_of(request.GET), without=left_out(request))
    yield [by.replace("-", "_"), "name", "creators", *FIGURE_COLUMNS, *POST_COLUMNS]
    for part in found.parts:
        key = part.key.strftime("%Y-%m") if by in MONTHS and part.key else part.key
        yield [key, part.name, part.creators, *figure_cells(part.figures, part.currency), *post_cells(part)]


POST_COLUMNS = [
    "posts", "engagements", "views", "reach", "rate_by_reach", "rate_by_views", "rate_by_followers", "cpc", "cpe",
    "cpm_views", "cpm_reach", "cpv", "emv_estimate", "emv_currency",
]  # fmt: skip


def post_cells(part: Part) -> list[Any]:
    posts, worth = part.engagement, part.worth
    known = [posts.engaged, posts.viewed, posts.reached]
    return [
        posts.posts,
        *(one.total if one.posts else None for one in known),
        *(rate(one.value) for one in (posts.reach, posts.views, posts.followers)),
        *(None if value is None else round(value, 4) for value in part.efficiency),
        rounded(worth.amount, worth.currency) if worth else None,
        worth.currency if worth else None,
    ]


def campaign_split_rows(campaign: Campaign, request: HttpRequest) -> Iterable[list[Any]]:
    return split_rows(campaign.brand, request, campaign)


def costs_rows(campaign: Campaign, request: HttpRequest) -> Iterable[list[Any]]:
    total = report_of(campaign, without=left_out(request)).total
    yield ["kind", "amount", "currency", "roi_without_it", "roi_on_revenue_without_it"]
    for name, amount, rest in cost_kinds(total):
        returns = [rate(rest.roi), rate(rest.roi_on_revenue)]
        yield [name, rounded(amount, campaign.currency), campaign.currency, *returns]


def days_rows(campaign: Campaign, request: HttpRequest) -> Iterable[list[Any]]:
    weekly = request.GET.get("by") == "week"
    yield from day_rows(series_of([campaign], weekly=weekly), campaign.currency, weekly=weekly)


def day_rows(days: list[Day], currency: str, *, weekly: bool) -> Iterable[list[Any]]:
    yield ["week_from" if weekly else "day", "unique_clicks", "orders", "revenue", "currency"]
    for row in days:
        yield [row.day, row.unique_clicks, row.orders, rounded(row.revenue, currency), currency]


def matrix_rows(campaign: Campaign, request: HttpRequest) -> Iterable[list[Any]]:
    """Creators by formats, of one ?measure=; empty cells where there is nothing, or nothing is known."""
    found = matrix_of(campaign, measured(request))
    yield ["creator", *found.formats]
    for row in found.rows:
        yield [row.rank.name, *(found.measure.plain(cell, campaign.currency) for cell in row.cells)]
    yield ["TOTAL", *(found.measure.plain(cell, campaign.currency) for cell in found.total)]


def measured(request: HttpRequest) -> str:
    asked = request.GET.get("measure", "")
    return asked if asked in MEASURES else "by-views"


PARTS: dict[str, Callable[[Campaign, HttpRequest], Iterable[list[Any]]]] = {
    "creators": creators_rows,
    "split": campaign_split_rows,
    "costs": costs_rows,
    "days": days_rows,
    "matrix": matrix_rows,
}


@brand_page()
def matrix(request: BrandRequest, code: str) -> HttpResponse:
    """Creators by formats, of the measure in ?measure=."""
    campaign = find(request, code)
    found = matrix_of(campaign, measured(request))
    context = {
        "campaign": campaign,
        "matrix": found,
        "page": Paginator(found.rows, MATRIX_ROWS).get_page(request.GET.get("page")),
        "measures": [(word, one.title) for word, one in MEASURES.items()],
        "waiting_since": waiting_since(),
    }
    return render(request, "tracking/matrix.html", context)


@brand_page()
def campaign_panel(request: BrandRequest, code: str) -> HttpResponse:
    """The figures above a campaign's tabs."""
    campaign = find(request, code)
    line = overview_of(request.brand, campaigns=[campaign])[0]
    return render(request, "tracking/campaign_panel.html", {"campaign": campaign, "total": line.figures})


@brand_page()
def collaboration_panel(request: BrandRequest, code: str) -> HttpResponse:
    """What one creator brought in one campaign."""
    rows = Collaboration.objects.of(request.brand).select_related("campaign__brand", "relationship__creator")
    collaboration = get_object_or_404(rows, code=code)
    report = report_of(collaboration.campaign)
    (line,) = report.lines_of(rank for rank in report.ranks if rank.pk == collaboration.pk)
    expected = expectations_of([collaboration.pk]).get(collaboration.pk)
    context = {
        "collaboration": collaboration,
        "campaign": collaboration.campaign,
        "line": line,
        "hint": hint_of(line, expected),
        "expected": expected,
    }
    return render(request, "tracking/collaboration_panel.html", context)


@brand_page()
def home_panel(request: BrandRequest) -> HttpResponse:
    """The latest campaigns' returns in a few figures."""
    live = Campaign.objects.of(request.brand).live().order_by("-launched_at")[:3]
    return render(request, "tracking/home_panel.html", {"lines": overview_of(request.brand, campaigns=list(live))})


@brand_page()
def results(request: BrandRequest) -> HttpResponse:
    """The last weeks beside those before, then every campaign; currencies are never added up."""
    days, without = span_of(request), left_out(request)
    launched = Campaign.objects.of(request.brand).filter(launched_at__isnull=False).order_by("-launched_at")
    page = Paginator(launched, CAMPAIGNS).get_page(request.GET.get("page"))
    trends = trends_of(request.brand, days, without=without)
    context = {
        "page": page,
        "lines": overview_of(request.brand, without=without, campaigns=list(page)),
        "trends": trends,
        "charts": compared(request.brand, days, trends[0].currency) if trends else {},
        "days": days,
        "spans": SPANS,
        "kinds": KIND_NAMES,
        "left_out": without,
        "unmatched_count": Order.objects.of(request.brand).unmatched().count(),
        "waiting_since": waiting_since(),
        "formulas": FORMULAS,
    }
    return render(request, "tracking/results.html", context)


def span_of(request: HttpRequest) -> int:
    asked = request.GET.get("days", "")
    return int(asked) if asked in map(str, SPANS) else 30


def compared(brand: Brand, days: int, currency: str) -> dict[str, dict[str, Any]]:
    """Data of the charts: each day beside the one as far into the span before."""
    now, before = beside(brand, days, currency)
    labels = [row.day.isoformat() for row in now]

    def one(key: str, **options: Any) -> dict[str, Any]:
        named = ((f"Last {days} days", now), ("Before", before))
        series = [{"name": name, "values": [plain(getattr(row, key)) for row in rows]} for name, rows in named]
        return {"labels": labels, "series": series, **options}

    return {name: one(name) for name in ("unique_clicks", "orders")} | {"revenue": one("revenue", money=currency)}


@brand_page()
def best(request: BrandRequest) -> HttpResponse:
    """The creators whose return is best proved, as a panel."""
    rows = best_of(request.brand, without=left_out(request))
    return render(request, "tracking/best_panel.html", {"rows": rows, "formulas": FORMULAS})


@brand_page()
def breakdown_panel(request: BrandRequest) -> HttpResponse:
    """The returns of all campaigns told apart by ?split=, as a panel."""
    return render(request, "tracking/breakdown_panel.html", {**parts_of(request), "formulas": FORMULAS})


@brand_page()
def breakdown(request: BrandRequest) -> HttpResponse:
    """The returns of all campaigns told apart by one dimension, each currency for itself."""
    by = split_by(request)
    keys = keys_of(request.brand, by) if by in MANY else []
    page = Paginator(keys, ROWS).get_page(request.GET.get("page"))
    context = {
        **parts_of(request, keys=list(page) if by in MANY else None),
        "page": page,
        "kinds": KIND_NAMES,
        "left_out": left_out(request),
        "waiting_since": waiting_since(),
        "formulas": FORMULAS,
    }
    return render(request, "tracking/breakdown.html", context)


@brand_page()
def tier_panel(request: BrandRequest) -> HttpResponse:
    """How creators of each tier are dealt with and what came back, for the page that compares tiers."""
    found = breakdown_of(request.brand, "tier")
    context = {"dealings": dealings_of(request.brand), "breakdown": found, "formulas": FORMULAS}
    return render(request, "tracking/tier_panel.html", context)


@brand_page()
def breakdown_csv(request: BrandRequest) -> HttpResponse:
    """The same as a file, every row; ?split=day and ?from= and ?to= are known here too."""
    return csv_file(f"returns-by-{split_by(request)}", split_rows(request.brand, request))
