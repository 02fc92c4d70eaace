"""Reports that go out by mail."""

from __future__ import annotations

from datetime import datetime

from celery import shared_task

from tracking.actions import report_mail
from tracking.models import Report


@shared_task
def send_due_reports() -> None:
    """Claim what is due, and hand what waits to workers."""
    for report, due_at in [*report_mail.claim_due(), *report_mail.unfinished()]:
        send_report.delay(report, due_at.isoformat())


@shared_task
def send_report(report: int, due_at: str) -> int:
    row = Report.objects.select_related("brand").filter(pk=report).first()
    return report_mail.send_letters(row, datetime.fromisoformat(due_at)) if row else 0
