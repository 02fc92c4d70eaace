"""Creators like some others, each with the features that make it alike.

A likeness is the weighted mean of the features below, 0 to 1, against what the chosen creators have in common:

| feature    | weight | 1 when                                  | 0 when                      |
|------------|-------:|-----------------------------------------|-----------------------------|
| niches     |    3   | the same niches (weighted Jaccard)      | none in common              |
| hashtags   |    2   | five or more of theirs                  | none of theirs              |
| size       |    2   | as many followers                       | ten times more or fewer     |
| engagement |    1.5 | the same rate, on one and the same basis| five times higher or lower  |
| views      |    1   | as many views                           | ten times more or fewer     |
| country    |    1   | as all of them                          | as none of them             |
| language   |    1   | as all of them                          | as none of them             |
| audience   |    1   | lives mostly where theirs does          | lives elsewhere             |
| cadence    |    0.5 | as many posts a week                    | five times more or fewer    |

A feature that the chosen ones don't have is left out. One that only the candidate lacks counts half: what isn't known
neither makes nor breaks a likeness. Sizes, rates, views and cadences of several are averaged by their logarithms.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, fsum, log

from django.db.models import Q

from creators.discovery.planning import GATHER, WALK, planned
from creators.discovery.search import Entry, entries
from creators.importing.places import languages
from creators.models import Basis, Creator, Relationship, SearchRow, TierScheme, Token
from creators.models.discovery import SearchQuerySet
from groundswell.accounts.models import Brand
from groundswell.lib.places import countries

MOST_SEEDS = 20
# Up to so many rows with a value are fetched for it alone; of more, those nearest in size.
FEW = 5_000
NEAR = 400
ENOUGH_TAGS = 5
WEIGHTS = {
    "niches": 3.0,
    "hashtags": 2.0,
    "size": 2.0,
    "engagement": 1.5,
    "views": 1.0,
    "country": 1.0,
    "language": 1.0,
    "audience": 1.0,
    "cadence": 0.5,
}
UNKNOWN_COUNTS = 0.5
Kind = Token.Kind


@dataclass(frozen=True)
class Reason:
    """A feature in which the creator is alike: how much, 0 to 1, and the values compared."""

    feature: str
    likeness: float
    text: str


@dataclass(frozen=True)
class Alike:
    """A creator, how alike it is to the chosen ones (0 to 1), and why, the weightiest first."""

    entry: Entry
    likeness: float
    reasons: list[Reason]


@dataclass(frozen=True)
class Traits:
    """What is compared of one account; None or empty is unknown."""

    niches: frozenset[str]
    hashtags: frozenset[int]
    size: float | None
    rates: Mapping[str, float | None]
    views: float | None
    country: str
    language: str
    audience: str
    cadence: float | None


class Lookalikes:
    """Creators of a brand's directory like some of its creators; those and the blocked ones are left out."""

    def __init__(self, brand: Brand, seeds: Sequence[Creator]) -> None:
        self.brand, self.seeds = brand, seeds[:MOST_SEEDS]

    def found(self, size: int = 50) -> list[Alike]:
        """The most alike first; the number of statements doesn't depend on how many there are."""
        if not self.leading:
            return []
        ranked = self.ranked()[:size]
        scheme = TierScheme.objects.of(self.brand).prefetch_related("bands").first()
        shown = entries(self.brand, [row for row, *_ in ranked], scheme)
        scored = {row.creator_id: (score, reasons) for row, score, reasons in ranked}
        return [Alike(entry, *scored[entry.creator.pk]) for entry in shown]

    def ranked(self) -> list[tuple[SearchRow, float, list[Reason]]]:
        rows = self.candidates()
        traits = traits_of(rows, self.values)
        best: dict[int, tuple[SearchRow, float, list[Reason]]] = {}
        for row in rows:
            score, reasons = self.pattern.compare(traits[row.pk])
            if row.creator_id not in best or score > best[row.creator_id][1]:
                best[row.creator_id] = (row, score, reasons)
        return sorted(best.values(), key=lambda each: (-each[1], each[0].pk))

    # ---- what the chosen ones have in common -----------------------------------------------------------------------
    @cached_property
    def leading(self) -> list[SearchRow]:
        """The largest account of each chosen creator."""
        rows = SearchRow.objects.visible_to(self.brand).filter(creator__in=self.seeds).order_by("-place")
        return list({row.creator_id: row for row in rows}.values())

    @cached_property
    def values(self) -> Values:
        return Values(self.leading)

    @cached_property
    def pattern(self) -> Pattern:
        return Pattern(list(traits_of(self.leading, self.values).values()), self.values.tags)

    # ---- who may be alike --------------------------------------------------------------------------------------------
    def candidates(self) -> list[SearchRow]:
        """Rows with a niche of theirs, nearest in size, and rows with a rare hashtag of theirs."""
        found = {row.pk: row for row in [*self.by_niche(), *self.by_hashtag()]}
        return list(found.values())

    @property
    def others(self) -> SearchQuerySet:
        blocked = Relationship.objects.of(self.brand).blocked().values("creator")
        rows = SearchRow.objects.visible_to(self.brand).filter(network__in={row.network for row in self.leading})
        return rows.exclude(creator__in=[seed.pk for seed in self.seeds]).exclude(creator__in=blocked)

    def by_niche(self) -> list[SearchRow]:
        niches, size = self.values.niches, self.pattern.size
        rows = self.others.filter(tokens__overlap=niches) if niches else self.others
        if size is None or (niches and self.values.niche_rows <= FEW):
            with planned(GATHER if niches else {}):
                return list(rows[:FEW])
        with planned(WALK):
            above = rows.filter(followers__gte=round(size)).order_by("followers", "pk")
            below = rows.filter(followers__lt=round(size)).order_by("-followers", "-pk")
            return [*above[:NEAR], *below[:NEAR]]

    def by_hashtag(self) -> list[SearchRow]:
        if not self.values.rare_tags:
            return []
        with planned(GATHER):
            return list(self.others.filter(terms__overlap=self.values.rare_tags)[: 2 * NEAR])


