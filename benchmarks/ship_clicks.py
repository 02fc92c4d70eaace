"""From the spool into the partitioned click table, beside a bare binary COPY of the same rows into the same table.

    DATABASE_URL=postgresql://… .venv/bin/python benchmarks/ship_clicks.py [--clicks 200000] [--rounds 3]

Works in a database of its own next to the one named, and drops it. One run, one machine: compare the ratios. Beside
them stands what a click takes on a core: of the server in the bare COPY, of the server and of the shipper in ours.
Three loads: links used evenly with distinct visitors, one hot link, and every request a bot.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

from _database import backend, on_core, scratch_database
from django.db import connection
from django.utils import timezone

from tests import factories as make
from tracking.actions import clicks as shipping
from tracking.actions.partitions import make_coming_partitions
from tracking.spool.batches import read_batch
from tracking.spool.ids import id_at
from tracking.spool.records import encode
from tracking.spool.rows import binary
from tracking.spool.segments import segments_in
from tracking.spool.writer import SpoolWriter

LINKS = 1_000
AGENTS = [
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_{minor} like Mac OS X) AppleWebKit/605.1.15 Version/17.{minor} Mobile"
    for minor in range(400)
]
LOADS = ("even", "one hot link", "all bots")


def line(load: str, number: int, links: list[int], total: int) -> bytes:
    """One of the clicks of the last minute, 10,000 or so a second at 600,000."""
    at = timezone.now() - timedelta(seconds=60 * (total - number) / total)
    link = links[0] if load == "one hot link" else links[number * 7919 % len(links)]
    agent = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    agent = agent if load == "all bots" else AGENTS[number % len(AGENTS)]
    return encode(id_at(at), link, "GET", 1, f"{number * 31 % total:032x}", "DE", "", agent, "https://l.instagram.com/")


@contextmanager
def filled(load: str, links: list[int], total: int) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as place:
        writer = SpoolWriter(Path(place))
        for number in range(total):
            writer.append(line(load, number, links, total))
        writer.close()
        yield Path(place)


def empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE tracking_click, tracking_spoolposition, tracking_staleday")
        cursor.execute("CHECKPOINT")


def bare_copy(folder: Path) -> Cost:
    """Nothing but COPY: the rows are ready in memory as its bytes, in batches of the shipper's size."""
    batches = []
    for segment in segments_in(folder):
        at = 0
        while (batch := read_batch(segment, at)).data:
            batches.append(list(binary(batch.clicks)))
            at = batch.end
    make_coming_partitions()
    with measured() as cost:
        for pieces in batches:
            shipping.copy(pieces)
    return cost


def ship(folder: Path, total: int) -> Cost:
    with measured() as cost:
        shipped = shipping.ship_clicks(folder, budget=3600)
    if (shipped.clicks, shipped.rejected) != (total, 0) or segments_in(folder):
        raise SystemExit(f"not everything arrived: {shipped}")
    return cost


@dataclass
class Cost:
    """Seconds: elapsed, and on a core in PostgreSQL and in this process."""

    elapsed: float = 0
    server: float = 0
    own: float = 0


@contextmanager
def measured() -> Iterator[Cost]:
    cost, pid = Cost(), backend()
    server, own, start = on_core(pid), time.process_time(), time.perf_counter()
    yield cost
    cost.elapsed = time.perf_counter() - start
    cost.server, cost.own = (on_core(pid) - server) / 1000, time.process_time() - own


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clicks", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with scratch_database():
        collaboration = make.collaboration(make.campaign(make.brand()), status="accepted")
        links = [make.link(collaboration, placement=f"{number}").pk for number in range(LINKS)]
        print(f"{options.clicks:,} clicks a load, {os.cpu_count()} cores, medians of {options.rounds}\n")
        print(
            "| load | bare COPY, rows/s | spool to table, clicks/s | ratio | µs a click: bare | PostgreSQL | shipper |"
        )
        print("|---|---|---|---|---|---|---|")
        for load in LOADS:
            compare(load, links, options.clicks, options.rounds)


def compare(load: str, links: list[int], total: int, rounds: int) -> None:
    floors, ours = [], []
    for _ in range(rounds):
        with filled(load, links, total) as folder:
            empty()
            floors.append(bare_copy(folder))
            empty()
            ours.append(ship(folder, total))
    rates = [total / median(cost.elapsed for cost in costs) for costs in (floors, ours)]
    ratio = median(floor.elapsed / own.elapsed for floor, own in zip(floors, ours, strict=True))
    on_cores = ([cost.server for cost in floors], [cost.server for cost in ours], [cost.own for cost in ours])
    each = " | ".join(f"{median(seconds) / total * 1e6:.1f}" for seconds in on_cores)
    print(f"| {load} | {rates[0]:,.0f} | {rates[1]:,.0f} | {ratio:.2f} | {each} |", flush=True)


if __name__ == "__main__":
    main()
