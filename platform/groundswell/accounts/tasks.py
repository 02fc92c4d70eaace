from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPException

from celery import shared_task
from django.utils import timezone

from groundswell.accounts.actions import letters
from groundswell.accounts.actions.team import mail_invitation, unsent_invitations
from groundswell.events.actions import on
from groundswell.events.models import Event

AWAY = (OSError, SMTPException)


@shared_task
def deliver_letter(code: str) -> None:
    """Send one of our own e-mails; one that the mail server doesn't take is left to the sweep."""
    letters.deliver(code)


@shared_task
def deliver_letters() -> int:
    """Send what a crash, a broker or a mail server left behind."""
    return letters.deliver_due()


@shared_task
def forget_letters() -> None:
    letters.forget_letters()


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
