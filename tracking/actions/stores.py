"""Connecting the places where a brand sells."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record
from groundswell.lib.sealing import seal
from tracking.models import Store

OLD_SECRET_LASTS = timedelta(hours=1)  # a shop goes on signing with it for what it had queued before the change


class StoreTaken(Exception):
    """The brand has connected this shop already."""


class SameSecret(Exception):
    """The new secret is the one that is saved."""


@transaction.atomic
def connect_store(brand: Brand, kind: str, domain: str, secret: str, *, by: User) -> Store:
    """Connect a shop by its domain and the secret it signs webhooks with. Raises StoreTaken."""
    facts = {"kind": kind, "name": domain, "domain": domain, "sealed": seal(secret)}
    try:
        with transaction.atomic():
            store = Store.objects.create(brand=brand, **facts)
    except IntegrityError as error:
        raise StoreTaken(f"{domain} is connected already.") from error
    record(brand, "store.connected", store, by=by, domain=domain, kind=kind)
    return store


@transaction.atomic
def change_secret(store: Store, secret: str, *, by: User, is_leaked: bool = False) -> Store:
    """Replace the signing secret. The old one is accepted for another hour, or not at all when it has leaked.

    Raises SameSecret.
    """
    store = Store.objects.select_for_update(of=("self",)).select_related("brand").get(pk=store.pk)
    if secret == store.secret:
        raise SameSecret("This is the secret that is saved already.")
    keeps_old = bool(store.secret) and not is_leaked
    store.old_sealed = store.sealed if keeps_old else ""
    store.old_secret_until = timezone.now() + OLD_SECRET_LASTS if keeps_old else None
    store.sealed = seal(secret)
    store.save(update_fields=["sealed", "old_sealed", "old_secret_until"])
    record(store.brand, "store.secret_changed", store, by=by, is_leaked=is_leaked)
    return store


def forget_old_secrets(at: datetime) -> int:
    """Drop old secrets that are not accepted any more; returns how many."""
    return Store.objects.with_expired_secret(at).update(old_sealed="", old_secret_until=None)


def api_store(brand: Brand) -> Store:
    """The store of orders that partners post; made with the first of them."""
    store, _ = Store.objects.get_or_create(
        brand=brand, kind=Store.Kind.API, domain="", defaults={"name": Store.Kind.API.label}
    )
    return store


def till(brand: Brand, name: str) -> Store:
    """The shop counter of this name, made when there is none: codes noted there come by file."""
    facts = {"name": name[:120]}
    store, _ = Store.objects.get_or_create(brand=brand, kind=Store.Kind.TILL, domain=name[:200], defaults=facts)
    return store
