"""Saved searches: lists by rule that can be watched, with a letter a day about whom they newly found."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from creators.actions.shortlists import change_rule, create_shortlist, rename_shortlist
from creators.lists import SearchRefusedError, rule_of, search_of
from creators.models import SearchMatch, SearchQuerySet, Shortlist
from groundswell.accounts.actions.letters import send_letter
from groundswell.accounts.models import Brand, Membership, User

MOST_WATCHED = 5_000
NAMED = 10


@transaction.atomic
def save_search(brand: Brand, name: str, query: str, *, by: User | None = None, alerts: bool = False) -> Shortlist:
    """The search under a name, for the whole team. Raises NameTakenError and SearchRefusedError."""
    row = create_shortlist(brand, name, by=by, query=rule_of(query), alerts=alerts)
    watch(row)
    return row


@transaction.atomic
def change_search(
    row: Shortlist, *, by: User | None, name: str | None = None, query: str | None = None, alerts: bool | None = None
) -> Shortlist:
    """Another name, other filters or alerts; watching starts over where one of the latter changed.

    Raises NameTakenError and SearchRefusedError; nothing is changed then.
    """
    before = (row.query, row.alerts)
    if name is not None:
        rename_shortlist(row, name, by=by)
    change_rule(row, by=by, query="" if query is None else rule_of(query), alerts=alerts)
    if (row.query, row.alerts) != before:
        SearchMatch.objects.filter(shortlist=row).delete()
        watch(row)
    return row


def watch(row: Shortlist) -> None:
    """From now on tell of whoever isn't found yet. Raises SearchRefusedError for a search that finds too many."""
    if not row.alerts:
        return
    found = search_of(row).count()
    if found > MOST_WATCHED:
        raise SearchRefusedError(
            f"This search finds about {found:,} creators; alerts are for searches of up to {MOST_WATCHED:,}. Narrow it."
        )
    now = timezone.now()
    keep_matches(row, row.last_seen or now, told_at=now)


def look_for_matches(row: Shortlist) -> int:
    """Keep whom the search finds now and never found before; returns how many those are."""
    return keep_matches(row, timezone.now(), told_at=None)


@transaction.atomic
def keep_matches(row: Shortlist, found_at: datetime, *, told_at: datetime | None) -> int:
    ids = list(unmatched(row).values_list("creator_id", flat=True)[:MOST_WATCHED])
    rows = [SearchMatch(shortlist=row, creator_id=pk, found_at=found_at, told_at=told_at) for pk in ids]
    SearchMatch.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def unmatched(row: Shortlist) -> SearchQuerySet:
    matches = SearchMatch.objects.filter(shortlist=row, creator=OuterRef("creator"))
    return search_of(row).rows().filter(~Exists(matches))


@transaction.atomic
def tell_matches(brand: Brand) -> int:
    """One letter to each member who manages creators about all new matches; returns how many creators it names.

    A match is claimed in the transaction that writes the letters, so it is told once, whoever else runs.
    """
    rows = SearchMatch.objects.of(brand).untold().select_for_update(of=("self",), skip_locked=True)
    matches = list(rows.select_related("shortlist", "creator").order_by("shortlist__name", "pk"))
    SearchMatch.objects.filter(pk__in=[match.pk for match in matches]).update(told_at=timezone.now())
    if matches:
        context = letter(brand, matches)
        for member in managers(brand):
            send_letter("creators/matches", member.user.email, context)
    return len(matches)


def managers(brand: Brand) -> list[Membership]:
    members = Membership.objects.of(brand).select_related("user").order_by("pk")
    return [member for member in members if member.may("manage")]


def letter(brand: Brand, matches: list[SearchMatch]) -> dict[str, object]:
    """What the letter says, in plain values: searches by name with up to ten creators each."""
    found: dict[Shortlist, list[SearchMatch]] = {}
    for match in matches:
        found.setdefault(match.shortlist, []).append(match)
    searches = [
        {
            "name": row.name,
            "count": len(new),
            "names": [match.creator.name for match in new[:NAMED]],
            "more": max(0, len(new) - NAMED),
            "url": settings.SITE_URL + search_url(row),
        }
        for row, new in found.items()
    ]
    return {"brand": brand.name, "count": len(matches), "searches": searches}


def search_url(row: Shortlist) -> str:
    return f"{reverse('creators:directory')}?{row.query}&saved={row.code}"
