"""A report as its link shows it: no sign-in, read-only, nothing but its sections."""

from __future__ import annotations

from functools import partial

from allauth.core import ratelimit
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from groundswell.web.shared import ask_password, is_opened, refused, shared_page, take_password
from tracking.actions.report_mail import UnknownReader, leave
from tracking.actions.reports import log_visit
from tracking.models import ReportShare
from tracking.report_files import csv_file, pdf_file, xlsx_file
from tracking.reports.documents import Document, document_of


def find(token: str) -> ReportShare | None:
    return ReportShare.objects.behind(token).select_related("report__brand").first()


def document_for(row: ReportShare) -> Document:
    return document_of(row.report, timezone.now(), hides_names=row.hides_names, hides_costs=not row.shows_costs)


@require_GET
@shared_page(find)
def shared_report(request: HttpRequest, row: ReportShare, token: str) -> HttpResponse:
    if not is_opened(request, row):
        return ask(request, token)
    log_visit(row, request.headers.get("User-Agent", ""))
    with timezone.override(row.report.brand.timezone):
        context = {"row": row, "token": token, "report": row.report, "document": document_for(row)}
        return render(request, "tracking/shared_report.html", context)


def ask(request: HttpRequest, token: str, *, is_wrong: bool = False) -> HttpResponse:
    return ask_password(request, "report", reverse("tracking:shared-report-password", args=[token]), is_wrong=is_wrong)


@require_POST
@shared_page(find)
def shared_report_password(request: HttpRequest, row: ReportShare, token: str) -> HttpResponse:
    wrong = take_password(request, row, key=f"report-{row.code}", ask=partial(ask, request, token))
    return wrong or redirect("tracking:shared-report", token)


@require_GET
@shared_page(find)
def shared_report_file(request: HttpRequest, row: ReportShare, token: str, kind: str) -> HttpResponse:
    """The PDF or the workbook, unless they are kept back."""
    if not is_opened(request, row):
        return redirect("tracking:shared-report", token)
    make = {"pdf": pdf_file, "xlsx": xlsx_file}.get(kind)
    if make is None or not row.gives_files:
        raise Http404("This report gives no such file.")
    if not ratelimit.consume(request, action="shared_file", key=row.code):
        return refused(request, 429)
    return make(row.report, document_for(row))


@require_GET
@shared_page(find)
def shared_report_csv(request: HttpRequest, row: ReportShare, token: str, section: str) -> HttpResponse:
    """One section's tables, unless files are kept back."""
    if not is_opened(request, row):
        return redirect("tracking:shared-report", token)
    if not row.gives_files:
        raise Http404("This report gives no files.")
    return csv_file(row.report, document_for(row), section)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report_unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks (scanners open links), POST does it; RFC 8058. A second POST answers the same."""
    is_done = request.method == "POST"
    try:
        reader = leave(token, confirmed=is_done)
    except UnknownReader as error:
        raise Http404(str(error)) from error
    return render(request, "tracking/report_unsubscribe.html", {"reader": reader, "done": is_done})
