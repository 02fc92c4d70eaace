"""Earned media value: Σ count × price, by the brand's own list of the post's day. An estimate, in no return.

The formula is that of Ayzenberg's index as its users publish it; the values are the brand's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, Sum, Value, When
from django.db.models.functions import Coalesce

from groundswell.accounts.models import Brand
from groundswell.lib.money import ZERO
from tracking.models import MediaValueChoice, Price, PriceList
from tracking.reports.dimensions import Rows
from tracking.reports.engagement import COUNTING
from tracking.reports.figures import Worth
from tracking.reports.periods import Period

POST = "submissions__post__"
COLUMNS = {str(one): "comments_count" if one == Price.Metric.COMMENTS else str(one) for one in Price.Metric}


def value_of(counts: dict[str, int | None], prices: Iterable[Price]) -> Decimal:
    """What these counts are worth; one that isn't known is worth nothing."""
    return sum((price.worth(counts.get(price.metric) or 0) for price in prices), ZERO)


def prices_for(prices: list[Price], network: str) -> list[Price]:
    """One price a metric: the network's own before that of every network."""
    chosen = {price.metric: price for price in prices if not price.network}
    return list((chosen | {price.metric: price for price in prices if price.network == network}).values())


def is_shown(brand: Brand) -> bool:
    return MediaValueChoice.objects.filter(brand=brand, is_shown=True).exists()


def lists_of(brand: Brand) -> list[PriceList]:
    """The newest first; those in another currency than the newest are left out, for amounts that add up."""
    lists = list(PriceList.objects.of(brand).prefetch_related("prices")) if is_shown(brand) else []
    return [one for one in lists if one.currency == lists[0].currency]


def worth_by(brand: Brand, rows: Rows, period: Period) -> dict[tuple[Any, str], Worth]:
    """By key and campaign's currency, each in the lists' currency; nothing for a brand that doesn't want to see it."""
    lists = {one.pk: one for one in lists_of(brand)}
    if not lists:
        return {}
    held = [When(on__date__gte=one.starts_on, then=Value(pk)) for pk, one in lists.items()]
    posts = rows.filter(Q(submissions__status__in=COUNTING) & period.of(f"{POST}posted_at__date"))
    priced = posts.annotate(on=Coalesce(f"{POST}posted_at", "submissions__submitted_at")).annotate(
        held=Case(*held, output_field=IntegerField())
    )
    found = priced.filter(held__isnull=False).values(
        "key", "held", currency=F("campaign__currency"), network=F(f"{POST}account__network")
    )
    sums = {f"sum_{metric}": Sum(f"{POST}{column}") for metric, column in COLUMNS.items()}
    groups: dict[tuple[Any, str], Worth] = {}
    for row in found.annotate(counted=Count("pk"), **sums):
        key = (row["key"], row["currency"])
        more = worth_of(row, lists[row["held"]])
        groups[key] = groups[key] + more if key in groups else more
    return groups


def worth_of(row: dict[str, Any], held: PriceList) -> Worth:
    counts = {metric: row[f"sum_{metric}"] for metric in COLUMNS}
    worth = value_of(counts, prices_for(list(held.prices.all()), row["network"]))
    return Worth(worth, held.currency, row["counted"])
