"""Adding a single creator to a brand's own directory."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from creators.actions.batches import Batch
from creators.importing.handles import fits, parse_handle
from creators.importing.rows import Row
from creators.models import Creator, Source
from creators.privacy import privacy_keys, why, wishes
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record
from groundswell.events.people import names_creators


@names_creators
def names_of(brand: Brand, keys: set[int]) -> dict[int, tuple[str, str]]:
    return {row.pk: (row.name, row.get_absolute_url()) for row in Creator.objects.of(brand).filter(pk__in=keys)}


class HandleRefusedError(Exception):
    """Not a handle of this network."""


@transaction.atomic
def add_creator(
    brand: Brand, *, network: str, handle: str, by: User | None = None, source: str = Source.MANUAL, **facts: Any
) -> tuple[Creator, bool]:
    """The creator behind an account in the brand's directory, and whether anything was made.

    An account that the directory has already (public or the brand's own) is related to the brand, not made twice;
    `facts` are fields of `creators.importing.rows.Row`. Raises HandleRefusedError.
    """
    try:
        found = parse_handle(handle)
    except ValueError as error:
        raise HandleRefusedError(str(error)) from error
    if found is None or not fits(found.name, network) or found.network not in {"", network}:
        raise HandleRefusedError(f"“{handle}” is not a handle on {network}.")
    row = Row(network=network, handle=found.name, url=found.url, **facts)
    if reason := why(row, wishes(privacy_keys(row))):
        raise HandleRefusedError(reason)
    batch = Batch(brand, [row], by, source=source)
    outcome = batch.write()
    creator = Creator.objects.get(pk=batch.met[0].creator)
    if outcome.created:
        record(brand, "creator.added", creator, by=by, network=network, handle=found.name)
    return creator, bool(outcome.created)
