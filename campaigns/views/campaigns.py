"""Pages of campaigns: the list, the board, the form, launching and closing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from campaigns.actions.campaigns import (
    change_campaign,
    close_campaign,
    create_campaign,
    launch_campaign,
    missing_for_launch,
)
from campaigns.actions.refusals import Refusal
from campaigns.forms.campaigns import CampaignForm
from campaigns.forms.offers import TermsForm
from campaigns.models import Campaign, Collaboration
from creators.models import TierBand
from creators.tiers import tier_in
from groundswell.accounts.models import Brand
from groundswell.web.attempts import attempt
from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.htmx import go, invalid, render_page

CARDS = 30
ROWS = 50
STAGES = ("selected", "offered", "countered", "accepted", "posted")


@brand_page()
def campaigns(request: BrandRequest) -> HttpResponse:
    """The campaigns of the brand, newest first, by status if asked."""
    rows = Campaign.objects.of(request.brand)
    counts = Counter(rows.order_by().values_list("status", flat=True))
    status = request.GET.get("status", "")
    if status in Campaign.Status.values:
        rows = rows.filter(status=status)
    page = Paginator(rows.with_totals().with_turns().order_by("-id"), 25).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "status": status,
        "total": sum(counts.values()),
        "statuses": [(value, label, counts[value]) for value, label in Campaign.Status.choices],
    }
    return render_page(request, "campaigns/campaigns.html", context, part="rows")


@brand_page("manage")
def new(request: BrandRequest) -> HttpResponse:
    """The form; `?creator=` are those whom to add to the campaign next, before its brief."""
    form = CampaignForm(request.POST or None, brand=request.brand)
    if request.method == "POST":
        if form.is_valid():
            campaign = create_campaign(request.brand, by=request.user, **form.cleaned_data)
            if chosen := request.GET.getlist("creator"):
                messages.success(request, "The campaign is saved as a draft. Next: the creators you chose.")
                adding = reverse("campaigns:add", args=[campaign.code])
                return go(request, f"{adding}?{urlencode({'creator': chosen}, doseq=True)}")
            messages.success(request, "The campaign is saved as a draft. Next: write the brief.")
            return go(request, "campaigns:brief", campaign.code)
        return invalid(request, "campaigns/form.html", {"form": form})
    return render(request, "campaigns/form.html", {"form": form})


@brand_page("manage")
def edit(request: BrandRequest, code: str) -> HttpResponse:
    campaign = get_object_or_404(Campaign.objects.of(request.brand), code=code)
    form = CampaignForm(request.POST or None, instance=Campaign.objects.get(pk=campaign.pk), brand=request.brand)
    if request.method == "POST":
        if form.is_valid():
            return attempt(
                request,
                lambda: change_campaign(campaign, by=request.user, **form.cleaned_data),
                to=campaign,
                done="Saved.",
                refusal=Refusal,
            )
        return invalid(request, "campaigns/form.html", {"form": form, "campaign": campaign})
    return render(request, "campaigns/form.html", {"form": form, "campaign": campaign})


@brand_page()
def campaign(request: BrandRequest, code: str) -> HttpResponse:
    """The board of a campaign, or with `?view=table` its rows for acting on many at once."""
    campaign = get_object_or_404(
        Campaign.objects.of(request.brand).with_totals().select_related("brand", "brief"), code=code
    )
    rows = campaign.collaborations.with_people().with_work().with_newest_offer().order_by("pk")
    context = {"campaign": campaign, **header(campaign)}
    if request.GET.get("view") == "table":
        return render(request, "campaigns/table.html", {**context, **table(request, rows)})
    cards = with_tiers(request.brand, list(rows))
    return render(request, "campaigns/campaign.html", {**context, "columns": board(cards), "any": bool(cards)})


def header(campaign: Campaign) -> dict[str, Any]:
    """What stands above every tab of a campaign: the steps to a launch while it is a draft, its figures after."""
    if campaign.is_draft:
        way = steps(campaign)
        upcoming = next((step for step in way if not step.is_done), None)
        return {"missing": missing_for_launch(campaign), "steps": way, "next_step": upcoming}
    return {"budget_share": share(getattr(campaign, "spent", None), campaign.budget)}


def share(spent: Decimal | None, budget: Decimal | None) -> Decimal | None:
    """The part of the budget that is spent; unknown without a budget."""
    return (spent or Decimal(0)) / budget if budget else None


@dataclass(frozen=True)
class SetUpStep:
    """A step on the way to a launch."""

    label: str
    route: str
    is_done: bool


def steps(campaign: Campaign) -> list[SetUpStep]:
    """The way from an empty draft to a launch, in order."""
    brief = campaign.brief
    return [
        SetUpStep("Set goal and budget", "campaigns:edit", bool(campaign.landing_url)),
        SetUpStep("Write the brief", "campaigns:brief", all([brief.benefits, brief.disclosure, brief.usage_rights])),
        SetUpStep("Say what to make", "campaigns:deliverables", campaign.deliverables.exists()),
        SetUpStep("Add creators", "campaigns:add", campaign.collaborations.exists()),
    ]


@dataclass(frozen=True)
class Column:
    """A column of the board; `more` counts the cards that are left out of it."""

    value: str
    label: str
    cards: list[Collaboration]
    more: int

    @property
    def count(self) -> int:
        return len(self.cards) + self.more


def board(cards: list[Collaboration]) -> list[Column]:
    """The cards by status; those who declined or left stand in one last column, shown only when there is one."""
    ended = [row for row in cards if row.status in {"declined", "withdrawn"}]
    columns = [
        column(value, Collaboration.Status(value).label, [row for row in cards if row.status == value])
        for value in STAGES
    ]
    return [*columns, column("declined", "Not taking part", ended)] if ended else columns


def column(value: str, label: str, cards: list[Collaboration]) -> Column:
    return Column(value, label, cards[:CARDS], max(0, len(cards) - CARDS))


def table(request: BrandRequest, rows: QuerySet[Collaboration]) -> dict[str, Any]:
    """A page of rows, by status if asked, with the form of terms for many."""
    status = request.GET.get("status", "")
    if status in Collaboration.Status.values:
        rows = rows.filter(status=status)
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    return {
        "page": page,
        "rows": with_tiers(request.brand, list(page.object_list)),
        "status": status,
        "statuses": Collaboration.Status.choices,
        "terms": TermsForm(prefix="terms"),
    }


def with_tiers(brand: Brand, rows: list[Collaboration]) -> list[Collaboration]:
    """Give each row its `tier` by the brand's scheme, from the size it had when added."""
    bands = list(TierBand.objects.filter(scheme__brand=brand))
    for row in rows:
        row.tier = tier_in(bands, row.network_when_added, row.followers_when_added)  # type: ignore[attr-defined]
    return rows


