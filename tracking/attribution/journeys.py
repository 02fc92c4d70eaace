"""What models learn from all journeys before they can share one order: worth by removal effect or Shapley value. Pure.

A creator who is met too seldom is pooled with others of the same kind, and below a hundred conversions nothing is
learned at all: so little evidence would only dress up chance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import permutations
from math import factorial
from random import Random

from tracking.attribution.markov import chain_of, removal_effects
from tracking.attribution.paths import Journey
from tracking.attribution.rules import MARKOV, Rule, Worth

LEAST_CONVERSIONS, LEAST_APPEARANCES = 100, 10
EXACT_UP_TO, SAMPLES = 8, 2_000
Path = tuple[int, ...]


class TooLittle(Exception):
    """Too few conversions to learn from. `found` is how many there are."""

    def __init__(self, found: int) -> None:
        super().__init__(f"{found} of the {LEAST_CONVERSIONS} conversions that this model needs.")
        self.found = found


class Journeys:
    """Paths of candidates counted as they come: memory follows the number of different paths, not of buyers."""

    def __init__(self) -> None:
        self.converted: Counter[Path] = Counter()
        self.others: Counter[Path] = Counter()

    def add(self, path: Path, *, converted: bool, times: int = 1) -> None:
        if path:
            (self.converted if converted else self.others)[path] += times

    @property
    def conversions(self) -> int:
        return self.converted.total()

    def appearances(self) -> Counter[int]:
        """In how many converting journeys each candidate is met."""
        found: Counter[int] = Counter()
        for path, times in self.converted.items():
            for candidate in set(path):
                found[candidate] += times
        return found

    def of_nodes(self, node_of: Mapping[int, str]) -> Iterator[Journey]:
        for path in self.paths():
            nodes = tuple(node_of[candidate] for candidate in path)
            yield Journey(nodes, self.converted.get(path, 0), 0.0, self.others.get(path, 0))

    def paths(self) -> Iterator[Path]:
        yield from self.converted
        yield from (path for path in self.others if path not in self.converted)


def learn(rule: Rule, journeys: Journeys, kind_of: Callable[[int], str]) -> Worth:
    """What each node is worth under the rule's model. Raises TooLittle below a hundred conversions."""
    if journeys.conversions < LEAST_CONVERSIONS:
        raise TooLittle(journeys.conversions)
    node_of = nodes(journeys, kind_of)
    found = journeys.of_nodes(node_of)
    if rule.model == MARKOV:
        effects = removal_effects(chain_of(found, rule.order, with_null=rule.with_null))
        return Worth({node: float(effect[0]) for node, effect in effects.items()}, node_of)
    return Worth(rate_game(found), node_of)


def nodes(journeys: Journeys, kind_of: Callable[[int], str]) -> dict[int, str]:
    """Each candidate's node: its own, or its kind's when it is met too seldom."""
    seen = journeys.appearances()
    everybody = {candidate for path in journeys.paths() for candidate in path}
    return {
        candidate: str(candidate) if seen[candidate] >= LEAST_APPEARANCES else kind_of(candidate)
        for candidate in sorted(everybody)
    }


def rate_game(journeys: Iterable[Journey]) -> dict[str, float]:
    """Shapley values of v(S) = conversion rate of the journeys whose nodes are exactly S, 0 where there is none.

    Exact over all orders up to eight nodes, else the mean over 2,000 seeded ones.
    """
    met: Counter[frozenset[str]] = Counter()
    won: Counter[frozenset[str]] = Counter()
    for journey in journeys:
        nodes_met = frozenset(journey.touches)
        met[nodes_met] += int(journey.conversions + journey.nulls)
        won[nodes_met] += int(journey.conversions)
    names = sorted({name for group in met for name in group})
    values, count = dict.fromkeys(names, 0.0), 0
    for arrival in arrivals(names):
        count += 1
        before, here = 0.0, frozenset[str]()
        for name in arrival:
            here |= {name}
            worth = won[here] / met[here] if met[here] else 0.0
            values[name] += worth - before
            before = worth
    return {name: value / count for name, value in values.items()} if count else {}


def arrivals(names: list[str]) -> Iterable[tuple[str, ...]]:
    """The orders in which nodes may join: all of them for few, a seeded sample for many."""
    if len(names) <= EXACT_UP_TO:
        return permutations(names)
    rng = Random(f"arrivals:{len(names)}")  # noqa: S311 - a sample, no secret
    return (tuple(rng.sample(names, len(names))) for _ in range(min(SAMPLES, factorial(len(names)))))
