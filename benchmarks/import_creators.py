"""Time, peak memory and SQL statements of importing creators, beside a bare COPY of the same rows.

    DATABASE_URL=postgresql://… .venv/bin/python benchmarks/import_creators.py [--rows 20000]

Two floors are printed. “COPY into the tables” puts what the import wrote (creators, accounts, snapshots,
relationships) into the same emptied tables with their indexes and foreign keys: no import of these rows can be
faster. “COPY as text” puts the file's cells into a table without types and indexes: what a file costs at all.
Works in a database of its own next to the one named, and drops it.
"""

from __future__ import annotations

import argparse
import csv
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from _database import scratch_database
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from creators.actions.imports import BATCH, import_now
from creators.models import Creator, FollowerSnapshot, Relationship, SocialAccount
from groundswell.accounts.models import Brand

HEADER = ["Rank", "name", "channel Info", "posts", "followers", "avg_likes", "60_day_eng_rate", "country"]
TABLES = [model._meta.db_table for model in (Creator, SocialAccount, FollowerSnapshot, Relationship)]


def rows(number: int, seed: int = 1) -> Iterator[list[str]]:
    dice = random.Random(seed)
    countries = ["Spain", "Germany", "", "United States", "Brazil"]
    for place in range(number):
        yield [
            str(place),
            f"Name {place}",
            f"bench_{place}",
            f"{dice.random() * 9:.1f}k",
            f"{10 ** dice.uniform(0, 3):.1f}k",
            f"{dice.random():.1f}k",
            f"{dice.random() * 9:.2f}%",
            dice.choice(countries),
        ]


def import_file(path: Path, number: int) -> tuple[float, int]:
    brand, _ = Brand.objects.get_or_create(code="bench-import", defaults={"name": "Bench"})
    with CaptureQueriesContext(connection) as captured, path.open("rb") as file:
        start = time.perf_counter()
        summary = import_now(brand, file, "instagram.csv", network="instagram")
        took = time.perf_counter() - start
    assert summary.created + summary.unchanged == number, summary
    return took, len(captured)


def copy_as_text(path: Path) -> float:
    with path.open(newline="") as file, transaction.atomic(), connection.cursor() as cursor:
        columns = ", ".join(f"c{place} text" for place in range(len(HEADER)))
        cursor.execute(f"CREATE TEMPORARY TABLE bench_text ({columns}) ON COMMIT DROP")
        start = time.perf_counter()
        with cursor.copy("COPY bench_text FROM STDIN") as copy:
            for row in csv.reader(file):
                copy.write_row(row)
        return time.perf_counter() - start


def copy_into_tables(folder: Path) -> float:
    """Take out what the import wrote, empty the tables, and put it back; only the last is timed.

    All in one transaction: tables that were analysed while empty have their keys checked by plans for empty tables.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        for table in TABLES:
            with (folder / table).open("wb") as file, cursor.copy(f"COPY {table} TO STDOUT") as copy:
                file.writelines(copy)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE; SET CONSTRAINTS ALL DEFERRED")
        start = time.perf_counter()
        for table in TABLES:
            with (folder / table).open("rb") as file, cursor.copy(f"COPY {table} FROM STDIN") as copy:
                while block := file.read(256 * 1024):
                    copy.write(block)
    return time.perf_counter() - start


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    number = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder, scratch_database():
        path = Path(folder) / "instagram.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows(chain([HEADER], rows(number)))
        before = peak_megabytes()
        first, statements = import_file(path, number)
        again, statements_again = import_file(path, number)
        peak = peak_megabytes()
        floor = copy_into_tables(Path(folder))
        text = copy_as_text(path)
    print(f"{number:,} rows in batches of {BATCH:,}")
    for name, took, count in (
        ("COPY as text", text, 1),
        ("COPY into the tables", floor, len(TABLES)),
        ("import", first, statements),
        ("same file again", again, statements_again),
    ):
        print(f"{name:20} {took:8.2f} s {number / took:12,.0f} rows/s {count:6} statements")
    print(f"rate of the import against COPY into the tables: {floor / first:.1%}")
    print(f"rate of the import against COPY as text: {text / first:.1%}")
    print(f"peak memory {peak:.0f} MB, of which {peak - before:.0f} MB since the start")


if __name__ == "__main__":
    main()
