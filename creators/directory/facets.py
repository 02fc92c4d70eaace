"""How many creators each value of a filter would leave, under all the other filters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, F, Func, QuerySet

from creators.directory.filters import NO_RELATIONSHIP, UNKNOWN
from creators.directory.search import Search
from creators.importing.places import languages
from creators.models import Network, Relationship, SocialAccount
from creators.tiers import tier_case, tier_names
from groundswell.lib.places import countries

LONGEST = 30


@dataclass(frozen=True)
class Option:
    """A value of a filter as the page shows it."""

    value: str
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True)
class Facet:
    name: str
    title: str
    options: list[Option]

    @property
    def chosen(self) -> int:
        return sum(option.is_chosen for option in self.options)


def facets(search: Search) -> list[Facet]:
    """One query each, whatever the number of creators. Values nobody has are left out unless chosen."""
    return [
        facet(search, "network", "Network", of_accounts(search, "network"), dict(Network.choices)),
        tier_facet(search),
        facet(search, "niche", "Niche", niches(search), {}),
        facet(search, "country", "Country", of_creators(search, "country"), countries()),
        facet(search, "language", "Language", of_creators(search, "language"), languages()),
        facet(search, "audience", "Audience mostly in", of_accounts(search, "audience"), countries()),
        facet(search, "stage", "Relationship", stages(search), stage_labels()),
    ]


def tier_facet(search: Search) -> Facet:
    """In the order of the scheme, not of the counts."""
    found = facet(search, "tier", "Tier", of_accounts(search, "tier"), {})
    names = tier_names(search.scheme)
    by_value = {option.value: option for option in found.options}
    ordered = [by_value[name] for name in names if name in by_value]
    return Facet("tier", "Tier", [Option(one.value, one.label.title(), one.count, one.is_chosen) for one in ordered])


def stage_labels() -> dict[str, str]:
    return {NO_RELATIONSHIP: "No contact yet", **dict(Relationship.Stage.choices)}


def of_accounts(search: Search, name: str) -> dict[str, int]:
    """Creators by a value of their matching accounts; a creator with two networks counts in both."""
    accounts = search.accounts(without=name).visible_to(search.brand)
    if search.filters.text or search.filters.shortlist or has_creator_filter(search):
        accounts = accounts.filter(creator__in=search.owners().values("pk"))
    value = {"tier": tier_case(search.scheme), "audience": F("audience_country")}.get(name, F("network"))
    return counted(accounts.annotate(facet=value).values("facet").annotate(n=Count("creator", distinct=True)))


def has_creator_filter(search: Search) -> bool:
    return any(search.filters.chosen.get(name) for name in ("country", "language", "niche", "stage"))


def of_creators(search: Search, name: str) -> dict[str, int]:
    found = search.creators(without=name)
    return counted(found.annotate(facet=F(name)).values("facet").annotate(n=Count("pk")).order_by(), UNKNOWN)


def niches(search: Search) -> dict[str, int]:
    found = search.creators(without="niche").annotate(facet=Func(F("niches"), function="unnest"))
    return counted(found.values("facet").annotate(n=Count("pk")).order_by())


def stages(search: Search) -> dict[str, int]:
    found = search.creators(without="stage").known_to(search.brand).annotate(facet=F("mine__stage"))
    return counted(found.values("facet").annotate(n=Count("pk")).order_by(), NO_RELATIONSHIP)


def counted(rows: QuerySet[SocialAccount, dict[str, object]] | Iterable[object], missing: str = "") -> dict[str, int]:
    """Counts by value; the empty value goes under the name `missing`, or away."""
    found: dict[str, int] = {}
    for row in rows:
        value = str(row["facet"] or missing)  # type: ignore[index]
        if value:
            found[value] = found.get(value, 0) + row["n"]  # type: ignore[index]
    return found


def facet(search: Search, name: str, title: str, counts: dict[str, int], labels: dict[str, str]) -> Facet:
    """The commonest values first, unknown last; chosen ones always stay."""
    chosen = search.filters.values(name)
    ordered = sorted({*counts, *chosen}, key=lambda value: (value == UNKNOWN, -counts.get(value, 0), value))
    shown = [value for place, value in enumerate(ordered) if place < LONGEST or value in chosen]
    names = {UNKNOWN: "Not known", **labels}
    return Facet(
        name, title, [Option(value, names.get(value, value), counts.get(value, 0), value in chosen) for value in shown]
    )
