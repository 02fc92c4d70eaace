"""What shares of an order come to in money, before and after goods went back. Pure; exact in decimals.

Everything follows from the order's net, what was given back of it and the shares: it does not matter in which steps
an order grew or shrank.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from groundswell.lib.money import ZERO, quantum, rounded, split


@dataclass(frozen=True)
class Part:
    """A share of an order in the currency of its campaign; `rate` is units of that for one of the order's."""

    share: Decimal
    currency: str
    rate: Decimal = Decimal(1)
    percent: Decimal = ZERO


@dataclass(frozen=True)
class Amounts:
    """In the campaign's currency."""

    revenue: Decimal = ZERO
    commission: Decimal = ZERO

    def __sub__(self, other: Amounts) -> Amounts:
        return Amounts(self.revenue - other.revenue, self.commission - other.commission)

    def __bool__(self) -> bool:
        return bool(self.revenue or self.commission)


def credited(net: Decimal, parts: Sequence[Part]) -> list[Amounts]:
    """What each part is credited with before anything goes back: largest remainder, ties by position."""
    rest = max(1 - sum((part.share for part in parts), ZERO), ZERO)
    weights = [*(part.share for part in parts), rest]
    found = []
    for place, part in enumerate(parts):
        revenue = split(rounded(net * part.rate, part.currency), weights, part.currency)[place]
        found.append(Amounts(revenue, rounded(revenue * part.percent / 100, part.currency)))
    return found


def kept(net: Decimal, given_back: Decimal, parts: Sequence[Part]) -> list[Amounts]:
    """What is left of each after that much of the net was given back; nothing at all once all of it was."""
    whole = credited(net, parts)
    if not given_back:
        return whole
    part_of = (lambda total: total * given_back / net) if net else (lambda total: total)
    revenue = after(part_of, [each.revenue for each in whole], parts)
    commission = after(part_of, [each.commission for each in whole], parts)
    return [Amounts(*each) for each in zip(revenue, commission, strict=True)]


def after(part_of: Callable[[Decimal], Decimal], amounts: Sequence[Decimal], parts: Sequence[Part]) -> list[Decimal]:
    """Amounts less what is lost of their sum, currency by currency."""
    left = list(amounts)
    for currency, places in by_currency(parts):
        sums = [amounts[place] for place in places]
        lost = rounded(part_of(sum(sums, ZERO)), currency)
        for place, taken in zip(places, taken_from(sums, lost, currency), strict=True):
            left[place] -= taken
    return left


def by_currency(parts: Sequence[Part]) -> Iterable[tuple[str, list[int]]]:
    places = sorted(range(len(parts)), key=lambda place: (parts[place].currency, place))
    return [(name, list(group)) for name, group in groupby(places, key=lambda place: parts[place].currency)]


def taken_from(amounts: Sequence[Decimal], total: Decimal, currency: str) -> list[Decimal]:
    """`total` taken from the amounts in proportion, in whole minor units (D'Hondt's averages, ties by position).

    Unlike the largest remainder it never gives anything back when the total grows, so refunds one after the other end
    where one refund of their sum does, and taking everything takes exactly the amounts.
    """
    unit = quantum(currency)
    have = [int(amount / unit) for amount in amounts]
    units, whole = int(total / unit), sum(have)
    if not whole:
        return [ZERO for _ in amounts]
    taken = [units * each // whole for each in have]
    while sum(taken) < units:
        place = max(range(len(have)), key=lambda at: (Decimal(have[at]) / (taken[at] + 1), -at))
        taken[place] += 1
    return [each * unit for each in taken]
