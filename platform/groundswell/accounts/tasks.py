from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPException
from typing import Any

from celery import shared_task
from django.core.mail import EmailMessage
from django.utils import timezone

from groundswell.accounts.actions.letters import write_letter
from groundswell.accounts.actions.team import mail_invitation, unsent_invitations
from groundswell.events.actions import on
from groundswell.events.models import Event

AWAY = (OSError, SMTPException)


@shared_task(autoretry_for=AWAY, retry_backoff=5, max_retries=8)
def send_letter(template: str, to: str, context: dict[str, Any]) -> None:
    """Send one of our own e-mails; a mail server that is away for a while is asked again."""
    write_letter(template, to, context).send()


@shared_task(autoretry_for=AWAY, retry_backoff=5, max_retries=8)
def send_rendered(subject: str, body: str, to: list[str]) -> None:
    """Send an e-mail about a sign-in that was written while the page was made."""
    EmailMessage(subject, body, to=to).send()


@on("member.invited")
@shared_task(autoretry_for=AWAY, retry_backoff=5, max_retries=3)
def send_invitation(event: int) -> None:
    """Mail the invitation that somebody just asked for; a second run finds it sent."""
    mail_invitation(Event.objects.values_list("subject_id", flat=True).get(pk=event))


@shared_task
def send_invitations() -> None:
    """Send what a mail server that was away for long left behind."""
    for pk in unsent_invitations(before=timezone.now() - timedelta(minutes=5)):
        mail_invitation(pk)
