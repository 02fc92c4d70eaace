"""What the lifecycle of a relationship is reckoned from: what was agreed to and handed in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import Max

from campaigns.models import Collaboration
from creators.actions.lifecycle import Work, note_work
from creators.models import Relationship

CHUNK = 1_000


def push_work(relationship_ids: Iterable[int]) -> int:
    """Reckon the work of these relationships anew from their collaborations; how many changed."""
    work = {pk: Work([], None) for pk in relationship_ids}
    for pk, accepted, handed_in in agreed(work):
        found, last = work[pk]
        times = [at for at in (accepted, handed_in, last) if at]
        work[pk] = Work([*found, accepted], max(times))
    return note_work(work)


def agreed(relationship_ids: Iterable[int]) -> Iterator[tuple[int, datetime, datetime | None]]:
    """Relationship, when it was accepted, and when the last post was handed in, of each agreed collaboration."""
    rows = Collaboration.objects.agreed().filter(relationship__in=list(relationship_ids))
    return (
        rows.order_by("pk").values_list("relationship_id", "accepted_at", Max("submissions__submitted_at")).iterator()
    )


def push_all_work() -> int:
    """The same for every relationship, a chunk at a time; how many changed."""
    done, last = 0, 0
    while ids := list(Relationship.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        done += push_work(ids)
        last = ids[-1]
    return done
