"""One creator in a campaign: offers, the contract, posts and their figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from campaigns.actions.collaborations import remove_collaboration
from campaigns.actions.offers import accept_counter, decline_counter, send_offer, set_offer
from campaigns.actions.refusals import NotRemovable, Refusal
from campaigns.actions.submissions import approve_submission, ask_for_changes, record_metrics
from campaigns.forms.offers import DeclineForm, TermsForm, VersionForm
from campaigns.forms.work import ChangesForm, MetricsForm
from campaigns.models import Collaboration, Submission
from campaigns.views.campaigns import with_tiers
from groundswell.events.models import Event
from groundswell.web.attempts import attempt
from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.htmx import invalid


def find(request: BrandRequest, code: str) -> Collaboration:
    rows = Collaboration.objects.of(request.brand).with_people().with_work()
    return get_object_or_404(rows, code=code)


@brand_page()
def collaboration(request: BrandRequest, code: str) -> HttpResponse:
    """Everything about one creator in one campaign."""
    return render(request, "campaigns/collaboration.html", facts(request, find(request, code)))


def facts(request: BrandRequest, row: Collaboration, **forms: Any) -> dict[str, Any]:
    """What the page shows; `forms` replace the fresh ones, as after a mistake."""
    offers = list(row.offers.select_related("made_by"))
    submissions = list(row.submissions.select_related("post", "deliverable", "reviewed_by"))
    for submission in submissions:
        submission.metrics = MetricsForm(  # type: ignore[attr-defined]
            initial={name: getattr(submission.post, name) for name in MetricsForm.base_fields},
            prefix=submission.code,
        )
    return {
        "collaboration": with_tiers(request.brand, [row])[0],
        "campaign": row.campaign,
        "creator": row.relationship.creator,
        "offers": offers,
        "open_offer": next((offer for offer in offers if offer.status == "sent"), None),
        "draft": next((offer for offer in offers if offer.status == "draft"), None),
        "contract": getattr(row, "contract", None),
        "submissions": submissions,
        "costs": list(row.costs.all()),
        "reason": reason_of(row),
        "terms": TermsForm(initial=TermsForm.initial_of(offers[0] if offers else None)),
        "changes": ChangesForm(),
        **forms,
    }


def reason_of(row: Collaboration) -> str:
    """Why an offer was declined, if they said so."""
    if row.status != Collaboration.Status.DECLINED:
        return ""
    event = (
        Event.objects.of(row.campaign.brand)
        .filter(name="offer.declined", data__collaboration=row.code)
        .order_by("-pk")
        .first()
    )
    return str(event.data.get("reason", "")) if event else ""


@require_POST
@brand_page("manage")
def offer(request: BrandRequest, code: str) -> HttpResponse:
    """Write the next version; with the second button it goes out at once."""
    row = find(request, code)
    form = TermsForm(request.POST)
    if not form.is_valid():
        return invalid(request, "campaigns/collaboration.html", facts(request, row, terms=form))
    sends = "send" in request.POST

    def act() -> None:
        set_offer(row, by=request.user, **form.cleaned_data)
        if sends:
            send_offer(row, by=request.user)

    done = "The offer is in the creator's portal." if sends else "The draft is saved. Nothing was sent."
    return attempt(request, act, to=row, done=done, refusal=Refusal)


@require_POST
@brand_page("manage")
def send(request: BrandRequest, code: str) -> HttpResponse:
    """Put the draft into the creator's portal, without an e-mail."""
    row = find(request, code)
    return attempt(
        request,
        lambda: send_offer(row, by=request.user),
        to=row,
        done="The offer is in the creator's portal.",
        refusal=Refusal,
    )


@require_POST
@brand_page("manage")
def accept(request: BrandRequest, code: str) -> HttpResponse:
    """Take the counter-offer that was read."""
    done = "Agreed. The creator reads the contract next; link and code are being made."
    return answered(request, code, accept_counter, VersionForm(request.POST), done)


@require_POST
@brand_page("manage")
def decline(request: BrandRequest, code: str) -> HttpResponse:
    """Say no to the counter-offer that was read."""
    done = "Declined. You can still send a new offer."
    return answered(request, code, decline_counter, DeclineForm(request.POST), done)


def answered(request: BrandRequest, code: str, act: Callable[..., Any], form: Form, done: str) -> HttpResponse:
    row = find(request, code)
    if not form.is_valid():
        return invalid(request, "campaigns/collaboration.html", facts(request, row))
    return attempt(request, lambda: act(row, by=request.user, **form.cleaned_data), to=row, done=done, refusal=Refusal)


@require_POST
@brand_page("manage")
def remove(request: BrandRequest, code: str) -> HttpResponse:
    """Take the creator out of the campaign, as long as nothing is agreed."""
    row = find(request, code)
    campaign = row.campaign

    def act() -> None:
        if not remove_collaboration(row, by=request.user):
            raise NotRemovable

    return attempt(request, act, to=campaign, done="Removed from the campaign.", refusal=Refusal)


def find_submission(request: BrandRequest, code: str) -> Submission:
    rows = Submission.objects.of(request.brand).select_related("collaboration__campaign__brand")
    return get_object_or_404(rows, code=code)


@require_POST
@brand_page("review")
def approve(request: BrandRequest, code: str) -> HttpResponse:
    submission = find_submission(request, code)
    return attempt(
        request,
        lambda: approve_submission(submission, by=request.user),
        to=submission.collaboration,
        done="Approved.",
        refusal=Refusal,
    )


@require_POST
@brand_page("review")
def changes(request: BrandRequest, code: str) -> HttpResponse:
    """Send a post back with what should change."""
    submission = find_submission(request, code)
    form = ChangesForm(request.POST)
    if not form.is_valid():
        row = find(request, submission.collaboration.code)
        return invalid(request, "campaigns/collaboration.html", facts(request, row, changes=form))
    return attempt(
        request,
        lambda: ask_for_changes(submission, by=request.user, note=form.cleaned_data["note"]),
        to=submission.collaboration,
        done="Sent back. The creator sees your note in the portal.",
        refusal=Refusal,
    )


@require_POST
@brand_page("review")
def metrics(request: BrandRequest, code: str) -> HttpResponse:
    """Enter the figures of a post by hand. What is left empty is unknown."""
    submission = find_submission(request, code)
    form = MetricsForm(request.POST, prefix=submission.code)
    if form.is_valid():
        return attempt(
            request,
            lambda: record_metrics(submission, by=request.user, **form.cleaned_data),
            to=submission.collaboration,
            done="The figures are saved.",
            refusal=Refusal,
        )
    context = facts(request, find(request, submission.collaboration.code))
    for row in context["submissions"]:
        if row.code == submission.code:
            row.metrics = form
    return invalid(request, "campaigns/collaboration.html", context)
