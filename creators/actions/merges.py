"""Merging two records of one person, and taking them apart again."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.apps import apps
from django.core import serializers
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, connection, models, transaction
from django.db.models.deletion import Collector
from django.utils import timezone

from creators.actions.discovery import reindex
from creators.models import ChecklistAnswer, Creator, Relationship, Vetting, Vote
from creators.models.discovery import SearchRow
from creators.models.merges import Merge, MergeProposal
from groundswell.accounts.models import User
from groundswell.events.actions import record
from groundswell.events.models import Event

CREATOR_FACTS = ("bio", "country", "city", "language", "gender", "birth_year", "accepts_product_only", "user_id")
RELATIONSHIP_FACTS = ("email", "phone", "address", "owner_id", "user_id")
# Rows that belong to the pair itself or are derived: they go with the record that is merged away.
LEFT_BEHIND = (MergeProposal, Merge, SearchRow)


class MergeRefusedError(Exception):
    """These records can't be merged, or not be taken apart any more; the message says why."""


class ExactEncoder(DjangoJSONEncoder):
    """Times to the microsecond, as the database has them."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


@dataclass
class Journal:
    """What a merge did, for taking it back: rows moved, values changed, rows removed."""

    moved: list[list[Any]] = field(default_factory=list)
    changed: list[list[Any]] = field(default_factory=list)
    removed: list[Any] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {"moved": self.moved, "changed": self.changed, "removed": self.removed}

    def move(self, gone: models.Model, kept: models.Model) -> list[models.Model]:
        """Every row that points at `gone` points at `kept` instead; returns those that a uniqueness rule keeps back."""
        kept_back: list[models.Model] = []
        for relation in gone._meta.get_fields(include_hidden=True):
            if isinstance(relation, models.ManyToOneRel) and not issubclass(relation.related_model, LEFT_BEHIND):
                kept_back += self.move_along(relation, gone, kept)
        return kept_back

    def move_along(self, relation: models.ManyToOneRel, gone: models.Model, kept: models.Model) -> list[models.Model]:
        model, column = relation.related_model, relation.field.attname
        kept_back: list[models.Model] = []
        for row in all_rows(model).filter(**{column: gone.pk}).order_by("pk"):
            try:
                with transaction.atomic():
                    all_rows(model).filter(pk=row.pk).update(**{column: kept.pk})
            except IntegrityError:
                kept_back.append(row)
            else:
                self.moved.append([model._meta.label, column, row.pk, gone.pk, kept.pk])
        return kept_back

    def follow(self, gone: Creator, kept: Creator) -> None:
        """The timeline of the one goes on as the other's."""
        events = Event.objects.filter(creator_id=gone.pk)
        keys = list(events.values_list("pk", flat=True))
        events.update(creator_id=kept.pk)
        self.moved += [[Event._meta.label, "creator_id", pk, gone.pk, kept.pk] for pk in keys]

    def change(self, row: models.Model, values: dict[str, Any]) -> None:
        """Write the values that differ and remember those that were there."""
        differing = {name: value for name, value in values.items() if getattr(row, name) != value}
        for name, value in differing.items():
            self.changed.append([row._meta.label, name, row.pk, dump(getattr(row, name)), dump(value)])
            setattr(row, name, value)
        if differing:
            all_rows(type(row)).filter(pk=row.pk).update(**differing)

    def remove(self, row: models.Model) -> None:
        """Delete a row and what hangs on it."""
        collector = Collector(using=connection.alias, origin=row)
        collector.collect([row])
        found = [each for rows in collector.data.values() for each in rows]
        found += [each for rows in collector.fast_deletes for each in rows]
        self.removed += json.loads(
            serializers.serialize("json", [each for each in found if not isinstance(each, SearchRow)], cls=ExactEncoder)
        )
        row.delete()


def all_rows(model: type[models.Model]) -> models.QuerySet[Any]:
    """Whatever a manager of its own would hide."""
    return models.QuerySet(model)


