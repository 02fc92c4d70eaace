"""A creator's profile and what the brand knows of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Value
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from creators.actions.relationships import add_note, block, relate, unblock
from creators.actions.shortlists import add_to_shortlist, create_shortlist, remove_from_shortlist
from creators.forms.relationships import BlockForm, NoteForm, RelationshipForm
from creators.metrics import peers as among
from creators.metrics.figures import (
    ShownFact,
    ShownRate,
    details,
    facts,
    followers_at,
    metrics_of,
    post_rate,
    rates_chart,
    shown_rates,
)
from creators.metrics.rates import AnyRate
from creators.models import (
    AccountMetrics,
    AudienceSlice,
    Benchmark,
    ContactChannel,
    Creator,
    CustomField,
    Evidence,
    FollowerSnapshot,
    Lifecycle,
    LifecycleRule,
    Post,
    RateCard,
    Relationship,
    Shortlist,
    SocialAccount,
    Source,
    TierScheme,
)
from creators.templatetags.creators import country_name, language_name
from creators.tiers import tier_of
from groundswell.accounts.models import Brand
from groundswell.web.decorators import BrandRequest, brand_page

RECENT_POSTS = 12
CHARTED_POSTS = 90
SNAPSHOTS = 1200
SLICES = 6
EVIDENCE = 5


@dataclass(frozen=True)
class Slice:
    """One line of the audience, with who says so."""

    name: str
    share: Any
    source: str
    at: datetime | None


@dataclass(frozen=True)
class ShownAccount:
    """What the panel of one account shows."""

    account: SocialAccount
    tier: str | None
    metrics: AccountMetrics | None
    rates: list[ShownRate]
    facts: list[ShownFact]
    details: list[tuple[str, list[ShownFact]]]
    audience: list[tuple[str, list[Slice]]]
    evidence: list[Evidence]
    followers: dict[str, Any] | None
    per_post: dict[str, Any] | None

    @property
    def spare(self) -> int:
        """Empty places in the last row of three figures."""
        return -(len(self.rates) + len(self.facts)) % 3

    @property
    def followers_id(self) -> str:
        return f"followers-{self.account.pk}"

    @property
    def per_post_id(self) -> str:
        return f"per-post-{self.account.pk}"


@require_GET
@brand_page()
def profile(request: BrandRequest, code: str) -> HttpResponse:
    creator = get_object_or_404(Creator.objects.of(request.brand), code=code)
    return render(request, "creators/profile.html", profile_context(request.brand, creator))


def profile_context(brand: Brand, creator: Creator, **forms: Any) -> dict[str, Any]:
    relationship = Relationship.objects.of(brand).filter(creator=creator).select_related("owner", "user").first()
    scheme = TierScheme.objects.of(brand).prefetch_related("bands").first()
    accounts = list(SocialAccount.objects.leading(Value(creator.pk)).select_related("metrics"))
    posts = Post.objects.visible_to(brand).filter(account__in=accounts).select_related("account")
    counts = history(accounts)
    rated = [
        (post, post_rate(post, post.account.network, followers_at(post, counts[post.account_id])))
        for post in posts.order_by("-posted_at", "-pk")[:CHARTED_POSTS]
    ]
    shortlists = list(Shortlist.objects.of(brand).static().order_by("name"))
    on = set(creator.shortlist_entries.filter(shortlist__brand=brand).values_list("shortlist_id", flat=True))
    return {
        "creator": creator,
        "relationship": relationship,
        "accounts": shown_accounts(accounts, scheme, counts, rated),
        "posts": rated[:RECENT_POSTS],
        "contacts": ContactChannel.objects.visible_to(brand).filter(creator=creator).order_by("kind", "value"),
        "prices": RateCard.objects.visible_to(brand).filter(creator=creator).order_by("network", "format", "owner"),
        "notes": relationship.notes.select_related("author").prefetch_related("mentions__user")[:50]
        if relationship
        else [],
        "lifecycle": lifecycle_of(relationship),
        "own_values": own_values(relationship),
        "block_form": BlockForm(),
        "shortlists": [(shortlist, shortlist.pk in on) for shortlist in shortlists],
        "form": RelationshipForm(brand, instance=relationship),
        "note_form": NoteForm(brand),
        **forms,
    }


def shown_accounts(
    accounts: list[SocialAccount],
    scheme: TierScheme | None,
    counts: dict[int, list[FollowerSnapshot]],
    rated: list[tuple[Post, AnyRate]],
) -> list[ShownAccount]:
    """The panels, in a fixed number of queries however many accounts there are."""
    proofs = evidence(accounts)
    slices = audience(accounts, proofs)
    return [
        ShownAccount(
            account,
            tier_of(scheme, account.network, account.followers),
            metrics := metrics_of(account),
            shown_rates(account),
            facts(account),
            details(metrics) if metrics else [],
            slices[account.pk],
            proofs[account.pk][:EVIDENCE],
            followers_chart(counts[account.pk]),
            rates_chart([(post, rate) for post, rate in rated if post.account_id == account.pk]),
        )
        for account in accounts
    ]


def history(accounts: list[SocialAccount]) -> dict[int, list[FollowerSnapshot]]:
    """Follower counts by account, oldest first."""
    found: dict[int, list[FollowerSnapshot]] = defaultdict(list)
    rows = FollowerSnapshot.objects.filter(account__in=accounts).order_by("-observed_on")[:SNAPSHOTS]
    for row in reversed(rows):
        found[row.account_id].append(row)
    return found


def followers_chart(rows: list[FollowerSnapshot]) -> dict[str, Any] | None:
    """Followers per day as the chart wants them; None below two days."""
    if len(rows) < 2:
        return None
    return {
        "labels": [row.observed_on.isoformat() for row in rows],
        "series": [{"name": "Followers", "values": [row.followers for row in rows]}],
    }


def evidence(accounts: list[SocialAccount]) -> dict[int, list[Evidence]]:
    """What the creator proves with a file, by account, latest first."""
    found: dict[int, list[Evidence]] = defaultdict(list)
    for row in Evidence.objects.filter(account__in=accounts).latest_first():
        found[row.account_id].append(row)
    return found


def audience(
    accounts: list[SocialAccount], proofs: dict[int, list[Evidence]]
) -> dict[int, list[tuple[str, list[Slice]]]]:
    """The largest slices of each kind by account; a slice that two sources name comes twice."""
    kinds: dict[tuple[int, str], list[Slice]] = defaultdict(list)
    for row in AudienceSlice.objects.filter(account__in=accounts).order_by("kind", "-share", "key"):
        is_proven = row.source == Source.CREATOR and bool(proofs[row.account_id])
        source = f"{row.get_source_display()}{', with evidence' if is_proven else ''}"
        line = Slice(slice_name(row), row.share, source, row.observed_at)
        kinds[row.account_id, row.get_kind_display()].append(line)
    found: dict[int, list[tuple[str, list[Slice]]]] = defaultdict(list)
    for (account, kind), lines in kinds.items():
        found[account].append((kind, lines[:SLICES]))
    return found


def slice_name(row: AudienceSlice) -> str:
    """Germany, Berlin, 18–24, Female, German."""
    if row.kind == AudienceSlice.Kind.COUNTRY:
        return country_name(row.key)
    if row.kind == AudienceSlice.Kind.LANGUAGE:
        return language_name(row.key)
    return row.key.partition("/")[2].title() or row.key.capitalize()


@require_GET
@brand_page()
def peers(request: BrandRequest, code: str, account: int) -> HttpResponse:
    """The panel that compares an account with its peers and with what is published, as a fragment."""
    creator = get_object_or_404(Creator.objects.of(request.brand), code=code)
    row = get_object_or_404(creator.accounts.select_related("metrics"), pk=account)
    scheme = TierScheme.objects.of(request.brand).prefetch_related("bands").first()
    placed = among.place(request.brand, row, scheme)
    published = list(Benchmark.objects.visible_to(request.brand).engagement_on(row.network).in_order())
    context = {"account": row, "place": placed, "beside": among.beside(placed.rate, published, row, placed.tier)}
    return render(request, "creators/peers.html", context)


def lifecycle_of(relationship: Relationship | None) -> tuple[Lifecycle, str] | None:
    """How far the relationship has come, and by which rule."""
    if relationship is None:
        return None
    rule = LifecycleRule.objects.holding(relationship.brand)
    stage = rule.stage(relationship.worked_at, relationship.last_worked_at, timezone.now())
    return stage, rule.words[stage]


def own_values(relationship: Relationship | None) -> list[tuple[CustomField, str]]:
    """The brand's own fields that have a value here."""
    if relationship is None or not relationship.custom:
        return []
    fields = CustomField.objects.of(relationship.brand)
    return [(field, relationship.custom[field.code]) for field in fields if field.code in relationship.custom]


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
    form = NoteForm(request.brand, request.POST)
    if not form.is_valid():
        context = profile_context(request.brand, creator, note_form=form)
        return render(request, "creators/profile.html", context, status=422)
    about = relate(request.brand, creator, by=request.user)
    add_note(about, form.cleaned_data["text"], by=request.user, tell=form.cleaned_data["tell"])
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
        form = BlockForm(request.POST)
        if not form.is_valid():
            context = profile_context(request.brand, creator, block_form=form)
            return render(request, "creators/profile.html", context, status=422)
        block(request.brand, creator, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, f"{creator} is blocked and will be left out of lists, campaigns and outreach.")
    return redirect(creator)


@require_POST
@brand_page("manage")
def toggle_shortlist(request: BrandRequest, code: str) -> HttpResponse:
    """On or off one shortlist; without a shortlist the first one is made."""
    creator = get_object_or_404(Creator.objects.of(request.brand), code=code)
    chosen = request.POST.get("shortlist", "")
    lists = Shortlist.objects.of(request.brand).static()
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
