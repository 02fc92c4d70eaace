"""Rates of many creators estimated together, so that few clicks or posts say little and many say much.

Partial pooling: creators of one cell share a distribution of rates, whose two parameters are not fixed at their best
guess but integrated over a grid (Gelman et al., Bayesian Data Analysis, 5.3). A plug-in guess is overconfident with
few creators: its nominal 95 % intervals hold the truth in 87 % of cases with 15 of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, expit, gammaln

from tracking.statistics.grids import Axis, Floats, Grid, LogDensity, posterior
from tracking.statistics.intervals import CONFIDENCE, Interval

DRAWS, FEWER_DRAWS, MANY = 4_000, 1_000, 250  # fewer draws for more creators than so many
SEED = 20_26

# Weak priors: of the mean conversion of a click (as a logit) and of how alike creators are (log of pseudo-clicks).
CONVERSION = Axis(-3.5, 1.5), Axis(4.0, 1.5)
# … of the mean orders per post (as a log) and of how alike creators are (log of the gamma's shape).
ORDERS = Axis(0.0, 2.0), Axis(0.0, 1.25)


@dataclass(frozen=True)
class Pooled:
    """Draws from each creator's posterior rate, of shape (draws, creators), and its exact means."""

    draws: Floats
    means: Floats

    def intervals(self, confidence: float = CONFIDENCE) -> list[Interval]:
        """Each creator's, in their order."""
        tail = (1 - confidence) / 2
        return [Interval(*pair) for pair in np.quantile(self.draws, [tail, 1 - tail], axis=0).T.tolist()]


def pooled_conversion(
    orders: Sequence[int], clicks: Sequence[int], *, log_prior: LogDensity | None = None, seed: int = SEED
) -> Pooled:
    """Orders per click of each creator: binomial counts, beta-distributed rates.

    Raises ValueError where a creator has more orders than clicks, or a negative count.
    """
    counts, trials = checked(orders, clicks)
    if (counts > trials).any():
        raise ValueError("more orders than clicks is no proportion")
    grid = conversion_grid(counts, trials, log_prior)
    first, second = shapes(grid.first, grid.second)
    means = grid.mean((first[:, None] + counts) / ((first + second)[:, None] + trials))
    random = np.random.default_rng(seed)
    first, second = (row[:, None] for row in shapes(*grid.draw(draws_for(len(counts)), random)))
    return Pooled(random.beta(first + counts, second + trials - counts), means)


def conversion_grid(counts: Floats, trials: Floats, log_prior: LogDensity | None = None) -> Grid:
    """The posterior of (logit of the mean, log of the pseudo-clicks) of a cell."""
    pairs, times = np.unique(np.stack([counts, trials]), axis=1, return_counts=True)
    x, n = pairs
    prior = log_prior or normal_prior(CONVERSION)

    def log_density(logit: Floats, log_size: Floats) -> Floats:
        first, second = (row[:, None] for row in shapes(logit, log_size))
        likelihood = (betaln(first + x, second + n - x) - betaln(first, second)) @ times
        return np.asarray(likelihood + prior(logit, log_size))

    return posterior(log_density, *CONVERSION)


def shapes(logit: Floats, log_size: Floats) -> tuple[Floats, Floats]:
    """The two parameters of the beta distribution with this mean and as many pseudo-clicks."""
    mean, size = expit(logit), np.exp(log_size)
    return mean * size, (1 - mean) * size


def pooled_orders(orders: Sequence[int], exposure: Sequence[float], *, seed: int = SEED) -> Pooled:
    """Orders per unit of exposure (such as a post) of each creator: Poisson counts, gamma-distributed rates.

    Raises ValueError for a negative count and for an exposure that is not positive.
    """
    counts, units = checked(orders, exposure)
    if (units <= 0).any():
        raise ValueError("exposure is positive; leave out who has none")
    grid = orders_grid(counts, units)
    shape, rate = gamma_of(grid.first, grid.second)
    means = grid.mean((shape[:, None] + counts) / (rate[:, None] + units))
    random = np.random.default_rng(seed)
    shape, rate = (row[:, None] for row in gamma_of(*grid.draw(draws_for(len(counts)), random)))
    return Pooled(random.gamma(shape + counts, 1 / (rate + units)), means)


def orders_grid(counts: Floats, units: Floats) -> Grid:
    """The posterior of (log of the mean rate, log of the gamma's shape) of a cell."""
    pairs, times = np.unique(np.stack([counts, units]), axis=1, return_counts=True)
    x, e = pairs
    prior = normal_prior(ORDERS)

    def log_density(log_mean: Floats, log_shape: Floats) -> Floats:
        a, b = (row[:, None] for row in gamma_of(log_mean, log_shape))
        likelihood = gammaln(a + x) - gammaln(a) + a * np.log(b / (b + e)) + x * np.log(e / (b + e))
        return np.asarray(likelihood @ times + prior(log_mean, log_shape))

    return posterior(log_density, *ORDERS)


def draws_for(creators: int) -> int:
    """How many draws each creator gets: enough for a whole per cent, or for three of many."""
    return DRAWS if creators <= MANY else FEWER_DRAWS


def gamma_of(log_mean: Floats, log_shape: Floats) -> tuple[Floats, Floats]:
    """Shape and rate of the gamma distribution with this mean and shape."""
    shape = np.exp(log_shape)
    return shape, shape / np.exp(log_mean)


def normal_prior(axes: tuple[Axis, Axis]) -> LogDensity:
    return lambda first, second: axes[0].log_density(first) + axes[1].log_density(second)


def checked(counts: Sequence[int], sizes: Sequence[float]) -> tuple[Floats, Floats]:
    if len(counts) != len(sizes):
        raise ValueError("one size per count")
    pair = np.asarray(counts, dtype=float), np.asarray(sizes, dtype=float)
    if any((row < 0).any() for row in pair):
        raise ValueError("a count is never negative")
    return pair
