"""How many clicks of one hot link are stored a second, beside a counter row that each click locks.

    DATABASE_URL=postgresql://… .venv/bin/python benchmarks/hot_link.py [--clicks 100000] [--counted 3000] [--rounds 3]

Works in a database of its own next to the one named, and drops it; uses one key of REDIS_URL. One run, one machine:
compare the ratio. Ours are clicks through the redirect's callable onto disk and then by the shipper into the table
with its indexes, one after the other in one process. The other way is what Kutt does for each click, written anew in a
few lines: a queue in Redis, six workers, and for each click one transaction that counts the link up and locks,
reads and rewrites the row of the link's hour with its browsers, systems, countries and referrers.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
import redis
from _database import scratch_database
from django.conf import settings
from django.db import connection

from tests import factories as make
from tracking.actions import clicks as shipping
from tracking.models import Click
from tracking.redirect import Redirect

WORKERS = 6
KEY = "bench:hot-link"
NOWHERE = "postgresql://nobody@127.0.0.1:1/none"
AGENT = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_{} like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile Safari/604.1"
TABLES = """
    DROP TABLE IF EXISTS bench_visit, bench_link;
    CREATE TABLE bench_link (id bigint PRIMARY KEY, visit_count bigint NOT NULL DEFAULT 0);
    CREATE TABLE bench_visit (
        id bigserial PRIMARY KEY, link_id bigint NOT NULL REFERENCES bench_link, hour timestamptz NOT NULL,
        total int NOT NULL DEFAULT 0, br_safari int NOT NULL DEFAULT 0, os_ios int NOT NULL DEFAULT 0,
        countries jsonb NOT NULL DEFAULT '{}', referrers jsonb NOT NULL DEFAULT '{}'
    );
    CREATE INDEX ON bench_visit (link_id, hour);
    INSERT INTO bench_link VALUES (1);
"""
FIND = "SELECT id, countries, referrers FROM bench_visit WHERE link_id = %s AND hour = %s FOR UPDATE"
COUNT = """
    UPDATE bench_visit SET total = total + 1, br_safari = br_safari + 1, os_ios = os_ios + 1, countries = %s,
           referrers = %s WHERE id = %s
"""
HOUR = "2026-11-23T12:00:00Z"


def ours(clicks: int) -> float:
    """Clicks stored a second, from the visitor's request to the row in the table."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as place:
        link = make.link(make.collaboration(make.campaign(make.brand()), status="accepted"))
        folder = Path(place) / "spool"
        folder.mkdir()
        row = [link.pk, "hot", "https://shop.example/spring", "instagram", "influencer", "spring", "c", True, ""]
        (folder / "links.json").write_text(json.dumps({"rows": [row], "hosts": {}}))
        redirect = Redirect(NOWHERE, folder)
        redirect.start()
        before = time.perf_counter()
        for number in range(clicks):
            visit(redirect, number)
        redirect.stop()
        shipped = shipping.ship_clicks(folder, budget=3600).clicks
        seconds = time.perf_counter() - before
    stored = Click.objects.filter(link=link).count()
    if not clicks == shipped == stored:
        raise SystemExit(f"{clicks} clicks, {shipped} shipped, {stored} stored")
    return clicks / seconds


def visit(redirect: Redirect, number: int) -> None:
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/r/hot",
        "QUERY_STRING": "",
        "REMOTE_ADDR": f"203.0.{number // 200 % 250}.{number % 200}",
        "HTTP_USER_AGENT": AGENT.format(number % 200),
        "HTTP_REFERER": "https://l.instagram.com/",
    }
    redirect(environ, answered)  # type: ignore[arg-type]


def answered(status: str, _: Any) -> None:
    if not status.startswith("302"):
        raise SystemExit(f"unexpected answer: {status}")


def counted(clicks: int) -> float:
    """Clicks counted a second, queue to counter row; the queue is full before the clock starts."""
    queue = redis.Redis.from_url(settings.REDIS_URL)
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
    queue.delete(KEY)
    for start in range(0, clicks, 1000):
        queue.rpush(KEY, *(json.dumps({"link": 1, "n": n}) for n in range(start, min(start + 1000, clicks))))
    before = time.perf_counter()
    with ThreadPoolExecutor(WORKERS) as pool:
        done = sum(pool.map(work, range(WORKERS)))
    seconds = time.perf_counter() - before
    with connection.cursor() as cursor:
        cursor.execute("SELECT visit_count, (SELECT sum(total) FROM bench_visit) FROM bench_link")
        if cursor.fetchone() != (clicks, clicks) or done != clicks:
            raise SystemExit("a click was lost or counted twice")
    return clicks / seconds


def work(_: int) -> int:
    queue, done = redis.Redis.from_url(settings.REDIS_URL), 0
    with psycopg.connect(make.database_url()) as own:
        while queue.lpop(KEY):
            with own.transaction():
                count(own)
            done += 1
    return done


def count(own: psycopg.Connection[Any]) -> None:
    own.execute("UPDATE bench_link SET visit_count = visit_count + 1 WHERE id = 1")
    found = own.execute(FIND, [1, HOUR]).fetchone()
    if found is None:
        own.execute("INSERT INTO bench_visit (link_id, hour) VALUES (1, %s)", [HOUR])
        found = own.execute(FIND, [1, HOUR]).fetchone()
    assert found is not None
    pk, countries, referrers = found
    countries["de"] = countries.get("de", 0) + 1
    referrers["l.instagram.com"] = referrers.get("l.instagram.com", 0) + 1
    own.execute(COUNT, [json.dumps(countries), json.dumps(referrers), pk])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clicks", type=int, default=100_000)
    parser.add_argument("--counted", type=int, default=3_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    ways: dict[str, tuple[Callable[[int], float], int]] = {
        "a locked counter row for each click": (counted, options.counted),
        "redirect, spool, shipper": (ours, options.clicks),
    }
    rates: dict[str, list[float]] = {name: [] for name in ways}
    with scratch_database():
        for _ in range(options.rounds):
            for name, (measure, clicks) in ways.items():
                rates[name].append(measure(clicks))
    base = median(rates["a locked counter row for each click"])
    load = os.getloadavg()[0]
    print(f"one hot link, {os.cpu_count()} cores, load {load:.1f}, medians of {options.rounds}\n")
    print("| way | clicks a round | stored a second | counter row = 1 |")
    print("|---|---|---|---|")
    for name, (_, clicks) in ways.items():
        print(f"| {name} | {clicks:,} | {median(rates[name]):,.0f} | {median(rates[name]) / base:.0f} |")


if __name__ == "__main__":
    main()
