"""The ledger of what networks let us ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models.functions import Greatest
from django.utils import timezone

from creators.connectors.errors import QuotaExhausted
from creators.connectors.quota import rule, wait
from creators.models import Connection, QuotaUse

ROUTINE = 0.9  # of a budget; the rest is for what people ask for
KEPT = timedelta(days=40)
SHOWN = {"youtube": "units", "instagram": "calls"}  # budgets of days and hours


class Ledger:
    """The Meter of a connection; `share` is the part of each budget that may be used, 0 to 1."""

    def __init__(self, connection: Connection, share: float = 1.0) -> None:
        self.network, self.owner, self.share = connection.network, connection.bucket_owner, share

    def row(self, bucket: str, at: datetime) -> QuotaUse:
        start, _ = rule(self.network, bucket).window(at)
        return QuotaUse.objects.get_or_create(network=self.network, bucket=f"{bucket}:{self.owner}", starts_at=start)[0]

    def spend(self, bucket: str, cost: int) -> None:
        """Take the cost, or raise QuotaExhausted and take nothing; exact when many ask at once."""
        at = timezone.now()
        limit = int(rule(self.network, bucket).limit * self.share)
        if not QuotaUse.objects.filter(pk=self.row(bucket, at).pk).take(cost, limit):
            raise QuotaExhausted("What we may ask this network in the current window is used up.", self.wait(bucket))

    def exhaust(self, bucket: str) -> None:
        """The network says the budget is empty: other programs may draw on it too."""
        limit = rule(self.network, bucket).limit
        row = self.row(bucket, timezone.now())
        QuotaUse.objects.filter(pk=row.pk).update(used=Greatest("used", limit))

    def wait(self, bucket: str) -> float:
        return wait(self.network, bucket)


def used_now(connections: Sequence[Connection]) -> list[tuple[int, int]]:
    """Of each connection what was used of its budget of the day or hour, and that budget; one query.

    Budgets of seconds are not worth showing: (0, 0).
    """
    now = timezone.now()
    starts = {name: rule(name, bucket).window(now)[0] for name, bucket in SHOWN.items()}
    rows = QuotaUse.objects.filter(network__in=starts, starts_at__in=starts.values())
    used = {(row.network, row.bucket, row.starts_at): row.used for row in rows}
    return [
        (used.get((row.network, f"{SHOWN[row.network]}:{row.bucket_owner}", starts[row.network]), 0), budget(row))
        if row.network in SHOWN
        else (0, 0)
        for row in connections
    ]


def budget(connection: Connection) -> int:
    return rule(connection.network, SHOWN[connection.network]).limit


def forget_old_quotas() -> int:
    """Remove windows of long ago; how many. Those of seconds are many, so they go after a day."""
    now = timezone.now()
    seconds = QuotaUse.objects.filter(network="tiktok", starts_at__lt=now - timedelta(days=1)).delete()[0]
    return seconds + QuotaUse.objects.filter(starts_at__lt=now - KEPT).delete()[0]
