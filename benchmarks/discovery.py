"""Searching among many creators: page, count and facets of 50 random combinations of filters, beside DuckDB.

`python benchmarks/discovery.py [--creators 100000]` fills a database of its own with invented creators by COPY, derives
the search rows, and asks each query three times. DuckDB holds the same rows in memory and answers the same questions
with two threads; counts and pages are compared wherever ours are exact. Time is the server's: elapsed around every
statement, and its process's time on a core, which other work on the machine changes least.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from _database import backend, on_core, scratch_database
from _discovery_world import COUNTRIES, LANGUAGES, NICHES, NOW, WORDS, World, falling, fill
from django.db import connection
from django.http import QueryDict
from django.utils import timezone

from creators.actions.discovery import reindex, reindex_all
from creators.actions.tiers import start_tiers
from creators.discovery.conditions import COLUMNS as NUMBERS
from creators.discovery.facets import KINDS
from creators.discovery.filters import LISTS, Filters
from creators.discovery.search import Search
from creators.models import Creator, Token
from creators.tiers import bands_of
from groundswell.accounts.models import Brand

try:
    import duckdb
except ImportError:
    duckdb = None

SEED, QUERIES, REPEATS = 7, 50, 3


@dataclass
class Look:
    """What one query took, in ms: around its statements, on a core, and for the page alone."""

    elapsed: float = 0.0
    on_core: float = 0.0
    page: float = 0.0


@dataclass
class Measured:
    query: str
    ours: Look
    count: int
    is_exact: bool
    keys: list[int]
    theirs: Look | None = None


@dataclass
class Combination:
    """The same question as a query string and, for DuckDB, by the parsed filters."""

    query: str
    filters: Filters = field(init=False)

    def __post_init__(self) -> None:
        self.filters = Filters.parse(QueryDict(self.query))


def combinations() -> list[Combination]:
    """2 to 8 of 22 kinds of filters each, common values more often than rare ones, and some order."""
    dice = random.Random(SEED)

    def some(values: list[str], most: int = 1) -> list[str]:
        names, weights = falling(values)
        return list(dict.fromkeys(dice.choices(names, cum_weights=weights, k=dice.randint(1, most))))

    def listed(name: str, values: list[str]) -> str:
        return "&".join(f"{name}={value}" for value in values)

    kinds: list[Callable[[], str]] = [
        lambda: listed("network", dice.sample(["instagram", "tiktok", "youtube"], dice.choice([1, 1, 2]))),
        lambda: listed("tier", dice.sample(["nano", "micro", "macro"], dice.choice([1, 2]))),
        lambda: listed("country", some(COUNTRIES, 3)),
        lambda: listed("language", some(["en", *LANGUAGES.values()])),
        lambda: listed("niche", some(NICHES, 2)),
        lambda: listed("niche_not", some(NICHES)),
        lambda: listed("q", some(NICHES if dice.random() < 0.5 else WORDS)),
        lambda: (
            f"er_from={dice.choice('123')}&er_to={dice.choice(['6', '8', '15'])}"
            f"&basis={dice.choice(['followers', 'views'])}"
        ),
        lambda: f"followers_from={dice.choice([1000, 2000, 5000])}&followers_to={dice.choice([15000, 50000, 200000])}",
        lambda: f"views_from={dice.choice([500, 2000, 10000])}",
        lambda: f"growth_30_from={dice.choice([0, 2, 5])}",
        lambda: f"posted_within={(timezone.now() - NOW).days + dice.choice([20, 40, 80])}",
        lambda: f"posts_per_week_from={dice.choice([1, 2])}",
        lambda: f"audience_country={some(COUNTRIES)[0]}:{dice.choice([10, 20, 30])}",
        lambda: "audience_gender=female:50",
        lambda: "credibility_from=70",
        lambda: "sponsored_to=20",
        lambda: "price_to=300&currency=EUR",
        lambda: "verified=no",
        lambda: "contact=email",
        lambda: "age_from=20&age_to=35",
        lambda: "account_type=creator",
    ]
    orders = ["-standing"] * 4 + ["-engagement", "-followers", "followers", "-views", "-growth_30", "-posts_per_week"]
    orders += ["-last_post", "price", "-credibility", "-added"]
    return [
        Combination(
            "&".join([*(kind() for kind in dice.sample(kinds, dice.randint(2, 8))), f"sort={dice.choice(orders)}"])
        )
        for _ in range(QUERIES)
    ]


# ---- ours -----------------------------------------------------------------------------------------------------------
@contextmanager
def watched(pid: int) -> Iterator[Look]:
    look, before = Look(), on_core(pid)

    def wrap(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        start = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            look.elapsed += (time.perf_counter() - start) * 1000

    with connection.execute_wrapper(wrap):
        yield look
    look.on_core = on_core(pid) - before


def ask(brand: Brand, one: Combination, pid: int) -> Measured:
    """Page, count and facets; the median of three times."""
    looks = []
    for _ in range(REPEATS):
        with watched(pid) as look:
            search = Search(brand, one.filters)
            search.facets()
            page = search.page()
        with watched(pid) as alone:
            Search(brand, one.filters).page()
        look.page = alone.elapsed
        looks.append(look)
    keys = [entry.row.pk for entry in page.entries if entry.row]
    return Measured(one.query, median(looks), search.count(), search.is_exact, keys)


def median(looks: list[Look]) -> Look:
    return Look(*(statistics.median(getattr(look, name) for look in looks) for name in ("elapsed", "on_core", "page")))


# ---- DuckDB ---------------------------------------------------------------------------------------------------------
ROWS = """
COPY (
    SELECT r.*, coalesce(nullif(c.country, ''), 'unknown') AS country,
        coalesce(nullif(c.language, ''), 'unknown') AS language, nullif(c.gender, '') AS gender,
        nullif(a.account_type, '') AS account_type, CASE a.is_verified WHEN true THEN 'yes' WHEN false THEN 'no' END
            AS verified
    FROM creators_searchrow r JOIN creators_creator c ON c.id = r.creator_id
        LEFT JOIN creators_socialaccount a ON a.id = r.id
) TO STDOUT (FORMAT csv, HEADER)
"""


class Duck:
    """The same rows as columns in memory; single values as plain columns, lists as lists of numbers."""

    def __init__(self, brand: Brand) -> None:
        self.brand = brand
        self.base = duckdb.connect()
        self.base.execute("SET threads = 2; SET enable_progress_bar = false")
        with TemporaryDirectory() as folder:
            self.load(Path(folder) / "rows.csv")
        self.kinds: dict[int, set[int]] = {}
        for pk, kind in Token.objects.filter(kind__lt=100).values_list("pk", "kind"):
            self.kinds.setdefault(kind, set()).add(pk)

    def load(self, path: Path) -> None:
        with path.open("wb") as file, connection.cursor() as cursor, cursor.copy(ROWS) as copy:
            for block in copy:
                file.write(block)
        lists = ", ".join(
            f"CAST(string_split(trim({name}, '{{}}'), ',') AS INTEGER[]) AS {name}" for name in ("tokens", "terms")
        )
        self.base.execute(
            f"CREATE TABLE r AS SELECT * REPLACE ({lists}) FROM read_csv('{path}', nullstr='', sample_size=-1, "  # noqa: S608
            "types={'tokens': 'VARCHAR', 'terms': 'VARCHAR', 'name': 'VARCHAR'})"
        )

    def where(self, search: Search, without: str = "") -> str:
        conditions, filters = search.conditions, search.filters
        found = [f"owner_id IN (0, {self.brand.pk})"]
        for name, kind in LISTS.items():
            choice = filters.choice(name)
            if choice.any and name != without:
                found.append(self.listed(conditions.group(kind, choice.any), name, choice.any))
            if choice.none:
                group = conditions.group(kind, choice.none)
                found.append(f"NOT list_has_any({group.column}, {list(group.ids)})")
        found += [f"list_has_any(terms, {list(typed.ids)})" for typed in conditions.words[0]]
        tiers = filters.choice("tier").any
        if tiers and without != "tier":
            found.append(f"({' OR '.join(self.tier(band) for band in bands_of(search.scheme) if band.name in tiers)})")
        return " AND ".join([*found, *self.numbers(search)])

    def listed(self, group: Any, name: str, values: tuple[str, ...]) -> str:
        if name in {"network", "country", "language", "account_type", "verified"}:
            return f"{name} IN ({', '.join(repr(value) for value in values)})"
        return f"list_has_any({group.column}, {list(group.ids)})"

    def tier(self, band: Any) -> str:
        upper = f" AND followers < {band.upper}" if band.upper else ""
        return f"(followers >= {band.lower or 0}{upper})"

    def numbers(self, search: Search) -> list[str]:
        filters, found = search.filters, []
        for name, bounds in filters.bounds.items():
            column = {"er": search.conditions.rate_column, "age": f"({timezone.now().year} - birth_year)"}.get(name)
            column = column or NUMBERS[name]
            found += [f"{column} >= {bounds.low}"] if bounds.low is not None else []
            found += [f"{column} <= {bounds.high}"] if bounds.high is not None else []
        if filters.posted_within is not None:
            found.append(
                f"last_post >= '{timezone.now().isoformat()}'::TIMESTAMPTZ - INTERVAL {filters.posted_within} DAY"
            )
        if filters.bound("price"):
            found.append(f"list_has_any(terms, {search.conditions.currency_ids})")
        return found

    def ask(self, one: Combination) -> tuple[Look, int, list[int]]:
        search = Search(self.brand, one.filters)
        statements = self.statements(search)
        looks = []
        for _ in range(REPEATS):
            start, core = time.perf_counter(), time.process_time()
            found = [self.base.execute(statement).fetchall() for statement in statements]
            looks.append(Look((time.perf_counter() - start) * 1000, (time.process_time() - core) * 1000))
        return median(looks), found[1][0][0], [row[0] for row in found[2]]

    def statements(self, search: Search) -> list[str]:
        """The rows that fit; count, page and the facets over them; each facet with a choice over rows of its own."""
        way, column = ("DESC" if search.filters.is_descending else "ASC"), search.conditions.sort_column
        value = f"CASE WHEN list_has_any(terms, {search.conditions.currency_ids}) THEN price END"
        key = value if column == "price" else column
        chosen = [name for name in KINDS if search.filters.choice(name).any]
        rows = "SELECT id, creator_id, place, followers, tokens, {key} AS k FROM r WHERE {where}"
        count = "SELECT count(DISTINCT creator_id) FROM m"
        page = (
            "SELECT id FROM (SELECT arg_min(id, place) AS id, arg_min(struct_pack(k := k), place).k AS k FROM m "  # noqa: S608
            f"GROUP BY creator_id) ORDER BY k {way} NULLS LAST, id {way} LIMIT 50"
        )
        found = [f"CREATE OR REPLACE TEMP TABLE m AS {rows.format(key=key, where=self.where(search))}", count, page]
        found.append(self.facets("m", ""))
        if "tier" not in chosen:
            found.append(self.tiers(search, "m"))
        for name in chosen:
            of = f"(SELECT creator_id, followers, tokens FROM r WHERE {self.where(search, without=name)})"  # noqa: S608
            own = self.kinds.get(KINDS[name], {0})
            found.append(self.tiers(search, of) if name == "tier" else self.facets(of, f"WHERE t IN {(*own, 0)}"))
        return found

    def facets(self, of: str, which: str) -> str:
        each = f"SELECT DISTINCT creator_id, unnest(tokens) AS t FROM {of}"  # noqa: S608
        return f"SELECT t, count(*) FROM ({each}) {which} GROUP BY t"  # noqa: S608

    def tiers(self, search: Search, of: str) -> str:
        whens = " ".join(f"WHEN {self.tier(band)} THEN '{band.name}'" for band in bands_of(search.scheme))
        return f"SELECT CASE {whens} END AS tier, count(DISTINCT creator_id) FROM {of} GROUP BY 1"  # noqa: S608


# ---- filling --------------------------------------------------------------------------------------------------------
@contextmanager
def without_orders() -> Iterator[None]:
    """Derive first, index afterwards: for filling an empty table only."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'creators_searchrow' "
            "AND indexname NOT IN ('creators_searchrow_pkey', 'creators_row_creator')"
        )
        found = cursor.fetchall()
        for name, _ in found:
            cursor.execute(f"DROP INDEX {name}")
        yield
        cursor.execute("SET maintenance_work_mem = '512MB'")
        for _, definition in found:
            cursor.execute(definition)
        cursor.execute("VACUUM ANALYZE")


