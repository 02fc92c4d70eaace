"""What the address of a search asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.http import QueryDict

from creators.importing.numbers import parse_count
from creators.models import Basis
from creators.models.discovery import Token

Kind = Token.Kind
UNKNOWN = "unknown"
NO_RELATIONSHIP = "none"
MOST_VALUES = 50
LONGEST_TEXT = 200

# Values that accounts have. `country=DE&country=FR` wants any of them, `niche_all=` every one, `city_not=` none.
LISTS: dict[str, Kind] = {
    "network": Kind.NETWORK,
    "country": Kind.COUNTRY,
    "language": Kind.LANGUAGE,
    "niche": Kind.NICHE,
    "city": Kind.CITY,
    "audience": Kind.AUDIENCE,
    "account_type": Kind.ACCOUNT_TYPE,
    "gender": Kind.GENDER,
    "verified": Kind.VERIFIED,
    "product_only": Kind.PRODUCT_ONLY,
    "contact": Kind.CONTACT,
    "hashtag": Kind.HASHTAG,
    "mention": Kind.MENTION,
    "audience_country": Kind.AUDIENCE_COUNTRY,
    "audience_city": Kind.AUDIENCE_CITY,
    "audience_age": Kind.AUDIENCE_AGE,
    "audience_gender": Kind.AUDIENCE_GENDER,
    "audience_language": Kind.AUDIENCE_LANGUAGE,
}
# Values with a share: "DE:30" is at least 30 % in Germany; without one, the lowest.
SHARED = ("audience_country", "audience_city", "audience_age", "audience_gender", "audience_language")
STEPS = (10, 20, 30, 50)
# Lists that a brand makes of its own: its tiers, and what it knows of the creators.
OWN_LISTS = ("tier", "stage", "tag", "shortlist")
# Bounds, both inclusive: `views_from=10k&views_to=50k`. The second is what the number is called in a problem.
COUNTS = {"followers": "Followers", "views": "Views", "age": "Age"}
NUMBERS = {"posts_per_week": "Posts per week", "price": "Price", "own_price": "Price told to you"}
PERCENTS = {
    "er": "Engagement rate",
    "growth_30": "Growth over 30 days",
    "growth_90": "Growth over 90 days",
    "growth_180": "Growth over 180 days",
    "sponsored": "Sponsored share",
    "credibility": "Credibility",
    "standing": "Standing among peers",
}
SORTS = {
    "standing": "Engagement among peers",
    "engagement": "Engagement rate",
    "followers": "Followers",
    "views": "Views",
    "growth_30": "Growth over 30 days",
    "growth_90": "Growth over 90 days",
    "growth_180": "Growth over 180 days",
    "posts_per_week": "Posts per week",
    "sponsored": "Sponsored share",
    "credibility": "Credibility",
    "price": "Price",
    "last_post": "Latest post",
    "added": "Recently added",
    "name": "Name",
}
DEFAULT_SORT = "-standing"


@dataclass(frozen=True)
class Choice:
    """Values of a list: at least one of `any`, every one of `all`, and none of `none`."""

    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.any or self.all or self.none)

    @property
    def values(self) -> tuple[str, ...]:
        return (*self.any, *self.all, *self.none)


@dataclass(frozen=True)
class Bounds:
    """Lower and upper bound, both inclusive; None is open. A share is a fraction."""

    low: Decimal | None = None
    high: Decimal | None = None

    def __bool__(self) -> bool:
        return self.low is not None or self.high is not None


@dataclass(frozen=True)
class Filters:
    """Every filter of a search; empty ones leave everybody in. An unknown number fulfils no bound."""

    text: str = ""
    text_any: str = ""
    text_none: str = ""
    lists: Mapping[str, Choice] = field(default_factory=dict)
    bounds: Mapping[str, Bounds] = field(default_factory=dict)
    posted_within: int | None = None
    known_contact: str = ""
    basis: str = Basis.FOLLOWERS
    currency: str = ""
    sort: str = DEFAULT_SORT
    problems: tuple[str, ...] = ()

    @classmethod
    def parse(cls, query: QueryDict) -> Filters:
        """From a query string; what can't be read is left out and named in `problems`."""
        problems: list[str] = []
        lists = {name: choice_of(query, name, problems) for name in (*LISTS, *OWN_LISTS)}
        bounds = {name: bounds_of(query, name, problems) for name in (*COUNTS, *NUMBERS, *PERCENTS)}
        sort, basis = query.get("sort", ""), query.get("basis", "")
        return cls(
            text=text_of(query, "q"),
            text_any=text_of(query, "q_any"),
            text_none=text_of(query, "q_not"),
            lists={name: choice for name, choice in lists.items() if choice},
            bounds={name: found for name, found in bounds.items() if found},
            posted_within=days_of(query, problems),
            known_contact=one_of(query, "known_contact", ("yes", "no")),
            basis=basis if basis in Basis.values else Basis.FOLLOWERS,
            currency=text_of(query, "currency").upper()[:3],
            sort=sort if sort.removeprefix("-") in SORTS else DEFAULT_SORT,
            problems=tuple(problems),
        )

    @property
    def is_empty(self) -> bool:
        texts = self.text or self.text_any or self.text_none
        return not (texts or self.lists or self.bounds or self.posted_within or self.known_contact)

    @property
    def sort_key(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def is_descending(self) -> bool:
        return self.sort.startswith("-")

    def choice(self, name: str) -> Choice:
        return self.lists.get(name, Choice())

    def bound(self, name: str) -> Bounds:
        return self.bounds.get(name, Bounds())


def text_of(query: QueryDict, name: str) -> str:
    return query.get(name, "").replace("\x00", "").strip()[:LONGEST_TEXT]


def one_of(query: QueryDict, name: str, allowed: Iterable[str]) -> str:
    value = query.get(name, "")
    return value if value in allowed else ""


def values_of(query: QueryDict, name: str) -> tuple[str, ...]:
    """Each value once; `country=DE&country=FR` and `country=DE,FR` mean the same."""
    parts = (part.replace("\x00", "").strip() for value in query.getlist(name) for part in value.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))[:MOST_VALUES]


