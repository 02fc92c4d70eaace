"""Upload a file, check what its columns mean, watch it being read, see what came of it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from creators.actions.imports import choose_sheet, map_import, preview_import, start_import, upload_import
from creators.actions.uploads import ImportRefusedError, cancel_import, reopen_import
from creators.forms.imports import MappingForm, UploadForm
from creators.importing.columns import header_notes
from creators.importing.lines import UnreadableFileError
from creators.models import Import, Upload
from groundswell.lib.spreadsheets import inert
from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.htmx import render_page

LATEST = 50
SHOWN_REJECTED = 20


@require_GET
@brand_page()
def imports(request: BrandRequest) -> HttpResponse:
    rows = Import.objects.of(request.brand).select_related("uploaded_by").order_by("-pk")[:LATEST]
    return render(request, "creators/imports.html", {"imports": rows})


@brand_page("manage")
def import_new(request: BrandRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            return redirect("creators:import", upload_import(request.brand, upload, upload.name, by=request.user).code)
        except UnreadableFileError as problem:
            form.add_error("file", str(problem))
    return render(request, "creators/import_new.html", {"form": form}, status=422 if form.errors else 200)


@brand_page("manage", writes=True)
def import_job(request: BrandRequest, code: str) -> HttpResponse:
    """One import at its present step; a POST changes the mapping and shows the preview again."""
    job = get_object_or_404(Import.objects.of(request.brand), code=code)
    if job.status != Import.Status.MAPPING:
        return progress(request, job)
    form = MappingForm(job, request.POST or None)
    if request.method == "POST" and form.is_valid():
        map_import(job, form.mapping())
        form = MappingForm(job)
    status = 422 if form.is_bound else 200
    context = mapping_context(job, form)
    return render_page(request, "creators/import_mapping.html", context, part="mapping", status=status)


def mapping_context(job: Import, form: MappingForm) -> dict[str, Any]:
    preview = preview_import(job)
    return {
        "job": job,
        "form": form,
        "preview": preview,
        "columns": form.columns(preview.sample),
        "notes": header_notes(job.header),
    }


def progress(request: BrandRequest, job: Import) -> HttpResponse:
    rows = job.rejected_rows.all()
    context = {"job": job, "rejected": rows.refused()[:SHOWN_REJECTED], "remarked": rows.remarked()[:SHOWN_REJECTED]}
    return render_page(request, "creators/import.html", context, part="progress")


@require_POST
@brand_page("manage")
def sheet(request: BrandRequest, code: str) -> HttpResponse:
    """Read another sheet of the workbook."""
    job = get_object_or_404(Import.objects.of(request.brand), code=code)
    try:
        choose_sheet(job, request.POST.get("sheet", ""))
    except (ImportRefusedError, UnreadableFileError) as problem:
        messages.error(request, str(problem))
    except FileNotFoundError:
        messages.error(request, "The uploaded file is gone. Upload it again.")
    return redirect("creators:import", job.code)


@require_POST
@brand_page("manage")
def start(request: BrandRequest, code: str) -> HttpResponse:
    """Start with the mapping as the form has it; with `rehearsal` nothing will be kept."""
    job = get_object_or_404(Import.objects.of(request.brand), code=code)
    try:
        if job.status == Import.Status.MAPPING:
            form = MappingForm(job, request.POST)
            if not form.is_valid():
                return render(request, "creators/import_mapping.html", mapping_context(job, form), status=422)
            map_import(job, form.mapping())
        start_import(job, by=request.user, is_rehearsal="rehearsal" in request.POST)
    except ImportRefusedError as problem:
        messages.error(request, str(problem))
    return redirect("creators:import", job.code)


@require_POST
@brand_page("manage")
def reopen(request: BrandRequest, code: str) -> HttpResponse:
    """From the counts of a rehearsal back to the columns."""
    job = get_object_or_404(Import.objects.of(request.brand), code=code)
    try:
        reopen_import(job)
    except ImportRefusedError as problem:
        messages.error(request, str(problem))
    return redirect("creators:import", job.code)


@require_POST
@brand_page("manage")
def cancel(request: BrandRequest, code: str) -> HttpResponse:
    job = get_object_or_404(Import.objects.of(request.brand), code=code)
    try:
        cancel_import(job, by=request.user)
        messages.success(request, "Cancelled. Rows that were read before stay.")
    except ImportRefusedError as problem:
        messages.error(request, str(problem))
    return redirect("creators:import", job.code)


@require_GET
@brand_page()
def rejected(request: BrandRequest, code: str) -> StreamingHttpResponse:
    """The rows that were not imported, or not wholly, with the reasons, ready to be mended and uploaded again."""
    job = get_object_or_404(Import.objects.of(request.brand), code=code)
    response = StreamingHttpResponse(rejected_lines(job), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="rejected-{job.code}.csv"'
    return response


class Echo:
    """A file that hands back what is written to it."""

    def write(self, value: str) -> str:
        return value


def rejected_lines(job: Upload) -> Iterator[str]:
    writer = csv.writer(Echo())
    yield "\ufeff" + writer.writerow([inert(name) for name in [*job.header, "line", "reason", "imported"]])
    for row in job.rejected_rows.iterator():
        cells = (list(row.values) + [""] * len(job.header))[: max(len(job.header), len(row.values))]
        cells += [row.line, row.reason, "yes" if row.is_imported else "no"]
        yield writer.writerow([inert(cell) for cell in cells])
