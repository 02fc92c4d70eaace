"""The creators whose return is best proved: by the lower end of its interval, never by a lucky point value."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection

from creators.models import Creator
from groundswell.accounts.models import Brand
from tracking.reports.breakdown import KINDS_OF_COST, breakdown_of
from tracking.reports.figures import Figures

SHOWN = 10
CANDIDATES = 40
# Wilson and Hilferty's approximation of Garwood's lower limit, to find candidates; what is shown is exact.
LOW = "orders * power(greatest(0, 1 - 1 / (9.0 * orders) - 1.96 / (3 * sqrt(orders))), 3)"
RANKING = f"""
WITH sold AS (
    SELECT bond.creator_id, campaign.currency, sum(result.orders)::float8 AS orders,
           sum((result.revenue - result.refunded) * campaign.margin_percent / 100 - result.commission)::float8 AS kept,
           sum(result.commission)::float8 AS commission, sum(coalesce(spent.amount, 0))::float8 AS cost
    FROM campaigns_campaign campaign
    JOIN campaigns_collaboration collaboration ON collaboration.campaign_id = campaign.id
    JOIN tracking_collaborationresult result ON result.collaboration_id = collaboration.id
    JOIN creators_relationship bond ON bond.id = collaboration.relationship_id
    LEFT JOIN (SELECT collaboration_id, sum(amount) AS amount FROM campaigns_cost
               WHERE kind <> ALL(%(without)s) GROUP BY 1) AS spent ON spent.collaboration_id = collaboration.id
    WHERE campaign.brand_id = %(brand)s AND campaign.launched_at IS NOT NULL
      AND NOT EXISTS (SELECT FROM tracking_discountcode code
                      WHERE code.collaboration_id = collaboration.id AND code.leak <> 'none')
    GROUP BY 1, 2
    HAVING sum(result.orders) > 0
)
SELECT creator_id, currency FROM sold WHERE cost + commission > 0
ORDER BY ({LOW} / orders * kept - cost) / (cost + {LOW} / orders * commission) DESC, creator_id LIMIT {CANDIDATES}
"""  # noqa: S608 - constants only


class Best(NamedTuple):
    creator: Creator
    currency: str
    figures: Figures


def best_of(brand: Brand, *, without: tuple[str, ...] = ()) -> list[Best]:
    """Ten at most, those with a leaked code left out. Costs of whole campaigns are shared as everywhere."""
    with connection.cursor() as cursor:
        cursor.execute(RANKING, {"brand": brand.pk, "without": kinds_named(without)})
        wanted = {(pk, currency) for pk, currency in cursor.fetchall()}
    people = Creator.objects.in_bulk({pk for pk, _ in wanted})
    codes = {row.code: row for row in people.values()}
    parts = breakdown_of(brand, "creator", without=without, keys=codes).parts if codes else []
    found = [
        Best(codes[part.key], part.currency, part.figures)
        for part in parts
        if (codes[part.key].pk, part.currency) in wanted and part.figures.roi_interval
    ]
    return sorted(found, key=lambda one: one.figures.evidence, reverse=True)[:SHOWN]


def kinds_named(without: Iterable[str]) -> list[str]:
    return [kind for name in without for kind in KINDS_OF_COST.get(name, ())]
