"""Adding a single creator to a brand's own directory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db import transaction

from creators.actions.batches import Batch
from creators.importing.handles import fits, parse_handle
from creators.importing.rows import Row
from creators.models import Creator, Source
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record

NOTHING = Row(
    line=0, network="", handle="", url="", name="", bio="", country="", city="", language="", niches=(), followers=None,
    following=None, posts_count=None, engagement_rate=None, engagement_basis="followers", average_likes=None,
    average_comments=None, average_shares=None, average_views=None, is_verified=None, audience_country="", email="",
    phone="", price=None, price_currency="", tags=(), note="",
)  # fmt: skip


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
    row = replace(NOTHING, network=network, handle=found.name, url=found.url, **facts)
    batch = Batch(brand, [row], by, source=source)
    outcome = batch.write()
    account = batch.known_accounts()[row.key]
    if outcome.created:
        record(brand, "creator.added", account.creator, by=by, network=network, handle=found.name)
    return account.creator, bool(outcome.created)