class Values:
    """The keys of the values that the chosen ones have, by kind."""

    def __init__(self, rows: Sequence[SearchRow]) -> None:
        keys = {key for row in rows for key in (*row.tokens, *row.terms)}
        wanted = Q(pk__in=keys, kind__in=[Kind.NICHE, Kind.HASHTAG]) | Q(kind=Kind.AUDIENCE)
        self.tokens = list(Token.objects.filter(wanted))
        self.tags = {token.pk: token.value for token in self.tokens if token.kind == Kind.HASHTAG}
        self.audiences = {token.pk: token.value for token in self.tokens if token.kind == Kind.AUDIENCE}

    @property
    def niches(self) -> list[int]:
        return [token.pk for token in self.tokens if token.kind == Kind.NICHE]

    @property
    def niche_rows(self) -> int:
        """About how many rows have one of the niches."""
        return sum(token.frequency for token in self.tokens if token.kind == Kind.NICHE)

    @property
    def rare_tags(self) -> list[int]:
        return [token.pk for token in self.tokens if token.kind == Kind.HASHTAG and token.frequency <= FEW]


class Pattern:
    """What several accounts are like together, and how near another one comes."""

    def __init__(self, seeds: Sequence[Traits], tags: Mapping[int, str]) -> None:
        self.n, self.tags = len(seeds), tags
        self.niches = Counter(niche for seed in seeds for niche in seed.niches)
        self.hashtags = frozenset(tag for seed in seeds for tag in seed.hashtags)
        self.size = middle(seed.size for seed in seeds)
        self.basis = max(Basis.values, key=lambda basis: sum(seed.rates[basis] is not None for seed in seeds))
        self.rate = middle(seed.rates[self.basis] for seed in seeds)
        self.views = middle(seed.views for seed in seeds)
        self.country = Counter(seed.country for seed in seeds if seed.country)
        self.language = Counter(seed.language for seed in seeds if seed.language)
        self.audience = Counter(seed.audience for seed in seeds if seed.audience)
        self.cadence = middle(seed.cadence for seed in seeds)

    def compare(self, other: Traits) -> tuple[float, list[Reason]]:
        """The likeness and the features that speak for it (at least half alike), by their weight in it."""
        parts = dict(self.features(other))
        total = fsum(
            WEIGHTS[name] * (UNKNOWN_COUNTS if part is None else part.likeness) for name, part in parts.items()
        )
        weights = fsum(WEIGHTS[name] for name in parts)
        reasons = [part for part in parts.values() if part is not None and part.likeness >= 0.5]
        reasons.sort(key=lambda part: -part.likeness * WEIGHTS[part.feature])
        return (total / weights if weights else 0.0), reasons

    def features(self, other: Traits) -> Iterable[tuple[str, Reason | None]]:
        """Each feature that the chosen ones have; None where the other's isn't known."""
        if self.niches:
            yield "niches", self.by_niches(other.niches)
        if self.hashtags:
            yield "hashtags", self.by_hashtags(other.hashtags)
        yield from self.by_numbers(other)
        for name, known, value, names in (
            ("country", self.country, other.country, countries()),
            ("language", self.language, other.language, languages()),
            ("audience", self.audience, other.audience, countries()),
        ):
            if known:
                yield name, self.by_value(name, known, value, names)

    def by_numbers(self, other: Traits) -> Iterable[tuple[str, Reason | None]]:
        rate = other.rates[self.basis]
        for name, mine, its, most, text in (
            ("size", self.size, other.size, 10, "{:,.0f} followers, like {:,.0f}"),
            ("engagement", self.rate, rate, 5, "{:.2%} " + f"engagement {Basis(self.basis).label}, like " + "{:.2%}"),
            ("views", self.views, other.views, 10, "{:,.0f} views, like {:,.0f}"),
            ("cadence", self.cadence, other.cadence, 5, "{:.1f} posts a week, like {:.1f}"),
        ):
            if mine is not None:
                yield name, None if its is None else Reason(name, near(mine, its, most), text.format(its, mine))

    def by_niches(self, niches: frozenset[str]) -> Reason | None:
        """Weighted Jaccard: a niche of all the chosen weighs 1, of half of them a half, a niche of its own 1."""
        if not niches:
            return None
        shared = sorted(niches & self.niches.keys(), key=lambda niche: (-self.niches[niche], niche))
        common = fsum(self.niches[niche] / self.n for niche in shared)
        every = fsum(count / self.n for count in self.niches.values()) + len(niches - self.niches.keys())
        return Reason("niches", common / every, f"same niches: {', '.join(shared)}")

    def by_hashtags(self, hashtags: frozenset[int]) -> Reason | None:
        if not hashtags:
            return None
        shared = sorted(self.tags[tag] for tag in hashtags)
        text = f"same hashtags: {', '.join(f'#{tag}' for tag in shared[:4])}"
        return Reason("hashtags", min(1.0, len(shared) / min(ENOUGH_TAGS, len(self.hashtags))), text)

    def by_value(self, name: str, known: Counter[str], value: str, names: Mapping[str, str]) -> Reason | None:
        if not value:
            return None
        text = {"country": "lives in {}", "language": "speaks {}", "audience": "audience mostly in {}"}[name]
        return Reason(name, known[value] / known.total(), text.format(names.get(value, value)))


