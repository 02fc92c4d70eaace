"""A creator's profile and what the brand knows of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Value
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from creators.actions.relationships import add_note, block, relate, unblock
from creators.actions.shortlists import add_to_shortlist, create_shortlist, remove_from_shortlist
from creators.forms import NoteForm, RelationshipForm
from creators.models import Creator, FollowerSnapshot, Post, Relationship, Shortlist, SocialAccount, TierScheme
from creators.tiers import tier_of
from groundswell.accounts.models import Brand
from groundswell.events.models import Event
from groundswell.web.decorators import BrandRequest, brand_page

TIMELINE = {
    "relationship.started": ("user-plus", "Relationship started"),
    "relationship.changed": ("pencil", "Changed: {changed}"),
    "relationship.noted": ("file-pen", "Note added"),
}
RECENT_POSTS = 12
SNAPSHOTS = 400


@dataclass(frozen=True)
class Happening:
    icon: str
    text: str
    by: str
    at: datetime


@require_GET
@brand_page()
def profile(request: BrandRequest, code: str) -> HttpResponse:
    creator = get_object_or_404(Creator.objects.of(request.brand), code=code)
    return render(request, "creators/profile.html", profile_context(request.brand, creator))


def profile_context(brand: Brand, creator: Creator, **forms: Any) -> dict[str, Any]:
    relationship = Relationship.objects.of(brand).filter(creator=creator).select_related("owner", "user").first()
    scheme = TierScheme.objects.of(brand).prefetch_related("bands").first()
    accounts = list(SocialAccount.objects.leading(Value(creator.pk)))
    shortlists = list(Shortlist.objects.of(brand).order_by("name"))
    on = set(creator.shortlist_entries.filter(shortlist__brand=brand).values_list("shortlist_id", flat=True))
    return {
        "creator": creator,
        "relationship": relationship,
        "accounts": [(account, tier_of(scheme, account.network, account.followers)) for account in accounts],
        "history": history(accounts),
        "posts": Post.objects.visible_to(brand)
        .filter(account__in=accounts)
        .select_related("account")
        .order_by("-posted_at", "-pk")[:RECENT_POSTS],
        "notes": relationship.notes.select_related("author")[:50] if relationship else [],
        "timeline": timeline(relationship) if relationship else [],
        "shortlists": [(shortlist, shortlist.pk in on) for shortlist in shortlists],
        "form": RelationshipForm(brand, instance=relationship),
        "note_form": NoteForm(),
        **forms,
    }


def history(accounts: list[SocialAccount]) -> dict[str, Any] | None:
    """Followers per day and account as the chart wants them; None below two days."""
    rows = FollowerSnapshot.objects.filter(account__in=accounts).order_by("-observed_on")[:SNAPSHOTS]
    days = sorted({row.observed_on for row in rows})
    if len(days) < 2:
        return None
    by_account = {account.pk: dict.fromkeys(days) for account in accounts}
    for row in rows:
        by_account[row.account_id][row.observed_on] = row.followers
    return {
        "labels": [day.isoformat() for day in days],
        "series": [
            {"name": str(account), "values": list(by_account[account.pk].values())}
            for account in accounts
            if any(value is not None for value in by_account[account.pk].values())
        ],
    }


def timeline(relationship: Relationship) -> list[Happening]:
    events = Event.objects.of(relationship.brand).about(relationship).select_related("actor").order_by("-pk")[:20]
    return [Happening(*happening(event.name, event.data), str(event.actor or ""), event.created_at) for event in events]


def happening(name: str, data: dict[str, Any]) -> tuple[str, str]:
    icon, text = TIMELINE.get(name, ("circle", name.replace(".", " ").replace("_", " ").capitalize()))
    changed = ", ".join(data.get("changed", [])).replace("_", " ")
    return icon, text.format(changed=changed)


@require_POST
@brand_page("manage")
def relationship(request: BrandRequest, code: str) -> HttpResponse:
    creator = get_object_or_404(Creator.objects.of(request.brand), code=code)
    known = Relationship.objects.of(request.brand).filter(creator=creator).first()
    form = RelationshipForm(request.brand, request.POST, instance=known)
    if not form.is_valid():
        context = profile_context(request.brand, creator, form=form)
        return render(request, "creators/profile.html", context, status=422)
    relate(request.brand, creator, by=request.user, **form.facts())
    messages.success(request, "Saved.")
    return redirect(creator)


@require_POST
@brand_page("manage")
def note(request: BrandRequest, code: str) -> HttpResponse:
    creator = get_object_or_404(Creator.objects.of(request.brand), code=code)
    form = NoteForm(request.POST)
    if not form.is_valid():
        context = profile_context(request.brand, creator, note_form=form)
        return render(request, "creators/profile.html", context, status=422)
    add_note(relate(request.brand, creator, by=request.user), form.cleaned_data["text"], by=request.user)
    messages.success(request, "Note added.")
    return redirect(creator)


@require_POST
@brand_page("manage")
def block_creator(request: BrandRequest, code: str) -> HttpResponse:
    """Block, or with `undo` lift the block."""
    creator = get_object_or_404(Creator.objects.of(request.brand), code=code)
    if "undo" in request.POST:
        known = get_object_or_404(Relationship.objects.of(request.brand), creator=creator)
        unblock(known, by=request.user)
        messages.success(request, f"{creator} is no longer blocked.")
    else:
        block(request.brand, creator, by=request.user)
        messages.success(request, f"{creator} is blocked and will be left out of shortlists and campaigns.")
    return redirect(creator)


@require_POST
@brand_page("manage")
def toggle_shortlist(request: BrandRequest, code: str) -> HttpResponse:
    """On or off one shortlist; without a shortlist the first one is made."""
    creator = get_object_or_404(Creator.objects.of(request.brand), code=code)
    chosen = request.POST.get("shortlist", "")
    lists = Shortlist.objects.of(request.brand)
    shortlist = get_object_or_404(lists, code=chosen) if chosen else lists.first()
    shortlist = shortlist or create_shortlist(request.brand, "Shortlist", by=request.user)
    if shortlist.entries.filter(creator=creator).exists():
        remove_from_shortlist(shortlist, [creator], by=request.user)
        messages.success(request, f"Taken off “{shortlist}”.")
    elif add_to_shortlist(shortlist, [creator], by=request.user):
        messages.success(request, f"Added to “{shortlist}”.")
    else:
        messages.warning(request, f"{creator} is blocked and was not added.")
    return redirect(creator)
