"""What a creator sees: their offers, the brief, the contract, and what is to be done by when.

Nothing here reads a brand's own costs, notes or other creators, and no draft of an offer.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from campaigns.actions.contracts import agree_contract
from campaigns.actions.offers import accept_offer, counter_offer, decline_offer
from campaigns.actions.refusals import AccountUnknown, AnotherVersion, Refusal
from campaigns.actions.submissions import submit_post
from campaigns.forms.offers import AgreeForm, CounterForm, DeclineForm, VersionForm
from campaigns.forms.work import PostForm
from campaigns.models import Campaign, Collaboration, Deliverable, Offer
from groundswell.lib.addresses import client_address
from groundswell.web.attempts import attempt
from groundswell.web.decorators import PortalRequest, portal_page
from groundswell.web.htmx import go, invalid

EXAMPLE = Decimal(50)  # an order, to show what a commission means
PAGE = "campaigns/portal_collaboration.html"


@portal_page
def portal(request: PortalRequest) -> HttpResponse:
    """The creator's collaborations: what to answer, what to do next, and what is over."""
    rows = list(mine(request).with_shown_offer().order_by("-pk"))
    for row in rows:
        row.is_late = bool(row.due_on and row.due_on < row.campaign.brand.day(timezone.now()))
    live = Campaign.Status.LIVE
    context = {
        "offers": [row for row in rows if row.status == "offered" and row.campaign.status == live],
        "active": [row for row in rows if row.status == "accepted" or is_waiting(row)],
        "done": [row for row in rows if row.status in {"posted", "declined", "withdrawn"} or is_over(row)],
    }
    return render(request, "campaigns/portal.html", {**context, "none": not rows})


def is_waiting(row: Collaboration) -> bool:
    return row.status == Collaboration.Status.COUNTERED and row.campaign.is_live


def is_over(row: Collaboration) -> bool:
    """An offer that nobody can answer any more."""
    return row.status in {"offered", "countered"} and not row.campaign.is_live


def mine(request: PortalRequest) -> Any:
    rows = Collaboration.objects.of_user(request.user).with_people().with_work().with_due()
    return rows.select_related("campaign__brief").prefetch_related("campaign__deliverables")


def find(request: PortalRequest, code: str) -> Collaboration:
    row: Collaboration = get_object_or_404(mine(request), code=code)
    return row


@portal_page
def collaboration(request: PortalRequest, code: str) -> HttpResponse:
    """Brief, offer, tasks: all about one collaboration."""
    return render(request, PAGE, facts(find(request, code)))


def facts(row: Collaboration, **forms: Any) -> dict[str, Any]:
    offers = list(row.offers.shown())
    offered = next((offer for offer in offers if offer.status == "sent" and offer.side == "brand"), None)
    accepted = next((offer for offer in offers if offer.status == "accepted"), None)
    shown = offered or accepted or (offers[0] if offers else None)
    contract = getattr(row, "contract", None)
    return {
        "collaboration": row,
        "campaign": row.campaign,
        "brand": row.campaign.brand,
        "brief": getattr(row.campaign, "brief", None),
        "deliverables": list(row.campaign.deliverables.all()),
        "offer": shown,
        "can_answer": bool(offered and row.campaign.is_live),
        "earlier": [offer for offer in offers if offer != shown],
        "contract": contract,
        "tasks": tasks(row, forms.pop("failed", {})) if row.is_agreed else [],
        "may_hand_in": row.is_agreed and (contract is None or contract.agreed_at is not None),
        "counter": CounterForm(offer=offered, initial=initial_of(offered)) if offered else None,
        "decline": DeclineForm(),
        "example": EXAMPLE * shown.commission_percent / 100 if shown else None,
        **forms,
    }


def initial_of(offer: Offer) -> dict[str, Any]:
    return {name: getattr(offer, name) for name in ("version", "fee", "commission_percent")}


def tasks(row: Collaboration, failed: dict[int, PostForm]) -> list[dict[str, Any]]:
    """Each deliverable with its posts, how many are missing, and the form to hand one in."""
    submissions = list(row.submissions.select_related("post"))
    networks = set(row.relationship.creator.accounts.values_list("network", flat=True))
    return [task(piece, submissions, networks, failed.get(piece.pk)) for piece in row.campaign.deliverables.all()]


