"""Access to networks: connecting, renewing, breaking off and taking away."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from creators.actions.quotas import Ledger
from creators.actions.revocations import drop_superseded, leave_grant
from creators.connectors.errors import AccessRevoked, AccountMissing, ConnectorError, RateLimited, TokenExpired
from creators.connectors.networks import connector, login
from creators.connectors.protocol import Access, Connector, Grant, Profile
from creators.models import Connection, Creator, Network, SocialAccount, Source
from creators.privacy import refusal
from groundswell.accounts.actions.letters import send_letter
from groundswell.accounts.models import Brand, Membership, User
from groundswell.events.actions import record
from groundswell.lib.sealing import SealBroken

logger = logging.getLogger(__name__)
Found = TypeVar("Found")
PROBE = "youtube"  # a channel that will always be there


class ConnectionRefused(Exception):
    """The network or our own rules say no; the message is for the person who tried."""


def connect_key(brand: Brand, key: str, *, by: User) -> Connection:
    """Keep a brand's YouTube API key, in place of an earlier one. Raises ConnectionRefused."""
    row = Connection.objects.of(brand).filter(network=Network.YOUTUBE, kind=Connection.Kind.KEY).first()
    row = row or Connection(network=Network.YOUTUBE, kind=Connection.Kind.KEY, brand=brand, created_by=by)
    try:
        connector(Network.YOUTUBE, Connection.Kind.KEY, Access(key, is_key=True), Ledger(row)).fetch_profile(PROBE)
    except AccountMissing:
        pass
    except ConnectorError as problem:
        raise ConnectionRefused(f"The key could not be checked: {problem}") from problem
    row.name = f"…{key[-4:]}"
    return keep(row, Grant(key), by=by)


def connect_brand(brand: Brand, network: str, grant: Grant, *, by: User) -> Connection:
    """Keep a brand's access to its own account; the same account connected again gets the new tokens."""
    rows = Connection.objects.of(brand).filter(network=network, kind=Connection.Kind.BRAND)
    row = rows.filter(external_id=grant.account_id).first()
    row = row or Connection(network=network, kind=Connection.Kind.BRAND, brand=brand, created_by=by)
    return keep(row, grant, by=by)


def connect_own(user: User, network: str, grant: Grant) -> Connection:
    """Keep a creator's access to their own account and tie it to their profile. Raises ConnectionRefused."""
    row = Connection(network=network, kind=Connection.Kind.OWN, user=user, created_by=user)
    access = Access(grant.access_token, account_id=grant.account_id)
    try:
        profile = connector(network, row.kind, access, Ledger(row)).fetch_profile("")
    except ConnectorError as problem:
        raise ConnectionRefused(f"The account could not be read: {problem}") from problem
    if not profile.handle:
        raise ConnectionRefused("The network did not tell the account's name.")
    with transaction.atomic():
        account = account_of(user, network, profile)
        row = Connection.objects.of_user(user).filter(network=network, external_id=profile.account_id).first() or row
        row.external_id, row.name, row.account = profile.account_id, profile.handle, account
        return keep(row, grant, by=user)


def account_of(user: User, network: str, profile: Profile) -> SocialAccount:
    """The public account of this handle; where there is none, a new one on the person's own profile.

    Raises ConnectionRefused where the account stands on the profile of another person who signs in.
    """
    account = SocialAccount.objects.filter(owner=None, network=network, handle=profile.handle).first()
    if reason := refusal(network, profile.handle):
        raise ConnectionRefused(reason)
    if account is None:
        creator = Creator.objects.filter(user=user).first() or Creator.objects.create(
            user=user, name=profile.name or profile.handle, source=Source.CREATOR, is_listed=False
        )
        return SocialAccount.objects.create(
            creator=creator, network=network, handle=profile.handle, source=Source.CONNECTOR, observed_at=timezone.now()
        )
    if account.creator.user_id not in {None, user.pk}:
        raise ConnectionRefused(f"@{profile.handle} belongs to another person's profile here. Write to us about it.")
    return account


@transaction.atomic
def keep(row: Connection, grant: Grant, *, by: User) -> Connection:
    """Seal the tokens into the row and make it live."""
    row.hold(grant)
    row.status, row.error, row.warned_at = Connection.Status.CONNECTED, "", None
    row.renewed_at, row.paused_until = timezone.now(), None
    row.save()
    drop_superseded(row)
    record(row.brand, "connection.made", row, by=by, network=row.network, kind=row.kind, name=row.name)
    return row


@transaction.atomic
def disconnect(row: Connection, *, by: User) -> None:
    """Forget the access and its tokens, and have it ended at the network; what came through it stays."""
    leave_grant(row)
    record(row.brand, "connection.removed", row, by=by, network=row.network, kind=row.kind, name=row.name)
    row.delete()


