"""Upload a file of orders, check what its columns mean, watch it being read, see what came of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from creators.actions.uploads import ImportRefusedError, cancel_import, reopen_import
from creators.importing.lines import UnreadableFileError
from creators.views.imports import rejected_lines
from groundswell.web.attempts import attempt
from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.htmx import render_page
from tracking.actions.imports import map_orders, preview_orders, start_orders, upload_orders
from tracking.actions.stores import till
from tracking.forms.imports import OrderMappingForm, OrderUploadForm
from tracking.models import OrderImport

LATEST = 50
SHOWN_REJECTED = 20


def find(request: BrandRequest, code: str) -> OrderImport:
    rows = OrderImport.objects.of(request.brand).select_related("brand", "store__brand")
    found: OrderImport = get_object_or_404(rows, code=code)
    return found


@require_GET
@brand_page()
def order_imports(request: BrandRequest) -> HttpResponse:
    rows = OrderImport.objects.of(request.brand).select_related("uploaded_by", "store").order_by("-pk")[:LATEST]
    return render(request, "tracking/order_imports.html", {"imports": rows})


@brand_page("manage")
def order_import_new(request: BrandRequest) -> HttpResponse:
    form = OrderUploadForm(request.POST or None, request.FILES or None, brand=request.brand)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            store = data["store"] or till(request.brand, data["till"])
            job = upload_orders(store, data["file"], data["file"].name, by=request.user)
            return redirect("tracking:order-import", job.code)
        except UnreadableFileError as problem:
            form.add_error("file", str(problem))
    return render(request, "tracking/order_import_new.html", {"form": form}, status=422 if form.errors else 200)


@brand_page("manage", writes=True)
def order_import(request: BrandRequest, code: str) -> HttpResponse:
    """One import at its present step; a POST changes the mapping and shows the preview again."""
    job = find(request, code)
    if job.status != OrderImport.Status.MAPPING:
        context = {"job": job, "rejected": job.rejected_rows.all()[:SHOWN_REJECTED]}
        return render_page(request, "tracking/order_import.html", context, part="progress")
    form = OrderMappingForm(job, request.POST or None)
    if request.method == "POST" and form.is_valid():
        map_orders(job, form.mapping())
        form = OrderMappingForm(job)
    return show_mapping(request, job, form)


def show_mapping(request: BrandRequest, job: OrderImport, form: OrderMappingForm) -> HttpResponse:
    preview = preview_orders(job)
    context: dict[str, Any] = {"job": job, "form": form, "preview": preview, "columns": form.columns(preview.sample)}
    status = 422 if form.is_bound else 200
    return render_page(request, "tracking/order_import_mapping.html", context, part="mapping", status=status)


@require_POST
@brand_page("manage")
def start(request: BrandRequest, code: str) -> HttpResponse:
    """Start with the mapping as the form has it; with `rehearsal` nothing will be kept."""
    job = find(request, code)
    if job.status == OrderImport.Status.MAPPING:
        form = OrderMappingForm(job, request.POST)
        if not form.is_valid():
            return show_mapping(request, job, form)
        map_orders(job, form.mapping())
    try:
        start_orders(job, by=request.user, is_rehearsal="rehearsal" in request.POST)
    except ImportRefusedError as problem:
        messages.error(request, str(problem))
    return redirect("tracking:order-import", job.code)


@require_POST
@brand_page("manage")
def reopen(request: BrandRequest, code: str) -> HttpResponse:
    """From the counts of a rehearsal back to the columns."""
    job = find(request, code)
    done = "Change what is wrong, then import."
    return attempt(
        request, lambda: reopen_import(job), to=job.get_absolute_url(), done=done, refusal=ImportRefusedError
    )


@require_POST
@brand_page("manage")
def cancel(request: BrandRequest, code: str) -> HttpResponse:
    job = find(request, code)
    return attempt(
        request,
        lambda: cancel_import(job, by=request.user),
        to=job.get_absolute_url(),
        done="Cancelled. Orders that were read before stay.",
        refusal=ImportRefusedError,
    )


@require_GET
@brand_page()
def rejected(request: BrandRequest, code: str) -> StreamingHttpResponse:
    """The rows that were not imported, with the reasons, ready to be mended and uploaded again."""
    job = find(request, code)
    response = StreamingHttpResponse(rejected_lines(job), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="rejected-{job.code}.csv"'
    return response
