"""A brand comes into being and describes itself."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from groundswell.accounts.models import Brand, Membership, Role, User
from groundswell.events.actions import record
from groundswell.lib.codes import short_code


class CreatorMayNotOwn(Exception):
    """Creators belong to the portal; a brand needs somebody with an address of its own."""


@transaction.atomic
def create_brand(name: str, *, by: User, **facts: Any) -> Brand:
    """A brand with `by` as its owner; `facts` are other columns (currency, country, timezone …).

    Apps above prepare the rest when they hear of "brand.created". Raises CreatorMayNotOwn.
    """
    if by.is_creator:
        raise CreatorMayNotOwn("You are signed in as a creator. Sign up with another address to run a brand.")
    brand = insert_brand(name, facts)
    Membership.objects.create(user=by, brand=brand, role=Role.OWNER)
    record(brand, "brand.created", brand, by=by, name=name)
    return brand


def insert_brand(name: str, facts: dict[str, Any]) -> Brand:
    """The brand under a code made of its name, with a random end where another brand has that code."""
    code = slugify(name)[:30] or "brand"
    try:
        with transaction.atomic():
            return Brand.objects.create(code=code, name=name, **facts)
    except IntegrityError:
        return Brand.objects.create(code=f"{code}-{short_code(6)}", name=name, **facts)


@transaction.atomic
def change_brand(brand: Brand, *, by: User, **facts: Any) -> Brand:
    """Save the facts that differ, and note which."""
    before = Brand.objects.select_for_update().get(pk=brand.pk)
    changed = [name for name, value in facts.items() if getattr(before, name) != value]
    for name in changed:
        setattr(before, name, facts[name])
    if changed:
        before.save(update_fields=changed)
        record(brand, "brand.changed", brand, by=by, fields=sorted(changed))
    return before