def operator_key() -> Connection | None:
    """The row of the operator's YouTube key, as the settings have it now; None without one."""
    rows = Connection.objects.of_operator().filter(network=Network.YOUTUBE, kind=Connection.Kind.KEY)
    key, row = settings.CONNECTORS["youtube"]["api_key"], rows.first()
    if not key:
        rows.delete()
        return None
    if row is None or not holds(row, key):
        row = row or Connection(network=Network.YOUTUBE, kind=Connection.Kind.KEY, name="Operator's key")
        row.hold(Grant(key))
        row.status, row.error = Connection.Status.CONNECTED, ""
        row.save()
    return row


def holds(row: Connection, key: str) -> bool:
    try:
        return row.grant().access_token == key
    except SealBroken:
        return False


def read(row: Connection, ledger: Ledger, ask: Callable[[Connector], Found]) -> Found:
    """What `ask` gets from the network; a token that is too old is renewed first, or once when the network says so.

    Raises a ConnectorError; AccessRevoked also where the tokens can't be read any more.
    """
    if row.expires_at and row.expires_at <= timezone.now() + timedelta(minutes=1):
        row = renew(row)
    try:
        return ask(client(row, ledger))
    except TokenExpired:
        if row.kind == Connection.Kind.KEY:
            raise
        return ask(client(renew(row), ledger))


def client(row: Connection, ledger: Ledger) -> Connector:
    try:
        return connector(row.network, row.kind, row.access(), ledger)
    except SealBroken as problem:
        raise AccessRevoked(str(problem)) from None


@transaction.atomic
def renew(row: Connection) -> Connection:
    """Fresh tokens; the row stays locked meanwhile, as a network may kill the old ones. Raises a ConnectorError."""
    held = Connection.objects.select_for_update(of=("self",)).select_related("brand", "user", "account").get(pk=row.pk)
    if held.renewed_at != row.renewed_at:
        return held  # somebody was quicker
    try:
        held.hold(login(held.network, held.kind).refresh_token(held.grant()))
    except SealBroken as problem:
        raise AccessRevoked(str(problem)) from None
    held.renewed_at, held.warned_at = timezone.now(), None
    held.save(
        update_fields=[
            "sealed",
            "expires_at",
            "ends_at",
            "external_id",
            "grantor",
            "scopes",
            "name",
            "renewed_at",
            "warned_at",
        ]
    )
    return held


def renew_ending() -> int:
    """Renew what ends soon; how many were. One that fails is noted and holds up nobody."""
    done = 0
    for row in Connection.objects.to_renew(timezone.now()).order_by("pk")[:500]:
        try:
            renew(row)
            done += 1
        except ConnectorError as problem:
            note_problem(row, problem)
    return done


def note_problem(row: Connection, problem: ConnectorError) -> None:
    """What a failure means for the connection: an end, a pause, or just a note."""
    if isinstance(problem, AccessRevoked):
        break_off(row, Connection.Status.REVOKED, str(problem))
        return
    if isinstance(problem, TokenExpired):
        break_off(row, Connection.Status.EXPIRED, str(problem))
        return
    now = timezone.now()
    wait = getattr(problem, "wait", 60.0 if isinstance(problem, RateLimited) else 0)
    facts = {"paused_until": now + timedelta(seconds=wait)} if wait else {}
    Connection.objects.filter(pk=row.pk).update(error=str(problem)[:300], error_at=now, **facts)


@transaction.atomic
def break_off(row: Connection, status: str, reason: str) -> bool:
    """The network takes us for strangers: say so to the owner, once. False where that is known already."""
    facts = {"status": status, "error": reason[:300], "error_at": timezone.now()}
    if not Connection.objects.live().filter(pk=row.pk).update(**facts):
        return False
    row.refresh_from_db(fields=["status", "error"])
    record(row.brand, f"connection.{status}", row, network=row.network, name=row.name)
    warn(row, "creators/connection_lost")
    return True


def warn_ending() -> int:
    """Write to the owners of what ends within a week and can't be prolonged by us; how many connections."""
    rows = list(Connection.objects.ending(timezone.now()).select_related("brand", "user").order_by("pk")[:500])
    return sum(warn_once(row) for row in rows)


@transaction.atomic
def warn_once(row: Connection) -> bool:
    if not Connection.objects.filter(pk=row.pk, warned_at=None).update(warned_at=timezone.now()):
        return False
    warn(row, "creators/connection_ending")
    return True


def warn(row: Connection, letter: str) -> None:
    """One letter to the creator, or to each owner of the brand."""
    page = "creators:portal-accounts" if row.user_id else "creators:connections"
    ends_on = f"{row.ends_at:%d %B %Y}" if row.ends_at else ""
    context = {
        "name": row.name,
        "network": row.get_network_display(),
        "reason": row.error,
        "ends_on": ends_on,
        "url": settings.SITE_URL + reverse(page),
    }
    for address in owners(row):
        send_letter(letter, address, context)


def owners(row: Connection) -> list[str]:
    if row.user:
        return [row.user.email]
    if row.brand is None:
        logger.warning("The operator's connection “%s” needs attention: %s", row, row.error)
        return []
    return list(Membership.objects.of(row.brand).owners().values_list("user__email", flat=True))
