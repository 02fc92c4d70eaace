"""What the address of a search asks for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.http import QueryDict

from creators.importing.numbers import parse_count, shorten
from creators.importing.places import parse_country, parse_language
from creators.models import AccountType, Basis, ContactChannel, Gender, Network, Relationship
from creators.models.discovery import Token
from groundswell.lib.places import countries

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
# What is appended to a list's name: values of which any, every one, or none is wanted.
ENDS = {"any": "", "all": "_all", "none": "_not"}
# Lists whose values are few and fixed; another value is a mistake.
FIXED: dict[str, tuple[str, ...]] = {
    "network": tuple(Network.values),
    "account_type": tuple(AccountType.values),
    "gender": tuple(Gender.values),
    "verified": ("yes", "no"),
    "product_only": ("yes", "no"),
    "contact": ("any", *ContactChannel.Kind.values),
    "stage": (NO_RELATIONSHIP, *Relationship.Stage.values),
    "audience_gender": tuple(Gender.values),
}
PLACES = {
    "country": parse_country,
    "audience": parse_country,
    "audience_country": parse_country,
    "language": parse_language,
    "audience_language": parse_language,
}
LIST_TITLES = {
    "network": "Network",
    "tier": "Tier",
    "niche": "Niche",
    "country": "Country",
    "city": "City",
    "language": "Language",
    "audience": "Audience mostly in",
    "account_type": "Account",
    "gender": "Gender, as they say",
    "verified": "Verified",
    "product_only": "Works for product alone",
    "contact": "Public contact",
    "hashtag": "Hashtag",
    "mention": "Mentions",
    "audience_country": "Audience in",
    "audience_city": "Audience in the city",
    "audience_age": "Audience aged",
    "audience_gender": "Audience, gender",
    "audience_language": "Audience speaks",
    "stage": "Relationship",
    "tag": "Tag",
    "shortlist": "List",
}
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

    def mode_of(self, value: str) -> str:
        """any, all or none: how a value is chosen; empty for one that isn't."""
        return next((mode for mode in ENDS if value in getattr(self, mode)), "")


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
        sorts = [sign + key for key in SORTS for sign in ("", "-")]
        return cls(
            text=text_of(query, "q"),
            text_any=text_of(query, "q_any"),
            text_none=text_of(query, "q_not"),
            lists={name: choice for name, choice in lists.items() if choice},
            bounds={name: found for name, found in bounds.items() if found},
            posted_within=days_of(query, problems),
            known_contact=one_of(query, "known_contact", "Contact known to you", ("yes", "no"), problems),
            basis=one_of(query, "basis", "Basis of the rate", Basis.values, problems) or Basis.FOLLOWERS,
            currency=currency_of(query, problems),
            sort=one_of(query, "sort", "Sort", sorts, problems) or DEFAULT_SORT,
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


def one_of(query: QueryDict, name: str, title: str, allowed: Collection[str], problems: list[str]) -> str:
    value = query.get(name, "")
    if value and value not in allowed:
        problems.append(f"{title}: “{shorten(value)}” isn't one of {listed(allowed)}; it is left out.")
        return ""
    return value


def listed(allowed: Collection[str]) -> str:
    """Each value once, orders without their sign."""
    return ", ".join(dict.fromkeys(value.removeprefix("-") for value in allowed))


def currency_of(query: QueryDict, problems: list[str]) -> str:
    text = text_of(query, "currency").upper()
    if text and not (len(text) == 3 and text.isascii() and text.isalpha()):
        problems.append(f"Currency: “{shorten(text)}” isn't three letters such as EUR; it is left out.")
        return ""
    return text


def values_of(query: QueryDict, name: str) -> tuple[str, ...]:
    """Each value once; `country=DE&country=FR` and `country=DE,FR` mean the same."""
    parts = (part.replace("\x00", "").strip() for value in query.getlist(name) for part in value.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))[:MOST_VALUES]


def choice_of(query: QueryDict, name: str, problems: list[str]) -> Choice:
    share = query.get(f"{name}_share", "")
    found = (values_of(query, f"{name}{end}") for end in ENDS.values())
    return Choice(*(tuple(cleaned_values(name, values, share, problems)) for values in found))


def cleaned_values(name: str, values: Iterable[str], share: str, problems: list[str]) -> Iterator[str]:
    """Each value as the index has it; what can't be is named."""
    for value in values:
        try:
            yield cleaned(name, value, share)
        except ValueError as error:
            problems.append(f"{LIST_TITLES[name]}: {error}; it is left out.")


def cleaned(name: str, value: str, share: str) -> str:
    """Hashtags without #, places by their codes, shares as one of the steps. Raises ValueError."""
    if name in SHARED:
        key, _, own = value.partition(":")
        return with_share(known_value(name, key), own or share)
    if name in {"hashtag", "mention"}:
        return value.lower().lstrip("#@")
    return known_value(name, value)


def known_value(name: str, value: str) -> str:
    """Germany → DE for places. Raises ValueError for a country, language or fixed value that there isn't."""
    if name in FIXED and value not in FIXED[name]:
        raise ValueError(f"“{shorten(value)}” isn't one of {listed(FIXED[name])}")
    if name in PLACES and value != UNKNOWN:
        return value if value in countries() else PLACES[name](value) or value
    return value.lower() if name in {"city", "audience_city"} else value


def with_share(key: str, share: str) -> str:
    """The lowest step where none is named. Raises ValueError for another than the steps."""
    if share and share not in map(str, STEPS):
        raise ValueError(f"a share of {shorten(share)} % isn't offered; 10, 20, 30 and 50 are")
    return f"{key}:{share or STEPS[0]}"


def bounds_of(query: QueryDict, name: str, problems: list[str]) -> Bounds:
    found = Bounds(*(number_of(query, name, end, problems) for end in ("from", "to")))
    if found.low is not None and found.high is not None and found.low > found.high:
        title = {**COUNTS, **NUMBERS, **PERCENTS}[name]
        problems.append(f"{title}: the lower bound is above the upper one; this filter is left out.")
        return Bounds()
    return found


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
