"""Engagement of the posts handed in, summed by the database: each rate with its own denominator."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import BigIntegerField, Case, Count, Expression, F, Q, Sum, When
from django.db.models.functions import Coalesce

from campaigns.models import Submission
from tracking.reports.dimensions import Rows
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
    rates = [
        Rate(basis, row[f"{name}_engaged"] or 0, row[f"{name}_of"] or 0, row[f"{name}_posts"])
        for name, basis in BASES.items()
    ]
    known = [Known(row[f"known_{name}"] or 0, row[f"known_{name}_posts"]) for name in ("all", "views", "reach")]
    (reach, views, followers), (engaged, viewed, reached) = rates, known
    return Engagement(row["posts"], reach, views, followers, engaged, viewed, reached)


def engagement_by(rows: Rows, period: Period) -> dict[tuple[Any, str], Engagement]:
    """By the key of the rows and the campaign's currency; posts sent back for changes don't count."""
    post = "submissions__post__"
    handed_in = rows.filter(Q(submissions__status__in=COUNTING) & period.of(f"{post}posted_at__date"))
    groups: dict[tuple[Any, str], Engagement] = defaultdict(Engagement)
    found = handed_in.annotate(engaged=engaged(post)).values("key", "campaign__currency").annotate(**measures(post))
    for row in found:
        groups[row["key"], row["campaign__currency"]] = engagement_from(row)
    return groups


def engagement_of(campaign_id: int, period: Period = ALWAYS) -> dict[int, Engagement]:
    """By collaboration of a campaign."""
    within = period.of("post__posted_at__date")
    rows: Any = Submission.objects.counting().filter(within, collaboration__campaign=campaign_id).order_by()
    found = rows.annotate(engaged=engaged("post__")).values("collaboration_id").annotate(**measures("post__"))
    return defaultdict(Engagement, {row["collaboration_id"]: engagement_from(row) for row in found})
