"""Choose the columns, watch the file being written, take it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from creators.actions.exports import ExportRefusedError, found_by, request_export
from creators.exporting import COLUMNS, USUAL
from creators.models.exports import Export
from groundswell.web.decorators import BrandRequest, brand_page

LATEST = 20


class ExportForm(forms.Form):
    format = forms.ChoiceField(label="Kind of file", choices=Export.Format.choices)
    columns = forms.MultipleChoiceField(
        choices=[(name, column.label) for name, column in COLUMNS.items()],
        initial=list(USUAL),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose a column at least."},
    )


@brand_page("manage")
def exports(request: BrandRequest) -> HttpResponse:
    """The search is in the page's address, as the directory writes it."""
    query = request.GET.urlencode()
    form = ExportForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "query": query}
    try:
        if request.method == "POST" and form.is_valid():
            chosen = form.cleaned_data
            row = request_export(request.brand, query, chosen["columns"], chosen["format"], by=request.user)
            return redirect("creators:export", row.code)
        context["total"] = found_by(request.brand, query).count()
    except ExportRefusedError as problem:
        form.add_error(None, str(problem)) if form.is_bound else context.update(problem=str(problem))
    context["exports"] = Export.objects.of(request.brand).select_related("requested_by").order_by("-pk")[:LATEST]
    return render(request, "creators/exports.html", context, status=422 if form.errors else 200)


@brand_page("manage")
@require_GET
def export(request: BrandRequest, code: str) -> HttpResponse:
    row = get_object_or_404(Export.objects.of(request.brand), code=code)
    part = "#progress" if request.headers.get("HX-Request") else ""
    return render(request, f"creators/export.html{part}", {"export": row})


@brand_page("manage")
@require_GET
def download(request: BrandRequest, code: str) -> FileResponse:
    row = get_object_or_404(Export.objects.of(request.brand), code=code)
    if not row.file:
        raise Http404("This file is not written yet.")
    return FileResponse(row.file.open("rb"), as_attachment=True, filename=row.filename)
