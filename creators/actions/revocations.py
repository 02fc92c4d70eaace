"""Ending at the network what has ended here, without ending what was begun anew."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from creators.connectors.errors import ConnectorError, NotOffered
from creators.connectors.networks import login
from creators.models import Connection, Revocation
from creators.privacy.holdings import Person, before_erasing
from groundswell.accounts.models import Brand, User
from groundswell.lib.sealing import SealBroken

logger = logging.getLogger(__name__)
FIRST_PAUSE = timedelta(minutes=2)  # doubled with each try: ten tries take a day and a half
HELD = timedelta(minutes=15)


def leave_grant(row: Connection) -> Revocation | None:
    """Remember the access of a connection that is about to be deleted; None where there is none to end."""
    if row.kind == Connection.Kind.KEY or not row.is_live:
        return None
    kept = Revocation(network=row.network, kind=row.kind, brand=row.brand, user=row.user, due_at=timezone.now())
    try:
        kept.hold(row.grant())
    except SealBroken:
        return None
    kept.save()
    return kept


@before_erasing
def leave_grants(person: Person) -> None:
    """What an erased person connected is ended at the networks as well."""
    for row in Connection.objects.filter(user__in=person.users):
        leave_grant(row)


def hold_back(network: str, kind: str, *, brand: Brand | None = None, user: User | None = None) -> None:
    """Somebody is connecting anew: end nothing of theirs meanwhile. Waits for a call that is under way."""
    rows = Revocation.objects.of_owner(network, kind, brand=brand, user=user)
    rows.update(due_at=timezone.now() + HELD)


def drop_superseded(row: Connection) -> None:
    """A new connection stands: what would end it as well is not ended any more."""
    for kept in Revocation.objects.select_for_update().filter(network=row.network, kind=row.kind):
        if kept.rivals().filter(pk=row.pk).exists():
            kept.delete()


def revoke_due(at: datetime | None = None) -> int:
    """Ask the networks; how many accesses have come to their end."""
    return sum(revoke_one(pk) for pk in Revocation.objects.due(at or timezone.now()).values_list("pk", flat=True)[:200])


@transaction.atomic
def revoke_one(pk: int) -> bool:
    """Whether it is over: ended, needed by another connection, or given up. The row is held during the call."""
    row = Revocation.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
    if row is None:
        return False
    try:
        if not row.rivals().exists():
            login(row.network, row.kind).revoke_token(row.grant())
    except (NotOffered, SealBroken) as problem:
        logger.warning("%s was not ended there: %s", row, problem)
    except ConnectorError as problem:
        if row.tries + 1 < Revocation.MOST_TRIES:
            put_off(row)
            return False
        logger.warning("%s was given up after %s tries: %s", row, Revocation.MOST_TRIES, problem)
    row.delete()
    return True


def put_off(row: Revocation) -> None:
    row.tries, row.due_at = row.tries + 1, timezone.now() + FIRST_PAUSE * 2**row.tries
    row.save(update_fields=["tries", "due_at"])