def choice_of(query: QueryDict, name: str, problems: list[str]) -> Choice:
    found = (values_of(query, name), values_of(query, f"{name}_all"), values_of(query, f"{name}_not"))
    return Choice(*(tuple(cleaned(name, value, problems) for value in values) for values in found))


def cleaned(name: str, value: str, problems: list[str]) -> str:
    """The value as the index has it: hashtags without #, shares as one of the steps."""
    if name in {"hashtag", "mention"}:
        return value.lower().lstrip("#@")
    if name == "city":
        return value.lower()
    return with_share(value, problems) if name in SHARED else value


def with_share(value: str, problems: list[str]) -> str:
    key, _, share = value.partition(":")
    if not share:
        return f"{key}:{STEPS[0]}"
    if share not in map(str, STEPS):
        problems.append(f"Audience: a share of {share[:10]} % isn't offered; 10, 20, 30 and 50 are.")
        return f"{key}:{STEPS[0]}"
    return value


def bounds_of(query: QueryDict, name: str, problems: list[str]) -> Bounds:
    return Bounds(*(number_of(query, name, end, problems) for end in ("from", "to")))


def number_of(query: QueryDict, name: str, end: str, problems: list[str]) -> Decimal | None:
    text = query.get(f"{name}_{end}", "")
    if name in COUNTS:
        return count_in(text, COUNTS[name], problems)
    if name in NUMBERS:
        return decimal_in(text, NUMBERS[name], problems)
    rate = decimal_in(text.replace("%", ""), PERCENTS[name], problems, "a rate in per cent")
    return None if rate is None else rate / 100


def count_in(text: str, title: str, problems: list[str]) -> Decimal | None:
    try:
        count = parse_count(text)
    except ValueError as error:
        problems.append(f"{title}: {error}; this filter is left out.")
        return None
    return None if count is None else Decimal(min(count, 10**15))


def decimal_in(text: str, title: str, problems: list[str], what: str = "a number") -> Decimal | None:
    plain = text.replace(",", ".").strip()
    try:
        number = Decimal(plain) if plain else None
    except InvalidOperation:
        number = Decimal("nan")
    if number is not None and not (number.is_finite() and abs(number) <= 10**12):
        problems.append(f"{title}: “{text[:40]}” is not {what}; this filter is left out.")
        return None
    return number


def days_of(query: QueryDict, problems: list[str]) -> int | None:
    days = count_in(query.get("posted_within", ""), "Days since the latest post", problems)
    return None if days is None else min(int(days), 36_500)
