"""Access to networks as a brand may have it after some weeks. It holds no tokens, so no call is ever made with it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from creators.actions.quotas import Ledger
from creators.models import AccountRefresh, Connection, Network, Relationship, SocialAccount
from groundswell.accounts.models import Brand, User
from groundswell.demo.brands import House
from groundswell.demo.clock import at
from groundswell.events.actions import record

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LASTS = 5 * DAY
UNITS = 6120
NO_TOKENS = ""  # whatever tries to use the access finds it revoked before a network is asked


def make_connections(house: House, now: datetime) -> None:
    """A key that was told to wait, the brand's account that has expired, and a creator's that ends in five days."""
    with at(now - 21 * DAY), transaction.atomic():
        key = connect(house.brand, house.owner, **key_facts(now))
        connect(house.brand, house.owner, **expired_facts(house.brand, now))
        known = somebody_on_instagram(house.brand)
        if known and known.user:
            connect_own(known.creator.accounts.filter(network=Network.INSTAGRAM)[0], known.user, now)
    with at(now):
        Ledger(key).spend("units", UNITS)


def key_facts(now: datetime) -> dict[str, Any]:
    return {
        "network": Network.YOUTUBE,
        "kind": Connection.Kind.KEY,
        "name": "…w3Rk",
        "used_at": now - 3 * HOUR,
        "paused_until": now + LASTS,
        "error": "The network asks for a pause.",
        "error_at": now - 3 * HOUR,
    }


def expired_facts(brand: Brand, now: datetime) -> dict[str, Any]:
    return {
        "network": Network.INSTAGRAM,
        "kind": Connection.Kind.BRAND,
        "name": brand.code,
        "external_id": f"demo-{brand.code}",
        "status": Connection.Status.EXPIRED,
        "used_at": now - 2 * DAY,
        "ends_at": now - DAY,
        "error": "The access has ended. Connect the account again.",
        "error_at": now - DAY,
    }


def somebody_on_instagram(brand: Brand) -> Relationship | None:
    """The first who works with the brand, has signed in to the portal and is on Instagram."""
    rows = Relationship.objects.of(brand).filter(creator__accounts__network=Network.INSTAGRAM)
    return rows.exclude(user=None).select_related("creator", "user").order_by("pk").first()


def connect_own(account: SocialAccount, user: User, now: datetime) -> None:
    """Read three hours ago, and not due again before the access ends; its owner was warned yesterday."""
    connect(
        None,
        user,
        network=account.network,
        kind=Connection.Kind.OWN,
        user=user,
        account=account,
        name=account.handle,
        external_id=f"demo-{account.handle}",
        used_at=now - 3 * HOUR,
        expires_at=now + LASTS,
        ends_at=now + LASTS,
        warned_at=now - DAY,
    )
    AccountRefresh.objects.create(account=account, done_at=now - 3 * HOUR, due_at=now + LASTS)


def connect(brand: Brand | None, by: User, **facts: Any) -> Connection:
    row = Connection.objects.create(brand=brand, created_by=by, sealed=NO_TOKENS, **facts)
    record(brand, "connection.made", row, by=by, network=row.network, kind=row.kind, name=row.name)
    return row
