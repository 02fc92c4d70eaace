"""Upload a file of orders, check what its columns mean, watch it being read, see what came of it."""

from __future__ import annotations

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from creators.importing.lines import UnreadableFileError
from creators.views.uploads import Kind, cancel_job, choose_columns, rejected_file, reopen_job, start_job
from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.htmx import render_page
from tracking.actions.imports import map_orders, preview_orders, start_orders, upload_orders
from tracking.actions.stores import till
from tracking.forms.imports import OrderMappingForm, OrderUploadForm
from tracking.models import OrderImport

LATEST = 50
SHOWN_REJECTED = 20
ORDERS = Kind("tracking/order_import_mapping.html", OrderMappingForm, preview_orders, map_orders, start_orders)


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
            return redirect(upload_orders(store, data["file"], data["file"].name, by=request.user))
        except UnreadableFileError as problem:
            form.add_error("file", str(problem))
    return render(request, "tracking/order_import_new.html", {"form": form}, status=422 if form.errors else 200)


@brand_page("manage", writes=True)
def order_import(request: BrandRequest, code: str) -> HttpResponse:
    """One import at its present step; a POST changes the mapping and shows the preview again."""
    job = find(request, code)
    if job.status == OrderImport.Status.MAPPING:
        return choose_columns(request, job, ORDERS)
    context = {"job": job, "rejected": job.rejected_rows.all()[:SHOWN_REJECTED]}
    return render_page(request, "tracking/order_import.html", context, part="progress")


@require_POST
@brand_page("manage")
def start(request: BrandRequest, code: str) -> HttpResponse:
    return start_job(request, find(request, code), ORDERS)


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
