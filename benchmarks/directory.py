"""The directory with 20,000 creators: queries and time of a page, beside a bare SELECT … LIMIT 50.

    DATABASE_URL=postgresql://… .venv/bin/python benchmarks/directory.py [--creators 20000] [--rounds 5]

Works in a database of its own next to the one named, and drops it.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from decimal import Decimal

from _database import scratch_database
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from creators.actions.tiers import start_tiers
from creators.directory.facets import facets
from creators.directory.filters import Filters
from creators.directory.search import Search
from creators.models import Creator, SocialAccount
from groundswell.accounts.models import Brand

QUERIES = [
    "", "sort=-followers", "sort=-engagement", "sort=name", "network=tiktok&tier=nano", "country=DE&niche=food",
    "followers_from=5k&followers_to=50k&er_from=2&er_to=8", "q=creator12", "tier=micro&country=FR&sort=-engagement",
]  # fmt: skip


def fill(number: int) -> Brand:
    dice = random.Random(1)
    brand = Brand.objects.create(code="bench-directory", name="Bench")
    start_tiers(brand)
    niches = ["food", "beauty", "travel", "fitness", "fashion", "home"]
    creators = Creator.objects.bulk_create(
        [
            Creator(
                name=f"Creator{place}",
                country=dice.choice(["DE", "FR", "ES", "US", ""]),
                language=dice.choice(["de", "fr", "es", "en"]),
                niches=dice.sample(niches, 2),
            )
            for place in range(number)
        ],
        batch_size=2000,
    )
    SocialAccount.objects.bulk_create(
        [
            SocialAccount(
                creator=creator,
                network=network,
                handle=f"{creator.name.lower()}_{network}",
                followers=int(10 ** dice.uniform(3, 6.2)),
                engagement_rate=Decimal(dice.randrange(5, 1200)) / 10000,
            )
            for creator in creators
            for network in dice.sample(["instagram", "tiktok", "youtube"], dice.choice([1, 1, 2]))
        ],
        batch_size=2000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE creators_creator, creators_socialaccount")
    return brand


def look(brand: Brand, query: str) -> tuple[float, int]:
    with CaptureQueriesContext(connection) as captured:
        start = time.perf_counter()
        search = Search(brand, Filters.parse(QueryDict(query)))
        search.page()
        search.count()
        facets(search)
        took = time.perf_counter() - start
    return took * 1000, len(captured)


def bare() -> float:
    with connection.cursor() as cursor:
        start = time.perf_counter()
        cursor.execute("SELECT * FROM creators_creator ORDER BY id DESC LIMIT 50")
        cursor.fetchall()
        return (time.perf_counter() - start) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--creators", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with scratch_database():
        brand = fill(options.creators)
        print(f"{options.creators:,} creators; page + count + facets, median of {options.rounds}")
        print(f"{'bare SELECT … LIMIT 50':64} {statistics.median(bare() for _ in range(9)):8.1f} ms      1 query")
        for query in QUERIES:
            runs = [look(brand, query) for _ in range(options.rounds)]
            print(f"/creators/?{query:53} {statistics.median(took for took, _ in runs):8.1f} ms {runs[0][1]:6} queries")


if __name__ == "__main__":
    main()
