"""What every uploaded file goes through in the browser, whatever its rows are about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect

from creators.actions.uploads import ImportRefusedError, cancel_import, reopen_import
from creators.importing.columns import header_notes
from creators.models import Upload
from groundswell.web.attempts import attempt
from groundswell.web.decorators import BrandRequest
from groundswell.web.files import csv_stream
from groundswell.web.htmx import render_page


@dataclass(frozen=True)
class Kind:
    """A kind of uploaded file: its page and form of the columns, and the actions of its jobs."""

    template: str
    form: Callable[..., Any]
    preview: Callable[[Any], Any]
    keep: Callable[[Any, Any], None]
    start: Callable[..., None]


def choose_columns(request: BrandRequest, job: Upload, kind: Kind) -> HttpResponse:
    """The columns and how the first rows will be read; a POST keeps other columns."""
    form = kind.form(job, request.POST or None)
    if request.method == "POST" and form.is_valid():
        kind.keep(job, form.mapping())
        form = kind.form(job)
    return show_columns(request, job, kind, form)


def show_columns(request: BrandRequest, job: Upload, kind: Kind, form: Any) -> HttpResponse:
    preview = kind.preview(job)
    context = {
        "job": job,
        "form": form,
        "preview": preview,
        "columns": form.columns(preview.sample),
        "notes": header_notes(job.header),
    }
    return render_page(request, kind.template, context, part="mapping", status=422 if form.is_bound else 200)


def start_job(request: BrandRequest, job: Upload, kind: Kind) -> HttpResponse:
    """Start with the columns as the form has them; with `rehearsal` nothing will be kept."""
    try:
        if job.status == Upload.Status.MAPPING:
            form = kind.form(job, request.POST)
            if not form.is_valid():
                return show_columns(request, job, kind, form)
            kind.keep(job, form.mapping())
        kind.start(job, by=request.user, is_rehearsal="rehearsal" in request.POST)
    except ImportRefusedError as problem:
        messages.error(request, str(problem))
    return redirect(job)


def reopen_job(request: BrandRequest, job: Upload) -> HttpResponse:
    """From the counts of a rehearsal back to the columns."""
    done = "Change what is wrong, then import."
    return attempt(request, lambda: reopen_import(job), to=job, done=done, refusal=ImportRefusedError)


def cancel_job(request: BrandRequest, job: Upload) -> HttpResponse:
    """Stop; the job's page says how far it came."""
    return attempt(
        request, lambda: cancel_import(job, by=request.user), to=job, done="Cancelled.", refusal=ImportRefusedError
    )


def rejected_file(job: Upload) -> StreamingHttpResponse:
    """The rows that were not imported, or not wholly, with the reasons, ready to be mended and uploaded again."""
    return csv_stream(f"rejected-{job.code}", rejected_lines(job))


def rejected_lines(job: Upload) -> Iterator[list[Any]]:
    yield [*job.header, "line", "reason", "imported"]
    for row in job.rejected_rows.iterator():
        cells = (list(row.values) + [""] * len(job.header))[: max(len(job.header), len(row.values))]
        yield [*cells, row.line, row.reason, "yes" if row.is_imported else "no"]
