"""What a brand does with a creator: relate, note, block."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from creators.models import Creator, Note, Relationship
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record

FACTS = frozenset(["stage", "email", "phone", "address", "price", "price_currency", "tags", "owner", "user"])


class StrangerRefusedError(Exception):
    """The creator is private to another brand."""


@transaction.atomic
def relate(brand: Brand, creator: Creator, *, by: User | None = None, **facts: Any) -> Relationship:
    """The brand's relationship with a creator, made where there is none; changes only the facts that differ.

    `facts` are fields of Relationship (email, phone, price, price_currency, tags, stage, owner …).
    Raises StrangerRefusedError for a creator that is private to another brand.
    """
    unknown = facts.keys() - FACTS
    if unknown:
        raise TypeError(f"not a fact of a relationship: {', '.join(sorted(unknown))}")
    if creator.owner_id not in {None, brand.pk}:
        raise StrangerRefusedError("This creator is not in your directory.")
    relationship, is_new = Relationship.objects.get_or_create(brand=brand, creator=creator, defaults=facts)
    if is_new:
        record(brand, "relationship.started", relationship, by=by)
        return relationship
    return change(relationship, facts, by=by)


def change(relationship: Relationship, facts: dict[str, Any], *, by: User | None) -> Relationship:
    """Write the facts that differ, and only those columns; the event names them without their private values."""
    differing = [name for name, value in facts.items() if getattr(relationship, name) != value]
    if not differing:
        return relationship
    for name in differing:
        setattr(relationship, name, facts[name])
    relationship.save(update_fields=[*differing, "updated_at"])
    record(relationship.brand, "relationship.changed", relationship, by=by, changed=sorted(differing))
    return relationship


@transaction.atomic
def add_note(relationship: Relationship, text: str, *, by: User) -> Note:
    note = Note.objects.create(relationship=relationship, author=by, text=text)
    record(relationship.brand, "relationship.noted", relationship, by=by)
    return note


@transaction.atomic
def block(brand: Brand, creator: Creator, *, by: User) -> Relationship:
    """Mark a creator as blocked: left out of shortlists and campaigns from now on."""
    return relate(brand, creator, by=by, stage=Relationship.Stage.BLOCKED)


@transaction.atomic
def unblock(relationship: Relationship, *, by: User) -> Relationship:
    """Back to prospect; a relationship that isn't blocked stays as it is."""
    changed = Relationship.objects.filter(pk=relationship.pk, stage=Relationship.Stage.BLOCKED).update(
        stage=Relationship.Stage.PROSPECT, updated_at=timezone.now()
    )
    if changed:
        relationship.refresh_from_db()
        record(relationship.brand, "relationship.changed", relationship, by=by, changed=["stage"])
    return relationship
