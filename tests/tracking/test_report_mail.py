"""Reports by mail: once for each time that is due, by the brand's clock, whoever dies meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from smtplib import SMTPRecipientsRefused, SMTPResponseException, SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.utils import timezone

from campaigns.models import Campaign
from groundswell.accounts.models import Brand, Membership, User
from tracking.actions.report_mail import ScheduleRefused, claim_due, schedule_report, unfinished
from tracking.actions.reports import create_report
from tracking.models import Report, ReportLetter, ReportReader, ReportSchedule
from tracking.reports.times import next_time
from tracking.tasks.reports import send_due_reports, send_report

OUTSIDE = "client@agency.example"


@pytest.fixture
def report(acme: Brand, campaign: Campaign, alice: User) -> Report:
    acme.timezone = "Europe/Berlin"
    acme.save()
    return create_report(acme, by=alice, campaigns=[campaign], name="Weekly")


@pytest.fixture
def schedule(report: Report, alice: User) -> ReportSchedule:
    row = schedule_report(report, by=alice, users=[alice], addresses=[OUTSIDE])
    ReportSchedule.objects.update(next_due=timezone.now() - timedelta(minutes=1))
    row.refresh_from_db()
    return row


def statuses() -> list[str]:
    return list(ReportLetter.objects.order_by("pk").values_list("status", flat=True))


@pytest.mark.parametrize(
    ("facts", "after", "due"),
    [
        # Summer time starts on 29 March 2026 and ends on 25 October 2026 in Berlin.
        ({"weekday": 6, "hour": 8}, datetime(2026, 3, 22, 12, tzinfo=UTC), datetime(2026, 3, 29, 6, tzinfo=UTC)),
        ({"weekday": 6, "hour": 2}, datetime(2026, 3, 22, 12, tzinfo=UTC), datetime(2026, 3, 29, 1, tzinfo=UTC)),
        ({"weekday": 6, "hour": 2}, datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 0, tzinfo=UTC)),
        ({"weekday": 6, "hour": 2}, datetime(2026, 10, 25, 0, tzinfo=UTC), datetime(2026, 11, 1, 1, tzinfo=UTC)),
        ({"weekday": 0, "hour": 8}, datetime(2026, 1, 5, 7, tzinfo=UTC), datetime(2026, 1, 12, 7, tzinfo=UTC)),
        ({"every": "month", "day": 31, "hour": 8}, datetime(2026, 1, 31, 7, tzinfo=UTC),
         datetime(2026, 2, 28, 7, tzinfo=UTC)),
        ({"every": "month", "day": 1, "hour": 0}, datetime(2025, 12, 1, tzinfo=UTC),
         datetime(2025, 12, 31, 23, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_the_next_time_is_the_brands(facts: dict[str, Any], after: datetime, due: datetime) -> None:
    assert next_time(ReportSchedule(**facts), "Europe/Berlin", after) == due


def test_what_is_due_goes_out_once(schedule: ReportSchedule, alice: User) -> None:
    send_due_reports()
    send_due_reports()
    assert sorted(letter.to[0] for letter in mail.outbox) == [alice.email, OUTSIDE]
    assert statuses() == ["sent", "sent"]
    schedule.refresh_from_db()
    assert schedule.next_due
    assert schedule.next_due > timezone.now()
    letter = mail.outbox[0]
    assert "Orders: 0" in letter.body
    name, content, kind = letter.attachments[0]
    assert (kind, bytes(content)[:4]) == ("application/pdf", b"%PDF")
    assert str(name).endswith(".pdf")


def test_two_workers_claim_a_time_once(schedule: ReportSchedule) -> None:
    assert len(claim_due()) == 1
    ReportSchedule.objects.update(next_due=schedule.next_due)  # what the slower worker read before
    stale = ReportSchedule.objects.get()
    ReportSchedule.objects.update(next_due=timezone.now() + timedelta(days=7))
    from tracking.actions.report_mail import claim

    assert claim(stale, timezone.now()) is None
    assert ReportLetter.objects.count() == 2


def test_late_times_are_caught_up_with_once(schedule: ReportSchedule) -> None:
    ReportSchedule.objects.update(next_due=timezone.now() - timedelta(days=70))
    send_due_reports()
    send_due_reports()
    assert len(mail.outbox) == 2
    assert ReportLetter.objects.values("due_at").distinct().count() == 1


def test_a_dead_worker_before_sending_loses_nothing(schedule: ReportSchedule) -> None:
    ((report, due),) = claim_due()  # and dies
    later = timezone.now() + timedelta(minutes=6)
    assert unfinished(later) == [(report, due)]
    send_report(report, due.isoformat())
    assert len(mail.outbox) == 2
    assert unfinished(later + timedelta(hours=1)) == []


def test_a_dead_worker_while_sending_sends_nothing_twice(schedule: ReportSchedule) -> None:
    ((report, due),) = claim_due()
    ReportLetter.objects.update(status="sending")
    assert unfinished(timezone.now() + timedelta(minutes=16)) == []
    assert statuses() == ["uncertain", "uncertain"]
    send_report(report, due.isoformat())
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("problem", "status"),
    [
        (SMTPRecipientsRefused({OUTSIDE: (550, b"unknown")}), "failed"),
        (SMTPResponseException(554, b"no"), "failed"),
        (SMTPResponseException(451, b"later"), "queued"),
        (SMTPServerDisconnected("gone"), "uncertain"),
        (TimeoutError("slow"), "uncertain"),
    ],
)
def test_refusals_of_the_mail_server(
    schedule: ReportSchedule, monkeypatch: pytest.MonkeyPatch, problem: Exception, status: str
) -> None:
    def refuse(self: Any, messages: Any) -> int:
        raise problem

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    send_due_reports()
    assert statuses() == [status, status]
    assert ReportLetter.objects.exclude(note="").count() == 2


def test_a_mail_server_that_is_away_is_asked_eight_times(
    schedule: ReportSchedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(self: Any) -> None:
        raise ConnectionRefusedError("no one listens")

    monkeypatch.setattr(EmailBackend, "open", away)
    ((report, due),) = claim_due()
    for _ in range(7):
        send_report(report, due.isoformat())
    assert statuses() == ["queued", "queued"]
    send_report(report, due.isoformat())
    assert statuses() == ["failed", "failed"]


def test_nothing_goes_out_long_after_the_end(schedule: ReportSchedule, campaign: Campaign) -> None:
    gone = timezone.now() - timedelta(days=15)
    Campaign.objects.update(status="closed", closed_at=gone)
    send_due_reports()
    assert mail.outbox == []
    (letter,) = ReportLetter.objects.all()
    assert (letter.status, letter.note) == ("skipped", "The last campaign closed more than 14 days ago.")


def test_who_left_the_team_gets_no_more(schedule: ReportSchedule, alice: User) -> None:
    Membership.objects.filter(user=alice).delete()
    send_due_reports()
    assert [letter.to for letter in mail.outbox] == [[OUTSIDE]]


def test_outsiders_leave_with_one_click_and_stay_away(schedule: ReportSchedule, alice: User, client: Client) -> None:
    send_due_reports()
    letter = next(one for one in mail.outbox if one.to == [OUTSIDE])
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = letter.extra_headers["List-Unsubscribe"].strip("<>").removeprefix("http://testserver")
    assert client.get(path).status_code == 200
    assert ReportReader.objects.filter(left_at=None).count() == 2
    assert Client(enforce_csrf_checks=True).post(path).status_code == 200
    schedule_report(schedule.report, by=alice, users=[alice], addresses=[OUTSIDE])
    ReportSchedule.objects.update(next_due=timezone.now() - timedelta(minutes=1))
    mail.outbox.clear()
    send_due_reports()
    assert [one.to for one in mail.outbox] == [[alice.email]]
    assert client.post("/reports/unsubscribe/nonsense/").status_code == 404


def test_outsiders_learn_no_price_of_a_creator(
    schedule: ReportSchedule, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tracking.actions import report_mail

    seen = []
    plain = report_mail.document_of
    monkeypatch.setattr(report_mail, "document_of", lambda *args, **kw: seen.append(kw) or plain(*args, **kw))
    send_due_reports()
    assert {"hides_costs": True} in seen


def test_schedule_by_page_and_stop(report: Report, alice: User, as_alice: Client) -> None:
    form = {"every": "week", "weekday": "4", "day": "1", "hour": "9", "stops_after": "14", "users": [alice.pk],
            "addresses": "x@a.example, y@a.example"}  # fmt: skip
    assert as_alice.post(f"/reports/{report.code}/schedule/", form).status_code == 302
    row = ReportSchedule.objects.get()
    assert row.next_due
    assert row.next_due.astimezone(UTC).weekday() == 4
    assert report.readers.count() == 3
    page = as_alice.get(f"/reports/{report.code}/schedule/").content.decode()
    assert "x@a.example" in page
    as_alice.post(f"/reports/{report.code}/schedule/stop/")
    row.refresh_from_db()
    assert row.next_due is None


@pytest.mark.parametrize(
    "changes", [{"addresses": "nonsense"}, {"hour": "24"}, {"day": "32"}, {"users": [], "addresses": ""}]
)
def test_bad_schedules_are_told(report: Report, as_alice: Client, alice: User, changes: dict[str, Any]) -> None:
    form = {"every": "week", "weekday": "4", "day": "1", "hour": "9", "stops_after": "14", "users": [alice.pk]}
    assert as_alice.post(f"/reports/{report.code}/schedule/", {**form, **changes}).status_code == 422
    assert not ReportSchedule.objects.exists()


def test_strangers_are_no_team(report: Report, charlie: User, alice: User) -> None:
    with pytest.raises(ScheduleRefused):
        schedule_report(report, by=alice, users=[charlie])
    assert not ReportReader.objects.exists()
