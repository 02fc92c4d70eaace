"""What the address of the directory asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.db.models import Q
from django.http import QueryDict

from creators.importing.numbers import parse_count
from creators.models import Basis, Network, Relationship, TierScheme
from creators.tiers import tier_filter

SORTS = {"added": "Recently added", "name": "Name", "followers": "Followers", "engagement": "Engagement rate"}
DEFAULT_SORT = "-added"
# Lists in the address: any of the values will do.
CHOICES = ("network", "tier", "niche", "country", "language", "audience", "stage")
NO_RELATIONSHIP = "none"
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Filters:
    """Every filter of the directory; empty ones leave everybody in. Rates are fractions, of one basis."""

    text: str = ""
    chosen: dict[str, tuple[str, ...]] = field(default_factory=dict)
    followers_from: int | None = None
    followers_to: int | None = None
    rate_from: Decimal | None = None
    rate_to: Decimal | None = None
    basis: str = Basis.FOLLOWERS
    shortlist: str = ""
    sort: str = DEFAULT_SORT
    problems: tuple[str, ...] = ()

    @classmethod
    def parse(cls, query: QueryDict) -> Filters:
        """From a query string; what can't be read is left out and named in `problems`."""
        problems: list[str] = []
        sort = query.get("sort", "")
        basis = query.get("basis", "")
        return cls(
            text=query.get("q", "").replace("\x00", "").strip()[:100],
            chosen={name: values(query, name) for name in CHOICES if values(query, name)},
            followers_from=count_of(query, "followers_from", problems),
            followers_to=count_of(query, "followers_to", problems),
            rate_from=percent_of(query, "er_from", problems),
            rate_to=percent_of(query, "er_to", problems),
            basis=basis if basis in Basis.values else Basis.FOLLOWERS,
            shortlist=query.get("shortlist", "").replace("\x00", ""),
            sort=sort if sort.removeprefix("-") in SORTS else DEFAULT_SORT,
            problems=tuple(problems),
        )

    @property
    def is_empty(self) -> bool:
        bounds = (self.followers_from, self.followers_to, self.rate_from, self.rate_to)
        return not (self.text or self.chosen or self.shortlist or any(bound is not None for bound in bounds))

    @property
    def sort_key(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def is_descending(self) -> bool:
        return self.sort.startswith("-")

    def accounts(self, scheme: TierScheme | None, *, without: str = "") -> Q:
        """What one and the same account must fulfil. Follower and rate bounds are inclusive."""
        found = self.network_and_tier(scheme, without)
        if self.followers_from is not None:
            found &= Q(followers__gte=self.followers_from)
        if self.followers_to is not None:
            found &= Q(followers__lte=self.followers_to)
        if self.rate_from is not None:
            found &= Q(engagement_rate__gte=self.rate_from, engagement_basis=self.basis)
        if self.rate_to is not None:
            found &= Q(engagement_rate__lte=self.rate_to, engagement_basis=self.basis)
        return found

    def network_and_tier(self, scheme: TierScheme | None, without: str) -> Q:
        found = Q()
        networks = self.values("network", without)
        if networks:
            found &= Q(network__in=[value for value in networks if value in Network.values])
        tiers = self.values("tier", without)
        if tiers:
            found &= tier_filter(scheme, tiers)
        audience = self.values("audience", without)
        return found & Q(audience_country__in=audience) if audience else found

    def creators(self, *, without: str = "") -> Q:
        """What the creator must fulfil, but for the shortlist; the relationship is joined as `mine`."""
        found = Q()
        for name in ("country", "language"):
            if wanted := self.values(name, without):
                found &= Q((f"{name}__in", ["" if value == UNKNOWN else value for value in wanted]))
        if niches := self.values("niche", without):
            found &= Q(niches__overlap=list(niches))
        if stages := self.values("stage", without):
            found &= stage_filter(stages)
        return found

    def values(self, name: str, without: str = "") -> tuple[str, ...]:
        return () if name == without else self.chosen.get(name, ())

    @property
    def needs_account(self) -> bool:
        bounds = (self.followers_from, self.followers_to, self.rate_from, self.rate_to)
        return any(self.chosen.get(name) for name in ("network", "tier", "audience")) or any(
            bound is not None for bound in bounds
        )


def stage_filter(stages: tuple[str, ...]) -> Q:
    found = Q(mine__stage__in=[stage for stage in stages if stage in Relationship.Stage.values])
    return found | Q(mine__stage=None) if NO_RELATIONSHIP in stages else found


def values(query: QueryDict, name: str) -> tuple[str, ...]:
    """Each value once; `country=DE&country=FR` and `country=DE,FR` mean the same."""
    parts = (part.replace("\x00", "").strip() for value in query.getlist(name) for part in value.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))[:50]


def count_of(query: QueryDict, name: str, problems: list[str]) -> int | None:
    try:
        return parse_count(query.get(name, ""))
    except ValueError as error:
        problems.append(f"Followers: {error}; this filter is left out.")
        return None


def percent_of(query: QueryDict, name: str, problems: list[str]) -> Decimal | None:
    text = query.get(name, "").replace("%", "").replace(",", ".").strip()
    try:
        rate = Decimal(text) / 100 if text else None
    except InvalidOperation:
        rate = Decimal("nan")
    if rate is not None and not (rate.is_finite() and 0 <= rate <= 100):
        problems.append(f"Engagement rate: “{text[:40]}” is not a rate in per cent; this filter is left out.")
        return None
    return rate
