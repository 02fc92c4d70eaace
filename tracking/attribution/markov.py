"""Credit by removal effect in a Markov chain over channels (Anderl et al. 2016), solved exactly. Pure.

States are the last `order` channels; a path shorter than that is one state, and a state that follows itself is one
visit. The removal effect of a channel is the share of conversions lost when every state that holds it leads nowhere:
RE = 1 - P(conversion without it) / P(conversion), with P = s (I - Q)^-1 r. Credit is proportional to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, eye_array
from scipy.sparse.linalg import SuperLU, splu

from tracking.attribution.paths import Credit, Credits, Journey

State = tuple[str, ...]
FEW = 40  # states of a channel
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Chain:
    """Transition probabilities: `start` to the states (n), `moves` among them (n x n), `ends` to a conversion (n).

    `worth` (n) is the mean value of a conversion out of each state.
    """

    states: list[State]
    start: Floats
    moves: csr_array
    ends: Floats
    worth: Floats

    def inner(self) -> csc_array:
        """I - Q."""
        return csc_array(eye_array(len(self.states)) - self.moves)

    def outcomes(self) -> Floats:
        """A conversion and its value out of each state (n x 2)."""
        return np.column_stack([self.ends, self.ends * self.worth])

    def without(self, places: list[int]) -> Floats:
        """Chance of a conversion, and value expected, per path when these states lead nowhere (2)."""
        kept = np.delete(np.arange(len(self.states)), places)
        if not len(kept):
            return np.zeros(2)
        return np.asarray(self.start[kept] @ splu(self.inner()[kept][:, kept].tocsc()).solve(self.outcomes()[kept]))


def states_of(touches: Sequence[str], order: int) -> list[State]:
    """The states that a path goes through, each counted once while it lasts."""
    windows = [tuple(touches[at : at + order]) for at in range(max(1, len(touches) - order + 1))]
    return [state for state, _ in groupby(windows)]


def chain_of(journeys: Iterable[Journey], order: int, *, with_null: bool) -> Chain:
    """The chain of all journeys; without `with_null` only of those that converted."""
    starts: dict[State, float] = defaultdict(float)
    moves: dict[tuple[State, State], float] = defaultdict(float)
    leaves: dict[State, float] = defaultdict(float)
    converts: dict[State, float] = defaultdict(float)
    value: dict[State, float] = defaultdict(float)
    for journey in journeys:
        people = journey.conversions + (journey.nulls if with_null else 0)
        if not journey.touches or not people:
            continue
        path = states_of(journey.touches, order)
        starts[path[0]] += people
        for move in pairwise(path):
            moves[move] += people
            leaves[move[0]] += people
        leaves[path[-1]] += people
        converts[path[-1]] += journey.conversions
        value[path[-1]] += journey.value
    return build(starts, moves, leaves, converts, value)


def build(
    starts: dict[State, float],
    moves: dict[tuple[State, State], float],
    leaves: dict[State, float],
    converts: dict[State, float],
    value: dict[State, float],
) -> Chain:
    states = list(leaves)
    place = {state: at for at, state in enumerate(states)}
    size = len(states)
    chances = [count / leaves[come] for (come, _), count in moves.items()]
    cells = ([place[come] for come, _ in moves], [place[go] for _, go in moves])
    all_starts = sum(starts.values())
    return Chain(
        states,
        np.array([starts[state] / all_starts for state in states]),
        csr_array((chances, cells), shape=(size, size)),
        np.array([converts[state] / leaves[state] for state in states]),
        np.array([value[state] / converts[state] if converts[state] else 0.0 for state in states]),
    )


def removal_effects(chain: Chain) -> dict[str, Floats]:
    """Per channel the share of conversions, and of value, lost without it (2).

    With N = (I - Q)^-1 and the states K of a channel, (s N)_K (N_KK)^-1 (N r)_K is lost: the chance to come to K at
    all, times what follows from there. So the matrix is factored once and not for each channel, but for those of so
    many states that factoring the rest anew is quicker.
    """
    solver = splu(chain.inner())
    visits = splu(chain.inner().T.tocsc()).solve(chain.start)
    following = solver.solve(chain.outcomes())
    whole, effects = chain.start @ following, {}
    for channel, places in places_of(chain.states).items():
        if len(places) <= FEW:
            lost = visits[places] @ np.linalg.solve(among(solver, places), following[places])
        else:
            lost = whole - chain.without(places)
        effects[channel] = np.divide(lost, whole, out=np.zeros(2), where=whole > 0)
    return effects


def places_of(states: Sequence[State]) -> dict[str, list[int]]:
    """Each channel's states, channels by name."""
    found: dict[str, list[int]] = defaultdict(list)
    for place, state in enumerate(states):
        for channel in set(state):
            found[channel].append(place)
    return dict(sorted(found.items()))


def among(solver: SuperLU, places: list[int]) -> Floats:
    """How often a path that is in one of these states comes to each of them (k x k)."""
    starts = np.zeros((solver.shape[0], len(places)))
    starts[places, range(len(places))] = 1
    return np.asarray(solver.solve(starts)[places])


def markov(journeys: Iterable[Journey], order: int = 1, *, with_null: bool = False) -> Credits:
    """All conversions and all value, shared in proportion to the removal effects.

    Empty where no removal has an effect (nobody converted after a touch).
    """
    journeys = list(journeys)
    touched = [journey for journey in journeys if journey.touches]
    totals = np.array([sum(j.conversions for j in touched), sum(j.value for j in touched)])
    if not totals[0]:
        return {}
    effects = removal_effects(chain_of(journeys, order, with_null=with_null))
    sums = np.sum(list(effects.values()), axis=0)
    shares = np.divide(totals, sums, out=np.zeros(2), where=sums > 0)
    return {channel: Credit(*(effect * shares).tolist()) for channel, effect in effects.items()}