@require_POST
@brand_page("manage")
def launch(request: BrandRequest, code: str) -> HttpResponse:
    campaign = get_object_or_404(Campaign.objects.of(request.brand), code=code)
    return attempt(
        request,
        lambda: launch_campaign(campaign, by=request.user),
        to=campaign,
        done=f"{campaign.name} is live. Write to the creators to send them their offers.",
        refusal=Refusal,
    )


@require_POST
@brand_page("manage")
def close(request: BrandRequest, code: str) -> HttpResponse:
    campaign = get_object_or_404(Campaign.objects.of(request.brand), code=code)
    return attempt(
        request,
        lambda: close_campaign(campaign, by=request.user),
        to=campaign,
        done="The campaign is closed. Results go on being counted.",
        refusal=Refusal,
    )


@brand_page()
def home_panel(request: BrandRequest) -> HttpResponse:
    """What waits for the brand in its campaigns: counters, posts, offers not sent, posts overdue or due in a week."""
    live = Campaign.objects.of(request.brand).live()
    rows = live.with_turns().order_by("ends_on", "pk")
    today = request.brand.day()
    owed = Collaboration.objects.of(request.brand).owing_a_post(today + timedelta(days=7))
    context = {"campaigns": waiting(rows), "owed": owed[:5], "today": today, "live": live.count()}
    return render(request, "campaigns/home_panel.html", context)


def waiting(rows: Iterable[Any]) -> list[Any]:
    return [row for row in rows if row.to_answer or row.to_review or row.to_send][:5]
