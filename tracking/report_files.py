"""A report's files as answers, for pages and partners alike."""

from __future__ import annotations

from django.http import Http404, HttpResponse

from groundswell.web import files
from tracking.models import Report
from tracking.reports.documents import Document, pdf_of, rows_of, workbook_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def pdf_file(report: Report, document: Document) -> HttpResponse:
    return file_of(report, "pdf", "application/pdf", pdf_of(document))


def xlsx_file(report: Report, document: Document) -> HttpResponse:
    return file_of(report, "xlsx", XLSX, workbook_of(document))


def csv_file(report: Report, document: Document, word: str) -> HttpResponse:
    section = document.section(word)
    if section is None or not section.tables:
        raise Http404("This report has no such table.")
    return files.csv_file(f"report-{report.code}-{word}", rows_of(section))


def file_of(report: Report, kind: str, content_type: str, content: bytes) -> HttpResponse:
    name = f"report-{report.code}.{kind}"
    return HttpResponse(content, content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
