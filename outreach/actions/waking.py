"""Waking the outbox's worker by name: actions stand below tasks and don't import them."""

from celery import current_app

SEND_QUEUED = "outreach.tasks.send_queued"


def wake_outbox() -> None:
    """Have the queued mails sent now; when the broker is down, the regular sweep finds them."""
    current_app.tasks[SEND_QUEUED].delay()
