"""What a search asks of a row: as conditions for the ORM, and as keys for the sieve."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.utils import timezone

from creators.discovery.filters import LISTS, NO_RELATIONSHIP, Filters
from creators.discovery.indexing import KNOWN
from creators.discovery.ladders import reached, step_key, unreached
from creators.discovery.planning import GATHER, planned
from creators.discovery.sieve import DRAWS, Mesh, draw, owner_key
from creators.discovery.words import Typed, read_words
from creators.models import ContactChannel, Relationship, ShortlistEntry, TierScheme
from creators.models.discovery import PUBLIC, SearchQuerySet, SearchRow, Token, Unsieved
from creators.tiers import bands_of, condition
from groundswell.accounts.models import Brand

# What bounds are about, by the column they are kept in; the rate's column depends on the basis.
COLUMNS = {
    "sponsored": "sponsored_share",
    **{name: name for name in ("followers", "views", "posts_per_week", "price", "credibility", "standing")},
    **{name: name for name in ("growth_30", "growth_90", "growth_180")},
}
NOBODY = -1
MOST_RARE = 2_000
KEYS_A_ROW = 80
FARTHEST = 1e300
BEYOND: dict[str, tuple[Any, Any]] = {
    "followers": (-1, 2**62),
    "last_post": (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)),
}


@dataclass(frozen=True)
class Group:
    """Keys of which a row must have one, all in the same list of the row, and how many rows have one at most."""

    column: str
    ids: tuple[int, ...]
    frequency: int


class Conditions:
    """A brand's filters with their values looked up. `without` names a list whose any-of values are left out."""

    def __init__(self, brand: Brand, filters: Filters, scheme: TierScheme | None, without: str = "") -> None:
        self.brand, self.filters, self.scheme, self.without = brand, filters, scheme, without
        self.whole = self

    def but(self, name: str) -> Conditions:
        """The same without what is chosen in one list."""
        other = Conditions(self.brand, self.filters, self.scheme, without=name)
        other.tokens, other.words = self.tokens, self.words
        other.whole = self
        return other

    # ---- values to look up ----------------------------------------------------------------------------------------
    @cached_property
    def tokens(self) -> dict[tuple[int, str], tuple[int, int]]:
        """Key and frequency of every value that the filters name and some row has."""
        wanted = Q(pk__in=[])
        for name, kind in LISTS.items():
            if values := self.filters.choice(name).values:
                wanted |= Q(kind=kind, value__in=values)
        if self.has_price:
            wanted |= Q(kind=Token.Kind.CURRENCY, value=self.currency)
        marks = [name for name in (self.sort_column, *self.bounded) if name in KNOWN]
        wanted |= Q(kind=Token.Kind.KNOWN, value__in=marks) | Q(kind=Token.Kind.NETWORK)
        rows = Token.objects.filter(wanted).values_list("kind", "value", "pk", "frequency")
        return {(kind, value): (pk, frequency) for kind, value, pk, frequency in rows}

    @cached_property
    def words(self) -> list[list[Typed]]:
        """The typed words: all of which, any of which, none of which."""
        return read_words(self.brand, [self.filters.text, self.filters.text_any, self.filters.text_none])

    @property
    def taken_for(self) -> dict[str, tuple[str, ...]]:
        """Words that nobody has, and the similar ones that were searched for instead."""
        return {typed.word: typed.taken_for for typed in (*self.words[0], *self.words[1]) if typed.taken_for}

    @property
    def cut(self) -> list[str]:
        """Typed beginnings of which only the commonest words are searched."""
        return [typed.word for typed in (*self.words[0], *self.words[1]) if typed.is_cut]

    @property
    def currency(self) -> str:
        return self.filters.currency or self.brand.currency

    @property
    def has_price(self) -> bool:
        return bool(self.filters.bound("price")) or self.filters.sort_key == "price"

    @property
    def rate_column(self) -> str:
        return f"rate_{self.filters.basis}"

    @property
    def sort_column(self) -> str:
        others = {"engagement": self.rate_column, "added": "creator_id"}
        return others.get(self.filters.sort_key) or COLUMNS.get(self.filters.sort_key, self.filters.sort_key)

    # ---- conditions that the index of values serves -----------------------------------------------------------------
    @cached_property
    def groups(self) -> list[Group]:
        """Of each group a row must have one."""
        return [group for name in LISTS for group in (*self.every_of(name), *self.any_of(name))] + [
            *self.typed,
            *self.marks,
        ]

    @cached_property
    def typed(self) -> list[Group]:
        """For the words, and for the currency of a price."""
        found = [word_group([typed]) for typed in self.words[0]]
        if self.words[1]:
            found.append(word_group(self.words[1]))
        if self.filters.bound("price"):
            found.append(self.group(Token.Kind.CURRENCY, [self.currency]))
        return found

    @cached_property
    def marks(self) -> list[Group]:
        """For numbers between bounds, that they are known; the sieve's steps say it too."""
        return [self.group(Token.Kind.KNOWN, [name]) for name in self.bounded if name in KNOWN]

    @cached_property
    def bounded(self) -> list[str]:
        """Columns between bounds; those often unknown have a mark where they are known."""
        names = {"er": self.rate_column, "sponsored": "sponsored_share"}
        found = [names.get(name, name) for name in self.filters.bounds]
        return [*found, *(["last_post"] if self.filters.posted_within is not None else [])]

    def every_of(self, name: str) -> list[Group]:
        return [self.group(LISTS[name], [value]) for value in self.filters.choice(name).all]

    def any_of(self, name: str) -> list[Group]:
        chosen = self.filters.choice(name).any if name in LISTS and name != self.without else ()
        return [self.group(LISTS[name], chosen)] if chosen else []

    def group(self, kind: Token.Kind, values: Iterable[str]) -> Group:
        found = [self.tokens[kind, value] for value in values if (kind, value) in self.tokens]
        ids, frequencies = [pk for pk, _ in found], [frequency for _, frequency in found]
        return Group("tokens" if kind < Token.Kind.WORD else "terms", tuple(ids) or (NOBODY,), sum(frequencies))

    @property
    def most(self) -> int | None:
        """About how many rows can fit at most; None where no value was asked for."""
        return min((group.frequency for group in self.groups), default=None)

    def by_values(self) -> Q:
        """Rows with every value that was asked for; values of most rows are looked for in the rows themselves."""
        found = having(group for group in self.groups if group not in self.served_groups)
        for group in self.served_groups:
            if len(group.ids) > 1:
                found &= Q((f"{group.column}__overlap", list(group.ids)))
        for column in ("tokens", "terms"):
            single = {group.ids[0] for group in self.served_groups if group.column == column and len(group.ids) == 1}
            if single:
                found &= Q((f"{column}__contains", sorted(single)))
        return found

    @cached_property
    def served_groups(self) -> list[Group]:
        """Groups worth reading from the index: reading a key there costs an eightieth of fetching a row.

        The rarest first; each further one leaves its share of the rows found so far.
        """
        found: list[Group] = []
        left, every = 0.0, max(self.every, 1)
        for group in sorted(self.groups, key=lambda group: group.frequency):
            share = min(group.frequency / every, 1.0)
            if not found or group.frequency < KEYS_A_ROW * left * (1 - share):
                left = left * share if found else float(group.frequency)
                found.append(group)
        return found

    @property
    def every(self) -> int:
        """About how many rows there are: each has one network."""
        return sum(frequency for (kind, _), (_, frequency) in self.tokens.items() if kind == Token.Kind.NETWORK)

    def sort_value(self) -> Combinable:
        """What the rows are ordered by; a price in another currency is unknown."""
        if self.filters.sort_key == "price":
            return Case(When(terms__contains=self.currency_ids, then=F("price")))
        return F(self.sort_column)

    @property
    def currency_ids(self) -> list[int]:
        return list(self.group(Token.Kind.CURRENCY, [self.currency]).ids)

    def by_currency(self) -> Q:
        """Where the order is by price, rows with one in the currency of the search."""
        return Q(terms__contains=self.currency_ids) if self.filters.sort_key == "price" else Q()

    @property
    def has_rare_price(self) -> bool:
        """Whether the order is by prices in a currency that the sieve doesn't have."""
        return self.filters.sort_key == "price" and not self.whole.packed.issuperset(self.currency_ids)

    @cached_property
    def ruled_out(self) -> list[Group]:
        """Of each group a row must have none."""
        found = [Group("terms", (typed.own,), typed.frequency) for typed in self.words[2] if typed.own]
        chosen = ((kind, self.filters.choice(name).none) for name, kind in LISTS.items())
        return found + [self.group(kind, values) for kind, values in chosen if values]

    def by_missing_values(self) -> Q:
        """Rows with none of the values that were ruled out."""
        return ~either(having([group]) for group in self.ruled_out) if self.ruled_out else Q()

    # ---- conditions that the sieve answers --------------------------------------------------------------------------
    @cached_property
    def packed(self) -> set[int]:
        """Values that the sieve has, of those asked for or ruled out."""
        wanted = {pk for group in (*self.groups, *self.ruled_out) for pk in group.ids}
        wanted.update(self.currency_ids if self.filters.sort_key == "price" else ())
        return set(Token.objects.filter(pk__in=wanted, is_packed=True).values_list("pk", flat=True))

    @cached_property
    def rare_rows(self) -> dict[Group, list[tuple[int, int]] | None]:
        """For groups with some values that the sieve doesn't have, the rows with those; None for too many."""
        found: dict[Group, list[tuple[int, int]] | None] = {}
        for group in self.groups:
            rare = [pk for pk in group.ids if pk not in self.whole.packed]
            if rare and len(rare) < len(group.ids):
                rows = SearchRow.objects.visible_to(self.brand).filter((f"{group.column}__overlap", rare))
                with planned(GATHER):
                    pairs = list(rows.values_list("pk", "creator_id")[: MOST_RARE + 1])
                found[group] = pairs if len(pairs) <= MOST_RARE else None
        return found

    @cached_property
    def strays(self) -> dict[int, int]:
        """Rows whose bits may be wrong or missing, with their creators. To be asked for before the sieve: what
        changes between the two is then in the one or the other."""
        changed = SearchRow.objects.visible_to(self.brand).filter(creator__in=Unsieved.objects.values("creator_id"))
        with planned():
            found = dict(changed.values_list("pk", "creator_id"))
        for pairs in self.whole.rare_rows.values():
            found.update(pairs or ())
        return found

    def find_strays(self) -> None:
        """Ask for them now."""
        self.whole.strays  # noqa: B018

    @cached_property
    def sieved(self) -> list[Group]:
        """Groups that the sieve answers for."""
        whole = [group for group in self.groups if self.whole.packed.issuperset(group.ids) or group in self.marks]
        return [*whole, *(group for group in self.groups if self.whole.rare_rows.get(group) is not None)]

    @property
    def mesh(self) -> Mesh:
        """What the sieve lets through: rows that fit, and some that don't; of the strays, any."""
        return self.meshes(())[0]

    def meshes(self, names: Sequence[str]) -> tuple[Mesh, list[Mesh]]:
        """The same but for what is chosen in these lists, and for each of them what is."""
        groups = [group for name in LISTS for group in self.every_of(name)] + self.typed
        base = Mesh(((owner_key(PUBLIC), owner_key(self.brand.pk)),)) & self.strained(groups)
        for column, low, high in self.ranges():
            base &= between_steps(column, low, high)
        for name in ("tier", *LISTS):
            base &= Mesh() if name in names else self.part(name)
        ruled_out = (pk for group in self.ruled_out for pk in group.ids if pk in self.whole.packed)
        return base & Mesh(without=tuple(ruled_out)), [self.part(name) for name in names]

    def part(self, name: str) -> Mesh:
        """What the sieve lets through for the choice in one list."""
        if name != "tier":
            return self.strained(self.any_of(name))
        chosen = [band for band in bands_of(self.scheme) if band.name in self.filters.choice("tier").any]
        if not chosen or self.without == "tier":
            return Mesh()
        low, high = envelope([(band.lower, band.upper) for band in chosen])
        return between_steps("followers", low, None if high is None else high - 1)

    def strained(self, groups: Iterable[Group]) -> Mesh:
        kept = (group for group in groups if group in self.sieved)
        return Mesh(tuple(tuple(pk for pk in group.ids if pk in self.whole.packed) for group in kept))

    @property
    def known_keys(self) -> list[int]:
        """What rows with a known value to sort by have in the sieve, and no others."""
        return self.currency_ids if self.filters.sort_key == "price" else [step_key(self.sort_column, 0)]

    def ranges(self) -> Iterator[tuple[str, Any, Any]]:
        """Columns with their bounds, both inclusive, as far as they can be told from the numbers of one row."""
        names = {"er": self.rate_column}
        for name, bounds in self.filters.bounds.items():
            column = names.get(name) or COLUMNS.get(name)
            if column:
                yield column, bounds.low, bounds.high
        if self.filters.posted_within is not None:
            yield "last_post", self.since, None
        age = self.filters.bound("age")
        if age:
            first, last = (None if years is None else born(years) for years in (age.high, age.low))
            yield "birth_year", first, last

    def among(self, keys: Iterable[int], halves: int = 0) -> SearchQuerySet:
        """The rows that fit of those that the sieve let through, and of the strays of the same draw.

        What the sieve knows exactly is asked of the strays only.
        """
        strays = [pk for pk, creator in self.whole.strays.items() if draw(creator) < DRAWS >> halves]
        found = self.every_row.filter(pk__among=sorted({*keys, *strays}))
        found = found.filter(having(group for group in self.groups if group not in self.sieved))
        found = found.filter(self.by_numbers(), self.by_own_knowledge())
        rare = [group for group in self.ruled_out if not self.whole.packed.issuperset(group.ids)]
        if rare:
            found = found.exclude(either(having([group]) for group in rare))
        fits = having(self.groups) & self.by_missing_values()
        return found.filter(~Q(pk__among=strays) | fits) if strays and fits else found

    # ---- conditions that are checked row by row ---------------------------------------------------------------------
    def by_numbers(self, served: Sequence[str] = ()) -> Q:
        """Rows between the bounds. Only bounds on a column of `served` are written so that its index can serve them:
        collecting half of all rows from an index costs more than looking at the number of each."""
        found = self.by_tiers(served) & self.by_age()
        for name, bounds in self.filters.bounds.items():
            column = self.rate_column if name == "er" else COLUMNS.get(name)
            if column:
                found &= between(column, bounds.low, bounds.high, column in served)
        if self.filters.posted_within is not None:
            found &= between("last_post", self.since, None, "last_post" in served)
        return found

    @property
    def since(self) -> datetime:
        return timezone.now() - timedelta(days=self.filters.posted_within or 0)

    def by_tiers(self, served: Sequence[str]) -> Q:
        choice, bands = self.filters.choice("tier"), bands_of(self.scheme)
        found = Q()
        if choice.any and self.without != "tier":
            found &= self.in_tiers(choice.any)
            chosen = [band for band in bands if band.name in choice.any]
            if "followers" in served and chosen:
                found &= between("followers", *envelope([(band.lower, band.upper) for band in chosen]), is_served=True)
        for name in choice.all:
            found &= self.in_tiers((name,))
        return found & ~self.in_tiers(choice.none) if choice.none else found

    def in_tiers(self, names: Sequence[str]) -> Q:
        bands = bands_of(self.scheme)
        found = Q(pk=0)
        for band in bands:
            if band.name in names:
                found |= condition(bands, band, "size", "network")
        return found

    def by_age(self) -> Q:
        """Whoever turns that old in this year."""
        bounds, found = self.filters.bound("age"), Q()
        if bounds.low is not None:
            found &= Q(birth_year__lte=born(bounds.low))
        if bounds.high is not None:
            found &= Q(birth_year__gte=born(bounds.high))
        return found

    def by_own_knowledge(self) -> Q:
        """What the brand alone knows: its relationships, tags, prices, contacts and lists."""
        found, known = Q(), Relationship.objects.of(self.brand).filter(creator=OuterRef("creator"))
        stages = self.filters.choice("stage")
        if stages.any and self.without != "stage":
            found &= in_stages(known, stages.any)
        for stage in stages.all:
            found &= in_stages(known, (stage,))
        if stages.none:
            found &= ~in_stages(known, stages.none)
        price = self.filters.bound("own_price")
        if price:
            found &= Q(
                Exists(
                    known.filter(between("price", price.low, price.high, is_served=True), price_currency=self.currency)
                )
            )
        return found & self.by_tags(known) & self.by_lists() & self.by_contact(known)

    def by_tags(self, known: Any) -> Q:
        choice, found = self.filters.choice("tag"), Q()
        if choice.any:
            found &= Q(Exists(known.filter(tags__overlap=list(choice.any))))
        if choice.all:
            found &= Q(Exists(known.filter(tags__contains=list(choice.all))))
        return found & ~Q(Exists(known.filter(tags__overlap=list(choice.none)))) if choice.none else found

    def by_lists(self) -> Q:
        choice, found = self.filters.choice("shortlist"), Q()
        entries = ShortlistEntry.objects.filter(shortlist__brand=self.brand, creator=OuterRef("creator"))
        if choice.any:
            found &= Q(Exists(entries.filter(shortlist__code__in=choice.any)))
        for code in choice.all:
            found &= Q(Exists(entries.filter(shortlist__code=code)))
        return found & ~Q(Exists(entries.filter(shortlist__code__in=choice.none))) if choice.none else found

    def by_contact(self, known: Any) -> Q:
        if not self.filters.known_contact:
            return Q()
        channels = ContactChannel.objects.filter(owner=self.brand, creator=OuterRef("creator"))
        found = Q(Exists(known.exclude(email="", phone=""))) | Q(Exists(channels))
        return found if self.filters.known_contact == "yes" else ~found

    # ---- put together -----------------------------------------------------------------------------------------------
    @property
    def every_row(self) -> SearchQuerySet:
        """The rows that the brand may see."""
        return SearchRow.objects.alias(
            size=F("followers") + Value(0), plain_tokens=unindexed("tokens"), plain_terms=unindexed("terms")
        ).visible_to(self.brand)

    def rows(self, served: Sequence[str] = ()) -> SearchQuerySet:
        """The rows that fit, maybe several of one creator."""
        found = self.every_row.filter(self.by_values(), self.by_missing_values(), self.by_own_knowledge())
        return found.filter(self.by_numbers(served))

    def leading(self, rows: SearchQuerySet) -> SearchQuerySet:
        """Of each creator the row that comes first among those that fit: its largest account."""
        earlier = self.rows().filter(creator=OuterRef("creator"), place__lt=OuterRef("place"))
        return rows.filter(Q(place=0) | ~Q(Exists(earlier)))