def dump(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | bool | list) else str(value)


@transaction.atomic
def accept_merge(proposal: MergeProposal, *, keep: Creator | None = None, by: User | None) -> Merge:
    """Merge the records of a proposal into one: `keep`, or the older one; everything of the other moves to it.

    Known facts of the kept record win; the other's fill what it doesn't know. Raises MergeRefusedError.
    """
    first, second = Creator.objects.select_for_update().filter(
        pk__in=[proposal.first_id, proposal.second_id]
    ).order_by("pk")  # fmt: skip
    kept, gone = (second, first) if keep == second else (first, second)
    refuse_strangers(proposal, kept, gone)
    journal = Journal()
    merge = Merge(brand=proposal.brand, kept=kept, name=gone.name, reasons=proposal.reasons, merged_by=by)
    if gone.user_id and kept.user_id:
        raise MergeRefusedError("Both have a sign-in of their own, so they are two people to us.")
    both = [kept.pk, gone.pk]
    for row in journal.move(gone, kept):
        resolve(journal, row, kept)
    journal.follow(gone, kept)
    journal.remove(gone)
    journal.change(kept, filled(kept, gone, CREATOR_FACTS) | {"niches": union(kept.niches, gone.niches)[:20]})
    merge.before = journal.as_json()
    merge.save()
    reindex(both)
    record(proposal.brand, "merge.accepted", merge, by=by, kept=kept.code, gone=gone.code)
    return merge


def refuse_strangers(proposal: MergeProposal, *both: Creator) -> None:
    if any(creator.owner_id != proposal.brand_id for creator in both):
        raise MergeRefusedError("One of them is a public record, which only the operator can merge.")


def resolve(journal: Journal, row: models.Model, kept: Creator) -> None:
    """A row of which the kept record has its own: relationships become one, what nothing hangs on is dropped."""
    if isinstance(row, Relationship):
        fold(journal, row, Relationship.objects.get(brand=row.brand_id, creator=kept))
    elif isinstance(row, Vetting):
        join(journal, row, Vetting.objects.get(brand=row.brand_id, creator=kept))
    elif has_dependants(row):
        raise MergeRefusedError(f"Each of them has its own {row._meta.verbose_name} ({row}); end one of them first.")


def fold(journal: Journal, gone: Relationship, kept: Relationship) -> None:
    """One relationship out of two of the same brand; the other one goes with its record."""
    if gone.user_id and kept.user_id not in {None, gone.user_id}:
        raise MergeRefusedError("Two people have signed in through them, so they are two people to us.")
    for row in journal.move(gone, kept):
        if has_dependants(row):
            raise MergeRefusedError(
                f"Both are part of the same {row._meta.verbose_name}: {row}. End one of them first."
            )
    facts = filled(kept, gone, RELATIONSHIP_FACTS) | {"tags": union(kept.tags, gone.tags)}
    if kept.price is None and gone.price is not None:
        facts |= {"price": gone.price, "price_currency": gone.price_currency}
    if not kept.next_step and kept.next_step_on is None:
        facts |= {name: getattr(gone, name) for name in ("next_step", "next_step_on", "reminded_at")}
    if Relationship.Stage.BLOCKED in {kept.stage, gone.stage}:
        facts["stage"] = Relationship.Stage.BLOCKED
    elif kept.stage == Relationship.Stage.PROSPECT:
        facts["stage"] = gone.stage
    journal.change(kept, facts)


def join(journal: Journal, gone: Vetting, kept: Vetting) -> None:
    """One vetting out of two of the same brand: everybody's vote, every answer, and the later decision."""
    for row in journal.move(gone, kept):
        if isinstance(row, Vote):
            say_both(journal, row, Vote.objects.get(vetting=kept, user=row.user_id), "comment")
        elif isinstance(row, ChecklistAnswer):
            say_both(journal, row, ChecklistAnswer.objects.get(vetting=kept, item=row.item_id), "note")
    if gone.decided_at and (kept.decided_at is None or kept.decided_at < gone.decided_at):
        reason = both_texts(kept.reason, gone.reason, 500)
        facts = {name: getattr(gone, name) for name in ("decision", "decided_by_id", "decided_at")}
        journal.change(kept, facts | {"reason": reason})
    elif gone.reason:
        journal.change(kept, {"reason": both_texts(kept.reason, gone.reason, 500)})


