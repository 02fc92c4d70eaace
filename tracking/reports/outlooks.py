"""What a campaign's record lets one expect of each creator: worked out in the background, read by the pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple, Protocol

from campaigns.models import Campaign, Collaboration
from tracking.models import CampaignOutlook, CollaborationOutlook
from tracking.reports.campaign import CampaignReport, Line
from tracking.reports.figures import Figures
from tracking.statistics.intervals import Interval
from tracking.statistics.outlook import Outlook, Record, outlooks
from tracking.statistics.rates import pooled_conversion

VERSION = "outlook/1"
FEWEST_RATES = 3
INTERVALS = {"orders_95", "roi_80", "roi_95", "profit_95"}


class Hint(NamedTuple):
    """What the evidence supports doing, and why."""

    word: str
    label: str
    note: str


LEAK = Hint("leak", "Leak suspected", "Its orders may not be this creator's doing.")


@dataclass(frozen=True)
class Expectation:
    """A creator's pooled conversion with its 95 % interval, and what the same again would bring; None where unknown."""

    conversion: float | None = None
    conversion_interval: Interval | None = None
    outlook: Outlook | None = None


def expectations_of(collaborations: Iterable[int]) -> dict[int, Expectation]:
    """By collaboration, as they were last worked out; nothing of who wasn't judged."""
    rows = CollaborationOutlook.objects.filter(pk__in=list(collaborations)).values_list("pk", "facts")
    return {pk: expectation_from(facts) for pk, facts in rows}


def expectations_as_of_now(report: CampaignReport) -> dict[int, Expectation]:
    """Of a report of the whole run: those kept where no figure has changed since, else worked out."""
    if CampaignOutlook.objects.filter(pk=report.campaign.pk, key=key_of(report)).exists():
        return expectations_of(rank.pk for rank in report.ranks)
    return judged(report)


def judged_at(campaign: Campaign) -> datetime | None:
    """As of when the creators of a campaign were judged; None before the first time."""
    return CampaignOutlook.objects.filter(pk=campaign.pk).values_list("at", flat=True).first()


def facts_of(expectation: Expectation) -> dict[str, Any]:
    """For storing; `expectation_from` reads it."""
    return asdict(expectation)


def expectation_from(facts: dict[str, Any]) -> Expectation:
    outlook: dict[str, Any] = facts["outlook"] or {}
    kept: dict[str, Any] = {
        name: interval_from(value) if name in INTERVALS else value for name, value in outlook.items()
    }
    return Expectation(
        facts["conversion"], interval_from(facts["conversion_interval"]), Outlook(**kept) if kept else None
    )


def interval_from(ends: Sequence[float] | None) -> Interval | None:
    return Interval(*ends) if ends else None


# Working them out


def key_of(report: CampaignReport) -> str:
    """What they are worked out from: with the same key come the same digits."""
    return sha256(repr((VERSION, *evidence_of(report))).encode()).hexdigest()


def judged(report: CampaignReport) -> dict[int, Expectation]:
    """By collaboration. Creators with a leaked code neither teach the others nor are judged."""
    found = expectations(*evidence_of(report))
    return {line.collaboration.pk: row for line, row in zip(believed(report), found, strict=True)}


def believed(report: CampaignReport) -> list[Line]:
    return [line for line in report.lines if not line.is_leaked]


def evidence_of(report: CampaignReport) -> tuple[list[Record], list[tuple[int, int]]]:
    lines = believed(report)
    counts = [(line.figures.unique_clicks, line.figures.orders) for line in lines]
    return [record_of(line, report.total) for line in lines], counts


def record_of(line: Line, total: Figures) -> Record:
    """A creator's record; the commission is the campaign's usual where the creator has sold nothing."""
    figures = line.figures
    paid = figures if figures.revenue > 0 else total
    network = line.collaboration.network_when_added
    return Record(
        posts=line.engagement.posts or int(line.collaboration.status == Collaboration.Status.POSTED),
        orders=figures.orders,
        revenue=float(figures.revenue),
        cost=float(figures.costs.total),
        margin=float(figures.margin),
        commission=float(paid.commission / paid.revenue) if paid.revenue > 0 else 0.0,
        cells=((network, line.tier_when_posted), (line.tier_when_posted,)),
    )


def expectations(records: Sequence[Record], counts: Sequence[tuple[int, int]]) -> list[Expectation]:
    """`counts` are each creator's unique clicks and orders."""
    rates = conversions(counts)
    unknown: tuple[float | None, Interval | None] = (None, None)
    return [Expectation(*rates.get(at, unknown), outlook) for at, outlook in enumerate(outlooks(records))]


def conversions(counts: Sequence[tuple[int, int]]) -> dict[int, tuple[float, Interval]]:
    """Pooled orders per unique click by place; of none where fewer than three creators have clicks to compare."""
    known = [at for at, (clicks, orders) in enumerate(counts) if 0 < clicks >= orders]
    if len(known) < FEWEST_RATES:
        return {}
    pooled = pooled_conversion([counts[at][1] for at in known], [counts[at][0] for at in known])
    return dict(zip(known, zip(pooled.means.tolist(), pooled.intervals(), strict=True), strict=True))


class Judged(Protocol):
    @property
    def figures(self) -> Figures: ...

    @property
    def is_leaked(self) -> bool: ...


def hint_of(line: Judged, expectation: Expectation | None) -> Hint | None:
    """Keep, keep testing or pause, and why; nothing before the post or where nothing was spent."""
    if line.is_leaked:
        return LEAK
    outlook = expectation.outlook if expectation else None
    if outlook is None or not line.figures.costs.total:
        return None
    odds = f"{outlook.odds:.0%}"
    if outlook.word == "keep":
        return Hint("keep", "Keep", f"It pays in the long run with a probability of {odds}.")
    if outlook.word == "pause":
        return Hint("pause", "Pause", f"It pays in the long run with a probability of only {odds}.")
    return Hint("testing", "Keep testing", f"It pays in the long run with a probability of {odds}. {wanted(outlook)}")


def wanted(outlook: Outlook) -> str:
    if outlook.more_posts is None:
        return "It is so near break-even that more posts would hardly settle it."
    posts = "1 more post" if outlook.more_posts == 1 else f"{outlook.more_posts} more posts"
    return f"About {posts} would settle it."
