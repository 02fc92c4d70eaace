"""One look into the directory: who is found, in which order, a page at a time."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from django.db.models import BigIntegerField, Case, DecimalField, F, OuterRef, Q, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Lower

from creators.directory.filters import Filters
from creators.models import (
    Creator,
    CreatorQuerySet,
    Relationship,
    ShortlistEntry,
    SocialAccount,
    SocialAccountQuerySet,
    TierScheme,
)
from creators.tiers import tier_of
from groundswell.accounts.models import Brand

PAGE = 50
# Stand-ins for an unknown value, so that it comes last in either direction.
BELOW, ABOVE = -1, 10**12


@dataclass(frozen=True)
class Entry:
    """A line of the directory: the creator, the account that matched, and what the brand knows."""

    creator: Creator
    lead: SocialAccount | None
    others: list[SocialAccount]
    tier: str | None
    relationship: Relationship | None
    is_shortlisted: bool


@dataclass(frozen=True)
class Page:
    entries: list[Entry]
    previous: str
    next: str


class Search:
    """The directory of a brand under some filters. Nothing is asked of the database until it is needed."""

    def __init__(self, brand: Brand, filters: Filters) -> None:
        self.brand, self.filters = brand, filters

    @cached_property
    def scheme(self) -> TierScheme | None:
        return TierScheme.objects.of(self.brand).prefetch_related("bands").first()

    def accounts(self, *, without: str = "") -> SocialAccountQuerySet:
        return SocialAccount.objects.filter(self.filters.accounts(self.scheme, without=without))

    def owners(self, *, without: str = "") -> CreatorQuerySet:
        """Creators that fulfil what is asked of the creator, whatever their accounts."""
        found = Creator.objects.of(self.brand)
        if self.filters.values("stage", without):
            found = found.known_to(self.brand)
        found = found.filter(self.filters.creators(without=without))
        if self.filters.shortlist:
            entries = ShortlistEntry.objects.filter(shortlist__brand=self.brand, shortlist__code=self.filters.shortlist)
            found = found.filter(pk__in=entries.values("creator"))
        return found.mentioning(self.filters.text) if self.filters.text else found

    def creators(self, *, without: str = "") -> CreatorQuerySet:
        """Everybody found; account filters hold on one and the same account."""
        found = self.owners(without=without)
        return found.having(self.accounts(without=without)) if self.filters.needs_account else found

    def count(self) -> int:
        return self.creators().count()

    def page(self, *, after: str = "", before: str = "", size: int = PAGE) -> Page:
        """The entries behind or ahead of a cursor; cursors stay right while rows come and go."""
        cursor = self.typed(decode(before or after))
        backwards = bool(before and cursor)
        descending = self.filters.is_descending != backwards
        found = self.creators().with_lead(self.accounts()).annotate(sort_value=self.sort_value())
        if cursor:
            found = found.filter(beyond(*cursor, descending=descending))
        order = ("-sort_value", "-pk") if descending else ("sort_value", "pk")
        rows = list(found.order_by(*order)[: size + 1])
        more, rows = len(rows) > size, rows[:size]
        if backwards:
            rows.reverse()
        has_previous, has_next = (more, True) if backwards else (bool(cursor), more)
        return Page(
            self.entries(rows),
            encode(rows[0]) if rows and has_previous else "",
            encode(rows[-1]) if rows and has_next else "",
        )

    def sort_value(self) -> Combinable:
        """What the page is ordered by. Rates of another basis count as unknown: they are never ranked together."""
        unknown = BELOW if self.filters.is_descending else ABOVE
        lead = self.accounts().leading(OuterRef("pk"))
        if self.filters.sort_key == "name":
            return Lower("name")
        if self.filters.sort_key == "followers":
            followers = Subquery(lead.values("followers")[:1], output_field=BigIntegerField())
            return Coalesce(followers, Value(unknown, output_field=BigIntegerField()))
        if self.filters.sort_key == "engagement":
            decimal: DecimalField[Decimal, Decimal] = DecimalField(max_digits=20, decimal_places=6)
            rate = Case(When(engagement_basis=self.filters.basis, then=F("engagement_rate")), output_field=decimal)
            return Coalesce(
                Subquery(lead.annotate(rate=rate).values("rate")[:1], output_field=decimal),
                Value(Decimal(unknown), output_field=decimal),
            )
        return F("pk")

    def typed(self, cursor: tuple[Any, int] | None) -> tuple[Any, int] | None:
        """A cursor with its value as the sort column's type; None, the beginning, for one of another order."""
        if cursor is None or isinstance(cursor[0], int) != (self.filters.sort_key in {"added", "followers"}):
            return None
        if self.filters.sort_key != "engagement":
            return cursor
        try:
            return Decimal(cursor[0]), cursor[1]
        except InvalidOperation:
            return None

    def entries(self, creators: list[Creator]) -> list[Entry]:
        ids = [creator.pk for creator in creators]
        accounts: dict[int, list[SocialAccount]] = {pk: [] for pk in ids}
        for account in SocialAccount.objects.filter(creator__in=ids).order_by(
            F("followers").desc(nulls_last=True), "pk"
        ):
            accounts[account.creator_id].append(account)
        mine = {row.creator_id: row for row in Relationship.objects.of(self.brand).filter(creator__in=ids)}
        listed = ShortlistEntry.objects.filter(shortlist__brand=self.brand, creator__in=ids)
        shortlisted = set(listed.values_list("creator_id", flat=True))
        return [
            self.entry(creator, accounts[creator.pk], mine.get(creator.pk), creator.pk in shortlisted)
            for creator in creators
        ]

    def entry(
        self, creator: Creator, accounts: list[SocialAccount], relationship: Relationship | None, is_shortlisted: bool
    ) -> Entry:
        wanted = getattr(creator, "lead_id", None)
        lead = next((account for account in accounts if account.pk == wanted), None)
        others = [account for account in accounts if account.pk != wanted]
        tier = tier_of(self.scheme, lead.network, lead.followers) if lead else None
        return Entry(creator, lead, others, tier, relationship, is_shortlisted)


def beyond(value: Any, pk: int, *, descending: bool) -> Q:
    """Rows after the one with this sort value and key."""
    comparison = "lt" if descending else "gt"
    return Q((f"sort_value__{comparison}", value)) | Q(("sort_value", value), (f"pk__{comparison}", pk))


def encode(creator: Creator) -> str:
    value = creator.sort_value  # type: ignore[attr-defined]
    text = json.dumps([value if isinstance(value, int | str) else str(value), creator.pk])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str) -> tuple[Any, int] | None:
    """The sort value and key of a cursor; None for one that isn't ours."""
    try:
        value, pk = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, binascii.Error):
        return None
    readable = isinstance(pk, int) and isinstance(value, int | str) and "\x00" not in str(value)
    return (value, pk) if readable else None
