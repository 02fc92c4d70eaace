"""Links and codes of a brand: what was given to whom, where it leads, how often it was used."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, Prefetch, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from campaigns.models import Collaboration
from creators.models import SocialAccount
from groundswell.events.models import Event
from groundswell.events.wording import sentence
from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.files import csv_file
from groundswell.web.htmx import go, invalid, render_page
from groundswell.web.paging import page_by_key
from tracking.actions.checks import check_link, checks_of
from tracking.actions.destinations import LinkRefusedError
from tracking.actions.links import (
    PlacementTakenError,
    add_placement,
    change_address,
    change_destination,
    issue_links,
    pause_link,
    resume_link,
)
from tracking.forms.links import AddressForm, DestinationForm, LinkFilterForm, LinksForm, PlacementForm
from tracking.models import DestinationCheck, TrackingLink
from tracking.models.links import history_of
from tracking.qr import qr_response
from tracking.tasks import links as tasks
from tracking.views.feeds import clicks_of, news

PAGE_SIZE = 25
HISTORY = 15
AT_ONCE = 50
HEADINGS = [
    "Campaign",
    "Creator",
    "Placement",
    "Link",
    "Leads to",
    "State",
    "Codes",
    "Clicks of the creator",
    "Unique clicks",
    "Bots",
]


@require_GET
@brand_page()
def links(request: BrandRequest) -> HttpResponse:
    """A page of creators with their links and codes, newest first."""
    form = LinkFilterForm(request.GET, brand=request.brand)
    rows, pages = page_by_key(request, collaborations_with(wanted_links(request, form)), PAGE_SIZE)
    is_filtered = any(request.GET.get(name) for name in form.fields)
    context = {"form": form, "rows": rows, "is_filtered": is_filtered, **pages}
    return render_page(request, "tracking/links.html", context, part="rows")


def wanted_links(request: BrandRequest, form: LinkFilterForm) -> QuerySet[TrackingLink]:
    """The brand's links that the filters leave; an invalid filter leaves all."""
    found = TrackingLink.objects.of(request.brand)
    asked: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    if asked.get("q"):
        found = found.mentioning(asked["q"])
    if asked.get("campaign"):
        found = found.filter(collaboration__campaign=asked["campaign"])
    if asked.get("state") == "broken":
        found = found.leading_to(DestinationCheck.objects.of(request.brand).broken().values("url"))
    elif asked.get("state"):
        found = found.filter(is_active=asked["state"] == "active")
    return found


def collaborations_with(wanted: QuerySet[TrackingLink]) -> QuerySet[Collaboration]:
    """Collaborations that have one of these links, with their sums and everything a row shows."""
    return (
        Collaboration.objects.filter(Exists(wanted.filter(collaboration=OuterRef("pk"))))
        .select_related("campaign", "relationship__creator")
        .annotate(
            clicks=Sum("daily_results__clicks", default=0),
            unique_clicks=Sum("daily_results__unique_clicks", default=0),
            bot_clicks=Sum("daily_results__bot_clicks", default=0),
        )
        .prefetch_related(
            Prefetch("links", TrackingLink.objects.select_related("domain").order_by("placement", "pk")),
            "codes",
            Prefetch("relationship__creator__accounts", SocialAccount.objects.order_by("-followers")),
        )
    )


@require_GET
@brand_page()
def links_csv(request: BrandRequest) -> HttpResponse:
    """Every link the filters leave, as a spreadsheet."""
    form = LinkFilterForm(request.GET, brand=request.brand)
    rows = collaborations_with(wanted_links(request, form)).order_by("-pk").iterator(chunk_size=500)
    return csv_file("links", chain([HEADINGS], chain.from_iterable(map(csv_rows, rows))), is_marked=True)


def csv_rows(row: Collaboration) -> Iterator[list[Any]]:
    """A line for each of its links; the clicks are those of all of them together."""
    codes = ", ".join(code.code for code in row.codes.all())
    counts = [row.clicks, row.unique_clicks, row.bot_clicks]  # type: ignore[attr-defined]
    for link in row.links.all():
        state = "Active" if link.is_active else "Paused"
        words = [row.campaign.name, row.relationship.creator.name, link.placement, link.address, link.destination]
        yield [*words, state, codes, *counts]


@require_GET
@brand_page()
def link(request: BrandRequest, slug: str) -> HttpResponse:
    """One link: copy, QR, where it leads, its last clicks and why some don't count."""
    return show(request, link_of(request, slug))


@require_GET
@brand_page()
def link_clicks(request: BrandRequest, slug: str) -> HttpResponse:
    """The link's newest clicks alone, asked for every few seconds."""
    feed = clicks_of(link_of(request, slug), request.GET.get("who", ""))
    return news(request, "tracking/_click_feed.html", feed)


