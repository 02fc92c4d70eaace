"""What results can be told apart by: expressions over collaborations, and what their values are called."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, CharField, DateField, F, Max, Min, OuterRef, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, NullIf, TruncMonth

from campaigns.models import Campaign, Collaboration, CollaborationQuerySet, Deliverable, Submission
from creators.models import Creator, Network, PostFormat, SocialAccount, TierScheme
from creators.tiers import tier_case, tier_names, version_named
from groundswell.accounts.models import Brand

UNKNOWN_TIER = "size unknown"
OUTSIDE = "outside the tiers"
TIERS = ("tier", "tier-when-added", "tier-when-posted")
SEVERAL, UNKNOWN = "several", "unknown"
Rows = Any  # collaborations with columns of ours, such as `key`
Keyed = Callable[[CollaborationQuerySet, Brand], Rows]
Named = Callable[[Brand, list[Any]], dict[Any, str]]


@dataclass(frozen=True)
class Dimension:
    """`keyed` adds the column `key`; `named` gives the keys' names in the order they are shown in."""

    title: str
    keyed: Keyed
    named: Named
    note: str = ""


def field(path: str) -> Keyed:
    return lambda rows, brand: rows.annotate(key=F(path))


def month_of_moment(path: str) -> Keyed:
    """The brand's month, as its first day."""
    return lambda rows, brand: rows.annotate(
        key=Cast(TruncMonth(path, tzinfo=ZoneInfo(brand.timezone)), output_field=DateField())
    )


def month_of_day(path: str) -> Keyed:
    return lambda rows, brand: rows.annotate(key=Cast(TruncMonth(path), output_field=DateField()))


def campaign_names(brand: Brand, keys: list[Any]) -> dict[Any, str]:
    rows = Campaign.objects.of(brand).filter(code__in=keys).order_by("-launched_at", "-pk")
    return dict(rows.values_list("code", "name"))


def creator_names(brand: Brand, keys: list[Any]) -> dict[Any, str]:
    rows = Creator.objects.filter(relationships__brand=brand, code__in=keys).order_by("name", "pk")
    return dict(rows.values_list("code", "name"))


def month_names(missing: str) -> Named:
    return lambda brand, keys: {
        key: f"{key:%B %Y}" if key else missing for key in sorted(keys, key=lambda key: (key is None, str(key)))
    }


def labelled(choices: dict[str, str], several: str) -> Named:
    names = {**choices, SEVERAL: several, UNKNOWN: "unknown"}
    return lambda brand, keys: {key: name for key, name in names.items() if key in keys}


# Tiers


def scheme_of(brand: Brand) -> TierScheme | None:
    return TierScheme.objects.of(brand).prefetch_related("bands").first()


def scheme_used(brand: Brand, by: str) -> str:
    """The version of the brand's scheme that a dimension's tiers are of; empty for other dimensions."""
    return version_named(TierScheme.objects.of(brand).select_related("brand").first()) if by in TIERS else ""


def tier(brand: Brand, size: str, network: str) -> Case:
    """The tier of the columns with these names, also where the size is unknown or in no band."""
    outside = Coalesce(tier_case(scheme_of(brand), size, network), Value(OUTSIDE))
    return Case(When(**{size: None}, then=Value(UNKNOWN_TIER)), default=outside, output_field=CharField())


def tier_now(rows: CollaborationQuerySet, brand: Brand) -> Rows:
    """By the creator's largest account. The tier is told inside the look-up, so that it is made once a row."""
    accounts = SocialAccount.objects.filter(creator=OuterRef("relationship__creator"), followers__isnull=False)
    largest = accounts.annotate(tier=tier(brand, "followers", "network")).order_by("-followers", "-pk")
    return rows.annotate(key=Coalesce(Subquery(largest.values("tier")[:1]), Value(UNKNOWN_TIER)))


def tier_when_added(rows: CollaborationQuerySet, brand: Brand) -> Rows:
    return rows.annotate(key=tier(brand, "followers_when_added", "network_when_added"))


def tier_when_posted(rows: CollaborationQuerySet, brand: Brand) -> Rows:
    """By the followers at the first post; before it, as it was when they were added."""
    handed_in = Submission.objects.counting().filter(collaboration=OuterRef("pk"))
    at_post = tier(brand, "post__followers_at_post", "post__account__network")
    first = handed_in.annotate(tier=at_post).order_by("submitted_at", "pk").values("tier")[:1]
    return rows.annotate(key=Coalesce(Subquery(first), tier(brand, "followers_when_added", "network_when_added")))


def tiers_named(brand: Brand, keys: list[Any]) -> dict[Any, str]:
    names = [*tier_names(scheme_of(brand)), OUTSIDE, UNKNOWN_TIER]
    return {name: name for name in names if name in keys}


# Network and format: those of the posts handed in; before, of what was asked for


def only(rows: Any, path: str, of: str) -> Subquery:
    """The one value the rows of a group have, “several” when they differ, null without any."""
    ends = rows.exclude(**{path: ""}).order_by().values(of).annotate(low=Min(path), high=Max(path))
    return Subquery(ends.values(one=Case(When(low=F("high"), then=F("low")), default=Value(SEVERAL)))[:1])


def made(attribute: str, path: str, *otherwise: Any) -> Keyed:
    posts = Submission.objects.counting().filter(collaboration=OuterRef("pk"))
    asked = Deliverable.objects.filter(campaign=OuterRef("campaign"))
    parts = [only(posts, path, "collaboration"), only(asked, attribute, "campaign"), *otherwise, Value(UNKNOWN)]
    return lambda rows, brand: rows.annotate(key=Coalesce(*parts, output_field=CharField()))


TIER_NOTE = "Tiers of your scheme, by followers {}."
DIMENSIONS = {
    "campaign": Dimension("Campaign", field("campaign__code"), campaign_names),
    "creator": Dimension("Creator", field("relationship__creator__code"), creator_names),
    "tier": Dimension("Tier", tier_now, tiers_named, TIER_NOTE.format("as of now")),
    "tier-when-added": Dimension("Tier when added", tier_when_added, tiers_named, TIER_NOTE.format("when added")),
    "tier-when-posted": Dimension(
        "Tier when posted", tier_when_posted, tiers_named, TIER_NOTE.format("at the first post")
    ),
    "network": Dimension(
        "Network",
        made("network", "post__account__network", NullIf("network_when_added", Value(""))),
        labelled(dict(Network.choices), "several networks"),
        "Where a creator's posts for the campaign are; before the first, what was asked for.",
    ),
    "format": Dimension(
        "Format",
        made("format", "post__format"),
        labelled(dict(PostFormat.choices), "several formats"),
        "What a creator's posts for the campaign are; clicks and orders don't tell which of several brought them.",
    ),
    "cohort": Dimension(
        "Accepted in",
        month_of_moment("accepted_at"),
        month_names("not accepted"),
        "The month in which the creators accepted.",
    ),
    "first-order": Dimension(
        "First order in",
        month_of_day("result__first_order_on"),
        month_names("no order yet"),
        "The month of a creator's first order in the campaign.",
    ),
}


def collaborations(
    brand: Brand, campaigns: Collection[Campaign] | None = None, creator: Creator | None = None
) -> CollaborationQuerySet:
    """Those of some campaigns, or of every campaign that was launched; of one creator if named."""
    rows = Collaboration.objects.of(brand).order_by()
    rows = rows.filter(relationship__creator=creator) if creator else rows
    launched = rows.filter(campaign__launched_at__isnull=False)
    return launched if campaigns is None else rows.filter(campaign__in=campaigns)