def say_both(journal: Journal, gone: Vote | ChecklistAnswer, kept: Vote | ChecklistAnswer, name: str) -> None:
    """The later answer counts; what was written beside either is kept."""
    column: Any = kept._meta.get_field(name)
    facts = {name: both_texts(getattr(kept, name), getattr(gone, name), column.max_length)}
    journal.change(kept, facts | ({"answer": gone.answer, "at": gone.at} if gone.at > kept.at else {}))


def both_texts(kept: str, gone: str, limit: int) -> str:
    return " · ".join(dict.fromkeys(filter(None, [kept, gone])))[:limit]


def has_dependants(row: models.Model) -> bool:
    return any(
        all_rows(relation.related_model).filter(**{relation.field.attname: row.pk}).exists()
        for relation in row._meta.get_fields(include_hidden=True)
        if isinstance(relation, models.ManyToOneRel)
    )


def filled(kept: models.Model, gone: models.Model, names: tuple[str, ...]) -> dict[str, Any]:
    """What the other knows and the kept one doesn't."""
    return {name: getattr(gone, name) for name in names if getattr(kept, name) in {None, ""}}


def union(kept: list[str], gone: list[str]) -> list[str]:
    return list(dict.fromkeys([*kept, *gone]))


@transaction.atomic
def undo_merge(merge: Merge, *, by: User | None) -> None:
    """Two records again, each with what it had. What was changed since on the kept one stays there.

    Raises MergeRefusedError after a month, a second time, or where something new stands in the way.
    """
    now = timezone.now()
    if not Merge.objects.undoable(now).filter(pk=merge.pk).update(undone_at=now):
        raise MergeRefusedError("This can't be taken apart any more.")
    try:
        with transaction.atomic():
            restore(merge.before)
    except IntegrityError as error:
        raise MergeRefusedError("Something added since stands in the way; it can't be taken apart any more.") from error
    creators = [row["pk"] for row in merge.before["removed"] if row["model"] == Creator._meta.label_lower]
    Merge.objects.filter(pk=merge.pk).update(before={})
    reindex([merge.kept_id, *creators])
    record(merge.brand, "merge.undone", merge, by=by)


def restore(before: dict[str, Any]) -> None:
    for (label, key), changes in groupby(reversed(before["changed"]), key=itemgetter(0, 2)):
        rows = all_rows(apps.get_model(label)).filter(pk=key)
        facts = {name: old for _, name, _, old, new in changes if rows.filter(**{name: new}).exists()}
        if facts:
            rows.update(**facts)  # together: a rule may tie one to another
    for row in serializers.deserialize("json", json.dumps(before["removed"])):
        row.save()
    for label, column, key, old, new in before["moved"]:
        all_rows(apps.get_model(label)).filter(pk=key, **{column: new}).update(**{column: old})


@transaction.atomic
def dismiss_merge(proposal: MergeProposal, *, by: User | None) -> None:
    """They are two people; the pair is not proposed again. Raises MergeRefusedError when it was dismissed before."""
    dismissed = MergeProposal.objects.open().filter(pk=proposal.pk).update(status=MergeProposal.Status.DISMISSED)
    if not dismissed:
        raise MergeRefusedError("This proposal has been dismissed already.")
    record(proposal.brand, "merge.dismissed", proposal, by=by)


def forget_merges() -> None:
    """After a month a merge can't be undone, and the rows kept for that are dropped."""
    Merge.objects.filter(merged_at__lte=timezone.now() - Merge.UNDOABLE_FOR).exclude(before={}).update(before={})
