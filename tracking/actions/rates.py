"""Exchange rates from a file, and the orders that waited for them."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from django.db import transaction

from groundswell.lib.money import CURRENCIES
from tracking.actions.credits import match_rates
from tracking.models import ExchangeRate

COLUMNS = ("day", "base", "quote", "rate")


class BadRates(ValueError):
    """The file can't be used; the message names the line. Nothing was stored."""


class RatesImported(NamedTuple):
    rates: int
    orders_matched: int


def import_rates(lines: Iterable[str], source: str) -> RatesImported:
    """Store the rates of a CSV with the columns day, base, quote, rate, then credit the orders that waited for one.

    A rate is units of `quote` for one `base`; a newer file replaces the same pair and day. Raises BadRates.
    """
    rows = [rate_of(row, number, source) for number, row in enumerate(reader(lines), start=2)]
    with transaction.atomic():
        ExchangeRate.objects.bulk_create(
            {(row.base, row.quote, row.day): row for row in rows}.values(),
            update_conflicts=True,
            unique_fields=["base", "quote", "day"],
            update_fields=["rate", "source"],
            batch_size=1000,
        )
    return RatesImported(len(rows), match_rates())


def reader(lines: Iterable[str]) -> Iterable[dict[str, str]]:
    rows = csv.DictReader(lines)
    names = {(name or "").strip().lower().lstrip("\ufeff") for name in rows.fieldnames or ()}
    if not names.issuperset(COLUMNS):
        raise BadRates(f"The first line must name the columns {', '.join(COLUMNS)}.")
    for row in rows:
        yield {(name or "").strip().lower().lstrip("\ufeff"): (value or "").strip() for name, value in row.items()}


def rate_of(row: dict[str, str], number: int, source: str) -> ExchangeRate:
    """One line as a rate. Raises BadRates."""
    base, quote = row["base"].upper(), row["quote"].upper()
    if not {base, quote} <= CURRENCIES or base == quote:
        raise BadRates(f"Line {number}: {base[:8]}/{quote[:8]} is no pair of currencies.")
    try:
        day, rate = date.fromisoformat(row["day"]), Decimal(row["rate"])
    except (ValueError, InvalidOperation) as error:
        raise BadRates(f"Line {number}: the day must look like 2026-03-31 and the rate like 1.0837.") from error
    if not rate.is_finite() or not Decimal("1e-9") < rate < Decimal("1e8"):
        raise BadRates(f"Line {number}: {row['rate'][:20]} can't be a rate.")
    return ExchangeRate(base=base, quote=quote, day=day, rate=rate, source=source)