def show(request: BrandRequest, found: TrackingLink, status: int = 200, **forms: Any) -> HttpResponse:
    context = {
        "link": found,
        "destination_form": DestinationForm(link=found),
        "address_form": AddressForm(link=found),
        "placement_form": PlacementForm(),
        "checks": list(checks_of(found)),
        "history": [(event, sentence(event), changes_in(event)) for event in history_of(found)[:HISTORY]],
        "aliases": found.aliases.select_related("domain").order_by("-pk"),
        "siblings": found.collaboration.links.select_related("domain").order_by("placement", "pk"),
        "codes": found.collaboration.codes.order_by("pk"),
        **clicks_of(found, request.GET.get("who", "")),
        **forms,
    }
    return render(request, "tracking/link.html", context, status=status)


def changes_in(event: Event) -> list[str]:
    """What a change did, field by field."""
    data = event.data
    if "changes" not in data:
        return [f"{data['before']} → {data['after']}"] if "before" in data else [data["note"]] if "note" in data else []
    labels = {name: field.label for name, field in DestinationForm.base_fields.items()}
    return [f"{labels.get(name, name)}: {old or '–'} → {new or '–'}" for name, (old, new) in data["changes"].items()]


def link_of(request: BrandRequest, slug: str) -> TrackingLink:
    mine = TrackingLink.objects.of(request.brand)
    return get_object_or_404(
        mine.select_related("collaboration__campaign__brand", "collaboration__relationship__creator", "domain"),
        slug=slug,
    )


@require_POST
@brand_page("manage")
def destination(request: BrandRequest, slug: str) -> HttpResponse:
    found = link_of(request, slug)
    form = DestinationForm(request.POST, link=found)
    if not form.is_valid():
        return show(request, found, 422, destination_form=form)
    data = form.cleaned_data
    change_destination(found, data.pop("destination"), by=request.user, **data)
    messages.success(request, "Saved. The link leads there within a second.")
    return go(request, found)


@require_POST
@brand_page("manage")
def address(request: BrandRequest, slug: str) -> HttpResponse:
    """Other words or another domain for a link that may be shared already."""
    found = link_of(request, slug)
    form = AddressForm(request.POST, link=found)
    if form.is_valid():
        try:
            change_address(found, form.cleaned_data["slug"], form.cleaned_data["domain"], by=request.user)
        except LinkRefusedError as error:
            form.add_error("slug", str(error))
        else:
            messages.success(request, "Saved. The old address goes on working.")
            return go(request, found)
    return show(request, found, 422, address_form=form)


@require_POST
@brand_page("manage")
def check(request: BrandRequest, slug: str) -> HttpResponse:
    """Look now whether the link's pages answer."""
    found = link_of(request, slug)
    check_link(found, by=request.user)
    messages.success(request, "Looked at just now.")
    return go(request, found)


@brand_page("manage", writes=True)
def new(request: BrandRequest) -> HttpResponse:
    """Links for several placements at once, to everyone in a campaign who agreed."""
    form = LinksForm(request.POST or None, brand=request.brand, initial={"campaign": request.GET.get("campaign")})
    if request.method != "POST":
        return render(request, "tracking/links_new.html", {"form": form})
    if not form.is_valid():
        return invalid(request, "tracking/links_new.html", {"form": form})
    campaign, placements = form.cleaned_data["campaign"], form.cleaned_data["placements"]
    if campaign.collaborations.agreed().count() * len(placements) > AT_ONCE:
        tasks.issue_links.delay(campaign.pk, placements, request.user.pk)
        messages.success(request, "The links are being made. They show up here in a moment.")
    else:
        made = issue_links(campaign, placements, by=request.user)
        messages.success(request, f"{len(made)} new {'link' if len(made) == 1 else 'links'}.")
    return redirect(f"{reverse('tracking:links')}?campaign={campaign.code}")


@require_POST
@brand_page("manage")
def pause(request: BrandRequest, slug: str) -> HttpResponse:
    found = link_of(request, slug)
    pause_link(found, by=request.user)
    messages.success(request, "The link is paused.")
    return go(request, found)


@require_POST
@brand_page("manage")
def resume(request: BrandRequest, slug: str) -> HttpResponse:
    found = link_of(request, slug)
    resume_link(found, by=request.user)
    messages.success(request, "The link works again.")
    return go(request, found)


@require_POST
@brand_page("manage")
def placement(request: BrandRequest, slug: str) -> HttpResponse:
    """One more link of the same creator in the same campaign."""
    found = link_of(request, slug)
    form = PlacementForm(request.POST)
    if form.is_valid():
        try:
            made = add_placement(found.collaboration, form.cleaned_data["placement"], by=request.user)
        except PlacementTakenError as error:
            form.add_error("placement", str(error))
        else:
            messages.success(request, "The link is ready to be shared.")
            return go(request, made)
    return show(request, found, 422, placement_form=form)


@require_GET
@brand_page()
def qr(request: BrandRequest, slug: str, kind: str) -> HttpResponse:
    return qr_response(link_of(request, slug), kind)
