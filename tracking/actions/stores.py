"""Connecting the places where a brand sells."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record
from tracking.models import Store


class StoreTaken(Exception):
    """The brand has connected this shop already."""


@transaction.atomic
def connect_shopify(brand: Brand, domain: str, secret: str, *, by: User) -> Store:
    """Connect a Shopify shop by its domain and the secret it signs webhooks with. Raises StoreTaken."""
    try:
        with transaction.atomic():
            store = Store.objects.create(
                brand=brand, kind=Store.Kind.SHOPIFY, name=domain, domain=domain, secret=secret
            )
    except IntegrityError as error:
        raise StoreTaken(f"{domain} is connected already.") from error
    record(brand, "store.connected", store, by=by, domain=domain)
    return store


@transaction.atomic
def change_secret(store: Store, secret: str, *, by: User) -> Store:
    """Replace the signing secret; deliveries signed with the old one are refused from now on."""
    store.secret = secret
    store.save(update_fields=["secret"])
    record(store.brand, "store.secret_changed", store, by=by)
    return store


def api_store(brand: Brand) -> Store:
    """The store of orders that partners post; made with the first of them."""
    store, _ = Store.objects.get_or_create(
        brand=brand, kind=Store.Kind.API, domain="", defaults={"name": Store.Kind.API.label}
    )
    return store
