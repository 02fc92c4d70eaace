"""What a brand does with a creator: relate, change one or many, note, block."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from creators.models import ContactChannel, Creator, CustomField, Mention, Note, Relationship
from groundswell.accounts.actions.letters import send_letter
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record, record_each

FACTS = frozenset(
    [
        "stage",
        "email",
        "phone",
        "address",
        "price",
        "price_currency",
        "tags",
        "owner",
        "user",
        "custom",
        "next_step",
        "next_step_on",
        "blocked_reason",
    ]
)
Stage = Relationship.Stage
UNCHANGED: Any = object()


class StrangerRefusedError(Exception):
    """The creator is private to another brand."""


class ValueRefusedError(ValueError):
    """A value that a field of the brand's own doesn't take; the message names the field."""


@transaction.atomic
def relate(brand: Brand, creator: Creator, *, by: User | None = None, **facts: Any) -> Relationship:
    """The brand's relationship with a creator, made where there is none; changes only the facts that differ.

    `facts` are fields of Relationship (email, phone, price, price_currency, tags, stage, owner …). A stage of
    "blocked" notes who blocked and when, and another stage lifts the block.
    Raises StrangerRefusedError for a creator that is private to another brand.
    """
    unknown = facts.keys() - FACTS
    if unknown:
        raise TypeError(f"not a fact of a relationship: {', '.join(sorted(unknown))}")
    if creator.owner_id not in {None, brand.pk}:
        raise StrangerRefusedError("This creator is not in your directory.")
    defaults = facts | block_facts(Relationship(), facts, by)
    relationship, is_new = Relationship.objects.get_or_create(brand=brand, creator=creator, defaults=defaults)
    if not is_new:
        return change(relationship, facts, by=by)
    record(brand, "relationship.started", relationship, by=by)
    if relationship.is_blocked:
        record(brand, "relationship.blocked", relationship, by=by)
    return relationship


def take_public_addresses(relationships: Iterable[Relationship]) -> None:
    """Fill the empty e-mail addresses with the one that the creator shows every brand, the newest of several."""
    empty = [row for row in relationships if not row.email]
    public = ContactChannel.objects.filter(owner=None, kind=ContactChannel.Kind.EMAIL)
    shown = dict(
        public.filter(creator__in=[row.creator_id for row in empty])
        .order_by(F("observed_at").asc(nulls_first=True), "pk")
        .values_list("creator", "value")
    )
    found = [row for row in empty if row.creator_id in shown]
    for row in found:
        row.email, row.updated_at = shown[row.creator_id], timezone.now()
    Relationship.objects.bulk_update(found, ["email", "updated_at"])


def change(relationship: Relationship, facts: dict[str, Any], *, by: User | None) -> Relationship:
    """Write the facts that differ, and only those columns; the event names them without their private values."""
    blocking = block_facts(relationship, facts, by)
    wanted = facts | blocking
    differing = [name for name, value in wanted.items() if getattr(relationship, name) != value]
    if not differing:
        return relationship
    for name in differing:
        setattr(relationship, name, wanted[name])
    if {"next_step", "next_step_on"} & set(differing):
        relationship.reminded_at = None
    relationship.save(update_fields=[*differing, "reminded_at", "updated_at"])
    if blocking:
        name = "relationship.blocked" if relationship.is_blocked else "relationship.unblocked"
        record(relationship.brand, name, relationship, by=by)
    if rest := sorted(set(differing) - blocking.keys() - ({"stage"} if blocking else set())):
        record(relationship.brand, "relationship.changed", relationship, by=by, changed=words(rest))
    return relationship


def words(names: Iterable[str]) -> list[str]:
    return ["own fields" if name == "custom" else name.replace("_", " ") for name in names]


def block_facts(relationship: Relationship, facts: dict[str, Any], by: User | None) -> dict[str, Any]:
    """What a change of stage into "blocked" or out of it writes beside the stage; empty when neither happens."""
    stage = facts.get("stage", relationship.stage)
    if stage == Stage.BLOCKED and not relationship.is_blocked:
        return {"blocked_at": timezone.now(), "blocked_by": by, "blocked_reason": facts.get("blocked_reason", "")}
    if stage != Stage.BLOCKED and relationship.is_blocked:
        return {"blocked_at": None, "blocked_by": None, "blocked_reason": ""}
    return {}


# ---- many at once ----


@transaction.atomic
def relate_all(brand: Brand, creators: Iterable[Creator], *, by: User | None = None) -> list[Relationship]:
    """The brand's relationships with these creators, made where missing; those of strangers are left out."""
    wanted = [creator.pk for creator in creators if creator.owner_id in {None, brand.pk}]
    known = set(Relationship.objects.of(brand).filter(creator__in=wanted).values_list("creator_id", flat=True))
    fresh = [Relationship(brand=brand, creator_id=pk) for pk in sorted(set(wanted) - known)]
    Relationship.objects.bulk_create(fresh, ignore_conflicts=True)
    rows = list(Relationship.objects.of(brand).filter(creator__in=wanted).order_by("pk"))
    made = {row.code for row in fresh}
    record_each(brand, "relationship.started", [row for row in rows if row.code in made], by=by)
    return rows


