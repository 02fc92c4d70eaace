"""Reports by mail: once for each time that is due, whatever dies when; late ones once, not once for each missed time.

A time is claimed by moving `next_due` on, in the transaction that writes a letter for each reader. A letter is claimed
before the mail server is asked to take it. A worker that dies before that leaves it for the next one; one that dies
while the server takes it leaves a letter that may have arrived, and it is not sent again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone

from groundswell.accounts.models import Membership, User
from groundswell.events.actions import record
from tracking.models import Report, ReportLetter, ReportReader, ReportSchedule
from tracking.reports.documents import Document, document_of, pdf_of
from tracking.reports.material import campaigns_of
from tracking.reports.times import next_time

TRIES = 8
AGAIN_AFTER = timedelta(minutes=5)
GONE_AFTER = timedelta(minutes=15)
MOST_READERS = 50


class ScheduleRefused(Exception):
    """A schedule that can't be kept."""


class UnknownReader(Exception):
    """The link of a letter that leads to nobody."""


@transaction.atomic
def schedule_report(
    report: Report, *, by: User | None, users: Iterable[User] = (), addresses: Iterable[str] = (), **facts: Any
) -> ReportSchedule:
    """Send the report from now on; `facts` are every, weekday, day, hour and stops_after. Raises ScheduleRefused.

    Who asked to get no more stays away even where the address is given again.
    """
    team = list(users)
    outside = list(dict.fromkeys(address.strip().lower() for address in addresses if address.strip()))
    refuse_readers(report, team, outside)
    schedule = ReportSchedule.objects.filter(report=report).first() or ReportSchedule(report=report, created_by=by)
    for name, value in facts.items():
        setattr(schedule, name, value)
    schedule.next_due = next_time(schedule, report.brand.timezone, timezone.now())
    schedule.save()
    set_readers(report, team, outside)
    record(report.brand, "report.scheduled", schedule, by=by, name=report.name, readers=len(team) + len(outside))
    return schedule


def refuse_readers(report: Report, team: list[User], outside: list[str]) -> None:
    if not team and not outside:
        raise ScheduleRefused("Choose somebody who gets the report.")
    if len(team) + len(outside) > MOST_READERS:
        raise ScheduleRefused(f"A report goes to {MOST_READERS} people at most.")
    members = set(Membership.objects.of(report.brand).values_list("user_id", flat=True))
    if any(user.pk not in members for user in team):
        raise ScheduleRefused("Somebody of these is not in your team. Give their address instead.")


def set_readers(report: Report, team: list[User], outside: list[str]) -> None:
    gone = report.readers.exclude(user__in=team).exclude(address__in=outside)
    gone.filter(left_at=None).delete()
    for user in team:
        ReportReader.objects.get_or_create(report=report, user=user, address="")
    for address in outside:
        ReportReader.objects.get_or_create(report=report, user=None, address=address)


@transaction.atomic
def stop_schedule(report: Report, *, by: User | None) -> bool:
    """Send nothing from now on; False where that is so already."""
    if not ReportSchedule.objects.filter(report=report, next_due__isnull=False).update(next_due=None):
        return False
    record(report.brand, "report.unscheduled", report, by=by, name=report.name)
    return True


def leave(token: str, *, confirmed: bool = True) -> ReportReader:
    """Take a reader off, as their letter's link asks for; without `confirmed` just say who. Raises UnknownReader."""
    try:
        pk = signing.loads(token, salt=ReportReader.SALT)
    except signing.BadSignature as error:
        raise UnknownReader("This link is incomplete.") from error
    reader = ReportReader.objects.select_related("report__brand", "user").filter(pk=pk).first()
    if reader is None:
        raise UnknownReader("You are on no list any more.")
    if confirmed:
        ReportReader.objects.filter(pk=reader.pk, left_at=None).update(left_at=timezone.now())
    return reader


# What is due


def claim_due(now: datetime | None = None) -> list[tuple[int, datetime]]:
    """Write the letters of every time that is due; report and time of each that has letters to send."""
    at = now or timezone.now()
    due = ReportSchedule.objects.due(at).select_related("report__brand").order_by("next_due", "pk")
    claimed = [(schedule, claim(schedule, at)) for schedule in due]
    return [(schedule.report_id, letters) for schedule, letters in claimed if letters]


@transaction.atomic
def claim(schedule: ReportSchedule, now: datetime) -> datetime | None:
    """Move on to the next time and write the letters of this one; its time, None where there is nothing to send.

    Exactly one of several workers moves it on. Times that were missed are not made up for: the newest is sent.
    """
    due, report = schedule.next_due, schedule.report
    assert due is not None
    following = next_time(schedule, report.brand.timezone, now)
    if not ReportSchedule.objects.filter(pk=schedule.pk, next_due=due).update(next_due=following):
        return None
    readers = readers_of(report)
    reason = reason_to_skip(schedule, readers, now)
    if reason:
        ReportLetter.objects.create(
            report=report, due_at=due, status=ReportLetter.Status.SKIPPED, note=reason, moved_at=now
        )
        return None
    ReportLetter.objects.bulk_create(
        ReportLetter(report=report, reader=reader, due_at=due, address=reader.email) for reader in readers
    )
    return due


def readers_of(report: Report) -> list[ReportReader]:
    """Those who are still in the team, and outsiders who still want it."""
    team = set(Membership.objects.of(report.brand).values_list("user_id", flat=True))
    rows = report.readers.subscribed().select_related("user").order_by("pk")
    found = {row.email.lower(): row for row in rows if row.user_id is None or row.user_id in team}
    return list(found.values())


