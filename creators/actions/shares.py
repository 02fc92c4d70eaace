"""Showing a list to somebody without a sign-in, and taking in what they say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from creators.models import Creator, SharedList, Shortlist, Verdict
from groundswell.accounts.models import User
from groundswell.events.actions import record
from groundswell.lib.shares import count_visit, digest_of, new_token

LONGEST = timedelta(days=366)


class ShareRefusedError(Exception):
    """A link that can't be made so."""


class SharedClosedError(Exception):
    """The link expired or was revoked while its page was open."""


@transaction.atomic
def share_list(
    shortlist: Shortlist,
    *,
    by: User | None,
    expires_at: datetime,
    facts: Iterable[str] = SharedList.USUAL,
    title: str = "",
    message: str = "",
    password: str = "",
) -> tuple[SharedList, str]:
    """A link to the list and its token, which is told this once. Raises ShareRefusedError for a strange expiry."""
    now = timezone.now()
    if not now < expires_at <= now + LONGEST:
        raise ShareRefusedError("A link lasts for up to a year from now.")
    token = new_token()
    row = SharedList.objects.create(
        shortlist=shortlist,
        digest=digest_of(token),
        password=make_password(password) if password else "",
        title=title or shortlist.name,
        message=message,
        facts=[fact for fact in SharedList.Fact.values if fact in set(facts)],
        expires_at=expires_at,
        created_by=by,
    )
    record(shortlist.brand, "share.created", row, by=by, title=row.title, facts=row.facts)
    return row, token


@transaction.atomic
def revoke_share(row: SharedList, *, by: User | None) -> bool:
    """From now on the link leads nowhere; False where that is so already. Verdicts stay."""
    if not SharedList.objects.filter(pk=row.pk, revoked_at=None).update(revoked_at=timezone.now()):
        return False
    row.refresh_from_db(fields=["revoked_at"])
    record(row.shortlist.brand, "share.revoked", row, by=by, title=row.title)
    return True


@transaction.atomic
def give_verdict(row: SharedList, creator: Creator, *, reviewer: str, is_approved: bool, comment: str = "") -> Verdict:
    """What a visitor thinks of a creator; the same name again replaces it. The caller knows that it is on the list.

    Raises SharedClosedError.
    """
    now = timezone.now()
    if not SharedList.objects.select_for_update().open(now).filter(pk=row.pk).exists():
        raise SharedClosedError("This link has expired. Ask for a new one.")
    known = Verdict.objects.filter(shared_list=row, creator=creator, reviewer__iexact=reviewer).first()
    verdict = known or Verdict(shared_list=row, creator=creator)
    verdict.reviewer, verdict.is_approved, verdict.comment, verdict.given_at = reviewer, is_approved, comment, now
    verdict.save()
    record(
        row.shortlist.brand,
        "verdict.given",
        verdict,
        title=row.title,
        reviewer=reviewer,
        answer="approved" if is_approved else "rejected",
    )
    return verdict


def log_visit(row: SharedList, agent: str) -> None:
    now = timezone.now()
    count_visit(row.visits, agent, day=row.shortlist.brand.day(now), at=now)
