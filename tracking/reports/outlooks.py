"""What a campaign's record lets one expect of each creator, kept until one of its figures changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, NamedTuple

from django.core.cache import cache

from campaigns.models import Collaboration
from tracking.reports.campaign import CampaignReport, Line
from tracking.reports.figures import Figures
from tracking.statistics.intervals import Interval
from tracking.statistics.outlook import Outlook, Record, outlooks
from tracking.statistics.rates import pooled_conversion

VERSION = "outlook/1"
KEPT = 7 * 24 * 3600
FEWEST_RATES = 3


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


def expectations_of(report: CampaignReport) -> dict[int, Expectation]:
    """By collaboration. Creators with a leaked code neither teach the others nor are judged."""
    lines = [line for line in report.lines if not line.is_leaked]
    records = [record_of(line, report.total) for line in lines]
    counts = [(line.figures.unique_clicks, line.figures.orders) for line in lines]
    key = sha256(repr((VERSION, [asdict(row) for row in records], counts)).encode()).hexdigest()
    found: Any = cache.get_or_set(f"{VERSION}:{key}", lambda: expectations(records, counts), KEPT)
    return {line.collaboration.pk: row for line, row in zip(lines, found, strict=True)}


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


def hint_of(line: Line, expectation: Expectation | None) -> Hint | None:
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
