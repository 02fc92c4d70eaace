"""What each tier looks like on one network: in a brand's programme, and in the directory around it.

Of the programme every account counts; of the directory, where a tier has more than `DRAWN` accounts, so many drawn at
random. Quartiles are those of the known values, with how many these are; of fewer than five nothing is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Aggregate,
    Count,
    Exists,
    F,
    FloatField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Cast, Coalesce

from creators.discovery.conditions import Conditions
from creators.discovery.draws import Draw, draw_rows
from creators.discovery.filters import Choice, Filters
from creators.discovery.planning import KEYED, planned
from creators.metrics import rules
from creators.metrics.rates import TYPES, AnyRate
from creators.models import Benchmark, Connection, Network, RateCard, Relationship, SocialAccount, TierScheme
from creators.tiers import Band, bands_for, bands_of, tier_case
from groundswell.accounts.models import Brand

DRAWN = 1_000


@dataclass(frozen=True)
class Spread:
    """Lower quartile, median and upper quartile of `n` known values; all None where fewer than five are known."""

    n: int = 0
    low: float | None = None
    middle: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Part:
    """How many of those of whom it is known."""

    n: int = 0
    of: int = 0

    @property
    def share(self) -> float | None:
        return self.n / self.of if self.of >= rules.ENOUGH else None


@dataclass(frozen=True)
class Crowd:
    """Accounts of one tier: `n` were looked at, of about `of` unless `is_exact`."""

    n: int = 0
    of: int = 0
    is_exact: bool = True
    rate: Spread = field(default_factory=Spread)
    views: Spread = field(default_factory=Spread)
    posts_per_week: Spread = field(default_factory=Spread)
    price: Spread = field(default_factory=Spread)
    product_only: Part = field(default_factory=Part)
    connected: Part = field(default_factory=Part)
    worked: Part = field(default_factory=Part)


@dataclass(frozen=True)
class Published:
    """What others publish for the tier on the rate's own denominator, as a band; `high` None: open upwards."""

    rows: list[Benchmark]
    unlike: int

    @property
    def low(self) -> Any:
        return min((row.low for row in self.rows), default=None)

    @property
    def high(self) -> Any:
        tops = [row.top for row in self.rows]
        return None if None in tops else max((top for top in tops if top is not None), default=None)


@dataclass(frozen=True)
class TierProfile:
    band: Band
    programme: Crowd
    directory: Crowd
    published: Published


@dataclass(frozen=True)
class Profiles:
    """All tiers of one network, the smallest first; rates are of one denominator, prices in one currency."""

    network: str
    rate: type[AnyRate]
    currency: str
    tiers: list[TierProfile]


class Quartiles(Aggregate):
    """The three quartiles as a list; null without any known value."""

    template = "percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = ArrayField(FloatField())


def profiles_of(brand: Brand, network: str, scheme: TierScheme | None) -> Profiles:
    """In a number of statements that depends on how many tiers there are alone."""
    bands = sorted(bands_for(bands_of(scheme), network), key=lambda band: band.lower or 0)
    rate = TYPES[rules.MAIN_BASIS[Network(network)]]
    rows = SocialAccount.objects.visible_to(brand).filter(network=network)
    known = Relationship.objects.of(brand).standing().filter(creator=OuterRef("creator"))
    programme = crowds(brand, rows.filter(Exists(known)), network, scheme, {})
    draws = {band.name: draw_rows(tier_conditions(brand, network, band.name, scheme), DRAWN) for band in bands}
    keys = sorted({key for draw in draws.values() for key in draw.keys})
    with planned(KEYED):
        listed = rows.filter(creator__is_listed=True, creator__leaves_at=None, pk__among=keys)
        directory = crowds(brand, listed, network, scheme, draws)
    published = list(Benchmark.objects.visible_to(brand).engagement_on(network).in_order())
    tiers = [
        TierProfile(
            band,
            programme.get(band.name, Crowd()),
            directory.get(band.name, Crowd()),
            published_for(band, rate.basis, published),
        )
        for band in bands
    ]
    return Profiles(network, rate, brand.currency, tiers)


