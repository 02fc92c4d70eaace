"""An account's figures against accounts of its network and about its size. Pure.

The line is Theil and Sen's: the median of the slopes of all pairs of peers in log figure over log followers; it does
not bend for a few extreme accounts. What is judged is the residual's percentile among the peers' own residuals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from creators.vetting.signals import Signal, fine, look, unknown

ENOUGH_PEERS = 100
PAIRED = 400  # peers whose pairs make the slope
TAIL = 0.025
RATIO_TAIL = 0.01
LIKES_FLOOR = 0.5

ENGAGEMENT_RULE = "below 2.5 % or above 97.5 % of at least 100 peers after allowing for size"
VIEWS_RULE = ENGAGEMENT_RULE
RATIO_RULE = "below 1 % or above 99 % of at least 100 peers after allowing for size"


@dataclass(frozen=True)
class Figures:
    """Of one account: followers, main engagement rate, medians of posts. None is unknown."""

    followers: int | None
    rate: float | None = None
    likes: float | None = None
    comments: float | None = None
    views: float | None = None

    @property
    def views_per_follower(self) -> float | None:
        return self.views / self.followers if self.views is not None and self.followers else None

    @property
    def comments_per_like(self) -> float | None:
        """(comments + ½) / (likes + ½): counts of zero have no logarithm."""
        if self.likes is None or self.comments is None:
            return None
        return (self.comments + LIKES_FLOOR) / (self.likes + LIKES_FLOOR)


@dataclass(frozen=True)
class Place:
    """Among `n` peers: the share with a lower residual, and the figure that the line expects at this size."""

    n: int
    percentile: float
    expected: float


def place(account: tuple[int, float], peers: Sequence[tuple[int, float]]) -> Place:
    """Of (followers, figure), both positive, among peers' pairs."""
    x, y = np.log(np.array(peers, dtype=float)).T
    slope = theil_sen(x, y)
    level = float(np.median(y - slope * x))
    at = float(np.log(account[0]))
    residual = float(np.log(account[1])) - level - slope * at
    residuals = y - level - slope * x
    below, equal = float((residuals < residual).mean()), float((residuals == residual).mean())
    return Place(len(peers), below + equal / 2, float(np.exp(level + slope * at)))


def theil_sen(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """The median slope of all pairs, of at most 400 evenly chosen points; 0 where all have one size."""
    if len(x) > PAIRED:
        chosen = np.linspace(0, len(x) - 1, PAIRED).astype(int)
        order = np.argsort(x, kind="stable")[chosen]
        x, y = x[order], y[order]
    one, two = np.triu_indices(len(x), 1)
    run = x[two] - x[one]
    apart = np.abs(run) > 1e-9
    return float(np.median((y[two] - y[one])[apart] / run[apart])) if apart.any() else 0.0


def engagement(mine: Figures, peers: Sequence[Figures], phrase: str) -> Signal:
    """The main engagement rate; `phrase` is its denominator in words. Low: an audience that isn't there; high: help."""
    pairs = [(one.followers, one.rate) for one in peers]
    name = f"engagement rate {phrase}"
    return judged("engagement", (mine.followers, mine.rate), pairs, tail=TAIL, rule=ENGAGEMENT_RULE, name=name)


def views(mine: Figures, peers: Sequence[Figures]) -> Signal:
    pairs = [(one.followers, one.views_per_follower) for one in peers]
    own = (mine.followers, mine.views_per_follower)
    return judged("views", own, pairs, tail=TAIL, rule=VIEWS_RULE, name="number of views per follower")


def comments_per_like(mine: Figures, peers: Sequence[Figures]) -> Signal:
    pairs = [(one.followers, one.comments_per_like) for one in peers]
    own = (mine.followers, mine.comments_per_like)
    name = "number of comments per like"
    return judged("comments_per_like", own, pairs, tail=RATIO_TAIL, rule=RATIO_RULE, name=name)


def judged(
    code: str,
    mine: tuple[int | None, float | None],
    pairs: Sequence[tuple[int | None, float | None]],
    *,
    tail: float,
    rule: str,
    name: str,
) -> Signal:
    """`mine` and each of `pairs`: followers and the figure."""
    followers, figure = mine
    if not followers or not figure:
        return unknown(code, f"The {name} is not known.", rule)
    peers = [(int(size), float(value)) for size, value in pairs if size and value]
    if len(peers) < ENOUGH_PEERS:
        why = f"Not enough peers: {len(peers)} accounts of this network and size; {ENOUGH_PEERS} are needed."
        return unknown(code, why, rule, peers=len(peers), value=figure)
    found = place((followers, figure), peers)
    numbers = {"value": figure, "expected": found.expected, "percentile": found.percentile, "peers": found.n}
    told = f"{name} of {shown(figure)}, where {shown(found.expected)} is usual at this size"
    if tail <= found.percentile <= 1 - tail:
        return fine(code, f"A {told}; {found.percentile:.0%} of {found.n} peers are lower.", rule, **numbers)
    share = f"{found.percentile:.1%} of {found.n} peers are lower"
    return look(code, f"of a {told}: {share}.", rule, **numbers)


def shown(value: float) -> str:
    return f"{value:.2%}" if value < 1 else f"{value:.2f}"
