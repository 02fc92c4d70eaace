"""What a brand holds a like or a view to be worth, from when on, and whether it wants to see the estimate."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction

from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record
from tracking.models import MediaValueChoice, Price, PriceList

THOUSAND = {Price.Metric.VIEWS, Price.Metric.REACH}  # priced per thousand, as the field does


class NoPrices(Exception):
    """Nothing was priced."""


@transaction.atomic
def set_prices(
    brand: Brand, starts_on: date, prices: dict[str, Decimal], *, source: str, network: str = "", by: User | None
) -> PriceList:
    """Hold these prices (by metric) from a day on, on one network or on every one. Raises NoPrices.

    A list of that day keeps its other networks' prices; the same network's are replaced.
    """
    if not prices:
        raise NoPrices("Name at least one price.")
    held, _ = PriceList.objects.update_or_create(
        brand=brand, starts_on=starts_on, defaults={"currency": brand.currency, "source": source, "set_by": by}
    )
    held.prices.filter(network=network).delete()
    Price.objects.bulk_create(
        Price(price_list=held, network=network, metric=metric, amount=amount, per=1000 if metric in THOUSAND else 1)
        for metric, amount in prices.items()
    )
    stated = {metric: str(amount) for metric, amount in prices.items()}
    record(brand, "prices.set", held, by=by, starts_on=f"{starts_on}", network=network, source=source, prices=stated)
    return held


@transaction.atomic
def drop_prices(held: PriceList, *, by: User | None) -> None:
    """Forget a list; the one before it holds instead."""
    record(held.brand, "prices.dropped", held, by=by, starts_on=f"{held.starts_on}", source=held.source)
    held.delete()


@transaction.atomic
def show_media_value(brand: Brand, *, is_shown: bool, by: User | None) -> None:
    """Show the estimate beside the returns, or don't."""
    MediaValueChoice.objects.update_or_create(brand=brand, defaults={"is_shown": is_shown})
    record(brand, "media_value.shown" if is_shown else "media_value.hidden", brand, by=by)
