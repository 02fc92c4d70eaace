"""The directory with 20,000 creators: queries and time in the database, beside a bare SELECT … LIMIT 50.

Run against a scratch database: `python benchmarks/directory.py [creators]`. Everything is rolled back.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
from decimal import Decimal

import django
from django.db import connection, transaction
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "groundswell.settings")

CREATORS = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
QUERIES = [
    "", "sort=-followers", "sort=-engagement", "sort=name", "network=tiktok&tier=nano", "country=DE&niche=food",
    "followers_from=5k&followers_to=50k&er_from=2&er_to=8", "q=creator12", "tier=micro&country=FR&sort=-engagement",
]  # fmt: skip


def fill() -> object:
    from creators.actions.tiers import start_tiers
    from creators.models import Creator, SocialAccount
    from groundswell.accounts.models import Brand

    dice = random.Random(1)
    brand = Brand.objects.create(code="bench-directory", name="Bench")
    start_tiers(brand)
    niches = ["food", "beauty", "travel", "fitness", "fashion", "home"]
    creators = Creator.objects.bulk_create(
        [
            Creator(
                name=f"Creator{number}",
                country=dice.choice(["DE", "FR", "ES", "US", ""]),
                language=dice.choice(["de", "fr", "es", "en"]),
                niches=dice.sample(niches, 2),
            )
            for number in range(CREATORS)
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


def look(brand: object, query: str) -> tuple[float, int]:
    from creators.directory.facets import facets
    from creators.directory.filters import Filters
    from creators.directory.search import Search

    with CaptureQueriesContext(connection) as captured:
        start = time.perf_counter()
        search = Search(brand, Filters.parse(QueryDict(query)))  # type: ignore[arg-type]
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
    with transaction.atomic():
        brand = fill()
        print(f"{CREATORS:,} creators; page + count + facets, median of 5")
        print(f"{'bare SELECT … LIMIT 50':64} {statistics.median(bare() for _ in range(9)):8.1f} ms      1 query")
        for query in QUERIES:
            runs = [look(brand, query) for _ in range(5)]
            print(f"/creators/?{query:53} {statistics.median(took for took, _ in runs):8.1f} ms {runs[0][1]:6} queries")
        transaction.set_rollback(True)


if __name__ == "__main__":
    django.setup()
    main()