def traits_of(rows: Sequence[SearchRow], values: Values) -> dict[int, Traits]:
    """What is compared of each row; one statement. Of hashtags, those that the chosen ones have."""
    known = {creator.pk: creator for creator in Creator.objects.filter(pk__in={row.creator_id for row in rows})}
    return {row.pk: traits(row, known[row.creator_id], values) for row in rows if row.creator_id in known}


def traits(row: SearchRow, creator: Creator, values: Values) -> Traits:
    return Traits(
        niches=frozenset(creator.niches),
        hashtags=frozenset(values.tags.keys() & row.terms),
        size=row.followers,
        rates={Basis.FOLLOWERS: row.rate_followers, Basis.REACH: row.rate_reach, Basis.VIEWS: row.rate_views},
        views=row.views,
        country=creator.country,
        language=creator.language,
        audience=next((values.audiences[key] for key in row.tokens if key in values.audiences), ""),
        cadence=row.posts_per_week,
    )


def middle(numbers: Iterable[float | None]) -> float | None:
    """The geometric mean of the known ones above zero; None without any."""
    logs = [log(number) for number in numbers if number]
    return exp(fsum(logs) / len(logs)) if logs else None


def near(mine: float, other: float, most: float) -> float:
    """1 for equal numbers, 0 for a ratio of `most` or beyond, evenly between on a scale of ratios."""
    return max(0.0, 1 - abs(log(other / mine)) / log(most)) if other > 0 else 0.0
