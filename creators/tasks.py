"""What happens to creators in the background."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from celery import shared_task
from django.core.cache import cache
from django.db.models import F
from django.utils import timezone

from creators.actions import (
    claims,
    connections,
    copies,
    discovery,
    duplicates,
    exports,
    imports,
    merges,
    metrics,
    quotas,
    refreshes,
    relationships,
    reminders,
    removals,
    revocations,
    searches,
    tiers,
    uploads,
    vetting,
)
from creators.models import Connection, DataRequest, Export, Import, Relationship, Shortlist, VettingRun
from groundswell.accounts.models import Brand
from groundswell.events.actions import on
from groundswell.events.models import Event

RUN_LASTS = 900  # seconds after which a run counts as dead


@shared_task
def run_import(job: int) -> None:
    row = Import.objects.select_related("brand", "uploaded_by").get(pk=job)
    if uploads.claim_import(row):
        row.refresh_from_db(fields=["done", "status"])
        imports.run_import(row)


@on("import.started")
@shared_task
def begin_import(event: int) -> None:
    run_import(Event.objects.get(pk=event).subject_id)


@shared_task
def resume_imports() -> None:
    """Imports whose worker died go on where their last batch was committed."""
    for job in uploads.requeue_abandoned(Import):
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


@on("export.requested")
@shared_task
def write_export(event: int) -> None:
    exports.write_export(
        Export.objects.select_related("brand", "requested_by").get(pk=Event.objects.get(pk=event).subject_id)
    )


@shared_task
def tend_exports() -> None:
    exports.tend_exports()


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
    """Once a day: how common each value is, the sieve of the common ones, and words that nobody has any more."""
    discovery.forget_words()
    discovery.count_values()


@shared_task
def sieve_changed() -> None:
    """The blocks of the sieve with many changes, as after an import."""
    discovery.sieve_changed()


@shared_task
def watch_searches() -> None:
    """Look whom the watched searches find that they never found before."""
    for pk in Shortlist.objects.by_rule().filter(alerts=True).order_by("pk").values_list("pk", flat=True):
        watch_search.delay(pk)


@shared_task
def watch_search(search: int) -> None:
    row = Shortlist.objects.select_related("brand").filter(pk=search, alerts=True).first()
    if row is not None:
        searches.look_for_matches(row)


@shared_task
def tell_matches() -> None:
    """Once a day: a letter to each team about its new matches."""
    for pk in Shortlist.objects.filter(alerts=True).order_by("brand").values_list("brand", flat=True).distinct():
        tell_brand.delay(pk)


@shared_task
def tell_brand(brand: int) -> None:
    searches.tell_matches(Brand.objects.get(pk=brand))


@shared_task
def keep_connections() -> None:
    """Renew tokens that end soon, warn owners of what ends for good, forget old counts of calls."""
    connections.operator_key()
    connections.renew_ending()
    connections.warn_ending()
    revocations.revoke_due()
    quotas.forget_old_quotas()


@shared_task
def refresh_due() -> None:
    """Set the connections to work that have something to do."""
    rows = Connection.objects.with_work(timezone.now()).order_by(F("used_at").asc(nulls_first=True), "pk")
    for pk in rows.values_list("pk", flat=True)[:200]:
        refresh_connection.delay(pk)


@shared_task
def refresh_connection(pk: int) -> None:
    """Refresh accounts through one connection; a second run meanwhile does nothing."""
    row = Connection.objects.usable(timezone.now()).select_related("brand", "user").filter(pk=pk).first()
    if row is None or not cache.add(f"connectors:run:{pk}", True, RUN_LASTS):
        return
    try:
        refreshes.run_connection(row)
    finally:
        cache.delete(f"connectors:run:{pk}")


@on("connection.removed")
@shared_task
def revoke_soon(event: int) -> None:
    """End at the network what somebody has just ended here."""
    revocations.revoke_due()


@on("refresh.requested", "connection.made")
@shared_task
def refresh_soon(event: int) -> None:
    """What somebody asked for just now need not wait for the next minute."""
    refresh_due.delay()


@shared_task
def remind_due() -> None:
    """Once an hour: next steps that fell due where it is morning by now."""
    soonest = timezone.now().date() + timedelta(days=1)  # it may be tomorrow there already
    due = Relationship.objects.standing().due(soonest).unreminded()
    for pk in due.order_by("brand").values_list("brand", flat=True).distinct():
        remind_brand.delay(pk)


@shared_task
def remind_brand(brand: int) -> None:
    reminders.remind_due(Brand.objects.get(pk=brand))


@on("relationship.noted")
@shared_task
def tell_mentioned(event: int) -> None:
    """Write to those of the team whom a new note names."""
    relationships.tell_mentioned(Event.objects.get(pk=event).data["note"])


@on("brand.created")
@shared_task
def give_checklist(event: int) -> None:
    vetting.start_checklist(Brand.objects.get(pk=Event.objects.get(pk=event).subject_id))


@shared_task
def run_vetting(run: int) -> None:
    vetting.run_vetting(VettingRun.objects.select_related("brand").get(pk=run))


@on("vetting-run.started")
@shared_task
def begin_vetting(event: int) -> None:
    run_vetting(Event.objects.get(pk=event).subject_id)


@shared_task
def resume_vetting() -> None:
    """Runs whose worker died go on with the next creator."""
    for run in vetting.requeue_vetting_runs():
        run_vetting.delay(run.pk)


@on("copy.requested", "erasure.confirmed")
@shared_task
def begin_data_request(event: int) -> None:
    fulfil_data_request(Event.objects.get(pk=event).subject_id)


@shared_task
def fulfil_data_request(pk: int) -> None:
    row = DataRequest.objects.select_related("user").filter(pk=pk).first()
    if row:
        copies.fulfil(row)


@shared_task
def tend_data_requests() -> None:
    """Once an hour: what a dead worker left, copies older than a week, codes that have come into a bio."""
    for row in copies.requeue_unfinished():
        fulfil_data_request.delay(row.pk)
    copies.forget_copies()
    claims.check_bios()
    removals.check_words()
    removals.erase_due()


@on("connection.made")
@shared_task
def prove_claims(event: int) -> None:
    """A connected account proves a claim to it."""
    connection = Connection.objects.select_related("user", "account__creator").filter(
        pk=Event.objects.get(pk=event).subject_id
    )
    for row in connection:
        with suppress(claims.ClaimRefused):
            claims.prove_by_connection(row)