def derive() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    reindex_all()


def timed(what: str, work: Callable[[], Any]) -> None:
    start = time.perf_counter()
    work()
    print(f"{what:64} {time.perf_counter() - start:8.1f} s")


def edit(brand: Brand) -> float:
    """Milliseconds from the start of an edit until a search finds it."""
    creator = Creator.objects.order_by("pk")[12]
    start = time.perf_counter()
    creator.bio = "Suddenly unmistakable"
    creator.save(update_fields=["bio"])
    reindex([creator.pk])
    found = [entry.creator.pk for entry in Search(brand, Filters.parse(QueryDict("q=unmistakable"))).page().entries]
    if found != [creator.pk]:
        raise SystemExit(f"the edited creator was not found: {found}")
    return (time.perf_counter() - start) * 1000


# ---- the table ------------------------------------------------------------------------------------------------------
def row(title: str, values: list[float], unit: str = "ms") -> None:
    ordered = sorted(values)
    p95 = ordered[max(0, round(len(ordered) * 0.95) - 1)]
    print(f"{title:40} p50 {statistics.median(ordered):8.1f}   p95 {p95:8.1f}   max {ordered[-1]:8.1f} {unit}")


def report(found: list[Measured]) -> None:
    row("PostgreSQL, elapsed", [one.ours.elapsed for one in found])
    row("PostgreSQL, on a core", [one.ours.on_core for one in found])
    row("PostgreSQL, page alone, elapsed", [one.ours.page for one in found])
    exact = sum(one.is_exact for one in found)
    print(f"{exact} of {len(found)} counts are exact, the others estimated")
    theirs = [one.theirs for one in found if one.theirs]
    if theirs:
        row("DuckDB, elapsed", [look.elapsed for look in theirs])
        row("DuckDB, on its cores", [look.on_core for look in theirs])


