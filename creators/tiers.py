"""Tiers: names for sizes of following, computed from followers and a brand's scheme, never stored as a fact.

Lower bounds are inclusive and upper bounds exclusive: with nano 1,000–10,000 and micro 10,000–100,000,
10,000 followers are micro.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Protocol

from django.db.models import Case, CharField, Q, Value, When

from creators.models import Network, TierBand, TierScheme
from groundswell.accounts.models import User
from groundswell.events.models import Event, EventQuerySet


class Band(Protocol):
    """A row of a scheme; an empty bound is open, an empty network is every network."""

    @property
    def network(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def lower(self) -> int | None: ...
    @property
    def upper(self) -> int | None: ...


@dataclass(frozen=True)
class Bounds:
    """A band that isn't saved."""

    name: str
    lower: int | None
    upper: int | None
    network: str = ""

    def get_network_display(self) -> str:
        return str(Network(self.network).label) if self.network else ""


@dataclass(frozen=True)
class Version:
    """A scheme as it was from `since` until `until`, None for the one that holds now."""

    number: int
    title: str
    bands: list[Bounds]
    since: datetime
    until: datetime | None
    by: User | None


@dataclass(frozen=True)
class Preset:
    """A published scheme and where its bounds come from."""

    title: str
    source: str
    bands: tuple[Bounds, ...]


PRESETS = {
    "flinque": Preset(
        "Flinque",
        "Nano 1,000–10,000, micro to 100,000, macro to 1 million, mega above. New brands start with it.",
        (
            Bounds("nano", 1_000, 10_000),
            Bounds("micro", 10_000, 100_000),
            Bounds("macro", 100_000, 1_000_000),
            Bounds("mega", 1_000_000, None),
        ),
    ),
    "dash-hudson": Preset(
        "Dash Hudson",
        "Nano below 10,000, micro to 100,000, macro to 500,000, mega above.",
        (
            Bounds("nano", None, 10_000),
            Bounds("micro", 10_000, 100_000),
            Bounds("macro", 100_000, 500_000),
            Bounds("mega", 500_000, None),
        ),
    ),
    "later": Preset(
        "Later × Fohr",
        "Nano below 10,000, micro to 100,000, mid to 500,000, macro to 1 million, mega above.",
        (
            Bounds("nano", None, 10_000),
            Bounds("micro", 10_000, 100_000),
            Bounds("mid", 100_000, 500_000),
            Bounds("macro", 500_000, 1_000_000),
            Bounds("mega", 1_000_000, None),
        ),
    ),
    "hypeauditor": Preset(
        "HypeAuditor",
        "Nano 1,000–5,000, micro to 20,000, mid to 100,000, macro to 1 million, mega above.",
        (
            Bounds("nano", 1_000, 5_000),
            Bounds("micro", 5_000, 20_000),
            Bounds("mid", 20_000, 100_000),
            Bounds("macro", 100_000, 1_000_000),
            Bounds("mega", 1_000_000, None),
        ),
    ),
}


class SchemeRefusedError(Exception):
    """Bounds that can't be a scheme; `row` is the position (from 0) of the row that is wrong."""

    def __init__(self, row: int, message: str) -> None:
        super().__init__(message)
        self.row = row


def bands_of(scheme: TierScheme | None) -> list[TierBand]:
    """The rows of a scheme, none for a brand without one. Prefetch `bands` to spare the query."""
    return list(scheme.bands.all()) if scheme else []


def tier_of(scheme: TierScheme | None, network: str, followers: int | None) -> str | None:
    """The tier's name; None for an unknown size, a size outside every band, or a brand without a scheme."""
    return tier_in(bands_of(scheme), network, followers)


def tier_in(bands: Sequence[Band], network: str, followers: int | None) -> str | None:
    """The same from rows at hand. A network with rows of its own uses those alone."""
    if followers is None:
        return None
    return next((band.name for band in bands_for(bands, network) if holds(band, followers)), None)


def bands_for(bands: Sequence[Band], network: str) -> list[Band]:
    own = [band for band in bands if band.network and band.network == network]
    return own or [band for band in bands if not band.network]


def holds(band: Band, followers: int) -> bool:
    return (band.lower is None or followers >= band.lower) and (band.upper is None or followers < band.upper)


def tier_case(scheme: TierScheme | None, followers: str = "followers", network: str = "network") -> Case:
    """The tier as an SQL expression over the columns with these names; null where tier_of says None."""
    bands = bands_of(scheme)
    whens = [When(condition(bands, band, followers, network), then=Value(band.name)) for band in bands]
    return Case(*whens, default=Value(None), output_field=CharField())


