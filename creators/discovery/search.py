"""One look into the directory: who is found, in which order, a page at a time."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import itemgetter
from typing import Any

from django.db.models import QuerySet

from creators.discovery.conditions import Conditions
from creators.discovery.facets import KINDS, Facet, facet
from creators.discovery.filters import Filters
from creators.discovery.sieve import Sifted, sift
from creators.discovery.tally import EXACT, FACETED_ALONE, SOME, SOME_ALONE, Tally, fetched, is_rare, looked_up, tally
from creators.discovery.ways import Cursor, Way
from creators.models import Creator, Relationship, ShortlistEntry, SocialAccount, TierScheme
from creators.models.discovery import SearchQuerySet, SearchRow
from creators.tiers import tier_of
from groundswell.accounts.models import Brand

PAGE = 50


@dataclass(frozen=True)
class Entry:
    """A line of the directory: the creator, the account that matched, and what the brand knows."""

    creator: Creator
    lead: SocialAccount | None
    others: list[SocialAccount]
    tier: str | None
    relationship: Relationship | None
    is_shortlisted: bool
    row: SearchRow | None = None


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

    @cached_property
    def conditions(self) -> Conditions:
        return Conditions(self.brand, self.filters, self.scheme)

    # ---- how many -------------------------------------------------------------------------------------------------
    @cached_property
    def chosen(self) -> dict[str, Conditions]:
        """For each facet with a choice, the conditions without that."""
        return {name: self.conditions.but(name) for name in KINDS if self.filters.choice(name).any}

    @cached_property
    def sifted(self) -> dict[str, Sifted]:
        """What the sieve lets through, and under its name what it does for each facet with a choice; one statement."""
        names = [name for name, conditions in self.chosen.items() if not is_rare(conditions)]
        base, parts = self.conditions.meshes(names)
        self.conditions.find_strays()  # before the sieve is asked
        most = [EXACT, *(FACETED_ALONE for _ in names)]
        found = sift(base, parts, most, [SOME, *(SOME_ALONE for _ in names)])
        return dict(zip(["", *names], found, strict=True))

    @cached_property
    def tally(self) -> Tally:
        """Of everybody found, with the values of every facet that nothing is chosen in."""
        kinds = [kind for name, kind in KINDS.items() if name not in self.chosen]
        found = looked_up(self.conditions, kinds) if is_rare(self.conditions) else None
        return found or tally(self.conditions, kinds, self.sifted[""])

    def count(self) -> int:
        """Exact where `is_exact`, else an estimate."""
        return self.tally.creators

    @property
    def is_exact(self) -> bool:
        return self.tally.is_exact

    def facets(self) -> list[Facet]:
        """How many creators each value would leave under all the other filters."""
        return [facet(self.filters, name, self.tally_of(name), self.scheme) for name in KINDS]

    def tally_of(self, name: str) -> Tally:
        """Of everybody found if nothing were chosen in this facet."""
        if name not in self.chosen:
            return self.tally
        conditions, kinds = self.chosen[name], [KINDS[name]]
        found = looked_up(conditions, kinds) if is_rare(conditions) else None
        if found is None and name not in self.sifted:
            self.sifted[name] = sift(conditions.mesh, [], [FACETED_ALONE], [SOME_ALONE])[0]
        return found or fetched(conditions, kinds, self.sifted[name])

    @property
    def taken_for(self) -> dict[str, tuple[str, ...]]:
        """Typed words that nobody has, and the similar ones that were searched for instead."""
        return self.conditions.taken_for

    @property
    def cut(self) -> list[str]:
        """Typed beginnings of which only the commonest words were searched: type more to find the others."""
        return self.conditions.cut

    # ---- who ------------------------------------------------------------------------------------------------------
    def rows(self) -> SearchQuerySet:
        """Everybody found, one row each, in no order: for exports and alerts."""
        return self.conditions.leading(self.conditions.rows())

    def creators(self) -> QuerySet[Creator]:
        return Creator.objects.filter(pk__in=self.rows().values("creator"))

    def page(self, *, after: str = "", before: str = "", size: int = PAGE) -> Page:
        """The entries behind or ahead of a cursor; cursors stay right while rows come and go."""
        cursor = self.decode(before or after)
        backwards = bool(before and cursor)
        found = self.seek(cursor, backwards, size + 1)
        more, found = len(found) > size, found[:size]
        if backwards:
            found.reverse()
        has_previous, has_next = (more, True) if backwards else (bool(cursor), more)
        return Page(
            entries(self.brand, found, self.scheme),
            self.encode(found[0]) if found and has_previous else "",
            self.encode(found[-1]) if found and has_next else "",
        )

    def seek(self, cursor: Cursor | None, backwards: bool, size: int) -> list[SearchRow]:
        """Rows from the cursor on, unknown values last; backwards, the reverse."""
        if self.tally.is_exact:
            return self.pick(cursor, backwards, size)
        found: list[SearchRow] = []
        for is_known in (False, True) if backwards else (True, False):
            here = cursor is not None and (cursor.value is not None) == is_known
            if cursor is not None and not here and is_known != backwards:
                continue  # this part lies before the cursor
            if len(found) < size:
                found += self.part(is_known, cursor if here else None, backwards, size - len(found))
        return found

    def pick(self, cursor: Cursor | None, backwards: bool, size: int) -> list[SearchRow]:
        """From the rows that were counted anyway."""
        descending = self.filters.is_descending
        known = sorted((row for row in self.tally.leading if row[0] is not None), reverse=descending)
        unknown = sorted((row for row in self.tally.leading if row[0] is None), key=itemgetter(1), reverse=descending)
        order = [*known, *unknown][:: -1 if backwards else 1]
        keys = [pk for value, pk in order if cursor is None or self.lies_behind(value, pk, cursor, backwards)][:size]
        rows = SearchRow.objects.in_bulk(keys)
        return [rows[key] for key in keys if key in rows]

    def lies_behind(self, value: Any, pk: int, cursor: Cursor, backwards: bool) -> bool:
        if (value is None) != (cursor.value is None):
            return (value is None) != backwards
        descending = self.filters.is_descending != backwards
        mine, other = (pk, cursor.pk) if value is None or value == cursor.value else (value, cursor.value)
        return bool(mine < other if descending else mine > other)

    def part(self, is_known: bool, cursor: Cursor | None, backwards: bool, size: int) -> list[SearchRow]:
        """Rows with a known value in its order, or those without one by key."""
        descending = self.filters.is_descending != backwards
        return Way(self.conditions, cursor, is_known=is_known, descending=descending).rows(size)

    # ---- cursors --------------------------------------------------------------------------------------------------
    def encode(self, row: SearchRow) -> str:
        value = self.value_of(row)
        text = json.dumps([value.isoformat() if isinstance(value, datetime) else value, row.pk])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def value_of(self, row: SearchRow) -> Any:
        """What the row is sorted by; a price in another currency is unknown."""
        if self.filters.sort_key == "price" and not set(self.conditions.currency_ids) <= set(row.terms):
            return None
        return getattr(row, self.conditions.sort_column)

    def decode(self, text: str) -> Cursor | None:
        """None, the beginning, for a cursor that isn't ours or is of another order."""
        try:
            value, pk = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            return Cursor(self.typed(value), pk) if type(pk) is int and abs(pk) < 2**63 else None
        except (ValueError, TypeError, OverflowError, binascii.Error):
            return None

    def typed(self, value: Any) -> Any:
        """A value of the sort column, as JSON has it. Raises ValueError for one of another order."""
        if value is None and self.conditions.sort_column not in {"name", "creator_id"}:
            return None
        wanted = str if self.conditions.sort_column in {"name", "last_post"} else (int, float)
        if not isinstance(value, wanted) or "\x00" in str(value):
            raise ValueError("a cursor of another order")
        return moment(str(value)) if self.conditions.sort_column == "last_post" else value


