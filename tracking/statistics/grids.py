"""Posteriors of two parameters on a grid, looked for coarsely and then summed finely where they lie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LogDensity = Callable[[Floats, Floats], Floats]

POINTS = 41
WIDTH = 4.5  # in standard deviations to each side


@dataclass(frozen=True)
class Axis:
    """A parameter's normal prior, which also says where to look for it first."""

    mean: float
    deviation: float

    def points(self) -> Floats:
        reach = WIDTH * self.deviation
        return np.linspace(self.mean - reach, self.mean + reach, POINTS)

    def log_density(self, values: Floats) -> Floats:
        return np.asarray(-0.5 * ((values - self.mean) / self.deviation) ** 2)


@dataclass(frozen=True)
class Grid:
    """Parameter pairs (each of shape (points,)) with weights that sum to one."""

    first: Floats
    second: Floats
    weights: Floats

    def mean(self, values: Floats) -> Floats:
        """The weighted mean of values given per point, along their first dimension."""
        return np.asarray(np.tensordot(self.weights, values, axes=1))

    def draw(self, size: int, random: np.random.Generator) -> tuple[Floats, Floats]:
        at = random.choice(self.weights.size, size=size, p=self.weights)
        return self.first[at], self.second[at]


def posterior(log_density: LogDensity, first: Axis, second: Axis) -> Grid:
    """The distribution proportional to exp(log_density), on a grid of 41 × 41 points around where it is not nothing."""
    coarse = weighed(log_density, first.points(), second.points())
    return weighed(log_density, around(coarse, coarse.first, first), around(coarse, coarse.second, second))


def weighed(log_density: LogDensity, first: Floats, second: Floats) -> Grid:
    left, right = (axis.ravel() for axis in np.meshgrid(first, second, indexing="ij"))
    logs = log_density(left, right)
    weights = np.exp(logs - logs.max())
    return Grid(left, right, weights / weights.sum())


def around(grid: Grid, values: Floats, axis: Axis) -> Floats:
    """Points about the mean of the coarse posterior; never narrower than half a coarse step."""
    mean = float(grid.mean(values))
    step = 2 * WIDTH * axis.deviation / (POINTS - 1)
    deviation = max(float(grid.mean((values - mean) ** 2)) ** 0.5, step / 2)
    return Axis(mean, deviation).points()