def between_steps(column: str, low: Any, high: Any) -> Mesh:
    """Only rows whose number can lie between the bounds, as near as the steps allow."""
    first, last = reached(column, low), None if high is None else unreached(column, high)
    return Mesh(((first,),)) if last is None else Mesh(ranges=((first, last),))


def having(groups: Iterable[Group]) -> Q:
    """Rows with a value of each group, looked for in the rows themselves."""
    found = Q()
    for group in groups:
        found &= Q((f"plain_{group.column}__overlap", list(group.ids)))
    return found


def either(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions)


def born(years: Decimal) -> int:
    """The year in which somebody was born who turns that old in this one."""
    return timezone.now().year - min(int(years), 200)


def unindexed(column: str) -> Coalesce:
    """A list as an expression that no index is on."""
    return Coalesce(F(column), Value([], ArrayField(IntegerField())))


def word_group(words: Sequence[Typed]) -> Group:
    ids = tuple(dict.fromkeys(pk for typed in words for pk in typed.ids))
    return Group("terms", ids or (NOBODY,), sum(typed.frequency for typed in words))


def in_stages(known: Any, stages: Sequence[str]) -> Q:
    found = Q(Exists(known.filter(stage__in=stages)))
    return found | ~Q(Exists(known)) if NO_RELATIONSHIP in stages else found


def between(column: str, low: Any, high: Any, is_served: bool) -> Q:
    """Rows whose number is known and between the bounds.

    Where no index shall serve, an unknown number is written as one beyond every bound: a plain comparison would let
    the planner collect all rows with a known number from the index of the order.
    """
    found, below, above = Q(), *BEYOND.get(column, (-FARTHEST, FARTHEST))
    if low is not None:
        found &= Q(GreaterThanOrEqual(F(column) if is_served else Coalesce(F(column), Value(below)), plain(low)))
    if high is not None:
        found &= Q(LessThanOrEqual(F(column) if is_served else Coalesce(F(column), Value(above)), plain(high)))
    return found


def plain(bound: Any) -> Any:
    """A number that compares with the index without a cast of every row."""
    if not isinstance(bound, Decimal):
        return bound
    return int(bound) if bound == bound.to_integral_value() else float(bound)


def envelope(ranges: Sequence[tuple[int | None, int | None]]) -> tuple[int | None, int | None]:
    """From the lowest to the highest bound; open where one is."""
    lows, highs = zip(*ranges, strict=True)
    return None if None in lows else min(lows), None if None in highs else max(highs)
