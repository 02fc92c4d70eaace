from __future__ import annotations

from typing import Any

from celery import shared_task

from groundswell.accounts.actions.letters import write_letter


@shared_task(autoretry_for=(OSError,), retry_backoff=5, max_retries=8)
def send_letter(template: str, to: str, context: dict[str, Any]) -> None:
    """Send one of our own e-mails; a mail server that is away for a while is asked again."""
    write_letter(template, to, context).send()
