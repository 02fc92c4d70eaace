"""Results pages at the size of a busy year, beside the one statement that each can't do without.

    DATABASE_URL=… python benchmarks/pages.py [--events 10000000] [--creators 5000] [--days 365] [--looks 40]

Works in a database of its own next to the one named, and drops it. Server time is that of the request in this process
with PostgreSQL beside it; "core" is the processor time of both, which other work on the machine changes least. The
target is 150 ms at p95 on an idle machine. The floor reads the sums a page is about, ready to be written out, by hand.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import time
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple

from _database import scratch_database
from _sales_world import fill_history, fill_samples, fill_world, make_room, settle
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from campaigns.models import Campaign
from groundswell.accounts.models import Brand
from tests import factories as make
from tracking.actions.outlooks import refresh_outlooks
from tracking.actions.rollups import rebuild
from tracking.models import CollaborationResult, DiscountCode, TrackingLink
from tracking.sums import NAMES

SUMS = ", ".join(f"sum({name})" for name in NAMES)
OF_CAMPAIGN = (
    f"SELECT collaboration.id, {SUMS} FROM tracking_collaborationresult result "  # noqa: S608
    "JOIN campaigns_collaboration collaboration ON collaboration.id = result.collaboration_id "
    "WHERE collaboration.campaign_id = %s GROUP BY 1"
)
OF_BRAND = (
    f"SELECT campaign.id, {SUMS} FROM tracking_collaborationresult result "  # noqa: S608
    "JOIN campaigns_collaboration collaboration ON collaboration.id = result.collaboration_id "
    "JOIN campaigns_campaign campaign ON campaign.id = collaboration.campaign_id "
    "WHERE campaign.brand_id = %s GROUP BY 1"
)
OF_CREATOR = (
    f"SELECT day, {SUMS} FROM tracking_dailyresult WHERE collaboration_id IN (SELECT collaboration.id "  # noqa: S608
    "FROM campaigns_collaboration collaboration JOIN creators_relationship bond ON bond.id = relationship_id "
    "WHERE bond.creator_id = %s) GROUP BY 1"
)
OF_LINK = "SELECT * FROM tracking_click WHERE link_id = %s ORDER BY clicked_at DESC, id DESC LIMIT 15"
OF_CODE = "SELECT * FROM tracking_order WHERE codes @> jsonb_build_array(jsonb_build_object('code', %s::text)) LIMIT 15"


class Case(NamedTuple):
    name: str
    url: str
    floor: str
    of: Any


class Measured(NamedTuple):
    """Milliseconds: of each look, on cores in the median, of the floor in the median; queries; bytes of the page."""

    looks: list[float]
    core: float
    floor: float
    queries: int
    size: int


def cases(brand: Brand) -> list[Case]:
    largest, usual = Campaign.objects.of(brand).order_by("pk")[:2]
    best = CollaborationResult.objects.of(brand).order_by("-orders").select_related("collaboration__relationship")[0]
    creator = best.collaboration.relationship.creator
    link = TrackingLink.objects.filter(collaboration=best.collaboration)[0]
    code = DiscountCode.objects.of(brand)[0]
    many, few = (one.collaborations.count() for one in (largest, usual))
    return [
        Case("overview", "/results/", OF_BRAND, brand.pk),
        Case("home panel", "/results/home-panel/", OF_BRAND, brand.pk),
        Case(f"campaign of {few:,}", f"/campaigns/{usual.code}/results/", OF_CAMPAIGN, usual.pk),
        Case(f"campaign of {many:,}", f"/campaigns/{largest.code}/results/", OF_CAMPAIGN, largest.pk),
        Case("its last page", f"/campaigns/{largest.code}/results/?page=999", OF_CAMPAIGN, largest.pk),
        Case("its panel", f"/campaigns/{largest.code}/results/panel/", OF_CAMPAIGN, largest.pk),
        Case("creator", f"/creators/{creator.code}/results/", OF_CREATOR, creator.pk),
        *(
            Case(f"all by {by}", f"/results/by/?split={by}", OF_BRAND, brand.pk)
            for by in ("tier", "network", "format", "cohort", "creator", "campaign")
        ),
        Case("clicks of a link, new", f"/links/{link.slug}/clicks/", OF_LINK, link.pk),
        Case("orders of a code, new", f"/codes/{code.code}/orders/", OF_CODE, code.code),
        Case("data health", "/settings/data-health/", OF_BRAND, brand.pk),
    ]


def measured(client: Client, case: Case, rounds: int) -> Measured:
    look(client, case.url)
    with CaptureQueriesContext(connection) as captured:
        size = look(client, case.url)
    queries = len(captured)
    looks, cores = [], []
    for _ in range(rounds):
        start, core = time.perf_counter(), on_cores()
        look(client, case.url)
        looks.append((time.perf_counter() - start) * 1000)
        cores.append(on_cores() - core)
    floor = median(floor_of(case) for _ in range(rounds))
    return Measured(looks, median(cores), floor, queries, size)


def look(client: Client, url: str) -> int:
    answer = client.get(url, secure=True)
    if answer.status_code != 200:
        raise SystemExit(f"{url} answered {answer.status_code}")
    return len(answer.content)


def floor_of(case: Case) -> float:
    start = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(case.floor, [case.of])
        cursor.fetchall()
    return (time.perf_counter() - start) * 1000


def on_cores() -> float:
    """Milliseconds of processor time so far: of this process, and of PostgreSQL's beside it where that can be seen."""
    served = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    beside = int(served.read_text().split()[0]) / 1e6 if served.exists() else 0.0
    return time.process_time() * 1000 + beside


def profile(client: Client, case: Case) -> None:
    profiler = cProfile.Profile()
    profiler.runcall(look, client, case.url)
    print(f"\n{case.name}")
    pstats.Stats(profiler).sort_stats("cumulative").print_stats(45)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--creators", type=int, default=5_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--looks", type=int, default=40)
    parser.add_argument("--profile", default="", help="Show where the time of pages goes whose name holds this.")
    options = parser.parse_args()
    with scratch_database():
        brand, client = world(options.events, options.creators, options.days)
        print(f"{options.events:,} events, {options.creators:,} creators, {options.days} days, ", end="")
        print(f"{options.looks} looks each; load {os.getloadavg()[0]:.1f}\n")
        print("| ms | p50 | p95 | on a core | floor | queries | kB |\n|---|---|---|---|---|---|---|")
        for case in cases(brand):
            found = measured(client, case, options.looks)
            p95 = quantiles(found.looks, n=20)[-1]
            times = f"{median(found.looks):.0f} | {p95:.0f} | {found.core:.0f} | {found.floor:.1f}"
            print(f"| {case.name} | {times} | {found.queries} | {found.size / 1000:.0f} |")
        for case in cases(brand):
            if options.profile and options.profile in case.name:
                profile(client, case)


def world(events: int, creators: int, days: int) -> tuple[Brand, Client]:
    brand = make.brand("bench", timezone="Europe/Berlin")
    fill_world(brand, creators, days)
    fill_samples(brand)
    make_room(days)
    fill_history(events, days)
    rebuild()
    refresh_outlooks()
    settle()
    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client()
    client.force_login(make.member(brand, "owner@bench.example", role="owner"))
    return brand, client


if __name__ == "__main__":
    main()
