"""Replaying orders under other rules, beside a bare pass over the same rows.

    DATABASE_URL=postgresql://… .venv/bin/python benchmarks/replay.py [--orders 1000000] [--creators 500]

Works in a database of its own next to the one named, and drops it. Every order has its evidence stored: a code, a
click, or both of different creators. The floor reads the same orders with their evidence in the same batches and
copies as many ready lines into the same table, deciding nothing. Memory is the growth of the process's largest size
while a rule is replayed: it must not follow the number of orders.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from _database import scratch_database
from django.db import connection

from groundswell.accounts.models import Brand
from tests import factories as make
from tracking.actions import replays
from tracking.actions.stores import api_store
from tracking.attribution.evidence import CodeUse, Evidence, Touch
from tracking.attribution.rules import DEFAULT, Rule
from tracking.models import AttributionRun, Order, OrderEvidence, RunLine
from tracking.spool.ids import id_at

DAY = datetime(2026, 1, 1, 12, tzinfo=UTC)
PERIOD = (date(2026, 1, 1), date(2026, 12, 31))
RULES = [
    DEFAULT,
    Rule("linear/1", model="linear", conflict="path"),
    Rule("time-decay/1", model="time-decay", conflict="path"),
    Rule("split/1", conflict="split"),
    Rule("markov/1", model="markov", conflict="path", with_null=False),
]
CHUNK = 20_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--creators", type=int, default=500)
    options = parser.parse_args()
    with scratch_database():
        brand = make.brand("bench", timezone="UTC")
        fill(brand, options.orders, options.creators)
        print(f"{options.orders:,} orders, {options.creators:,} creators, {os.cpu_count()} cores\n")
        print("| what | seconds | orders/s | of the floor | memory, MB |")
        print("|---|---|---|---|---|")
        floor = measure("floor: read and copy", lambda: bare(brand), options.orders, None)
        for rule in RULES:
            measure(rule.label, lambda rule=rule: replay(brand, rule), options.orders, floor)  # type: ignore[misc]


def fill(brand: Brand, orders: int, creators: int) -> None:
    campaign, store, rng = make.campaign(brand), api_store(brand), Random(7)
    people = [make.collaboration(campaign, status="accepted").pk for _ in range(creators)]
    for start in range(0, orders, CHUNK):
        rows = [one(store.pk, number, orders) for number in range(start, min(start + CHUNK, orders))]
        Order.objects.bulk_create(rows)
        OrderEvidence.objects.bulk_create(
            OrderEvidence(order=row, rule=DEFAULT.label, facts=evidence(row, people, rng).as_json()) for row in rows
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tracking_order, tracking_orderevidence")


def one(store: int, number: int, orders: int) -> Order:
    placed_at = DAY + timedelta(days=364 * number / orders)
    net = Decimal(1_000 + number * 7919 % 19_000).scaleb(-2)
    return Order(
        store_id=store, external_id=str(number), placed_at=placed_at, currency="EUR", net=net, rate=1, unmatched="",
        refunded=net / 2 if number % 16 == 0 else 0,
    )  # fmt: skip


def evidence(order: Order, people: list[int], rng: Random) -> Evidence:
    codes = (CodeUse("CODE", Decimal(5), rng.choice(people)),) if rng.random() < 0.6 else ()
    clicks = rng.choices([0, 1, 2, 3], [2, 4, 3, 1])[0] or int(not codes)
    times = [order.placed_at - timedelta(days=rng.uniform(0, 25)) for _ in range(clicks)]
    touches = tuple(Touch(id_at(at), rng.choice(people), at) for at in sorted(times))
    return Evidence(order.placed_at, codes, touches, is_new=rng.random() < 0.8)


def started(brand: Brand, rule: Rule) -> AttributionRun:
    """A replay that this process has claimed."""
    run = replays.start_replay(brand, rule, *PERIOD)
    replays.claim_replay(run)
    run.refresh_from_db()
    return run


def replay(brand: Brand, rule: Rule) -> None:
    run = started(brand, rule)
    replays.work_on(run)
    if (run.status, run.done) != ("done", run.total):
        raise SystemExit(f"{rule.label}: {run.status} after {run.done} of {run.total}. {run.note}")


def bare(brand: Brand) -> None:
    run = started(brand, DEFAULT)
    zero = Decimal(0)
    for orders in replays.batches(run, []):
        replays.step(run, orders, [(run.pk, order.pk, None, "", zero, zero, zero) for order in orders])


def measure(name: str, work: Callable[[], None], orders: int, floor: float | None) -> float:
    before, start = largest_size(), time.perf_counter()
    work()
    seconds, grown = time.perf_counter() - start, largest_size() - before
    ratio = f"{seconds / floor:.1f}" if floor else "1"
    print(f"| {name} | {seconds:.1f} | {orders / seconds:,.0f} | {ratio} | {grown:.0f} |", flush=True)
    RunLine.objects.all().delete()
    return seconds


def largest_size() -> float:
    """The most memory this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
