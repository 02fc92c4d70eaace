from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any

from celery import shared_task
from django.db.models import Exists, OuterRef
from django.utils import timezone

from creators.connectors.errors import ConnectorError
from groundswell.events.actions import on
from groundswell.events.models import Event
from tracking.actions import codes, leaks
from tracking.models import CodePublication, DailyResult, DiscountCode

AT_ONCE = 200
LATELY = timedelta(days=3)


@shared_task
def make_codes() -> int:
    """Make waiting codes in their shops, and end there what a shop or a crash left; returns how many were made.

    A shop that doesn't answer, or asks for a pause, is left for the next time.
    """
    resting: set[int] = set()
    ending = CodePublication.objects.to_end().with_shop()
    list(each_shop(codes.end_in_shop, ending.order_by("pk")[:AT_ONCE], resting))
    making = CodePublication.objects.to_make().with_shop()
    making = making.select_related("code__brand", "code__collaboration__campaign")
    return sum(each_shop(codes.make, making.order_by("pk")[:AT_ONCE], resting))


def each_shop(
    act: Callable[[CodePublication], Any], rows: Iterable[CodePublication], resting: set[int]
) -> Iterator[Any]:
    """What the action answers for each row whose shop is not resting; one that fails to answer rests from then on."""
    for row in rows:
        if row.store_id not in resting:
            try:
                yield act(row)
            except ConnectorError:
                resting.add(row.store_id)


@shared_task
def watch_codes() -> int:
    """Look for leaks of the codes with clicks or orders lately; returns how many are suspected anew."""
    lately = DailyResult.objects.filter(collaboration=OuterRef("collaboration"), day__gte=timezone.localdate() - LATELY)
    rows = DiscountCode.objects.watched().filter(Exists(lately)).select_related("brand", "collaboration__campaign")
    return sum(leaks.look(code) for code in rows.iterator(chunk_size=500))


@on("code.leak_suspected")
@shared_task
def tell_of_leak(event: int) -> None:
    """Write to both sides about a code that may have leaked."""
    row = Event.objects.get(pk=event)
    code = DiscountCode.objects.filter(pk=row.subject_id).select_related(
        "brand",
        "collaboration__campaign",
        "collaboration__relationship__creator__user",
        "collaboration__relationship__user",
    )
    for found in code:
        leaks.tell(found, row.data["signals"], event)
