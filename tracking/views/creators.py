"""One creator over all campaigns of the brand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from creators.models import Creator
from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.files import csv_file
from tracking.reports.breakdown import Part
from tracking.reports.creator import CreatorReport, creator_report
from tracking.reports.figures import FORMULAS, KIND_NAMES
from tracking.reports.freshness import waiting_since
from tracking.views.results import (
    FIGURE_COLUMNS,
    POST_COLUMNS,
    day_rows,
    drawn,
    figure_cells,
    left_out,
    post_cells,
    rate,
)

PARTS = ("campaigns", "days", "format", "network")


def report_on(request: BrandRequest, code: str) -> CreatorReport:
    creator = get_object_or_404(Creator.objects.of(request.brand), code=code)
    return creator_report(request.brand, creator, without=left_out(request))


@require_GET
@brand_page()
def creator_results(request: BrandRequest, code: str) -> HttpResponse:
    """Totals, campaigns, time, formats, links and codes of one creator, and what is missing."""
    report = report_on(request, code)
    weekly = request.GET.get("by") == "week"
    context = {
        "report": report,
        "creator": report.creator,
        "weekly": weekly,
        "charts": drawn(report.series(weekly=weekly), report.totals[0].currency) if report.totals else {},
        "formats": report.told_apart("format") if report.lines else None,
        "links": report.links(),
        "codes": report.codes(),
        "kinds": KIND_NAMES,
        "left_out": report.without,
        "waiting_since": waiting_since(),
        "formulas": FORMULAS,
    }
    return render(request, "tracking/creator_results.html", context)


@require_GET
@brand_page()
def creator_panel(request: BrandRequest, code: str) -> HttpResponse:
    """The creator's return in short, for their profile; nothing before their first campaign."""
    return render(request, "tracking/creator_panel.html", {"report": report_on(request, code)})


@require_GET
@brand_page()
def creator_csv(request: BrandRequest, code: str) -> HttpResponse:
    """A table of the page as a file: ?part=campaigns, days, format or network."""
    report, part = report_on(request, code), request.GET.get("part", "")
    part = part if part in PARTS else PARTS[0]
    return csv_file(f"{report.creator.code}-{part}", rows_of(report, part, weekly=request.GET.get("by") == "week"))


def rows_of(report: CreatorReport, part: str, *, weekly: bool) -> Iterable[list[Any]]:
    if part == "days":
        currency = report.totals[0].currency if report.totals else report.brand.currency
        return day_rows(report.series(weekly=weekly), currency, weekly=weekly)
    return campaign_rows(report) if part == "campaigns" else part_rows(part, report.told_apart(part).parts)


def campaign_rows(report: CreatorReport) -> Iterable[list[Any]]:
    facts = ["campaign", "collaboration", "status", "advice", "pooled_conversion", "conversion_of_the_campaign"]
    yield [*facts, *FIGURE_COLUMNS, *POST_COLUMNS]
    for line in report.lines:
        row, known = line.collaboration, line.expected
        about = [line.part.name, row.code, row.status, line.hint.word if line.hint else None]
        pooled = [rate(known.conversion if known else None), rate(line.peers)]
        yield [*about, *pooled, *figure_cells(line.figures, line.part.currency), *post_cells(line.part)]


def part_rows(by: str, parts: list[Part]) -> Iterable[list[Any]]:
    yield [by, *FIGURE_COLUMNS, *POST_COLUMNS]
    for part in parts:
        yield [part.name, *figure_cells(part.figures, part.currency), *post_cells(part)]