def reason_to_skip(schedule: ReportSchedule, readers: list[ReportReader], now: datetime) -> str:
    if not readers:
        return "Nobody is left to send it to."
    campaigns = campaigns_of(schedule.report)
    closed = [one.closed_at for one in campaigns if one.status == one.Status.CLOSED and one.closed_at]
    if not campaigns:
        return "There is no campaign to tell of."
    if len(closed) == len(campaigns) and max(closed) < now - timedelta(days=schedule.stops_after):
        return f"The last campaign closed more than {schedule.stops_after} days ago."
    return ""


def unfinished(now: datetime | None = None) -> list[tuple[int, datetime]]:
    """Times with letters that wait for a worker; those that were being sent when one died may have arrived."""
    at = now or timezone.now()
    ReportLetter.objects.filter(status=ReportLetter.Status.SENDING, moved_at__lt=at - GONE_AFTER).update(
        status=ReportLetter.Status.UNCERTAIN,
        note="The worker died while it was sent; it is not sent again.",
        moved_at=at,
    )
    waiting = ReportLetter.objects.waiting().filter(moved_at__lt=at - AGAIN_AFTER).order_by("due_at")
    return list(waiting.values_list("report_id", "due_at").distinct())


# Sending


def send_letters(report: Report, due_at: datetime) -> int:
    """Send what waits of one time; how many were sent. The figures are those of now, the same for all."""
    waiting = list(report.letters.waiting().filter(due_at=due_at).select_related("reader__user").order_by("pk"))
    if not waiting:
        return 0
    now = timezone.now()
    made: dict[bool, tuple[Document, bytes]] = {}
    sent = 0
    for letter in waiting:
        is_outside = letter.reader is None or letter.reader.user_id is None
        if is_outside not in made:
            document = document_of(report, now, hides_costs=is_outside)
            made[is_outside] = (document, pdf_of(document))
        sent += send_letter(letter, *made[is_outside])
    return sent


def send_letter(letter: ReportLetter, document: Document, pdf: bytes) -> bool:
    """Claim the letter, then let the mail server take it. What the server surely did not take is tried again."""
    try:
        connection = get_connection()
        connection.open()
    except (OSError, SMTPException) as problem:
        postpone(letter, f"The mail server is away: {problem}")
        return False
    try:
        if not moved(letter, ReportLetter.Status.QUEUED, ReportLetter.Status.SENDING):
            return False
        mail = write_mail(letter, document, pdf)
        mail.connection = connection
        mail.send()
    except SMTPRecipientsRefused as problem:
        moved(letter, ReportLetter.Status.SENDING, ReportLetter.Status.FAILED, f"The address was refused: {problem}")
        return False
    except SMTPResponseException as problem:
        refused(letter, problem)
        return False
    except (OSError, SMTPException) as problem:
        note = f"The connection broke while it was sent; it is not sent again: {problem}"
        moved(letter, ReportLetter.Status.SENDING, ReportLetter.Status.UNCERTAIN, note)
        return False
    finally:
        connection.close()
    return moved(letter, ReportLetter.Status.SENDING, ReportLetter.Status.SENT)


def moved(letter: ReportLetter, old: str, new: str, note: str = "") -> bool:
    rows = ReportLetter.objects.filter(pk=letter.pk, status=old)
    return bool(rows.update(status=new, note=note[:300], moved_at=timezone.now()))


def refused(letter: ReportLetter, problem: SMTPResponseException) -> None:
    """4xx: later. 5xx: never."""
    note = f"The mail server refused it: {problem.smtp_code} {problem.smtp_error!r}"
    if problem.smtp_code >= 500:
        moved(letter, ReportLetter.Status.SENDING, ReportLetter.Status.FAILED, note)
    elif moved(letter, ReportLetter.Status.SENDING, ReportLetter.Status.QUEUED, note):
        postpone(letter, note)


def postpone(letter: ReportLetter, note: str) -> None:
    """Try again in a while, eight times at most."""
    rows = ReportLetter.objects.filter(pk=letter.pk, status=ReportLetter.Status.QUEUED)
    rows.update(tries=F("tries") + 1, note=note[:300], moved_at=timezone.now())
    rows.filter(tries__gte=TRIES).update(status=ReportLetter.Status.FAILED)


def write_mail(letter: ReportLetter, document: Document, pdf: bytes) -> EmailMessage:
    """Plain text with the headline figures, and the PDF. Outsiders can leave by a link and by their mail program."""
    reader, report = letter.reader, letter.report
    outside = reader if reader and reader.user_id is None else None
    section = document.section("headline")
    context = {
        "report": report,
        "document": document,
        "tables": section.tables if section else [],
        "url": "" if outside else settings.SITE_URL + report.get_absolute_url(),
        "unsubscribe_url": outside.unsubscribe_url if outside else "",
    }
    mail = EmailMessage(
        " ".join(f"{report.name}: {document.period}".split()),
        render_to_string("tracking/report_message.txt", context),
        to=[letter.address],
    )
    mail.extra_headers["Message-ID"] = f"<report-{report.code}-{letter.pk}@{host()}>"
    if outside:
        mail.extra_headers["List-Unsubscribe"] = f"<{outside.unsubscribe_url}>"
        mail.extra_headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.attach(f"report-{report.code}.pdf", pdf, "application/pdf")
    return mail


def host() -> str:
    return settings.SITE_URL.partition("://")[2].partition(":")[0].partition("/")[0] or "groundswell.localhost"
