"""E-mail that the product itself sends, about sign-ins and what happened (brands' own outreach is another matter).

A letter is a row of the caller's transaction. It goes out after the commit, or with the next sweep where a crash, a
broker or a mail server was in the way; see ADR 14.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused
from typing import Any

from celery import current_app
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from groundswell.accounts.models import Letter, Text
from groundswell.lib.sealing import SealBroken

logger = logging.getLogger(__name__)
DELIVER = "groundswell.accounts.tasks.deliver_letter"
# What a mail server says about one letter; any other failure is the server's own.
REFUSALS = (SMTPRecipientsRefused, SMTPSenderRefused, SMTPDataError, SealBroken, ValueError)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)
PATIENCE = timedelta(days=2)
REMEMBERED = timedelta(days=30)


def write_letter(template: str, to: str, context: dict[str, Any]) -> EmailMessage:
    """A plain-text e-mail of `<template>_subject.txt` and `<template>_message.txt`."""
    subject = " ".join(render_to_string(f"{template}_subject.txt", context).split())
    return EmailMessage(subject, render_to_string(f"{template}_message.txt", context), to=[to])


def send_letter(template: str, to: str, context: dict[str, Any], *, once: str = "") -> None:
    """Have one of our own e-mails sent; a second one with the same `once` (not empty) is never written."""
    post(template, write_letter(template, to, context), once=once)


def post(name: str, mail: EmailMessage, *, once: str = "") -> None:
    """Put a written e-mail on its way with the caller's transaction."""
    row = Letter(name=name[:60], once=once)
    row.write(Text(list(mail.to), str(mail.subject), str(mail.body)))
    Letter.objects.bulk_create([row], ignore_conflicts=True)
    transaction.on_commit(lambda: hand_over(row.code), robust=True)


def hand_over(code: str) -> None:
    """Have it sent now; when the broker is down, the sweep finds it."""
    current_app.tasks[DELIVER].delay(code)


@transaction.atomic
def deliver(code: str) -> Exception | None:
    """Send a waiting letter; answers why the mail server didn't take it, in which case it is tried later.

    The row is held while the server has the letter, so that nobody else sends it meanwhile. A worker killed between the
    server's yes and the commit leaves it waiting: it goes out again, under the same Message-ID.
    """
    row = Letter.objects.waiting().select_for_update(skip_locked=True).filter(code=code).first()
    if row is None:
        return None
    try:
        envelope_of(row).send()
    except (OSError, SealBroken, ValueError) as error:
        put_off(row, error)
        return error
    Letter.objects.filter(pk=row.pk).update(sealed="", sent_at=timezone.now())
    return None


def envelope_of(row: Letter) -> EmailMessage:
    """Raises SealBroken."""
    text = row.read()
    name = f"<letter-{row.code}@groundswell>"
    return EmailMessage(text.subject, text.body, to=text.to, headers={"Message-ID": name})


def put_off(row: Letter, error: Exception) -> None:
    """Try it again after a pause that doubles; give it up after two days, or when it can't be read."""
    now = timezone.now()
    pause = min(FIRST_PAUSE * 2 ** min(row.tries, 12), LONGEST_PAUSE)
    row.tries, row.due_at, row.error = row.tries + 1, now + pause, type(error).__name__
    if isinstance(error, SealBroken) or now > row.created_at + PATIENCE:
        logger.error("Letter %s was given up: %s", row, row.error)
        row.sealed = ""
    row.save(update_fields=["tries", "due_at", "error", "sealed"])


def deliver_due(most: int = 500) -> int:
    """Send what is due; how many letters went out. A mail server that is away is not asked for every one of them."""
    sent = 0
    for code in list(Letter.objects.due(timezone.now()).values_list("code", flat=True)[:most]):
        error = deliver(code)
        if error is not None and not isinstance(error, REFUSALS):
            break
        sent += error is None
    return sent


def forget_letters() -> int:
    """Delete what was sent, or given up, a month ago."""
    gone, _ = Letter.objects.filter(sealed="", created_at__lt=timezone.now() - REMEMBERED).delete()
    return gone


@transaction.atomic
def rewrite_letters(change: Callable[[Text], Text | None]) -> None:
    """Change letters that still wait; None drops one."""
    for row in Letter.objects.waiting().select_for_update().order_by("pk"):
        try:
            before = row.read()
        except SealBroken:
            continue
        after = change(before)
        if after is None:
            row.delete()
        elif after != before:
            row.write(after)
            row.save(update_fields=["sealed"])
