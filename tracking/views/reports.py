"""Reports: the list, putting one together, reading it, its files, its links and its mail."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from campaigns.models import Campaign
from groundswell.web.attempts import attempt
from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.htmx import go, render_part
from tracking.actions import report_mail
from tracking.actions import reports as actions
from tracking.actions.report_mail import ScheduleRefused
from tracking.actions.reports import ReportRefused, ShareRefused
from tracking.forms.reports import RenewForm, ReportForm, ScheduleForm, ShareForm, expiry
from tracking.models import Report, ReportSchedule, ReportShare
from tracking.report_files import csv_file, pdf_file, xlsx_file
from tracking.reports.documents import document_of
from tracking.reports.material import campaigns_of, days_of

HISTORY = 20


def find(request: BrandRequest, code: str) -> Report:
    row: Report = get_object_or_404(Report.objects.of(request.brand).select_related("brand", "schedule"), code=code)
    return row


@require_GET
@brand_page()
def reports(request: BrandRequest) -> HttpResponse:
    """Every report of the brand, with when it goes out next and how many links show it."""
    rows = Report.objects.of(request.brand).select_related("schedule", "created_by").prefetch_related("campaigns")
    return render(request, "tracking/reports.html", {"reports": rows.with_sharing(timezone.now())})


# Putting together


@brand_page("manage")
def report_new(request: BrandRequest) -> HttpResponse:
    chosen = Campaign.objects.of(request.brand).filter(code=request.GET.get("campaign", ""))
    initial = {
        "scope": Report.Scope.CAMPAIGNS,
        "period": Report.Period.WHOLE,
        "sections": list(Report.USUAL),
        "top": 10,
        "campaigns": [one.code for one in chosen],
        "name": f"{chosen[0].name}: results" if chosen else "",
    }
    return build(request, None, initial)


@brand_page("manage")
def report_edit(request: BrandRequest, code: str) -> HttpResponse:
    report = find(request, code)
    names = (*actions.FIELDS, "campaigns")
    initial = {name: getattr(report, name) for name in names if name != "campaigns"}
    return build(request, report, {**initial, "campaigns": [one.code for one in report.campaigns.all()]})


def build(request: BrandRequest, report: Report | None, initial: dict[str, Any]) -> HttpResponse:
    """The builder: `move` takes a section up or down and saves nothing, anything else saves."""
    if request.method != "POST":
        return show_builder(request, report, ReportForm(request.brand, initial=initial), initial["sections"])
    form = ReportForm(request.brand, request.POST)
    order = [word for word in request.POST.getlist("order") if word in Report.Section.values]
    if "move" in request.POST:
        return show_builder(request, report, form, moved(order, request.POST["move"]), moves=True)
    if form.is_valid():
        facts = form.facts
        facts["sections"] = sorted(facts["sections"], key=lambda word: order.index(word) if word in order else 99)
        try:
            return go(request, saved(request, report, form.cleaned_data["campaigns"], facts).get_absolute_url())
        except ReportRefused as problem:
            form.add_error(None, str(problem))
    return show_builder(request, report, form, order, status=422)


def saved(request: BrandRequest, report: Report | None, campaigns: Any, facts: dict[str, Any]) -> Report:
    if report is None:
        return actions.create_report(request.brand, by=request.user, campaigns=campaigns, **facts)
    actions.change_report(report, by=request.user, campaigns=campaigns, **facts)
    return report


def moved(order: list[str], wish: str) -> list[str]:
    """The order with one section a place up or down ("funnel up"); as it was where there is no such place."""
    word, _, way = wish.partition(" ")
    if word not in order:
        return order
    at = order.index(word)
    to = min(max(at + (-1 if way == "up" else 1), 0), len(order) - 1)
    order.insert(to, order.pop(at))
    return order


def show_builder(
    request: BrandRequest,
    report: Report | None,
    form: ReportForm,
    order: list[str],
    *,
    moves: bool = False,
    status: int = 200,
) -> HttpResponse:
    words = list(dict.fromkeys([*order, *Report.Section.values]))
    chosen = set(form["sections"].value() or ())
    context = {
        "report": report,
        "form": form,
        "sections": [(word, Report.Section(word).label, word in chosen) for word in words],
    }
    if moves:
        return (
            render_part(request, "tracking/report_edit.html", "sections", context)
            if request.headers.get("HX-Request")
            else render(request, "tracking/report_edit.html", {**context, "form": unbound(request, form)})
        )
    return render(request, "tracking/report_edit.html", context, status=status)


def unbound(request: BrandRequest, form: ReportForm) -> ReportForm:
    """What was typed so far, without its errors: nobody asked to save yet."""
    return ReportForm(request.brand, initial={name: form[name].value() for name in form.fields})


@require_POST
@brand_page("manage")
def report_delete(request: BrandRequest, code: str) -> HttpResponse:
    report = find(request, code)
    actions.delete_report(report, by=request.user)
    messages.success(request, f"“{report.name}” is deleted, with its links and its mail.")
    return go(request, "tracking:reports")


# Reading


@require_GET
@brand_page()
def report(request: BrandRequest, code: str) -> HttpResponse:
    """The report with the figures of this moment."""
    row = find(request, code)
    context = {"report": row, "document": document_of(row, timezone.now())}
    return render(request, "tracking/report.html", context)


@require_GET
@brand_page()
def report_pdf(request: BrandRequest, code: str) -> HttpResponse:
    row = find(request, code)
    return pdf_file(row, document_of(row, timezone.now()))


@require_GET
@brand_page()
def report_xlsx(request: BrandRequest, code: str) -> HttpResponse:
    row = find(request, code)
    return xlsx_file(row, document_of(row, timezone.now()))


@require_GET
@brand_page()
def report_csv(request: BrandRequest, code: str, section: str) -> HttpResponse:
    """One section's tables."""
    row = find(request, code)
    return csv_file(row, document_of(row, timezone.now()), section)


