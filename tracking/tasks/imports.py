"""Reading files of orders in the background."""

from __future__ import annotations

from celery import shared_task

from creators.actions import uploads
from groundswell.events.actions import on
from groundswell.events.models import Event
from tracking.actions import imports
from tracking.models import OrderImport


@shared_task
def run_orders(job: int) -> None:
    row = OrderImport.objects.select_related("brand", "store__brand").get(pk=job)
    if uploads.claim_import(row):
        row.refresh_from_db()
        imports.run_orders(row)


@on("order_import.started")
@shared_task
def begin_orders(event: int) -> None:
    run_orders(Event.objects.get(pk=event).subject_id)


@shared_task
def resume_orders() -> None:
    """Imports whose worker died go on."""
    for job in uploads.requeue_abandoned(OrderImport):
        run_orders.delay(job.pk)