def tier_filter(scheme: TierScheme | None, names: Iterable[str]) -> Q:
    """Accounts (columns `followers` and `network`) in one of these tiers; none for names the scheme lacks."""
    bands = bands_of(scheme)
    wanted = set(names)
    found = Q(pk__in=[])
    for band in bands:
        if band.name in wanted:
            found |= condition(bands, band, "followers", "network")
    return found


def condition(bands: Sequence[Band], band: Band, followers: str, network: str) -> Q:
    """That an account is in a band: its size between the bounds, on a network that the band is for."""
    size = Q((f"{followers}__isnull", False))
    if band.lower is not None:
        size &= Q((f"{followers}__gte", band.lower))
    if band.upper is not None:
        size &= Q((f"{followers}__lt", band.upper))
    if band.network:
        return size & Q((network, band.network))
    overridden = sorted({other.network for other in bands if other.network})
    return size & ~Q((f"{network}__in", overridden)) if overridden else size


def tier_names(scheme: TierScheme | None) -> list[str]:
    """Names from the smallest tier to the largest, each once."""
    bands = sorted(bands_of(scheme), key=lambda band: (bool(band.network), band.lower or 0))
    return list(dict.fromkeys(band.name for band in bands))


def changes_of(scheme: TierScheme) -> EventQuerySet:
    return Event.objects.of(scheme.brand).about(scheme).filter(name="tiers.changed")


def version_named(scheme: TierScheme | None) -> str:
    """What a report says it used: `Flinque, version 3`; empty without a scheme."""
    return f"{scheme.name}, version {changes_of(scheme).count()}" if scheme else ""


def versions(scheme: TierScheme) -> list[Version]:
    """Every version of the scheme, the newest first, as the log of changes has them."""
    changes = changes_of(scheme).feed()
    ends: list[datetime | None] = [None, *(event.created_at for event in changes)]
    return [
        Version(
            number=len(changes) - place,
            title=event.data["title"],
            bands=[Bounds(name, lower, upper, network) for network, name, lower, upper in event.data["bands"]],
            since=event.created_at,
            until=ends[place],
            by=event.actor,
        )
        for place, event in enumerate(changes)
    ]


def check_bands(bands: Sequence[Band]) -> None:
    """Raises SchemeRefusedError naming the row: empty, reversed, negative, overlapping, after a gap, or named twice."""
    if not any(not band.network for band in bands):
        raise SchemeRefusedError(0, "A scheme needs at least one tier for all networks.")
    for row, band in enumerate(bands):
        check_bounds(row, band)
    for network in dict.fromkeys(band.network for band in bands):
        rows = [row for row, band in enumerate(bands) if band.network == network]
        check_names(bands, rows)
        check_neighbours(bands, rows)


def check_bounds(row: int, band: Band) -> None:
    if not band.name:
        raise SchemeRefusedError(row, f"Row {row + 1} has no name.")
    if (band.lower or 0) < 0 or (band.upper or 0) < 0:
        raise SchemeRefusedError(row, f"Row {row + 1} (“{band.name}”) has a bound below zero.")
    if band.lower is not None and band.upper is not None and band.upper <= band.lower:
        raise SchemeRefusedError(
            row, f"Row {row + 1} (“{band.name}”) ends at {band.upper:,}, which is not above its start {band.lower:,}."
        )


def check_names(bands: Sequence[Band], rows: list[int]) -> None:
    seen: dict[str, int] = {}
    for row in rows:
        first = seen.setdefault(bands[row].name.casefold(), row)
        if first != row:
            raise SchemeRefusedError(row, f"Row {row + 1} has the same name as row {first + 1}: “{bands[row].name}”.")


def check_neighbours(bands: Sequence[Band], rows: list[int]) -> None:
    ordered = sorted(rows, key=lambda row: (bands[row].lower is not None, bands[row].lower or 0, row))
    for low, high in pairwise(ordered):
        start, end = bands[high].lower, bands[low].upper
        if end is None or start is None or start < end:
            raise SchemeRefusedError(
                high,
                f"Row {high + 1} (“{bands[high].name}”) overlaps with row {low + 1} (“{bands[low].name}”): "
                f"{shown(start, 'the start')} is inside {shown(bands[low].lower, '0')} to {shown(end, 'no end')}.",
            )
        if end < start:
            raise SchemeRefusedError(
                high,
                f"Row {high + 1} (“{bands[high].name}”) starts at {start:,} but row {low + 1} (“{bands[low].name}”) "
                f"ends at {end:,}: {end:,} to {start:,} followers would belong to no tier.",
            )


def shown(bound: int | None, otherwise: str) -> str:
    return otherwise if bound is None else f"{bound:,}"
