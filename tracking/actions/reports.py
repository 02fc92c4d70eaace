"""Putting reports together, and showing them to people without a sign-in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from campaigns.models import Campaign
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record
from groundswell.lib.shares import count_visit, digest_of, new_token
from tracking.models import Report, ReportShare

LONGEST = timedelta(days=366)
FIELDS = ("name", "scope", "period", "since", "until", "sections", "top", "text_title", "text")


class ReportRefused(Exception):
    """A report that can't be put together so."""


class ShareRefused(Exception):
    """A link that can't be made so."""


@transaction.atomic
def create_report(brand: Brand, *, by: User | None, campaigns: Iterable[Campaign] = (), **facts: Any) -> Report:
    """A new report; `facts` are the fields named in FIELDS. Raises ReportRefused."""
    report = Report(brand=brand, created_by=by, **{"sections": list(Report.USUAL), **facts})
    keep(report, list(campaigns))
    record(brand, "report.created", report, by=by, name=report.name)
    return report


@transaction.atomic
def change_report(
    report: Report, *, by: User | None, campaigns: Iterable[Campaign] | None = None, **facts: Any
) -> None:
    """Change some of the fields named in FIELDS, and the campaigns where they are given. Raises ReportRefused."""
    for name, value in facts.items():
        setattr(report, name, value)
    keep(report, list(report.campaigns.all()) if campaigns is None else list(campaigns))
    record(report.brand, "report.changed", report, by=by, name=report.name)


def keep(report: Report, campaigns: list[Campaign]) -> None:
    refuse_nonsense(report, campaigns)
    if report.period != Report.Period.FIXED:
        report.since = report.until = None
    report.save()
    report.campaigns.set(campaigns if report.scope == Report.Scope.CAMPAIGNS else [])


def refuse_nonsense(report: Report, campaigns: list[Campaign]) -> None:
    if report.scope == Report.Scope.CAMPAIGNS and not campaigns:
        raise ReportRefused("Choose a campaign, or the whole brand.")
    if any(one.brand_id != report.brand_id for one in campaigns):
        raise ReportRefused("A campaign of another brand can't be reported on.")
    if not report.sections or len(set(report.sections)) != len(report.sections):
        raise ReportRefused("Choose at least one section, each once.")
    if report.period == Report.Period.FIXED and not (report.since and report.until):
        raise ReportRefused("Fixed days need a first and a last day.")
    if report.since and report.until and report.since > report.until:
        raise ReportRefused("The last day is before the first.")
    if "text" in report.sections and not report.text.strip():
        raise ReportRefused("Write the text of your own, or leave its section out.")


@transaction.atomic
def delete_report(report: Report, *, by: User | None) -> None:
    """With its links, its schedule and the history of its letters."""
    record(report.brand, "report.deleted", report.brand, by=by, name=report.name)
    report.delete()


# Links


@transaction.atomic
def share_report(
    report: Report, *, by: User | None, expires_at: datetime, password: str = "", **choices: bool
) -> tuple[ReportShare, str]:
    """A link to the report and its token, which is told this once. `choices`: hides_names, shows_costs, gives_files.

    Raises ShareRefused for a strange expiry.
    """
    refuse_strange_end(expires_at)
    token = new_token()
    row = ReportShare.objects.create(
        report=report,
        digest=digest_of(token),
        password=make_password(password) if password else "",
        expires_at=expires_at,
        created_by=by,
        **choices,
    )
    record(report.brand, "report.shared", row, by=by, name=report.name, until=expires_at.isoformat())
    return row, token


def refuse_strange_end(expires_at: datetime) -> None:
    now = timezone.now()
    if not now < expires_at <= now + LONGEST:
        raise ShareRefused("A link lasts for up to a year from now.")


@transaction.atomic
def renew_share(row: ReportShare, *, expires_at: datetime, by: User | None) -> None:
    """The same link for longer, also after it expired. Raises ShareRefused for a revoked one and a strange expiry."""
    refuse_strange_end(expires_at)
    if not ReportShare.objects.filter(pk=row.pk, revoked_at=None).update(expires_at=expires_at):
        raise ShareRefused("This link was ended. Make a new one.")
    row.refresh_from_db(fields=["expires_at"])
    record(row.report.brand, "report.share-renewed", row, by=by, name=row.report.name, until=expires_at.isoformat())


@transaction.atomic
def revoke_share(row: ReportShare, *, by: User | None) -> bool:
    """From now on the link leads nowhere; False where that is so already."""
    if not ReportShare.objects.filter(pk=row.pk, revoked_at=None).update(revoked_at=timezone.now()):
        return False
    row.refresh_from_db(fields=["revoked_at"])
    record(row.report.brand, "report.share-revoked", row, by=by, name=row.report.name)
    return True


def log_visit(row: ReportShare, agent: str) -> None:
    now = timezone.now()
    count_visit(row.visits, agent, day=row.report.brand.day(now), at=now)
