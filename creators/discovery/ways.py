"""Ways to the rows that come next in an order, where too many fit to fetch them all.

Either out of the sieve, only as far along the order as fills the page; or along the index of the order, dropping what
doesn't fit, which is the shorter way where many of the rows fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from creators.discovery.conditions import Conditions, between_steps
from creators.discovery.ladders import LADDERS, step_key, steps
from creators.discovery.planning import FETCH, GATHER, WALK, planned
from creators.discovery.sieve import Mesh, reaching, sift
from creators.discovery.tally import EXACT
from creators.models.discovery import SearchQuerySet, SearchRow

# Of what the sieve lets through for a page some doesn't fit, or is another account of the same creator.
PLENTY = 1.5
ALWAYS_KNOWN = {"creator_id", "name"}


@dataclass(frozen=True)
class Cursor:
    """The last row seen: its value to sort by (None: unknown) and its key."""

    value: Any
    pk: int


@dataclass(frozen=True)
class Stretch:
    """A part of the way from its start: the rows in it that seem to fit, and all rows up to its end."""

    fitting: int
    every: int
    mesh: Mesh
    condition: Q

    def is_short(self, size: int) -> bool:
        """Whether fetching what seems to fit is less than walking until the page is full."""
        return self.fitting <= EXACT and self.fitting**2 <= PLENTY * size * self.every


class Way:
    """Rows with a known value in its order, or those without one by key; from a cursor on."""

    def __init__(self, conditions: Conditions, cursor: Cursor | None, *, is_known: bool, descending: bool) -> None:
        self.conditions, self.cursor, self.is_known, self.descending = conditions, cursor, is_known, descending
        self.column = conditions.sort_column
        self.is_sieved = self.column in LADDERS and not conditions.has_rare_price

    def rows(self, size: int) -> list[SearchRow]:
        """So many rows or all that are left."""
        if not self.is_known and self.column in ALWAYS_KNOWN:
            return []
        for stretch in self.stretches() if self.is_known else self.rest():
            if stretch.fitting >= PLENTY * size or not stretch.condition:
                if not stretch.is_short(size):
                    break
                found = self.sieved(stretch, size)
                if len(found) >= size or not stretch.condition:
                    return found
        return self.walked(size)

    # ---- out of the sieve -------------------------------------------------------------------------------------------
    def stretches(self) -> Iterator[Stretch]:
        """Longer and longer ones, up to the whole way."""
        if not self.is_sieved:
            return
        mesh = self.ahead(self.conditions.mesh)
        keys = [step_key(self.column, place) for place in (*self.places(), 0)]
        found = reaching(mesh, keys)
        whole = found.get(keys[-1], (0, 0))
        for place, key in zip(self.places(), keys, strict=False):
            n, of = found.get(key, (0, 0))
            if self.descending:
                yield Stretch(n, of, mesh & Mesh(((key,),)), Q((f"{self.column}__gte", self.step(place))))
            else:
                n, of = whole[0] - n, whole[1] - of
                yield Stretch(n, of, mesh & Mesh(without=(key,)), Q((f"{self.column}__lt", self.step(place))))
        yield Stretch(*whole, mesh, Q())

    def rest(self) -> Iterator[Stretch]:
        """All rows without a value."""
        if not self.is_sieved:
            return
        mesh = self.conditions.mesh & Mesh(without=tuple(self.conditions.known_keys))
        n = sift(mesh, [], [0], [1])[0].total
        yield Stretch(n, n**2, mesh, Q())

    def ahead(self, mesh: Mesh) -> Mesh:
        low, high = (None, self.value) if self.descending else (self.value, None)
        known = Mesh(tuple((key,) for key in self.conditions.known_keys))
        return mesh & known & between_steps(self.column, low, high)

    @property
    def value(self) -> Any:
        return None if self.cursor is None else self.cursor.value

    def places(self) -> Sequence[int]:
        """Steps between here and the end of the way, further and further apart."""
        low, high = (None, self.value) if self.descending else (self.value, None)
        if self.column == "last_post":
            high = high or timezone.now()
        found = steps(self.column, low, high)
        return thinned(found[::-1] if self.descending else found)

    def step(self, place: int) -> Any:
        value = LADDERS[self.column][place]
        return datetime.fromtimestamp(value, UTC) if self.column == "last_post" else value

    def sieved(self, stretch: Stretch, size: int) -> list[SearchRow]:
        keys = sift(stretch.mesh, [], [stretch.fitting], [1])[0].keys
        with planned(FETCH):
            return self.ordered(self.conditions.among(keys).filter(stretch.condition), size)

    # ---- along the index --------------------------------------------------------------------------------------------
    def walked(self, size: int) -> list[SearchRow]:
        """Through the index of values where that is all there is for a price in a rare currency."""
        rows = self.conditions.rows((self.column,) if self.is_known else ())
        with planned(GATHER if self.conditions.has_rare_price and self.is_known else WALK):
            return self.ordered(rows, size)

    def ordered(self, rows: SearchQuerySet, size: int) -> list[SearchRow]:
        """In the order of the way, from the cursor on, a row for each creator."""
        known = Q((f"{self.column}__isnull", False)) & self.conditions.by_currency()
        rows = self.conditions.leading(rows).filter(known if self.is_known else ~known)
        if self.cursor is not None:
            rows = rows.filter(beyond(self.column if self.is_known else "", self.cursor, self.descending))
        order = (self.column, "pk") if self.is_known else ("pk",)
        return list(rows.order_by(*(f"-{name}" if self.descending else name for name in order))[:size])


def thinned(places: Sequence[int]) -> list[int]:
    """The first few of them, then fewer and fewer."""
    found, at = list[int](), 0
    while at < len(places):
        found.append(places[at])
        at += 1 + at // 8
    return found


def beyond(column: str, cursor: Cursor, descending: bool) -> Q:
    """Rows after the cursor's; without a column, by key alone."""
    way = "lt" if descending else "gt"
    further = Q((f"pk__{way}", cursor.pk))
    if not column:
        return further
    return Q((f"{column}__{way}e", cursor.value)) & (Q((f"{column}__{way}", cursor.value)) | further)