# Links


@brand_page("manage")
def report_sharing(request: BrandRequest, code: str) -> HttpResponse:
    """The report's links; a POST makes one, which is shown this once."""
    row, form, url = find(request, code), ShareForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            _, token = actions.share_report(row, by=request.user, **form.facts)
        except ShareRefused as problem:
            form.add_error("days", str(problem))
        else:
            form, url = ShareForm(), ReportShare.url_of(token)
    context = {
        "report": row,
        "form": form,
        "shares": row.shares.with_visits().select_related("created_by"),
        "url": url,
    }
    return render(request, "tracking/report_sharing.html", context, status=422 if form.errors else 200)


def find_share(request: BrandRequest, code: str) -> ReportShare:
    rows = ReportShare.objects.of(request.brand).select_related("report__brand")
    row: ReportShare = get_object_or_404(rows, code=code)
    return row


@require_POST
@brand_page("manage")
def report_share_renew(request: BrandRequest, code: str) -> HttpResponse:
    """The same link, open for as many days from now."""
    row, form = find_share(request, code), RenewForm(request.POST)
    days = form.cleaned_data["days"] if form.is_valid() else 30
    return attempt(
        request,
        lambda: actions.renew_share(row, expires_at=expiry(days), by=request.user),
        to=reverse("tracking:report-sharing", args=[row.report.code]),
        done=f"The link is open for {days} days from now.",
        refusal=ShareRefused,
    )


@require_POST
@brand_page("manage")
def report_share_revoke(request: BrandRequest, code: str) -> HttpResponse:
    row = find_share(request, code)
    actions.revoke_share(row, by=request.user)
    messages.success(request, "The link leads nowhere any more.")
    return go(request, "tracking:report-sharing", row.report.code)


# Mail


@brand_page("manage")
def report_schedule(request: BrandRequest, code: str) -> HttpResponse:
    """When the report goes out and to whom; a POST sets it."""
    row = find(request, code)
    if request.method == "POST":
        form = ScheduleForm(request.brand, request.POST)
        if form.is_valid():
            try:
                schedule = report_mail.schedule_report(row, by=request.user, **form.cleaned_data)
            except ScheduleRefused as problem:
                form.add_error("users", str(problem))
            else:
                due = timezone.localtime(schedule.next_due)
                messages.success(request, f"Goes out next on {due:%-d %b %Y at %H:%M}.")
                return go(request, "tracking:report-schedule", row.code)
    else:
        form = ScheduleForm(request.brand, initial=schedule_facts(row))
    context = {
        "report": row,
        "form": form,
        "left": row.readers.filter(left_at__isnull=False).select_related("user"),
        "letters": row.letters.select_related("reader")[:HISTORY],
        "days": days_of(row, request.brand.day()),
        "campaigns": campaigns_of(row),
    }
    return render(request, "tracking/report_schedule.html", context, status=422 if form.errors else 200)


def schedule_facts(row: Report) -> dict[str, Any]:
    schedule = ReportSchedule.objects.filter(report=row).first()
    names = ("every", "weekday", "day", "hour", "stops_after")
    readers = list(row.readers.subscribed())
    return {
        **({name: getattr(schedule, name) for name in names} if schedule else {}),
        "users": [reader.user_id for reader in readers if reader.user_id],
        "addresses": "\n".join(reader.address for reader in readers if reader.address),
    }


@require_POST
@brand_page("manage")
def report_schedule_stop(request: BrandRequest, code: str) -> HttpResponse:
    row = find(request, code)
    report_mail.stop_schedule(row, by=request.user)
    messages.success(request, "It goes out no more. The readers are kept for when you schedule it again.")
    return go(request, "tracking:report-schedule", row.code)
