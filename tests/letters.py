"""The mail that the product itself sends, as people find it."""

from __future__ import annotations

from django.core import mail
from django.core.mail import EmailMessage

from groundswell.accounts.tasks import deliver_letters


def letters() -> list[EmailMessage]:
    """Every letter so far, the first first; those that wait for a commit go out before."""
    deliver_letters()
    return mail.outbox
