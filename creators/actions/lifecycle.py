"""The rule of the lifecycle, and the facts it is reckoned from, which campaigns push down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.db import IntegrityError, transaction

from creators.models import LifecycleRule, Relationship
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record


class RuleRefusedError(Exception):
    """Thresholds that don't rise."""


class Work(NamedTuple):
    """The times at which collaborations were accepted, in any order, and of the last acceptance or post handed in."""

    accepted: list[datetime]
    last: datetime | None


@transaction.atomic
def set_lifecycle(brand: Brand, *, by: User | None, **thresholds: int) -> LifecycleRule:
    """Change thresholds of the brand's rule, by the names of LifecycleRule's fields. Raises RuleRefusedError."""
    rule = LifecycleRule.objects.holding(brand)
    for name, value in thresholds.items():
        setattr(rule, name, value)
    try:
        with transaction.atomic():
            rule.save()
    except IntegrityError as error:
        raise RuleRefusedError(
            "Each stage needs more collaborations than the one before, and every number must be at least 1."
        ) from error
    record(brand, "lifecycle.changed", rule, by=by, **thresholds)
    return rule


@transaction.atomic
def note_work(work: Mapping[int, Work]) -> int:
    """Write what was worked, by the relationships' keys; a second time changes nothing. How many rows changed."""
    changed = []
    for row in Relationship.objects.select_for_update().filter(pk__in=work).order_by("pk"):
        accepted, last = sorted(work[row.pk].accepted, reverse=True), work[row.pk].last
        if (row.worked_at, row.last_worked_at) != (accepted, last):
            row.worked_at, row.last_worked_at = accepted, last
            changed.append(row)
    Relationship.objects.bulk_update(changed, ["worked_at", "last_worked_at"], batch_size=500)
    return len(changed)
