"""How many calls a network allows in which window. Pure but for the limits in the settings.

| network | bucket | window | limit | where it is written |
|---|---|---|---|---|
| YouTube | units | day, from midnight Pacific time | 10,000 units | youtube/v3/determine_quota_cost |
| Instagram | calls | hour | 200 for each connected account | graph-api/overview/rate-limiting |
| TikTok | each endpoint | ten seconds | 85 | tiktok-api-v2-rate-limit: 600 in a sliding minute |

A sliding minute touches at most seven windows of ten seconds, and 7 × 85 is less than 600.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

PACIFIC = ZoneInfo("America/Los_Angeles")
TEN_SECONDS = timedelta(seconds=10)


@dataclass(frozen=True)
class Rule:
    """`window(at)` gives the beginning and the end of the window that holds the moment."""

    limit: int
    window: Callable[[datetime], tuple[datetime, datetime]]


def pacific_day(at: datetime) -> tuple[datetime, datetime]:
    """From midnight to midnight in California, 23 to 25 hours long."""
    midnight = at.astimezone(PACIFIC).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return midnight, (midnight + timedelta(days=1)).replace(fold=0)


def hour(at: datetime) -> tuple[datetime, datetime]:
    start = at.replace(minute=0, second=0, microsecond=0)
    return start, start + timedelta(hours=1)


def ten_seconds(at: datetime) -> tuple[datetime, datetime]:
    start = at.replace(second=at.second // 10 * 10, microsecond=0)
    return start, start + TEN_SECONDS


def rule(network: str, bucket: str) -> Rule:
    """The rule of a bucket; buckets of one network share it."""
    limit = settings.CONNECTORS[network]["limit"]
    windows = {"youtube": pacific_day, "instagram": hour, "tiktok": ten_seconds}
    return Rule(limit, windows[network])


def wait(network: str, bucket: str, at: datetime | None = None) -> float:
    """Seconds until the next window."""
    at = at or timezone.now()
    return max((rule(network, bucket).window(at)[1] - at).total_seconds(), 1.0)