def moment(text: str) -> datetime:
    """Raises ValueError for a time that doesn't say its zone."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a time without a zone")
    return found


def entries(brand: Brand, rows: Sequence[SearchRow], scheme: TierScheme | None) -> list[Entry]:
    """What the directory shows of these rows, in their order: four statements, however many there are."""
    ids = [row.creator_id for row in rows]
    creators = Creator.objects.in_bulk(ids)
    accounts: dict[int, list[SocialAccount]] = {pk: [] for pk in ids}
    for account in SocialAccount.objects.visible_to(brand).filter(creator__in=ids).largest_first():
        accounts[account.creator_id].append(account)
    mine = {row.creator_id: row for row in Relationship.objects.of(brand).filter(creator__in=ids)}
    listed = ShortlistEntry.objects.filter(shortlist__brand=brand, creator__in=ids)
    shortlisted = set(listed.values_list("creator_id", flat=True))
    return [
        entry(
            creators[row.creator_id],
            row,
            accounts[row.creator_id],
            scheme,
            relationship=mine.get(row.creator_id),
            is_shortlisted=row.creator_id in shortlisted,
        )
        for row in rows
        if row.creator_id in creators
    ]


def entries_of(brand: Brand, creators: Sequence[Creator]) -> list[Entry]:
    """What the directory shows of these creators, with the largest account first; in their order."""
    rows = SearchRow.objects.visible_to(brand).filter(creator__in=creators).order_by("-place")
    leading = {row.creator_id: row for row in rows}
    scheme = TierScheme.objects.of(brand).prefetch_related("bands").first()
    return entries(brand, [leading[creator.pk] for creator in creators if creator.pk in leading], scheme)


def entry(
    creator: Creator,
    row: SearchRow,
    accounts: list[SocialAccount],
    scheme: TierScheme | None,
    *,
    relationship: Relationship | None,
    is_shortlisted: bool,
) -> Entry:
    lead = next((account for account in accounts if account.pk == row.pk), None)
    others = [account for account in accounts if account.pk != row.pk]
    tier = tier_of(scheme, lead.network, lead.followers) if lead else None
    return Entry(creator, lead, others, tier, relationship, is_shortlisted, row)
