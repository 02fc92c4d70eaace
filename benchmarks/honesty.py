"""How often the intervals and the odds on the results pages are right, in worlds whose truth is known.

Prints a table: coverage of nominal 95 % intervals of conversion rates (raw Wald intervals as the floor), squared error
against raw rates, and for the odds of a profit the expected calibration error and the coverage of predicted profits.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np

from tracking.statistics.outlook import Record, outlooks
from tracking.statistics.rates import pooled_conversion

Totals = Callable[[np.ndarray], np.ndarray]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    print("creators  coverage  Wald   squared error ÷ raw")
    for creators in (8, 15, 60, 200):
        covered, wald, ratio = conversion(creators, options.worlds, np.random.default_rng(options.seed))
        print(f"{creators:8}  {covered:8.3f}  {wald:5.3f}  {ratio:6.2f}")
    print("world          calibration error  coverage of profits")
    for name, is_misspecified in (("of the model", False), ("mis-specified", True)):
        error, covered = profits(max(1, options.worlds // 5), is_misspecified, np.random.default_rng(options.seed))
        print(f"{name:13}  {error:17.3f}  {covered:19.3f}")


def conversion(creators: int, worlds: int, random: np.random.Generator) -> tuple[float, float, float]:
    """Coverage of pooled and of Wald intervals, and the pooled means' squared error as a share of the raw rates'."""
    held, wald, pooled_error, raw_error = [], [], 0.0, 0.0
    for world in range(worlds):
        truth, clicks = random.beta(2, 60, creators), 20 + random.negative_binomial(2, 2 / 152, creators)
        orders = random.binomial(clicks, truth)
        raw = orders / clicks
        pooled = pooled_conversion(orders.tolist(), clicks.tolist(), seed=world)
        low, high = np.quantile(pooled.draws, [0.025, 0.975], axis=0)
        held.append((low <= truth) & (truth <= high))
        wald.append(np.abs(raw - truth) <= 1.96 * np.sqrt(raw * (1 - raw) / clicks))
        pooled_error += ((pooled.means - truth) ** 2).sum()
        raw_error += ((raw - truth) ** 2).sum()
    return float(np.mean(held)), float(np.mean(wald)), float(pooled_error / raw_error)


def profits(worlds: int, is_misspecified: bool, random: np.random.Generator) -> tuple[float, float]:
    """Calibration error of the odds of a profit next time, and coverage of its 95 % intervals; 120 creators each."""
    told, came, held = [], [], []
    for world in range(worlds):
        posts, cost = random.integers(1, 4, 120), random.gamma(4, 9.0, 120)
        rates = random.gamma(1.2, 1.25, 120) * (random.random(120) > 0.1 * is_misspecified)
        value = lognormal_totals(random) if is_misspecified else gamma_totals(random)
        orders = random.poisson(rates * posts)
        facts = zip(posts.tolist(), orders.tolist(), value(orders).tolist(), cost.tolist(), strict=True)
        rows = [Record(*fact, 0.6, 0.1) for fact in facts]
        real = 0.5 * value(random.poisson(rates * posts)) - cost
        for outlook, profit in zip(outlooks(rows, seed=world), real, strict=True):
            if outlook is not None:
                told.append(outlook.chance)
                came.append(profit > 0)
                held.append(outlook.profit_95.low <= profit <= outlook.profit_95.high)
    return calibration_error(np.array(told), np.array(came)), float(np.mean(held))


def gamma_totals(random: np.random.Generator) -> Totals:
    rates = random.gamma(5.0, 1 / 109.0, 120)
    return lambda counts: random.gamma(np.maximum(2.2 * counts, 1e-9)) / rates * (counts > 0)


def lognormal_totals(random: np.random.Generator) -> Totals:
    means = random.normal(3.8, 0.35, 120)
    return lambda counts: np.array(
        [random.lognormal(mean - 0.3, 0.77, n).sum() for mean, n in zip(means, counts, strict=True)]
    )


def calibration_error(told: np.ndarray, came: np.ndarray) -> float:
    """Mean distance of what was told from what came, over ten bins by what was told."""
    bins = np.minimum((told * 10).astype(int), 9)
    parts = [bins == at for at in range(10) if (bins == at).any()]
    return float(sum(abs(told[part].mean() - came[part].mean()) * part.mean() for part in parts))


if __name__ == "__main__":
    main()
