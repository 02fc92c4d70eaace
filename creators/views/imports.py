"""Upload a file, check what its columns mean, watch it being read, see what came of it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from creators.actions.imports import choose_sheet, map_import, preview_import, start_import, upload_import
from creators.actions.uploads import ImportRefusedError
from creators.forms.imports import MappingForm, UploadForm
from creators.importing.lines import UnreadableFileError
from creators.models import Import
from creators.views.uploads import Kind, cancel_job, choose_columns, rejected_file, reopen_job, start_job
from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.htmx import render_page

LATEST = 50
SHOWN_REJECTED = 20
CREATORS = Kind("creators/import_mapping.html", MappingForm, preview_import, map_import, start_import)


def find(request: BrandRequest, code: str) -> Import:
    found: Import = get_object_or_404(Import.objects.of(request.brand), code=code)
    return found


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
            return redirect(upload_import(request.brand, upload, upload.name, by=request.user))
        except UnreadableFileError as problem:
            form.add_error("file", str(problem))
    return render(request, "creators/import_new.html", {"form": form}, status=422 if form.errors else 200)


@brand_page("manage", writes=True)
def import_job(request: BrandRequest, code: str) -> HttpResponse:
    """One import at its present step; a POST changes the mapping and shows the preview again."""
    job = find(request, code)
    return choose_columns(request, job, CREATORS) if job.status == Import.Status.MAPPING else progress(request, job)


def progress(request: BrandRequest, job: Import) -> HttpResponse:
    rows = job.rejected_rows.all()
    context = {"job": job, "rejected": rows.refused()[:SHOWN_REJECTED], "remarked": rows.remarked()[:SHOWN_REJECTED]}
    return render_page(request, "creators/import.html", context, part="progress")


@require_POST
@brand_page("manage")
def sheet(request: BrandRequest, code: str) -> HttpResponse:
    """Read another sheet of the workbook."""
    job = find(request, code)
    try:
        choose_sheet(job, request.POST.get("sheet", ""))
    except (ImportRefusedError, UnreadableFileError) as problem:
        messages.error(request, str(problem))
    except FileNotFoundError:
        messages.error(request, "The uploaded file is gone. Upload it again.")
    return redirect(job)


@require_POST
@brand_page("manage")
def start(request: BrandRequest, code: str) -> HttpResponse:
    return start_job(request, find(request, code), CREATORS)


@require_POST
@brand_page("manage")
def reopen(request: BrandRequest, code: str) -> HttpResponse:
    return reopen_job(request, find(request, code))


@require_POST
@brand_page("manage")
def cancel(request: BrandRequest, code: str) -> HttpResponse:
    return cancel_job(request, find(request, code))


@require_GET
@brand_page()
def rejected(request: BrandRequest, code: str) -> StreamingHttpResponse:
    return rejected_file(find(request, code))