def tier_conditions(brand: Brand, network: str, tier: str, scheme: TierScheme | None) -> Conditions:
    return Conditions(brand, Filters(lists={"network": Choice(any=(network,)), "tier": Choice(any=(tier,))}), scheme)


def crowds(
    brand: Brand, rows: QuerySet[SocialAccount], network: str, scheme: TierScheme | None, draws: Mapping[str, Draw]
) -> dict[str, Crowd]:
    """By the name of the tier, in one statement."""
    prices = asked_prices(brand, network)
    relationship = Relationship.objects.of(brand).filter(creator=OuterRef("creator"))
    found = (
        rows.annotate(
            tier=tier_case(scheme),
            rate=F(f"metrics__rate_{rules.MAIN_BASIS[Network(network)]}"),
            asked=prices,
            is_connected=Exists(Connection.objects.live().filter(kind=Connection.Kind.OWN, account=OuterRef("pk"))),
            has_worked=Exists(relationship.filter(worked_at__len__gt=0)),
        )
        .filter(tier__isnull=False)
        .values("tier")
        .annotate(
            n=Count("pk"),
            rate_n=Count("rate"),
            rates=Quartiles(Cast("rate", FloatField())),
            views_n=Count("metrics__median_views"),
            views=Quartiles(Cast("metrics__median_views", FloatField())),
            weekly_n=Count("metrics__posts_per_week"),
            weekly=Quartiles(Cast("metrics__posts_per_week", FloatField())),
            asked_n=Count("asked"),
            prices=Quartiles(Cast("asked", FloatField())),
            product_n=Count("creator__accepts_product_only"),
            product_only=Count("pk", filter=Q(creator__accepts_product_only=True)),
            connected=Count("pk", filter=Q(is_connected=True)),
            worked=Count("pk", filter=Q(has_worked=True)),
        )
    )
    return {row["tier"]: crowd(row, draws.get(row["tier"], Draw([]))) for row in found.order_by("tier")}


def asked_prices(brand: Brand, network: str) -> Coalesce:
    """What the brand was told, else the lowest price on the rate card, in the brand's currency."""
    told = Relationship.objects.of(brand).filter(creator=OuterRef("creator"), price_currency=brand.currency)
    cards = RateCard.objects.visible_to(brand).filter(
        creator=OuterRef("creator"), network=network, currency=brand.currency
    )
    lowest = cards.order_by().values("creator").annotate(lowest=Min("amount")).values("lowest")
    return Coalesce(Subquery(told.values("price")[:1]), Subquery(lowest))


def crowd(row: Mapping[str, Any], draw: Draw) -> Crowd:
    n = row["n"]
    return Crowd(
        n=n,
        of=round(n * draw.scale),
        is_exact=draw.is_whole,
        rate=spread(row["rate_n"], row["rates"]),
        views=spread(row["views_n"], row["views"]),
        posts_per_week=spread(row["weekly_n"], row["weekly"]),
        price=spread(row["asked_n"], row["prices"]),
        product_only=Part(row["product_only"], row["product_n"]),
        connected=Part(row["connected"], n),
        worked=Part(row["worked"], n),
    )


def spread(n: int, quartiles: Sequence[float] | None) -> Spread:
    return Spread(n, *quartiles) if quartiles and n >= rules.ENOUGH else Spread(n)


def published_for(band: Band, basis: str, rows: Sequence[Benchmark]) -> Published:
    """Rows of the tier's size by its middle, on a scale of ratios; those of other denominators are only counted."""
    lower, upper = band.lower or 1, band.upper or (band.lower or 1) * 10
    cell = [row for row in rows if row.covers(band.name, round((lower * upper) ** 0.5))]
    same = [row for row in cell if row.denominator == basis]
    return Published(same, len(cell) - len(same))
