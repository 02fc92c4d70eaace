"""Credit over whole paths of touches, summed by channel: the models that need many journeys or none of our rows. Pure.

A `Journey` stands for all visitors who took the same path. Heuristic models share each journey's conversions among
its touches; Markov and Shapley look at the channels. All of them are rules of credit, not causal effects.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite

TOUCH_SEPARATOR = re.compile(r"\s*>\s*")
COLUMNS = ("path", "conversions", "value", "null")
HALF_LIFE = 7.0


class BadPaths(Exception):
    """A file of paths that can't be read; the message names the line."""


@dataclass(frozen=True)
class Journey:
    """`touches` in order of time; how many of those who took it converted, what they brought, how many didn't."""

    touches: tuple[str, ...]
    conversions: float
    value: float = 0.0
    nulls: float = 0.0


@dataclass
class Credit:
    conversions: float = 0.0
    value: float = 0.0


Credits = dict[str, Credit]
Weights = Callable[[int], list[float]]


def read_journeys(lines: Iterable[str]) -> Iterator[Journey]:
    """Journeys of a CSV with the columns path and conversions, and optionally value and null.

    Raises BadPaths for a missing column, a number that is none, or a negative one.
    """
    reader = csv.DictReader(lines, skipinitialspace=True)
    names = {name.strip("\ufeff \t").lower(): name for name in reader.fieldnames or []}
    missing = [name for name in COLUMNS[:2] if name not in names]
    if missing:
        raise BadPaths(f"line 1: no column {' and no column '.join(missing)}; expected {','.join(COLUMNS)}")
    for row in reader:
        cells = {name: row.get(names.get(name, "")) or "" for name in COLUMNS}
        counts = [number(cells[name], name, reader.line_num) for name in COLUMNS[1:]]
        yield Journey(touches_of(cells["path"]), *counts)


def touches_of(path: str) -> tuple[str, ...]:
    return tuple(touch for touch in TOUCH_SEPARATOR.split(path.strip()) if touch)


def number(text: str, name: str, line: int) -> float:
    """The number of a cell, 0 for an empty one."""
    try:
        found = float(text) if text.strip() else 0.0
    except ValueError:
        found = -1.0
    if not isfinite(found) or found < 0:
        raise BadPaths(f"line {line}: {name} is {text!r}, expected a number from 0")
    return found


def first(touches: int) -> list[float]:
    return [1.0] + [0.0] * (touches - 1)


def last(touches: int) -> list[float]:
    return [0.0] * (touches - 1) + [1.0]


def linear(touches: int) -> list[float]:
    return [1 / touches] * touches


def position(touches: int) -> list[float]:
    """40 % to the first, 40 % to the last, 20 % among those between; two touches share alike."""
    if touches < 3:
        return linear(touches)
    return [0.4] + [0.2 / (touches - 2)] * (touches - 2) + [0.4]


def time_decay(half_life: float = HALF_LIFE) -> Weights:
    """Half the weight for each `half_life` touches before the last: a path has an order but no times."""

    def weights(touches: int) -> list[float]:
        raw = [2.0 ** -(back / half_life) for back in range(touches - 1, -1, -1)]
        return [weight / sum(raw) for weight in raw]

    return weights


def by_touches(journeys: Iterable[Journey], weights: Weights) -> Credits:
    """Each journey's conversions and value shared among its touches; nothing for a journey without touches."""
    credited: Credits = defaultdict(Credit)
    for journey in journeys:
        shares = weights(len(journey.touches)) if journey.touches else []
        for touch, share in zip(journey.touches, shares, strict=True):
            credited[touch].conversions += journey.conversions * share
            credited[touch].value += journey.value * share
    return dict(credited)


def shapley(journeys: Iterable[Journey]) -> Credits:
    """Shapley values of the sum game v(S) = conversions of journeys whose channels all are in S.

    Its closed form shares each journey equally among its distinct channels, in one pass instead of 2^n coalitions.
    """
    distinct = (
        Journey(tuple(dict.fromkeys(journey.touches)), journey.conversions, journey.value) for journey in journeys
    )
    return by_touches(distinct, linear)


HEURISTICS: Mapping[str, Weights] = {"first": first, "last": last, "linear": linear, "position": position}