def compare(duck: Duck, found: list[Measured], asked: list[Combination]) -> None:
    """Ask DuckDB too; stops where an exact count or page differs. Says how far the estimates are off."""
    off = []
    for measured, one in zip(found, asked, strict=True):
        measured.theirs, count, keys = duck.ask(one)
        if measured.is_exact and (count, keys) != (measured.count, measured.keys):
            raise SystemExit(f"{one.query}: {measured.count} creators, DuckDB {count}; {measured.keys[:9]} {keys[:9]}")
        if not measured.is_exact:
            off.append(abs(measured.count - count) / max(count, 1))
            if keys != measured.keys:
                raise SystemExit(f"{one.query}: another page: {measured.keys[:9]} {keys[:9]}")
    print("every page, and every count said to be exact, is the same in DuckDB")
    if off:
        print(f"estimated counts are off by {statistics.median(off):.1%} in the median, {max(off):.1%} at most")


def stage(brand: Brand, creators: int, asked: list[Combination]) -> list[Measured]:
    """Everything at one size; the clock stands still, so that both sides mean the same days."""
    with patch("django.utils.timezone.now", return_value=timezone.now()):
        return measure(brand, creators, asked)


def measure(brand: Brand, creators: int, asked: list[Combination]) -> list[Measured]:
    pid = backend()
    for one in asked[:5]:
        Search(brand, one.filters).page()
    found = [ask(brand, one, pid) for one in asked]
    with connection.cursor() as cursor:
        cursor.execute("SHOW shared_buffers")
        buffers = cursor.fetchone()[0]
    print(f"\n{creators:,} creators, load {os.getloadavg()[0]:.1f}, shared_buffers {buffers}")
    if duckdb is None:
        print("DuckDB is not installed (requirements-bench.txt): nothing to compare with")
    else:
        compare(Duck(brand), found, asked)
    report(found)
    row("an edit until it is found", [edit(brand) for _ in range(5)])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--creators", type=int, default=100_000)
    creators = parser.parse_args().creators
    with scratch_database():
        brand, foreign = (Brand.objects.create(code=f"bench-{name}", name=name) for name in ("ours", "theirs"))
        start_tiers(brand)
        world, asked, smaller = World(SEED), combinations(), creators // 10
        with without_orders():
            timed(f"{smaller:,} creators by COPY", lambda: fill(world, range(1, smaller + 1), foreign.pk))
            timed("search rows of all", derive)
        before = stage(brand, smaller, asked)
        with without_orders():
            timed(f"{creators:,} creators by COPY", lambda: fill(world, range(smaller + 1, creators + 1), foreign.pk))
            timed("search rows of all", derive)
        after = stage(brand, creators, asked)
        for name, pick in (
            ("page alone", lambda one: one.ours.page),
            ("everything, on a core", lambda one: one.ours.on_core),
        ):
            ratio = sum(map(pick, after)) / sum(map(pick, before))
            print(f"ten times the creators, {name}: {ratio:.1f} times the time")


if __name__ == "__main__":
    sys.exit(main())
