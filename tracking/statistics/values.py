"""What an order is worth, creator by creator, from the mean value of the few there are.

The gamma-gamma model (Fader and Hardie 2013): an order's value is gamma-distributed with shape p, and its rate varies
between creators by a gamma distribution of shape q and rate γ. Only counts and means are needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln

from tracking.statistics.grids import Floats

# Weak normal priors on log p and log (q - 1): values of one creator vary by some 70 %, creators by some 30 %.
USUAL = np.log([2.0, 10.0])
LOOSE = 1.0


@dataclass(frozen=True)
class OrderValues:
    """The model's parameters; `q` is above 1, so that a mean exists."""

    p: float
    q: float
    gamma: float

    @property
    def mean(self) -> float:
        """The mean value of an order of a creator nothing is known of."""
        return self.p * self.gamma / (self.q - 1)

    def expected(self, orders: Floats, mean_value: Floats) -> Floats:
        """The expected value of each creator's next order, between their own mean and everybody's."""
        return self.p * (self.gamma + orders * mean_value) / (self.p * orders + self.q - 1)

    def draw_worth(self, orders: Floats, mean_value: Floats, size: int, random: np.random.Generator) -> Floats:
        """Draws (size, creators) of each creator's true mean value of an order."""
        shape, rate = self.q + self.p * orders, self.gamma + orders * mean_value
        return np.asarray(self.p * rate / random.gamma(shape, size=(size, len(orders))))

    def draw_totals(self, worth: Floats, future: Floats, random: np.random.Generator) -> Floats:
        """The total value of `future` orders of creators whose orders are worth so much in the mean."""
        totals = random.gamma(np.maximum(self.p * future, 1e-9)) * worth / self.p
        return np.where(future > 0, totals, 0.0)


def order_values(orders: Sequence[int], mean_values: Sequence[float], *, prior: bool = True) -> OrderValues | None:
    """The most probable parameters; None without an order. With `prior=False` by maximum likelihood alone.

    Counts and means of the same length; creators without orders or with a mean that isn't positive don't count.
    """
    x, z = np.asarray(orders, dtype=float), np.asarray(mean_values, dtype=float)
    known = (x > 0) & (z > 0)
    x, z = x[known], z[known]
    if not x.size:
        return None
    scale = float((x * z).sum() / x.sum())

    def cost(logs: Floats) -> float:
        p, q, gamma = unpacked(logs)
        penalty = (((logs[:2] - USUAL) / LOOSE) ** 2).sum() / 2 if prior else 0.0
        return float(penalty - log_likelihood(p, q, gamma, x, z / scale))

    # The third parameter is the log of the mean value relative to the mean of all orders.
    found = minimize(cost, np.array([*USUAL, 0.0]), method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-9})
    p, q, gamma = unpacked(found.x)
    return OrderValues(p, q, gamma * scale)


def unpacked(logs: Floats) -> tuple[float, float, float]:
    p, above = np.exp(np.clip(logs[:2], -6, 8))
    return float(p), float(1 + above), float(np.exp(logs[2]) * above / p)


def log_likelihood(p: float, q: float, gamma: float, x: Floats, z: Floats) -> float:
    """Of creators with x orders of mean value z."""
    rows = (
        gammaln(p * x + q)
        - gammaln(p * x)
        - gammaln(q)
        + q * np.log(gamma)
        + (p * x - 1) * np.log(z)
        + p * x * np.log(x)
        - (p * x + q) * np.log(gamma + x * z)
    )
    return float(rows.sum())
