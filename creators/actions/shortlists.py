"""Named lists of creators, by hand or by rule."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from creators.models import Creator, Relationship, Shortlist, ShortlistEntry
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record


class NameTakenError(Exception):
    """The brand has a shortlist of this name."""


class ByRuleError(Exception):
    """Creators come onto this list by its rule, not by hand."""


def create_shortlist(
    brand: Brand, name: str, *, by: User | None = None, query: str = "", alerts: bool = False
) -> Shortlist:
    """A list by hand, or with the directory's query string one by rule. Raises NameTakenError."""
    try:
        with transaction.atomic():
            seen = timezone.now() if query else None
            shortlist = Shortlist.objects.create(brand=brand, name=name, query=query, alerts=alerts, last_seen=seen)
            record(brand, "shortlist.created", shortlist, by=by, title=name)
    except IntegrityError as error:
        raise NameTakenError(f"You have a shortlist “{name}” already. Choose another name.") from error
    return shortlist


def rename_shortlist(shortlist: Shortlist, name: str, *, by: User | None) -> Shortlist:
    """Raises NameTakenError."""
    old, shortlist.name = shortlist.name, name
    try:
        with transaction.atomic():
            shortlist.save(update_fields=["name"])
            record(shortlist.brand, "shortlist.renamed", shortlist, by=by, old=old, title=name)
    except IntegrityError as error:
        shortlist.name = old
        raise NameTakenError(f"You have a shortlist “{name}” already. Choose another name.") from error
    return shortlist


@transaction.atomic
def change_rule(shortlist: Shortlist, *, by: User | None, query: str = "", alerts: bool | None = None) -> Shortlist:
    """Another rule or other alerts for a list by rule; an empty query keeps the rule. Raises ByRuleError."""
    if not shortlist.is_by_rule:
        raise ByRuleError("Creators were put on this list by hand. Make a new list for the search.")
    before = (shortlist.query, shortlist.alerts)
    shortlist.query = query or shortlist.query
    shortlist.alerts = shortlist.alerts if alerts is None else alerts
    if (shortlist.query, shortlist.alerts) == before:
        return shortlist
    if shortlist.query != before[0]:
        shortlist.last_seen = timezone.now()
    shortlist.save(update_fields=["query", "alerts", "last_seen"])
    record(shortlist.brand, "shortlist.changed", shortlist, by=by, title=shortlist.name)
    return shortlist


def note_seen(shortlist: Shortlist, at: datetime) -> bool:
    """Matches up to this moment were looked at; False where somebody looked later already."""
    earlier: Any = Shortlist.objects.filter(pk=shortlist.pk).exclude(last_seen__gte=at)
    return bool(earlier.update(last_seen=at))


@transaction.atomic
def delete_shortlist(shortlist: Shortlist, *, by: User | None) -> None:
    """Removes the list; the creators and everything known of them stay."""
    record(shortlist.brand, "shortlist.deleted", shortlist, by=by, title=shortlist.name)
    shortlist.delete()


@transaction.atomic
def add_to_shortlist(shortlist: Shortlist, creators: Iterable[Creator], *, by: User | None = None) -> int:
    """Adds those who aren't on it and aren't blocked; returns how many were added. Raises ByRuleError."""
    if shortlist.is_by_rule:
        raise ByRuleError(f"“{shortlist}” is filled by its rule. Choose a list by hand.")
    wanted = [creator for creator in creators if creator.owner_id in {None, shortlist.brand_id}]
    blocked = Relationship.objects.of(shortlist.brand).blocked().filter(creator__in=wanted)
    left_out = set(blocked.values_list("creator_id", flat=True))
    before = shortlist.entries.count()
    ShortlistEntry.objects.bulk_create(
        [
            ShortlistEntry(shortlist=shortlist, creator=creator, added_by=by)
            for creator in wanted
            if creator.pk not in left_out
        ],
        ignore_conflicts=True,
    )
    added = shortlist.entries.count() - before
    if added:
        record(shortlist.brand, "shortlist.filled", shortlist, by=by, added=added)
    return added


@transaction.atomic
def remove_from_shortlist(shortlist: Shortlist, creators: Iterable[Creator], *, by: User | None) -> int:
    """Returns how many were removed."""
    removed, _ = shortlist.entries.filter(creator__in=list(creators)).delete()
    if removed:
        record(shortlist.brand, "shortlist.trimmed", shortlist, by=by, removed=removed)
    return removed
