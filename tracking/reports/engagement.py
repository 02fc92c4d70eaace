"""Engagement of the posts handed in, summed by the database: each rate with its own denominator."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import BigIntegerField, Case, Count, Expression, F, Q, Sum, When
from django.db.models.functions import Coalesce, TruncDate

from campaigns.models import Campaign, Submission
from groundswell.accounts.models import Brand
from tracking.reports.figures import Engagement, Known, Rate
from tracking.reports.periods import ALWAYS, Period

KNOWN = ("likes", "comments_count", "shares", "saves")
COUNTING = (Submission.Status.SUBMITTED, Submission.Status.APPROVED)
BASES = {"reach": "by reach", "views": "by views", "followers_at_post": "by followers"}


def engaged(post: str) -> Expression:
    """Likes, comments, shares and saves that are known; null when none is, as `Post.engagements`."""
    total = sum((Coalesce(F(f"{post}{name}"), 0) for name in KNOWN[1:]), Coalesce(F(f"{post}{KNOWN[0]}"), 0))
    unknown = Q(**{f"{post}{name}": None for name in KNOWN})
    return Case(When(unknown, then=None), default=total, output_field=BigIntegerField())


def measures(post: str) -> dict[str, Any]:
    """Aggregates over rows with a column `engaged` and the post at that path."""
    found: dict[str, Any] = {"posts": Count("pk")}
    for name in BASES:
        both = Q(**{"engaged__isnull": False, f"{post}{name}__gt": 0})
        found[f"{name}_engaged"] = Sum("engaged", filter=both)
        found[f"{name}_of"] = Sum(f"{post}{name}", filter=both)
        found[f"{name}_posts"] = Count("pk", filter=both)
    for name, path in (("all", "engaged"), ("views", f"{post}views"), ("reach", f"{post}reach")):
        found[f"known_{name}"], found[f"known_{name}_posts"] = Sum(path), Count(path)
    return found


def engagement_from(row: dict[str, Any]) -> Engagement:
    """From the columns of `measures`, summed once or twice; None where there is no post."""
    found = {name: int(value or 0) for name, value in row.items() if name in MEASURES}
    rates = [
        Rate(basis, found[f"{name}_engaged"], found[f"{name}_of"], found[f"{name}_posts"])
        for name, basis in BASES.items()
    ]
    known = [Known(found[f"known_{name}"], found[f"known_{name}_posts"]) for name in ("all", "views", "reach")]
    (reach, views, followers), (engaged, viewed, reached) = rates, known
    return Engagement(found["posts"], reach, views, followers, engaged, viewed, reached)


MEASURES = measures("").keys()


def engagement_by_day(
    brand: Brand, campaigns: Collection[Campaign] | None, period: Period
) -> dict[tuple[date, str], Engagement]:
    """By the day (in the brand's time zone) a post went online, and the campaign's currency.

    A post whose day nobody knows is in no day.
    """
    on = TruncDate("post__posted_at", tzinfo=ZoneInfo(brand.timezone))
    rows: Any = handed_in().filter(collaboration__campaign__brand=brand, post__posted_at__isnull=False)
    rows = rows if campaigns is None else rows.filter(collaboration__campaign__in=campaigns)
    days = rows.annotate(on=on).filter(period.of("on"))
    found = days.values("on", currency=F("collaboration__campaign__currency")).annotate(**measures("post__"))
    return defaultdict(Engagement, {(row["on"], row["currency"]): engagement_from(row) for row in found})


def engagement_of(campaign_id: int, wanted: Iterable[int], period: Period = ALWAYS) -> dict[int, Engagement]:
    """By collaboration of a campaign, of those wanted."""
    rows: Any = handed_in_for(campaign_id, period).filter(collaboration__in=list(wanted))
    found = rows.values("collaboration_id").annotate(**measures("post__"))
    return defaultdict(Engagement, {row["collaboration_id"]: engagement_from(row) for row in found})


def engagement_in(campaign_id: int, period: Period = ALWAYS) -> Engagement:
    """Of a whole campaign."""
    return engagement_from(handed_in_for(campaign_id, period).aggregate(**measures("post__")))


def handed_in_for(campaign_id: int, period: Period) -> Any:
    return handed_in().filter(period.of("post__posted_at__date"), collaboration__campaign=campaign_id)


def handed_in() -> Any:
    """Posts that were handed in and not sent back, with their known engagements as `engaged`."""
    return Submission.objects.counting().order_by().annotate(engaged=engaged("post__"))
