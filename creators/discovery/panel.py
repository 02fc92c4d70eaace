"""The filters as the page shows them: groups of controls with what is chosen, and a chip for every active filter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from creators.discovery.address import Pair, address, bound_text, pairs
from creators.discovery.facets import Facet, Option, labels
from creators.discovery.filters import (
    COUNTS,
    ENDS,
    LIST_TITLES,
    NUMBERS,
    PERCENTS,
    SHARED,
    STEPS,
    Filters,
)
from creators.importing.columns import AGES
from creators.importing.places import name_of
from creators.models import Basis, Gender

ALL_MODES = {"any": "any of", "all": "every one", "none": "none of"}
# An account has one network, one country …: “every one of” would find nobody.
SEVERAL = {"niche", "contact", "hashtag", "mention", "tag", "shortlist", *SHARED}

HINTS = {
    "followers": ("1k", "50k"),
    "views": ("5k", "100k"),
    "age": ("18", "35"),
    "er": ("2", "15"),
    "posts_per_week": ("1", "7"),
}
SUGGESTED = {"city": "city", "hashtag": "hashtag", "mention": "mention", "niche": "niche"}
PLACEHOLDERS = {
    "city": "Add a city",
    "country": "Add a country",
    "language": "Add a language",
    "niche": "Add a niche",
    "hashtag": "Add a hashtag, such as vegan",
    "mention": "Add a handle: yours, a competitor's …",
    "tag": "Add one of your tags",
    "audience_country": "Add a country",
    "audience_city": "Add a city, as DE/berlin",
    "audience_language": "Add a language",
}


@dataclass(frozen=True)
class Control:
    """One filter: `kind` is how it is asked for (list, typed, range, text, days, contact)."""

    kind: str
    name: str
    title: str
    options: Sequence[Option] = ()
    is_exact: bool = True
    modes: Mapping[str, str] = field(default_factory=dict)
    low: str = ""
    high: str = ""
    hints: tuple[str, str] = ("", "")
    unit: str = ""
    value: str = ""
    placeholder: str = ""
    help: str = ""
    suggests: str = ""
    fixed: Sequence[tuple[str, str]] = ()
    chosen: int = 0

    @property
    def has_share(self) -> bool:
        return self.name in SHARED

    @property
    def steps(self) -> tuple[int, ...]:
        return STEPS


@dataclass(frozen=True)
class Group:
    """Controls that belong together; open where something is chosen."""

    name: str
    title: str
    controls: list[Control]
    is_open: bool

    @property
    def chosen(self) -> int:
        return sum(control.chosen for control in self.controls)


@dataclass(frozen=True)
class Chip:
    """An active filter in words, and the address without it."""

    text: str
    url: str


class Panel:
    """The groups and chips of a search. `own` names what a brand calls its lists by: {shortlist code: name}."""

    def __init__(self, filters: Filters, facets: Iterable[Facet], own: Mapping[str, str]) -> None:
        self.filters, self.own = filters, own
        self.facets = {facet.name: facet for facet in facets}

    # ---- groups -----------------------------------------------------------------------------------------------------
    def groups(self) -> list[Group]:
        layout: list[tuple[str, str, list[Control], bool]] = [
            ("profile", "Profile", [*self.lists("network", "tier", "niche", "country"), self.range("followers"),
                *self.lists("city", "language", "account_type", "verified")], True),
            ("performance", "Performance", [self.range("er"), self.range("views"), self.range("standing"),
                *(self.range(f"growth_{days}") for days in (30, 90, 180)), self.days(), self.range("posts_per_week"),
                self.range("sponsored"), self.range("credibility")], True),
            ("audience", "Audience", self.lists("audience", *SHARED), False),
            ("content", "Content", [*self.lists("hashtag", "mention"), *map(self.words, ("q_any", "q_not"))], False),
            ("person", "Person", [*self.lists("gender"), self.range("age")], False),
            ("terms", "Price and contact", [self.range("price"), self.range("own_price"),
                *self.lists("product_only", "contact"), self.contact()], False),
            ("own", "Your relationship", self.lists("stage", "tag", "shortlist"), False),
        ]  # fmt: skip
        return [
            Group(name, title, controls, is_open or any(control.chosen for control in controls))
            for name, title, controls, is_open in layout
        ]

    def lists(self, *names: str) -> list[Control]:
        return [self.values_of(name) for name in names]

    def values_of(self, name: str) -> Control:
        facet, options = self.facets.get(name), self.options(name)
        modes = ALL_MODES if name in SEVERAL else {mode: text for mode, text in ALL_MODES.items() if mode != "all"}
        return Control(
            "list",
            name,
            LIST_TITLES[name],
            options=options,
            is_exact=facet.is_exact if facet else True,
            modes=modes,
            placeholder=PLACEHOLDERS.get(name, ""),
            suggests=SUGGESTED.get(name, ""),
            fixed=FIXED_CHOICES.get(name, ()),
            chosen=len(self.filters.choice(name).values),
        )

    def options(self, name: str) -> Sequence[Option]:
        """The facet's, or where none is counted just what is chosen (and every list of the brand)."""
        if name in self.facets:
            return self.facets[name].options
        choice = self.filters.choice(name)
        values = dict.fromkeys([*choice.values, *(self.own if name == "shortlist" else ())])
        return [
            Option(value, self.label(name, value), 0, value in choice.any, choice.mode_of(value)) for value in values
        ]

    def range(self, name: str) -> Control:
        bounds = self.filters.bound(name)
        return Control(
            "range",
            name,
            {**COUNTS, **NUMBERS, **PERCENTS}[name],
            low=bound_text(name, bounds.low),
            high=bound_text(name, bounds.high),
            hints=HINTS.get(name, ("", "")),
            unit="%" if name in PERCENTS else "",
            help=HELP.get(name, ""),
            chosen=bool(bounds),
        )

    def days(self) -> Control:
        days = self.filters.posted_within
        return Control(
            "days", "posted_within", "Last post", value="" if days is None else str(days), chosen=days is not None
        )

    def words(self, name: str) -> Control:
        value = self.filters.text_any if name == "q_any" else self.filters.text_none
        return Control("text", name, WORDS[name], value=value, help=HELP[name], chosen=bool(value))

    def contact(self) -> Control:
        value = self.filters.known_contact
        return Control("contact", "known_contact", "Contact known to you", value=value, chosen=bool(value))

    # ---- chips ------------------------------------------------------------------------------------------------------
    def chips(self) -> list[Chip]:
        return [Chip(text, self.without(removed)) for text, removed in self.active()]

    def without(self, removed: Sequence[Pair]) -> str:
        return address(self.filters, removed)

    def active(self) -> Iterator[tuple[str, list[Pair]]]:
        """Each filter in words with the pairs of the address that make it up."""
        given = list(pairs(self.filters))
        for name, value in given:
            if name in SINGLE:
                yield SINGLE[name].format(value), [(name, value)]
        for name, choice in self.filters.lists.items():
            for mode, end in ENDS.items():
                for value in getattr(choice, mode):
                    yield f"{LIST_TITLES[name]}: {MARKS[mode]}{self.label(name, value)}", [(f"{name}{end}", value)]
        for name in self.filters.bounds:
            yield self.range_text(name), [pair for pair in given if pair[0] in {f"{name}_from", f"{name}_to"}]

    def range_text(self, name: str) -> str:
        control = self.range(name)
        low, high = (f"{text}{control.unit}" if text else "" for text in (control.low, control.high))
        words = f"{low} to {high}" if low and high else f"from {low}" if low else f"up to {high}"
        basis = f" {Basis(self.filters.basis).label}" if name == "er" else ""
        return f"{control.title}{basis}: {words}"

    def label(self, name: str, value: str) -> str:
        if name == "shortlist":
            return self.own.get(value, value)
        if name in SHARED:
            key, _, share = value.partition(":")
            return f"{share_label(name, key)}, {share}% or more"
        return f"#{value}" if name == "hashtag" else f"@{value}" if name == "mention" else labels(name)(value)


def share_label(name: str, key: str) -> str:
    if name == "audience_gender":
        return str(dict(Gender.choices).get(key, key))
    return name_of(name.removeprefix("audience_"), key)


MARKS = {"any": "", "all": "must be ", "none": "not "}
WORDS = {"q_any": "Any of these words", "q_not": "None of these words"}
HELP = {
    "q_any": "Brand, competitor or category words: in handle, name, bio, hashtags or captions.",
    "q_not": "Leaves out whoever uses one of them.",
    "standing": "Share of accounts of the same network and size with a lower engagement rate.",
    "credibility": "As imported from another tool; never our own guess.",
    "age": "As they say themselves.",
    "price": "The lowest public price.",
    "own_price": "What they asked of you.",
}
SINGLE = {
    "q": "Words: {}",
    "q_any": "Any word of: {}",
    "q_not": "No word of: {}",
    "posted_within": "Posted within {} days",
    "known_contact": "Contact known to you: {}",
    "currency": "Prices in {}",
}
FIXED_CHOICES: dict[str, Any] = {
    "audience_age": [(band, band) for band in AGES],
    "audience_gender": Gender.choices,
}
