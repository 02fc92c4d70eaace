"""Named lists of creators."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import IntegrityError, transaction

from creators.models import Creator, Relationship, Shortlist, ShortlistEntry
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record


class NameTakenError(Exception):
    """The brand has a shortlist of this name."""


def create_shortlist(brand: Brand, name: str, *, by: User | None = None) -> Shortlist:
    """Raises NameTakenError."""
    try:
        with transaction.atomic():
            shortlist = Shortlist.objects.create(brand=brand, name=name)
            record(brand, "shortlist.created", shortlist, by=by, title=name)
    except IntegrityError as error:
        raise NameTakenError(f"You have a shortlist “{name}” already. Choose another name.") from error
    return shortlist


def rename_shortlist(shortlist: Shortlist, name: str, *, by: User) -> Shortlist:
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
def delete_shortlist(shortlist: Shortlist, *, by: User) -> None:
    """Removes the list; the creators and everything known of them stay."""
    record(shortlist.brand, "shortlist.deleted", shortlist, by=by, title=shortlist.name)
    shortlist.delete()


@transaction.atomic
def add_to_shortlist(shortlist: Shortlist, creators: Iterable[Creator], *, by: User | None = None) -> int:
    """Adds those who aren't on it and aren't blocked; returns how many were added."""
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
def remove_from_shortlist(shortlist: Shortlist, creators: Iterable[Creator], *, by: User) -> int:
    """Returns how many were removed."""
    removed, _ = shortlist.entries.filter(creator__in=list(creators)).delete()
    if removed:
        record(shortlist.brand, "shortlist.trimmed", shortlist, by=by, removed=removed)
    return removed
