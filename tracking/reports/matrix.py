"""A campaign's creators by formats: how people responded to what each posted, and what each brought."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from math import ceil
from operator import add
from typing import Any

from django.db.models import F

from campaigns.models import Campaign, Collaboration
from creators.models import PostFormat
from groundswell.lib.money import rounded
from tracking.reports.campaign import Rank, report_of
from tracking.reports.dimensions import DIMENSIONS, SEVERAL, UNKNOWN, Rows
from tracking.reports.engagement import engagement_from, handed_in_for, measures
from tracking.reports.figures import Engagement, Figures, Known, Rate
from tracking.reports.periods import ALWAYS

STEPS = 5
TITLES = {**dict(PostFormat.choices), SEVERAL: "Several formats", UNKNOWN: "Format unknown"}
Value = int | float | Decimal
Parts = dict[str, Any]  # engagement or figures by format


@dataclass(frozen=True)
class Cell:
    """What a creator has in a format. `value` is None where it is not known; `note` says of what it is known."""

    value: Value | None
    note: str = ""
    step: int = 0


@dataclass(frozen=True)
class Row:
    """A creator; `cells` as the matrix's formats, None where there is nothing in a format."""

    rank: Rank
    cells: list[Cell | None]


@dataclass(frozen=True)
class Measure:
    title: str
    kind: str  # number, percent or money
    cell: Callable[[Any], Cell]
    of_posts: bool = True

    @property
    def note(self) -> str:
        if self.of_posts:
            return "Of each post under its own format; a rate keeps its denominator."
        return (
            "Under the format of all posts of a creator: a click or an order doesn't tell which of several brought it."
        )

    def plain(self, cell: Cell | None, currency: str) -> Value | None:
        """For files and partners: money in whole minor units, rates to six places; None for nothing and unknown."""
        if cell is None or cell.value is None:
            return None
        if self.kind == "money":
            return rounded(Decimal(cell.value), currency)
        return round(float(cell.value), 6) if self.kind == "percent" else cell.value


def total(name: str) -> Callable[[Engagement], Cell]:
    def cell(posts: Engagement) -> Cell:
        known: Known = getattr(posts, name)
        return Cell(known.total if known.posts else None, f"known of {known.posts} of {posts.posts} posts")

    return cell


def rate(name: str) -> Callable[[Engagement], Cell]:
    def cell(posts: Engagement) -> Cell:
        found: Rate = getattr(posts, name)
        return Cell(found.value, f"{found.engagements:,} ÷ {found.denominator:,}, {found.posts} of {posts.posts} posts")

    return cell


def figure(name: str) -> Callable[[Figures], Cell]:
    return lambda figures: Cell(
        getattr(figures, name), f"{figures.orders:,} orders of {figures.unique_clicks:,} clicks"
    )


MEASURES = {
    "posts": Measure("Posts", "number", lambda posts: Cell(posts.posts)),
    "engagements": Measure("Engagements", "number", total("engaged")),
    "views": Measure("Views", "number", total("viewed")),
    "by-reach": Measure("Engagement by reach", "percent", rate("reach")),
    "by-views": Measure("Engagement by views", "percent", rate("views")),
    "by-followers": Measure("Engagement by followers", "percent", rate("followers")),
    "clicks": Measure("Unique clicks", "number", figure("unique_clicks"), of_posts=False),
    "orders": Measure("Orders", "number", figure("orders"), of_posts=False),
    "revenue": Measure("Net revenue", "money", figure("revenue"), of_posts=False),
}


@dataclass(frozen=True)
class Matrix:
    """`formats` are the words of those with anything in them; `rows` best evidence first; `total` of each format."""

    word: str
    measure: Measure
    formats: list[str]
    rows: list[Row]
    total: list[Cell]

    @property
    def titles(self) -> list[str]:
        return [TITLES[word] for word in self.formats]


def matrix_of(campaign: Campaign, word: str) -> Matrix:
    """One measure of MEASURES for every creator with posts or returns, in a fixed number of queries."""
    measure, report = MEASURES[word], report_of(campaign)
    parts = posts_of(campaign) if measure.of_posts else returns_of(campaign, report.ranks)
    formats = [one for one in TITLES if any(one in mine for mine in parts.values())]
    ranks = [rank for rank in report.ranks if parts.get(rank.pk)]
    rows = [Row(rank, [cell_of(measure, parts[rank.pk], one) for one in formats]) for rank in ranks]
    totals = [measure.cell(reduce(add, (mine[one] for mine in parts.values() if one in mine))) for one in formats]
    return Matrix(word, measure, formats, shaded(rows), totals)


def posts_of(campaign: Campaign) -> dict[int, Parts]:
    """Engagement by collaboration and format of the posts handed in."""
    found: dict[int, Parts] = defaultdict(dict)
    rows: Any = handed_in_for(campaign.pk, ALWAYS).values("collaboration_id", format=F("post__format"))
    for row in rows.annotate(**measures("post__")):
        found[row["collaboration_id"]][row["format"] or UNKNOWN] = engagement_from(row)
    return found


def returns_of(campaign: Campaign, ranks: Iterable[Rank]) -> dict[int, Parts]:
    """Figures by collaboration, each under the one format of its posts as a breakdown by format has it."""
    rows: Rows = DIMENSIONS["format"].keyed(Collaboration.objects.filter(campaign=campaign), campaign.brand)
    formats = dict(rows.values_list("pk", "key"))
    return {rank.pk: {formats[rank.pk]: rank.figures} for rank in ranks if rank.is_worth_a_row}


def cell_of(measure: Measure, parts: Parts, word: str) -> Cell | None:
    return measure.cell(parts[word]) if word in parts else None


def shaded(rows: list[Row]) -> list[Row]:
    """With steps of shade from 1 to STEPS for values above zero, in proportion to the greatest."""
    cells = [cell for row in rows for cell in row.cells if cell]
    most = max((cell.value for cell in cells if cell.value is not None), default=0)
    return [
        Row(row.rank, [cell and Cell(cell.value, cell.note, step(cell.value, most)) for cell in row.cells])
        for row in rows
    ]


def step(value: Value | None, most: Value) -> int:
    return ceil(STEPS * float(value) / float(most)) if value and value > 0 and most else 0
