"""How many creators each value of a filter would leave, under all the other filters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from creators.discovery.filters import LIST_TITLES, NO_RELATIONSHIP, UNKNOWN, Filters
from creators.discovery.tally import STAGE, TIER, Tally
from creators.importing.places import languages
from creators.models import AccountType, ContactChannel, Gender, Network, Relationship, TierScheme
from creators.models.discovery import Token
from creators.tiers import tier_names
from groundswell.lib.places import countries

LONGEST = 30
Kind = Token.Kind
# Facets in the order of the page: the name in the address, and the kind of value it counts.
KINDS: dict[str, int] = {
    "network": Kind.NETWORK,
    "tier": TIER,
    "niche": Kind.NICHE,
    "country": Kind.COUNTRY,
    "language": Kind.LANGUAGE,
    "audience": Kind.AUDIENCE,
    "stage": STAGE,
    "contact": Kind.CONTACT,
    "verified": Kind.VERIFIED,
    "account_type": Kind.ACCOUNT_TYPE,
    "gender": Kind.GENDER,
    "product_only": Kind.PRODUCT_ONLY,
    "city": Kind.CITY,
}
ANSWERS = {"yes": "Yes", "no": "No"}


@dataclass(frozen=True)
class Option:
    """A value of a filter as the page shows it."""

    value: str
    label: str
    count: int
    is_chosen: bool
    mode: str = ""

    @property
    def is_ruled_out(self) -> bool:
        return self.mode == "none"


@dataclass(frozen=True)
class Facet:
    """The values of a filter with how many creators each would leave; estimated unless `is_exact`."""

    name: str
    title: str
    options: list[Option]
    is_exact: bool = True

    @property
    def chosen(self) -> int:
        return sum(bool(option.mode) for option in self.options)


def facet(filters: Filters, name: str, tally: Tally, scheme: TierScheme | None) -> Facet:
    """The commonest values first, unknown last; tiers in their own order. Chosen ones always stay."""
    counts, choice = tally.values.get(KINDS[name], {}), filters.choice(name)
    chosen = choice.values
    if name == "tier":
        ordered = [value for value in tier_names(scheme) if value in counts or value in chosen]
    else:
        ordered = sorted({*counts, *chosen}, key=lambda value: (value == UNKNOWN, -counts.get(value, 0), value))
    shown = [value for place, value in enumerate(ordered) if place < LONGEST or value in chosen]
    label = labels(name)
    options = [
        Option(value, label(value), counts.get(value, 0), value in choice.any, choice.mode_of(value)) for value in shown
    ]
    return Facet(name, LIST_TITLES[name], options, tally.values_are_exact)


def labels(name: str) -> Callable[[str], str]:
    """How the values of a filter are called."""
    names: dict[str, dict[str, str]] = {
        "network": dict(Network.choices),
        "country": countries(),
        "language": languages(),
        "audience": countries(),
        "stage": {NO_RELATIONSHIP: "No contact yet", **dict(Relationship.Stage.choices)},
        "contact": {"any": "Any", **dict(ContactChannel.Kind.choices)},
        "verified": ANSWERS,
        "account_type": dict(AccountType.choices),
        "gender": dict(Gender.choices),
        "product_only": ANSWERS,
    }
    known = {UNKNOWN: "Not known", **names.get(name, {})}
    titled = name in {"tier", "city"}
    return lambda value: known.get(value) or (value.title() if titled else value)