def task(piece: Deliverable, submissions: list[Any], networks: set[str], form: PostForm | None) -> dict[str, Any]:
    posts = [row for row in submissions if row.deliverable_id == piece.pk]
    missing = piece.quantity - sum(row.status != "changes" for row in posts)
    fresh = PostForm(needs_handle=piece.network not in networks, prefix=f"piece-{piece.pk}")
    return {"piece": piece, "posts": posts, "missing": max(0, missing), "form": form or fresh}


class Answer(NamedTuple):
    """One way to answer an offer: what is asked, what it does, where it leads and what is said there."""

    form: type[VersionForm]
    act: Callable[..., Offer]
    to: str
    done: str


ANSWERS = {
    "accept": Answer(
        VersionForm,
        accept_offer,
        "campaigns:portal-contract",
        "You accepted. One thing is left: read the agreement and put your name to it.",
    ),
    "counter": Answer(
        CounterForm, counter_offer, "campaigns:portal-collaboration", "Your counter-offer is with the brand."
    ),
    "decline": Answer(
        DeclineForm, decline_offer, "campaigns:portal-collaboration", "You declined. The brand has been told."
    ),
}


def answered(request: PortalRequest, code: str, name: str) -> HttpResponse:
    """Answer the version the form names, or show the page again with what is wrong."""
    row, answer = find(request, code), ANSWERS[name]
    form = answer.form(request.POST, offer=row.offers.shown().filter(status="sent", side="brand").first())
    try:
        if "version" in form.errors:
            raise AnotherVersion
        if not form.is_valid():
            return invalid(request, PAGE, facts(row, **{name: form}))
        answer.act(row, by=request.user, **form.cleaned_data)
    except Refusal as refusal:
        return invalid(request, PAGE, facts(find(request, code), refusal=str(refusal)))
    messages.success(request, answer.done)
    return go(request, answer.to, code)


@require_POST
@portal_page
def accept(request: PortalRequest, code: str) -> HttpResponse:
    return answered(request, code, "accept")


@require_POST
@portal_page
def counter(request: PortalRequest, code: str) -> HttpResponse:
    """Ask for other terms."""
    return answered(request, code, "counter")


@require_POST
@portal_page
def decline(request: PortalRequest, code: str) -> HttpResponse:
    return answered(request, code, "decline")


@portal_page
def contract(request: PortalRequest, code: str) -> HttpResponse:
    """The agreement, to read and to put one's name to."""
    row = find(request, code)
    if getattr(row, "contract", None) is None:
        return go(request, "campaigns:portal-collaboration", code)
    form = AgreeForm(initial={"name": row.relationship.creator.name})
    return render(
        request, "campaigns/portal_contract.html", {"collaboration": row, "contract": row.contract, "form": form}
    )


@require_POST
@portal_page
def agree(request: PortalRequest, code: str) -> HttpResponse:
    row = find(request, code)
    form = AgreeForm(request.POST)
    if not form.is_valid():
        context = {"collaboration": row, "contract": getattr(row, "contract", None), "form": form}
        return invalid(request, "campaigns/portal_contract.html", context)
    return attempt(
        request,
        lambda: agree_contract(
            row,
            by=request.user,
            name=form.cleaned_data["name"],
            address=client_address(request.META, behind_proxy=settings.BEHIND_PROXY),
            agent=request.headers.get("User-Agent", ""),
        ),
        to=reverse("campaigns:portal-collaboration", args=[code]),
        done="All set. Your link and your code are below.",
        refusal=Refusal,
    )


@require_POST
@portal_page
def submit(request: PortalRequest, code: str, piece: int) -> HttpResponse:
    """Hand in the address of a post."""
    row = find(request, code)
    deliverable = get_object_or_404(row.campaign.deliverables, pk=piece)
    known = row.relationship.creator.accounts.filter(network=deliverable.network).exists()
    form = PostForm(request.POST, needs_handle=not known, prefix=f"piece-{piece}")
    if form.is_valid():
        try:
            submit_post(row, deliverable, by=request.user, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error("handle" if isinstance(refusal, AccountUnknown) and not known else "url", str(refusal))
        else:
            messages.success(request, "Handed in. The brand looks at it next.")
            return go(request, "campaigns:portal-collaboration", code)
    return invalid(request, PAGE, facts(row, failed={piece: form}))
