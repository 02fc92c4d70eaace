"""What happens to creators in the background."""

from __future__ import annotations

from contextlib import suppress

from celery import shared_task

from creators.actions import duplicates, merges
from creators.actions import discovery, imports, metrics, tiers
from creators.models import Import
from groundswell.accounts.models import Brand
from groundswell.events.actions import on
from groundswell.events.models import Event


@shared_task
def run_import(job: int) -> None:
    row = Import.objects.select_related("brand", "uploaded_by").get(pk=job)
    if imports.claim_import(row):
        row.refresh_from_db(fields=["done", "status"])
        imports.run_import(row)


@on("import.started")
@shared_task
def begin_import(event: int) -> None:
    run_import(Event.objects.get(pk=event).subject_id)


@shared_task
def resume_imports() -> None:
    """Imports whose worker died go on where their last batch was committed."""
    for job in imports.requeue_abandoned():
        run_import.delay(job.pk)


@shared_task
def recompute_stale() -> None:
    """Metrics of accounts whose posts or followers changed."""
    while metrics.recompute_stale():
        pass


@shared_task
def recompute_all() -> None:
    """Every account's metrics: the window of posts moves on even where nothing is new."""
    with suppress(metrics.AlreadyRunningError):
        metrics.recompute_all()


@on("import.finished", "creator.added")
@shared_task
def look_for_merges(event: int) -> None:
    """Records of the brand that may be one person, now that there are more of them."""
    duplicates.propose_merges(Event.objects.select_related("brand").get(pk=event).brand)


@shared_task
def tend_merges() -> None:
    """Once a day: pairs of public records for the operator, and what can't be undone any more."""
    duplicates.propose_merges(None)
    merges.forget_merges()


@on("brand.created")
@shared_task
def give_tiers(event: int) -> None:
    tiers.start_tiers(Brand.objects.get(pk=Event.objects.get(pk=event).subject_id))


@shared_task
def tend_search() -> None:
    """Once a day: how common each value is, and words that nobody has any more."""
    discovery.count_values()
    discovery.forget_words()