@transaction.atomic
def change_many(
    relationships: Iterable[Relationship],
    *,
    by: User | None,
    stage: str = "",
    owner: User | None = UNCHANGED,
    add_tags: Iterable[str] = (),
    remove_tags: Iterable[str] = (),
) -> int:
    """The same stage, owner or tags for many relationships of one brand; returns how many changed.

    Blocked ones keep their stage: a block is lifted one by one. Raises ValueError for a stage of "blocked".
    """
    if stage == Stage.BLOCKED:
        raise ValueError("Block creators one by one, with the reason.")
    rows = Relationship.objects.filter(pk__in=[row.pk for row in relationships]).select_related("brand")
    by_change: dict[tuple[str, ...], list[Relationship]] = {}
    for row in rows.select_for_update(of=("self",)).order_by("pk"):
        facts: dict[str, Any] = {} if owner is UNCHANGED else {"owner_id": owner.pk if owner else None}
        if stage and not row.is_blocked:
            facts["stage"] = stage
        facts["tags"] = tags_after(row.tags, add_tags, remove_tags)
        changed = apply(row, facts)
        if changed:
            by_change.setdefault(changed, []).append(row)
    return sum(write_same(changed, found, by) for changed, found in by_change.items())


def tags_after(tags: list[str], add: Iterable[str], remove: Iterable[str]) -> list[str]:
    gone = set(remove)
    return [tag for tag in dict.fromkeys([*tags, *add]) if tag not in gone]


def apply(row: Relationship, facts: dict[str, Any]) -> tuple[str, ...]:
    """Set what differs; the names of it."""
    changed = tuple(sorted(name for name, value in facts.items() if getattr(row, name) != value))
    for name in changed:
        setattr(row, name, facts[name])
    return changed


def write_same(changed: tuple[str, ...], rows: list[Relationship], by: User | None) -> int:
    now = timezone.now()
    for row in rows:
        row.updated_at = now
    Relationship.objects.bulk_update(rows, [*(name.removesuffix("_id") for name in changed), "updated_at"])
    names = words(name.removesuffix("_id") for name in changed)
    record_each(rows[0].brand, "relationship.changed", rows, by=by, changed=names)
    return len(rows)


# ---- fields of the brand's own ----


def custom_values(brand: Brand, known: dict[str, str], values: dict[str, Any]) -> dict[str, str]:
    """The stored values after setting some, by the codes of the fields; an empty one is forgotten.

    Raises ValueRefusedError for a code that is no field of the brand, and for a value that the field doesn't take.
    """
    fields = {field.code: field for field in CustomField.objects.of(brand)}
    merged = dict(known)
    for code, value in values.items():
        if code not in fields:
            raise ValueRefusedError(f"“{code[:40]}” is not the code of one of your fields.")
        try:
            merged[code] = fields[code].cleaned(value)
        except ValueError as problem:
            raise ValueRefusedError(str(problem)) from problem
    return {code: value for code, value in merged.items() if value}


# ---- notes ----


@transaction.atomic
def add_note(relationship: Relationship, text: str, *, by: User | None, tell: Iterable[User] = ()) -> Note:
    """Write a note; those of the team whom it names with @, or who are in `tell`, hear of it by e-mail."""
    note = Note.objects.create(relationship=relationship, author=by, text=text)
    team = list(team_of(relationship.brand))
    named = {user.pk for user in mentioned(text, team)} | {user.pk for user in tell}
    Mention.objects.bulk_create(Mention(note=note, user=user) for user in team if user.pk in named)
    record(relationship.brand, "relationship.noted", relationship, by=by, note=note.pk)
    return note


def team_of(brand: Brand) -> Any:
    return User.objects.filter(memberships__brand=brand, is_active=True).order_by("name", "pk")


def mentioned(text: str, team: Iterable[User]) -> list[User]:
    """Of the team those whom the text names as @Full Name, @first-name or @name-of-the-address.

    A word that stands for two of them names neither.
    """
    owners: dict[str, set[int]] = {}
    people = {user.pk: user for user in team}
    for user in people.values():
        for word in filter(None, {user.name.lower(), user.first_name.lower(), user.email.split("@")[0].lower()}):
            owners.setdefault(word, set()).add(user.pk)
    found: dict[int, User] = {}
    for word, keys in owners.items():
        if len(keys) == 1 and re.search(rf"(?<!\w)@{re.escape(word)}(?!\w)", text.lower()):
            found |= {pk: people[pk] for pk in keys}
    return list(found.values())


def tell_mentioned(note_id: int) -> int:
    """Write to those of the team whom a note names and who haven't heard of it; how many letters."""
    rows = Mention.objects.filter(note=note_id, told_at=None)
    rows = rows.select_related("user", "note__author", "note__relationship__creator", "note__relationship__brand")
    return sum(tell_once(row) for row in rows.order_by("pk"))


@transaction.atomic
def tell_once(mention: Mention) -> bool:
    """False where another run was first, for the author, and for those who have left the team."""
    if not Mention.objects.filter(pk=mention.pk, told_at=None).update(told_at=timezone.now()):
        return False
    note, brand = mention.note, mention.note.relationship.brand
    if mention.user_id == note.author_id or not team_of(brand).filter(pk=mention.user_id).exists():
        return False
    context = {
        "author": str(note.author or "Somebody"),
        "brand": brand.name,
        "creator": note.relationship.creator.name,
        "text": note.text,
        "url": settings.SITE_URL + note.relationship.get_absolute_url(),
    }
    send_letter("creators/mention", mention.user.email, context)
    return True


# ---- the blocklist ----


@transaction.atomic
def block(brand: Brand, creator: Creator, *, by: User | None, reason: str = "") -> Relationship:
    """From now on left out of lists, campaigns and outreach; a second block changes the reason."""
    return relate(brand, creator, by=by, stage=Stage.BLOCKED, blocked_reason=reason)


@transaction.atomic
def unblock(relationship: Relationship, *, by: User | None) -> Relationship:
    """Back to prospect; a relationship that isn't blocked stays as it is."""
    row = Relationship.objects.select_for_update().filter(Q(pk=relationship.pk) & Q(stage=Stage.BLOCKED)).first()
    return change(row, {"stage": Stage.PROSPECT}, by=by) if row else relationship
