from datetime import timedelta

from celery import shared_task
from django.db.models import Exists, OuterRef
from django.utils import timezone

from creators.connectors.errors import ConnectorError
from tracking.actions import codes, leaks
from tracking.models import CodePublication, DailyResult, DiscountCode

AT_ONCE = 200
LATELY = timedelta(days=3)


@shared_task
def make_codes() -> int:
    """Make waiting codes in their shops; a shop that doesn't answer, or asks for a pause, is left for the next time."""
    rows = CodePublication.objects.waiting().exclude(code__valid_from__gt=timezone.now())
    resting: set[int] = set()
    made = 0
    rows = rows.select_related("store__brand", "code__brand", "code__collaboration__campaign")
    for row in rows.order_by("pk")[:AT_ONCE]:
        if row.store_id not in resting:
            try:
                made += codes.make(row)
            except ConnectorError:
                resting.add(row.store_id)
    return made


@shared_task
def watch_codes() -> int:
    """Look for leaks of the codes with clicks or orders lately; returns how many are suspected anew."""
    lately = DailyResult.objects.filter(collaboration=OuterRef("collaboration"), day__gte=timezone.localdate() - LATELY)
    rows = DiscountCode.objects.watched().filter(Exists(lately))
    rows = rows.select_related(
        "brand",
        "collaboration__campaign__brand",
        "collaboration__relationship__creator__user",
        "collaboration__relationship__user",
    )
    return sum(leaks.look(code) for code in rows.iterator(chunk_size=500))
