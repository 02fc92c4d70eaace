"""Engagement rates by what they are a share of. Rates of different denominators are different quantities.

Two rates compare, add up, average and sort only when they are of one type; anything else raises TypeError, and mypy
refuses it before. An unknown rate has no place in an order: `ranked` puts it last whichever way the order runs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, ClassVar, Generic, TypeVar, cast

SIX_PLACES = Decimal("0.000001")
kind = TypeVar("kind", bound="Rate[Any]")


@dataclass(frozen=True)
class Rate(Generic[kind]):
    """A share of engagements and where it comes from; `value` None is unknown. Use one of the three below.

    `n` is the number of posts, None where nobody said. Numerator and denominator are there for pooled rates alone:
    a median has none.
    """

    value: Decimal | None = None
    numerator: int | None = None
    denominator: int | None = None
    n: int | None = None
    source: str = ""
    observed_at: datetime | None = None

    basis: ClassVar[str] = ""
    phrase: ClassVar[str] = ""

    @property
    def is_known(self) -> bool:
        return self.value is not None

    def __lt__(self, other: kind) -> bool:
        return self.placed("compare", other) < other.placed("compare", self)

    def __gt__(self, other: kind) -> bool:
        return self.placed("compare", other) > other.placed("compare", self)

    def __le__(self, other: kind) -> bool:
        return self.placed("compare", other) <= other.placed("compare", self)

    def __ge__(self, other: kind) -> bool:
        return self.placed("compare", other) >= other.placed("compare", self)

    def __add__(self, other: kind) -> kind:
        """The rate over the posts of both. Raises ValueError for a median, which has no counts to add."""
        self.same("add", other)
        both: list[Any] = [self, other]
        return cast("kind", pooled(both))

    def placed(self, verb: str, other: object) -> Decimal:
        """The value to order by. Raises TypeError for another type of rate and for an unknown one."""
        self.same(verb, other)
        if self.value is None:
            raise TypeError("An unknown rate has no place in an order. Use ranked(), which puts it last.")
        return self.value

    def same(self, verb: str, other: object) -> None:
        if type(other) is type(self):
            return
        what = f"a rate {other.phrase}" if isinstance(other, Rate) else f"“{type(other).__name__}”"
        raise TypeError(f"Can't {verb} a rate {self.phrase} and {what}: they have different denominators.")


class RateByFollowers(Rate["RateByFollowers"]):
    """Public engagements by followers at the time of the post."""

    basis = "followers"
    phrase = "by followers"


class RateByReach(Rate["RateByReach"]):
    """Engagements by the people reached; known where the creator connected the account or told."""

    basis = "reach"
    phrase = "by reach"


class RateByViews(Rate["RateByViews"]):
    """Engagements by views."""

    basis = "views"
    phrase = "by views"


one = TypeVar("one", RateByFollowers, RateByReach, RateByViews)
AnyRate = RateByFollowers | RateByReach | RateByViews
TYPES: dict[str, type[AnyRate]] = {"followers": RateByFollowers, "reach": RateByReach, "views": RateByViews}


def counted(of: type[one], numerator: int | None, denominator: int | None, **facts: Any) -> one:
    """A rate from counts, to six places; unknown where a count is or the denominator is zero."""
    if numerator is None or not denominator:
        return of(**{**facts, "n": 0})
    value = (Decimal(numerator) / Decimal(denominator)).quantize(SIX_PLACES, ROUND_HALF_UP)
    return of(**{"n": 1, **facts, "value": value, "numerator": numerator, "denominator": denominator})


def alike(rates: Iterable[one], verb: str) -> list[one]:
    """The rates as a list. Raises TypeError when they aren't all of one type."""
    found = list(rates)
    for rate in found[1:]:
        found[0].same(verb, rate)
    return found


def pooled(rates: Iterable[one]) -> one:
    """Σ engagements ÷ Σ denominator over the posts where both are known. Raises ValueError for a median or for none."""
    found = alike(rates, "add")
    if not found or any(rate.is_known and rate.denominator is None for rate in found):
        raise ValueError("Only rates with their counts can be pooled, and at least one.")
    known = [rate for rate in found if rate.denominator]
    numerator = sum(rate.numerator or 0 for rate in known)
    return counted(type(found[0]), numerator, sum(rate.denominator or 0 for rate in known), n=posts_of(known))


def posts_of(rates: list[one]) -> int | None:
    """Posts of all; None where one doesn't say."""
    counts = [rate.n for rate in rates]
    return None if None in counts else sum(count or 0 for count in counts)


def mean(rates: Iterable[one]) -> one:
    """The plain mean of the known ones, each counting once; unknown where none is. Raises ValueError for none."""
    found = alike(rates, "average")
    if not found:
        raise ValueError("There is no mean of nothing.")
    known = [rate.value for rate in found if rate.value is not None]
    value = (sum(known) / Decimal(len(known))).quantize(SIX_PLACES, ROUND_HALF_UP) if known else None
    return type(found[0])(value=value, n=len(known))


def ranked(rates: Iterable[one], *, best_first: bool = True) -> list[one]:
    """In the order of their values, the unknown ones last either way."""
    found = alike(rates, "sort")
    known = sorted((rate for rate in found if rate.is_known), key=height, reverse=best_first)
    return known + [rate for rate in found if not rate.is_known]


def height(rate: Rate[Any]) -> Decimal:
    return rate.value or Decimal(0)
