"""A list as its link shows it: no sign-in, read-only but for saying yes or no to each creator."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from creators.actions.shares import SharedClosedError, give_verdict, log_visit
from creators.discovery.search import Entry
from creators.forms.lists import VerdictForm
from creators.lists import search_of
from creators.models import Creator, SharedList, Verdict
from groundswell.web.paging import address
from groundswell.web.shared import ask_password, is_opened, refused, shared_page, take_password

PAGE = 50
REVIEWER = "shared-reviewer"


def find(token: str) -> SharedList | None:
    return SharedList.objects.behind(token).select_related("shortlist__brand").first()


@require_GET
@shared_page(find)
def shared(request: HttpRequest, row: SharedList, token: str) -> HttpResponse:
    if not is_opened(request, row):
        return ask(request, token)
    log_visit(row, request.headers.get("User-Agent", ""))
    return show(request, row, token)


@dataclass(frozen=True)
class Shown:
    """A creator on the page, with what this reader said of them."""

    entry: Entry
    verdict: Verdict | None


def show(
    request: HttpRequest, row: SharedList, token: str, form: VerdictForm | None = None, status: int = 200
) -> HttpResponse:
    search = search_of(row.shortlist)
    page = search.page(after=request.GET.get("after", ""), before=request.GET.get("before", ""), size=PAGE)
    reviewer = request.session.get(REVIEWER, "")
    mine = {
        verdict.creator_id: verdict
        for verdict in row.verdicts.filter(
            reviewer__iexact=reviewer, creator__in=[entry.creator.pk for entry in page.entries]
        )
    }
    context = {
        "row": row,
        "token": token,
        "facts": set(row.facts),
        "entries": [Shown(entry, mine.get(entry.creator.pk)) for entry in page.entries],
        "found": search.count(),
        "reviewer": reviewer,
        "form": form,
        "previous_url": address(request, before=page.previous),
        "next_url": address(request, after=page.next),
    }
    return render(request, "creators/shared.html", context, status=status)


def ask(request: HttpRequest, token: str, *, is_wrong: bool = False) -> HttpResponse:
    return ask_password(request, "list", reverse("creators:shared-password", args=[token]), is_wrong=is_wrong)


@require_POST
@shared_page(find)
def shared_password(request: HttpRequest, row: SharedList, token: str) -> HttpResponse:
    wrong = take_password(request, row, key=row.code, ask=partial(ask, request, token))
    return wrong or redirect("creators:shared", token)


@require_POST
@shared_page(find)
def shared_verdict(request: HttpRequest, row: SharedList, token: str, code: str) -> HttpResponse:
    """Yes or no to one creator of the list, under the reader's name."""
    if not is_opened(request, row):
        return redirect("creators:shared", token)
    if not ratelimit.consume(request, action="shared_verdict", key=row.code):
        return refused(request, 429)
    creator = get_object_or_404(Creator.objects.of(row.shortlist.brand), code=code)
    get_object_or_404(search_of(row.shortlist).creators(), pk=creator.pk)
    form = VerdictForm(request.POST)
    if not form.is_valid():
        return show(request, row, token, form, status=422)
    data = form.cleaned_data
    try:
        give_verdict(
            row,
            creator,
            reviewer=data["reviewer"],
            is_approved=data["answer"] == "approve",
            comment=data["comment"],
        )
    except SharedClosedError:
        return refused(request, 404)
    request.session[REVIEWER] = data["reviewer"]
    messages.success(request, f"{creator}: {'approved' if data['answer'] == 'approve' else 'rejected'}. Thank you.")
    return redirect(f"{reverse('creators:shared', args=[token])}{query_of(request)}#{creator.code}")


def query_of(request: HttpRequest) -> str:
    """The page of the list that was answered on."""
    return f"?{request.GET.urlencode()}" if request.GET else ""
