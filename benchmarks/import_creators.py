"""Time, peak memory and SQL statements of importing 20,000 creators, beside a bare COPY of the same rows.

    DATABASE_URL=postgresql://… .venv/bin/python benchmarks/import_creators.py [--rows 20000]

Works in a database of its own next to the one named, and drops it.
"""

from __future__ import annotations

import argparse
import csv
import io
import random
import resource
import time

from _database import scratch_database
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from creators.actions.imports import import_now
from groundswell.accounts.models import Brand

HEADER = ["Rank", "name", "channel Info", "posts", "followers", "avg_likes", "60_day_eng_rate", "country"]


def rows(number: int, seed: int = 1) -> list[list[str]]:
    dice = random.Random(seed)
    countries = ["Spain", "Germany", "", "United States", "Brazil"]
    return [
        [
            str(place),
            f"Name {place}",
            f"bench_{place}",
            f"{dice.random() * 9:.1f}k",
            f"{10 ** dice.uniform(0, 3):.1f}k",
            f"{dice.random():.1f}k",
            f"{dice.random() * 9:.2f}%",
            dice.choice(countries),
        ]
        for place in range(number)
    ]


@transaction.atomic
def copy_bare(content: list[list[str]]) -> float:
    with connection.cursor() as cursor:
        columns = ", ".join(f"c{place} text" for place in range(len(HEADER)))
        cursor.execute(f"CREATE TEMPORARY TABLE bench_bare ({columns}) ON COMMIT DROP")
        start = time.perf_counter()
        with cursor.copy("COPY bench_bare FROM STDIN") as copy:
            for row in content:
                copy.write_row(row)
        return time.perf_counter() - start


def import_them(content: list[list[str]], code: str) -> tuple[float, int]:
    brand, _ = Brand.objects.get_or_create(code=code, defaults={"name": "Bench"})
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *content])
    file = io.BytesIO(text.getvalue().encode())
    with CaptureQueriesContext(connection) as captured:
        start = time.perf_counter()
        summary = import_now(brand, file, "instagram.csv", network="instagram")
        took = time.perf_counter() - start
    assert summary.created + summary.unchanged == len(content), summary
    return took, len(captured)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    number = parser.parse_args().rows
    content = rows(number)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with scratch_database():
        bare = copy_bare(content)
        first, statements = import_them(content, "bench-import")
        again, statements_again = import_them(content, "bench-import")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{number:,} rows in batches of 1,000")
    for name, took, count in (
        ("COPY", bare, 1),
        ("import", first, statements),
        ("same file again", again, statements_again),
    ):
        print(f"{name:16} {took:8.2f} s {number / took:12,.0f} rows/s {count:6} statements")
    print(f"rate of the import against COPY: {bare / first:.1%}")
    print(f"peak memory {peak / 1024:.0f} MB, of which {(peak - before) / 1024:.0f} MB since the start")


if __name__ == "__main__":
    main()
