"""What a media kit says: four blocks of facts, each number with what it was divided by, from how many, whence and when.

Only public facts and the creator's own: nothing that a brand knows is read here.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from creators.importing.places import languages
from creators.metrics.figures import metrics_of, named, shown_rates
from creators.models import AudienceSlice, Evidence, Gender, MediaKit, PostFormat, SocialAccount
from groundswell.lib.numbers import compact, money, percent, written
from groundswell.lib.places import countries

TOP = 5
TITLES = {"country": "Countries", "city": "Cities", "age": "Age", "gender": "Gender", "language": "Languages"}


@dataclass(frozen=True)
class Line:
    """One fact as people read it, and in small print where it is from; an unknown one says why."""

    label: str
    value: str
    note: str = ""
    is_known: bool = True


@dataclass(frozen=True)
class Group:
    """Facts of one account, or of the person."""

    title: str
    lines: list[Line]
    network: str = ""
    url: str = ""


@dataclass(frozen=True)
class Block:
    """One of the four; without groups it says that nothing is known yet."""

    key: str
    title: str
    unknown: str
    groups: list[Group] = field(default_factory=list)


def blocks(kit: MediaKit) -> list[Block]:
    """The blocks that are turned on, in their order."""
    creator = kit.creator
    accounts = list(creator.accounts.filter(owner=None).select_related("metrics").largest_first())
    made = [
        Block("niche", "Niche", "No niches named yet.", niche(kit)),
        Block("content", "Content", "No posts read yet.", content(kit, accounts)),
        Block("engagement", "Engagement", "No account yet.", [engagement(account) for account in accounts]),
        Block("audience", "Audience", "Nothing is known of the audience yet.", audience(accounts)),
    ]
    return [block for block in made if getattr(kit, f"has_{block.key}")]


def niche(kit: MediaKit) -> list[Group]:
    creator = kit.creator
    place = ", ".join(filter(None, [creator.city, countries().get(creator.country, "")]))
    said = [
        ("Topics", ", ".join(creator.niches)),
        ("Based in", place),
        ("Posts in", languages().get(creator.language, "")),
        ("Works for product alone", {True: "Yes, sometimes", False: "No", None: ""}[creator.accepts_product_only]),
    ]
    lines = [Line(label, value, "as the creator says") for label, value in said if value]
    return [Group("", lines)] if lines else []


def content(kit: MediaKit, accounts: list[SocialAccount]) -> list[Group]:
    groups = [Group(str(account), rhythm(account), account.network, account.profile_url) for account in accounts]
    rates = kit.creator.rates.filter(owner=None, source="creator").order_by("network", "format")
    prices = [
        Line(
            f"{PostFormat(row.format).label if row.format else 'A post'} on {row.get_network_display()}",
            money(row.amount, row.currency),
            f"asked by the creator, {day(row.observed_at)}",
        )
        for row in rates
    ]
    groups = [group for group in groups if group.lines]
    return [*groups, Group("Prices", prices)] if prices else groups


def rhythm(account: SocialAccount) -> list[Line]:
    metrics = metrics_of(account)
    if metrics is None or not metrics.posts_n:
        return []
    origin = small_print(named(metrics.sources), metrics.observed_at, metrics.posts_n)
    known = [
        ("Posts a week", metrics.posts_per_week, "number:1"),
        ("Sponsored", metrics.sponsored_share, "percent:0"),
        ("Median views", metrics.median_views, "compact"),
    ]
    lines = [Line(label, written(value, kind), origin) for label, value, kind in known if value is not None]
    return [*lines, Line("Last post", day(metrics.last_post_at))] if metrics.last_post_at else lines


def engagement(account: SocialAccount) -> Group:
    """Rates of different denominators stand in lines of their own."""
    source, at = account.source_of("followers")
    counted = Line("Followers", compact(account.followers), small_print(named([source]), at))
    lines = [counted if account.followers is not None else Line("Followers", "Unknown", is_known=False)]
    for shown in shown_rates(account):
        label = f"{shown.label} {shown.rate.phrase}"
        if shown.rate.value is None:
            lines.append(Line(label, "Unknown", shown.why, is_known=False))
        else:
            origin = small_print(
                named(filter(None, shown.rate.source.split(", "))), shown.rate.observed_at, shown.rate.n
            )
            lines.append(Line(label, percent(shown.rate.value, 2), origin))
    return Group(str(account), [*lines, *proven(account)], account.network, account.profile_url)


def proven(account: SocialAccount) -> list[Line]:
    """Reach and views that only the creator's own statistics tell."""
    lines = []
    for name, label in (("reach", "Accounts reached"), ("views", "Views")):
        row = Evidence.objects.filter(account=account, **{f"{name}__isnull": False}).order_by("-observed_on").first()
        if row:
            origin = f"creator, with evidence, {day(row.observed_on)}"
            lines.append(Line(f"{label}, {row.period_days} days", compact(getattr(row, name)), origin))
    return lines


def audience(accounts: list[SocialAccount]) -> list[Group]:
    groups = [Group(str(account), slices(account), account.network, account.profile_url) for account in accounts]
    return [group for group in groups if group.lines]


def slices(account: SocialAccount) -> list[Line]:
    """Of each kind the newest source, its largest shares first."""
    rows = list(AudienceSlice.objects.filter(account=account).order_by("-observed_at", "-share", "key"))
    lines = []
    for kind, title in TITLES.items():
        of_kind = [row for row in rows if row.kind == kind]
        same = [row for row in of_kind if row.source == of_kind[0].source][:TOP]
        if same:
            value = ", ".join(f"{key_name(row)} {percent(row.share, 0)}" for row in same)
            with_evidence = ", with evidence" if same[0].source == "creator" and account.evidence.exists() else ""
            origin = f"{named([same[0].source])}{with_evidence}"
            lines.append(Line(title, value, small_print(origin, same[0].observed_at)))
    return lines


def key_name(row: AudienceSlice) -> str:
    if row.kind == "country":
        return countries().get(row.key, row.key)
    if row.kind == "gender":
        return str(dict(Gender.choices).get(row.key, row.key))
    if row.kind == "language":
        return languages().get(row.key, row.key)
    return row.key.partition("/")[2].title() if row.kind == "city" else row.key


def small_print(source: str, at: datetime | None, n: int | None = None) -> str:
    parts = [f"n = {n} posts" if n else "", source, day(at)]
    return ", ".join(filter(None, parts))


def day(at: datetime | date | None) -> str:
    return f"{at.day} {at:%b %Y}" if at else ""


def summary(kit: MediaKit) -> str:
    """One line for previews of the link."""
    creator = kit.creator
    largest = creator.accounts.filter(owner=None).largest_first().first()
    size = f"{compact(largest.followers)} on {largest.get_network_display()}" if largest and largest.followers else ""
    topics = ", ".join(creator.niches[:3])
    place = countries().get(creator.country, "")
    return " · ".join(filter(None, [topics if kit.has_niche else "", place, size if kit.has_engagement else ""]))


def as_data(kit: MediaKit) -> dict[str, Any]:
    """For the typesetter."""
    return {
        "name": kit.creator.name,
        "bio": kit.creator.bio,
        "summary": summary(kit),
        "address": kit.get_absolute_url(),
        "blocks": [asdict(block) for block in blocks(kit)],
    }
