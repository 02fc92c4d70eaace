"""Time, peak memory and SQL statements of importing 20,000 creators, beside a bare COPY of the same rows.

Run against an empty scratch database: `python benchmarks/import_creators.py [rows]`. Everything is rolled back.
"""

from __future__ import annotations

import csv
import io
import os
import random
import resource
import sys
import time

import django
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "groundswell.settings")

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
HEADER = ["Rank", "name", "channel Info", "posts", "followers", "avg_likes", "60_day_eng_rate", "country"]


def rows(seed: int = 1) -> list[list[str]]:
    dice = random.Random(seed)
    countries = ["Spain", "Germany", "", "United States", "Brazil"]
    return [
        [
            str(number),
            f"Name {number}",
            f"bench_{number}",
            f"{dice.random() * 9:.1f}k",
            f"{10 ** dice.uniform(0, 3):.1f}k",
            f"{dice.random():.1f}k",
            f"{dice.random() * 9:.2f}%",
            dice.choice(countries),
        ]
        for number in range(ROWS)
    ]


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
    from creators.actions.imports import import_now
    from groundswell.accounts.models import Brand

    brand, _ = Brand.objects.get_or_create(code=code, defaults={"name": "Bench"})
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *content])
    file = io.BytesIO(text.getvalue().encode())
    with CaptureQueriesContext(connection) as captured:
        start = time.perf_counter()
        summary = import_now(brand, file, "instagram.csv", network="instagram")
        took = time.perf_counter() - start
    assert summary.created + summary.unchanged == ROWS, summary
    return took, len(captured)


def main() -> None:
    content = rows()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with transaction.atomic():
        bare = copy_bare(content)
        first, statements = import_them(content, "bench-import")
        again, statements_again = import_them(content, "bench-import")
        transaction.set_rollback(True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{ROWS:,} rows in batches of 1,000")
    for name, took, count in (
        ("COPY", bare, 1),
        ("import", first, statements),
        ("same file again", again, statements_again),
    ):
        print(f"{name:16} {took:8.2f} s {ROWS / took:12,.0f} rows/s {count:6} statements")
    print(f"rate of the import against COPY: {bare / first:.1%}")
    print(f"peak memory {peak / 1024:.0f} MB, of which {(peak - before) / 1024:.0f} MB while importing")


if __name__ == "__main__":
    django.setup()
    main()
