"""A creator's vetting: signals, disclosure, mentions, fit, checklist, votes and the decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from creators.actions.vetting import (
    DEFAULT_CHECKLIST,
    VettingRefusedError,
    answer_item,
    cancel_vetting_run,
    cast_vote,
    keep_signals,
    report,
    set_checklist,
    set_policy,
    start_vetting_run,
)
from creators.actions.vetting import decide as settle
from creators.actions.vetting import reopen as take_back
from creators.forms.vetting import VettingPolicyForm
from creators.metrics.figures import followers_at, post_rate, rates_chart
from creators.metrics.rates import AnyRate
from creators.models import (
    ChecklistAnswer,
    ChecklistItem,
    Creator,
    Note,
    Post,
    Shortlist,
    Vetting,
    VettingPolicy,
    VettingRun,
)
from creators.vetting import growth, talk
from creators.vetting.collect import AccountFacts
from creators.vetting.report import AccountReport, Report, replies_of
from creators.vetting.signals import TITLES
from groundswell.accounts.models import Brand
from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.htmx import render_page
from groundswell.web.paging import page_by_key

POSTS, COMMENTS, PER_PAGE, RESULTS = 12, 4, 20, 200
COMPARED = range(2, 6)
DECISIONS = {"approve": Vetting.Decision.APPROVED, "reject": Vetting.Decision.REJECTED, "end": Vetting.Decision.ENDED}


def find(request: BrandRequest, code: str) -> Creator:
    return get_object_or_404(Creator.objects.of(request.brand), code=code)


@require_GET
@brand_page()
def vetting(request: BrandRequest, code: str) -> HttpResponse:
    return render(request, "creators/vetting.html", page_context(request, find(request, code)))


def page_context(request: BrandRequest, creator: Creator) -> dict[str, Any]:
    brand, found = request.brand, report(creator, request.brand)
    row = Vetting.objects.of(brand).filter(creator=creator).select_related("decided_by").first()
    votes = list(row.votes.select_related("user").order_by("at")) if row else []
    notes = Note.objects.of(brand).filter(relationship__creator=creator).select_related("author")
    return {
        "creator": creator,
        "report": found,
        "vetting": row,
        "accounts": [shown(account, facts) for account, facts in zip(found.accounts, found.facts, strict=True)],
        "replies": [(TITLES[code], reply) for code, reply in sorted(replies_of(creator).items()) if code in TITLES],
        "posts": posts_of(found),
        "votes": votes,
        "own_vote": next((vote for vote in votes if vote.user_id == request.user.pk), None),
        "vote_choices": [("approve", "Approve"), ("unsure", "Unsure"), ("reject", "Reject")],
        "items": checklist_of(brand, row),
        "answers": ChecklistAnswer.Answer.choices,
        "notes": notes[:5],
    }


def shown(account: AccountReport, facts: AccountFacts) -> dict[str, Any]:
    """What the panel of one account shows: its signals, charts, and comments as examples."""
    rated = [(post, rate_of(post, facts)) for post in facts.posts]
    known = [signal for signal in account.sorted if signal.level != "unknown"]
    return {
        "account": facts.account,
        "report": account,
        "loud": [signal for signal in known if signal.level in {"look", "note"}],
        "quiet": [signal for signal in known if signal.level == "fine"],
        "unknown": [signal for signal in account.sorted if signal.level == "unknown"],
        "followers": followers_chart(facts.counts),
        "followers_id": f"vetted-followers-{facts.account.pk}",
        "rates_id": f"vetted-rates-{facts.account.pk}",
        "rates": rates_chart(rated),
        "comments": examples(facts),
    }


def rate_of(post: Post, facts: AccountFacts) -> AnyRate:
    return post_rate(post, facts.account.network, followers_at(post, facts.snapshots))


def followers_chart(counts: list[growth.Count]) -> dict[str, Any] | None:
    """Followers by day with the steps marked; None below two days."""
    if len(counts) < 2:
        return None
    return {
        "labels": [count.day.isoformat() for count in counts],
        "series": [{"name": "Followers", "values": [count.followers for count in counts]}],
        "notes": {step.end.isoformat(): f"Step: +{step.gained:,}" for step in growth.steps(counts)},
    }


def examples(facts: AccountFacts) -> list[tuple[str, list[talk.Remark]]]:
    """A few comments of each kind, the newest first."""
    remarks = facts.remarks
    asking = [one for one in remarks if talk.QUESTION.search(one.text)]
    generic = [one for one in remarks if talk.is_generic(one.text) and one not in asking]
    other = [one for one in remarks if one not in asking and one not in generic]
    groups = [("Questions", asking), ("Own words", other), ("Generic", generic)]
    return [(label, rows[:COMMENTS]) for label, rows in groups if rows]


def posts_of(found: Report) -> list[tuple[Any, Any, Any]]:
    """The newest posts of all accounts with their rate and, of sponsored ones, how they were labelled."""
    labels = {post.pk: labelled for post, labelled in found.sponsored}
    rows = [(post, facts) for facts in found.facts for post in facts.posts]
    rows.sort(key=lambda row: row[0].posted_at.timestamp() if row[0].posted_at else 0, reverse=True)
    return [(post, rate_of(post, facts), labels.get(post.pk)) for post, facts in rows[:POSTS]]


def checklist_of(brand: Brand, row: Vetting | None) -> list[tuple[ChecklistItem, ChecklistAnswer | None]]:
    answered = {answer.item_id: answer for answer in row.answers.select_related("by")} if row else {}
    return [(item, answered.get(item.pk)) for item in ChecklistItem.objects.of(brand).in_use()]


@require_GET
@brand_page()
def vetting_panel(request: BrandRequest, code: str) -> HttpResponse:
    """The outcome in short, as a fragment for other pages."""
    creator = find(request, code)
    row = Vetting.objects.of(request.brand).with_votes().filter(creator=creator).first()
    return render(request, "creators/vetting_panel.html", {"creator": creator, "vetting": row})


def attempt(request: BrandRequest, creator: Creator, act: Callable[[], Any], done: str) -> HttpResponse:
    try:
        act()
        messages.success(request, done)
    except VettingRefusedError as problem:
        messages.error(request, str(problem))
    except ValueError:
        messages.error(request, "Choose one of the answers.")
    return redirect("creators:vetting", creator.code)


@require_POST
@brand_page("review")
def vote(request: BrandRequest, code: str) -> HttpResponse:
    creator, answer = find(request, code), request.POST.get("answer", "")
    comment = request.POST.get("comment", "").strip()[:500]
    return attempt(
        request,
        creator,
        lambda: cast_vote(request.brand, creator, answer, comment=comment, by=request.user),
        "Your vote is in.",
    )


@require_POST
@brand_page("review")
def answer(request: BrandRequest, code: str) -> HttpResponse:
    """Answer one question of the checklist."""
    creator = find(request, code)
    item = get_object_or_404(ChecklistItem.objects.of(request.brand).in_use(), code=request.POST.get("item", ""))
    chosen, note = request.POST.get("answer", ""), request.POST.get("note", "").strip()[:300]
    return attempt(
        request, creator, lambda: answer_item(creator, item, chosen, note=note, by=request.user), "Answer kept."
    )


@require_POST
@brand_page("manage")
def decide(request: BrandRequest, code: str) -> HttpResponse:
    """Approve, reject, end without either, or with `reopen` take the decision back."""
    creator, chosen = find(request, code), request.POST.get("decision", "")
    if chosen == "reopen":
        row = get_object_or_404(Vetting.objects.of(request.brand), creator=creator)
        return attempt(request, creator, lambda: take_back(row, by=request.user), "Open again.")
    if chosen not in DECISIONS:
        messages.error(request, "Choose one of the answers.")
        return redirect("creators:vetting", creator.code)
    reason = request.POST.get("reason", "").strip()[:500]
    return attempt(
        request,
        creator,
        lambda: settle(request.brand, creator, DECISIONS[chosen], reason=reason, by=request.user),
        "Decided. The signals of today are kept with it.",
    )


@require_POST
@brand_page("review")
def keep(request: BrandRequest, code: str) -> HttpResponse:
    """Keep the signals as they are now, for lists and comparisons."""
    creator = find(request, code)
    return attempt(request, creator, lambda: keep_signals(request.brand, creator), "Kept as of now.")


@brand_page("manage", writes=True)
def vetting_settings(request: BrandRequest) -> HttpResponse:
    policy = VettingPolicy.objects.holding(request.brand)
    questions = [item.text for item in ChecklistItem.objects.of(request.brand).in_use()]
    form = VettingPolicyForm(policy, questions or list(DEFAULT_CHECKLIST), request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            set_policy(request.brand, by=request.user, **form.facts())
            set_checklist(request.brand, form.cleaned_data["checklist"], by=request.user)
        except VettingRefusedError as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, "Saved. Pages follow at once; kept signals when they are next computed.")
            return redirect("creators:vetting-settings")
    status = 422 if request.method == "POST" else 200
    return render(request, "creators/vetting_settings.html", {"form": form}, status=status)


@require_GET
@brand_page()
def compare(request: BrandRequest) -> HttpResponse:
    """Two to five creators side by side: `?creator=` once for each."""
    codes = list(dict.fromkeys(request.GET.getlist("creator")))[: COMPARED.stop - 1]
    people = {row.code: row for row in Creator.objects.of(request.brand).filter(code__in=codes)}
    found = [(people[code], report(people[code], request.brand)) for code in codes if code in people]
    kept = {
        row.creator_id: row for row in Vetting.objects.of(request.brand).with_votes().filter(creator__code__in=codes)
    }
    columns = [{"creator": one, "report": told, "vetting": kept.get(one.pk)} for one, told in found]
    parts = [
        (parts[0].label, parts)
        for parts in zip(*(told.fit.parts for _, told in found), strict=True)
        if any(part.value is not None for part in parts)
    ]
    context = {"columns": columns, "parts": parts, "is_enough": len(columns) in COMPARED}
    return render(request, "creators/vetting_compare.html", context)


@brand_page("review", writes=True)
def vetting_runs(request: BrandRequest) -> HttpResponse:
    """Who was vetted, and runs over lists; a POST starts one."""
    if request.method == "POST":
        shortlist = get_object_or_404(Shortlist.objects.of(request.brand), code=request.POST.get("shortlist", ""))
        try:
            return redirect("creators:vetting-run", start_vetting_run(request.brand, shortlist, by=request.user).code)
        except VettingRefusedError as problem:
            messages.error(request, str(problem))
            return redirect("creators:vetting-runs")
    rows = Vetting.objects.of(request.brand).with_votes().select_related("creator")
    wanted = request.GET.get("attention", "")
    rows = rows.filter(attention=wanted) if wanted in Vetting.Attention.values else rows
    found, links = page_by_key(request, rows, PER_PAGE)
    runs = VettingRun.objects.of(request.brand).select_related("shortlist").order_by("-pk")[:5]
    lists = Shortlist.objects.of(request.brand).static().order_by("name")
    context = {"rows": found, "runs": runs, "lists": lists, "levels": Vetting.Attention.choices, **links}
    return render(request, "creators/vetting_runs.html", context)


@require_GET
@brand_page()
def vetting_run(request: BrandRequest, code: str) -> HttpResponse:
    """How far a run is, and what it found so far: closest look first."""
    run = get_object_or_404(VettingRun.objects.of(request.brand).select_related("shortlist"), code=code)
    order = {level: at for at, level in enumerate(Vetting.Attention.values)}
    done = Vetting.objects.of(request.brand).with_votes().select_related("creator")
    rows = list(done.filter(creator__in=run.creators[: run.done], computed_at__isnull=False)[:RESULTS])
    rows.sort(key=lambda row: (order[row.attention], row.creator.name))
    ids = [f"creator={row.creator.code}" for row in rows[: COMPARED.stop - 1]]
    context = {"run": run, "rows": rows, "compare_url": f"{reverse('creators:compare')}?{'&'.join(ids)}"}
    return render_page(request, "creators/vetting_run.html", context, part="progress")


@require_POST
@brand_page("review")
def cancel_run(request: BrandRequest, code: str) -> HttpResponse:
    run = get_object_or_404(VettingRun.objects.of(request.brand).select_related("shortlist", "brand"), code=code)
    try:
        cancel_vetting_run(run, by=request.user)
        messages.success(request, "Stopped. What was computed stays.")
    except VettingRefusedError as problem:
        messages.error(request, str(problem))
    return redirect("creators:vetting-run", run.code)
