"""Which rows can fit, found by combining strings of bits: a bit a row, a string for each value and step of a number.

Combining the million bits of two values takes a few hundredths of a millisecond, where fetching a row takes a
thousandth: conditions that each leave many rows and together few are answered without looking at the many. What comes
out of the sieve is a superset: numbers fall through between two steps, and values that few rows have are not kept.
Whoever fetches the rows checks those again, and everything about the strays, whose bits may be out of date.

Keys: a token's own; above `OWNERS` the owner of private rows; -1 to -10 a random half of the creators, a half of
these, and so on; from -10,000 down the steps of `ladders`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from django.db import connection

from creators.discovery.planning import planned
from creators.models.discovery import Sieve

# Values of fewer rows are not kept in the sieve but looked up in the index of values.
WORTH = 2_000
OWNERS = 1 << 40
HALVES = 10
# A number below DRAWS for each creator, as good as drawn: the key's product with 2^32 by the golden ratio.
DRAWS = 4_096
DRAW = "(((({} & 2147483647) * 2654435761) >> 12) & 4095)"

SIFT = """
WITH strained AS MATERIALIZED ({strained}),
counted AS (SELECT variant, sum(bit_count(bits)) AS total FROM strained GROUP BY variant),
halved AS MATERIALIZED (
    SELECT variant, total, CASE WHEN total > (%(most)s::int[])[variant + 1] THEN
        least(%(halves)s, greatest(1, round(ln(total / (%(some)s::float8[])[variant + 1]) / ln(2))))::int
    ELSE 0 END AS halves
    FROM counted
)
SELECT variant, total::bigint, halves, s.block, varbit_send(CASE WHEN halves = 0 THEN s.bits ELSE s.bits & d.bits END)
FROM halved JOIN strained s USING (variant)
    LEFT JOIN creators_sieve d ON d.block = s.block AND d.key = -halves AND halves > 0
WHERE bit_count(s.bits) > 0
"""
STEPS = """
WITH strained AS MATERIALIZED ({strained})
SELECT s.key, sum(bit_count(strained.bits & s.bits)), sum(bit_count(s.bits))
FROM strained JOIN creators_sieve s ON s.block = strained.block AND s.key = ANY(%(steps)s) GROUP BY s.key
"""
EMPTY, FULL = (f"repeat('{bit}', {Sieve.BLOCK})::varbit" for bit in "01")


@dataclass(frozen=True)
class Mesh:
    """What a row must have to fall through: one key of every group, of every range the first key and not the second
    (which only rows with the first can have), and none of some keys."""

    groups: tuple[tuple[int, ...], ...] = ()
    ranges: tuple[tuple[int, int], ...] = ()
    without: tuple[int, ...] = ()

    def __and__(self, other: Mesh) -> Mesh:
        return Mesh(self.groups + other.groups, self.ranges + other.ranges, self.without + other.without)

    @property
    def every_group(self) -> tuple[tuple[int, ...], ...]:
        """Keys whose bits are put together."""
        firsts = tuple((first,) for first, _ in self.ranges)
        return (*self.groups, *firsts, *((key,) for _, key in self.ranges), *((key,) for key in self.without))

    def terms(self, names: dict[tuple[int, ...], str]) -> list[str]:
        """Strings of bits to combine by and."""
        ranges = [f"({names[first,]} # coalesce({names[last,]}, {EMPTY}))" for first, last in self.ranges]
        ruled_out = [f"~coalesce({names[key,]}, {EMPTY})" for key in self.without]
        return [*(names[group] for group in self.groups), *ranges, *ruled_out] or [FULL]

    def is_possible(self, names: dict[tuple[int, ...], str]) -> str:
        """Whether any row of the block can be left."""
        needed = (*self.groups, *((first,) for first, _ in self.ranges))
        return " AND ".join(f"{names[group]} IS NOT NULL" for group in needed)


@dataclass(frozen=True)
class Sifted:
    """How many rows fell through, and the keys of those of a random 1 in 2^halves of the creators; 0: of all."""

    total: int = 0
    halves: int = 0
    keys: list[int] = field(default_factory=list)


def sift(base: Mesh, parts: Sequence[Mesh], most: Sequence[int], some: Sequence[int]) -> list[Sifted]:
    """What falls through the base and all parts, and for each part what falls through the base and all the others.

    One statement for all. Where more than `most` rows do, about `some` of them are named.
    """
    strained, params = statement(base, parts)
    found = [Sifted() for _ in most]
    with planned(), connection.cursor() as cursor:
        cursor.execute(
            SIFT.format(strained=strained), {**params, "most": list(most), "some": list(some), "halves": HALVES}
        )
        for variant, total, halves, block, bits in cursor:
            found[variant] = Sifted(total, halves, found[variant].keys + named(block, bits))
    return found


def named(block: int, bits: bytes | None) -> list[int]:
    """The keys of the rows with a bit; before the bits stands how many they are, in four bytes."""
    places = np.flatnonzero(np.unpackbits(np.frombuffer((bits or b"")[4:], dtype=np.uint8)))
    return list((places + block * Sieve.BLOCK).tolist())


def reaching(mesh: Mesh, keys: Sequence[int]) -> dict[int, tuple[int, int]]:
    """For each of the keys how many rows of the mesh have it, and how many rows at all."""
    strained, params = statement(mesh)
    with planned(), connection.cursor() as cursor:
        cursor.execute(STEPS.format(strained=strained), {**params, "steps": list(keys)})
        return {key: (int(fitting), int(every)) for key, fitting, every in cursor.fetchall()}


def statement(base: Mesh, parts: Sequence[Mesh] = ()) -> tuple[str, dict[str, list[int]]]:
    """Block by block, variant 0 is the base and all parts, variant n all parts but the n-th.

    `before` n is the base with the parts up to the n-th, `behind` n are the parts from the n-th on: with these each
    variant takes one more step, however many parts there are.
    """
    groups = list(dict.fromkeys(group for mesh in (base, *parts) for group in mesh.every_group))
    names = {group: f"g{place}" for place, group in enumerate(groups)}
    params = {name: list(group) for group, name in names.items()}
    ors = "".join(f", bit_or(bits) FILTER (WHERE key = ANY(%({name})s)) AS {name}" for name in names.values())
    found = f"SELECT block{ors} FROM creators_sieve WHERE key = ANY(%(every)s) GROUP BY block"  # noqa: S608
    found = f"SELECT *, {' & '.join(base.terms(names))} AS before0 FROM ({found}) g WHERE {base.is_possible(names)}"  # noqa: S608
    count = len(parts)
    for n, part in enumerate(parts, 1):
        found = step(found, f"before{n}", [f"before{n - 1}", *part.terms(names)])
    for n in range(count, 1, -1):
        later = [f"behind{n + 1}"] if n < count else []
        found = step(found, f"behind{n}", [*parts[n - 1].terms(names), *later])
    variants = [f"SELECT 0 AS variant, block, before{count} AS bits FROM every"]  # noqa: S608 - names only
    for n in range(1, count + 1):
        behind = f" & behind{n + 1}" if n < count else ""
        variants.append(f"SELECT {n}, block, before{n - 1}{behind} FROM every")  # noqa: S608 - as above
    every = sorted({key for group in groups for key in group})
    return f"WITH every AS MATERIALIZED ({found}) {' UNION ALL '.join(variants)}", {**params, "every": every}


def step(found: str, name: str, terms: Sequence[str]) -> str:
    """The rows of a statement with one more column; kept from being worked out again wherever it is used."""
    return f"SELECT *, {' & '.join(terms)} AS {name} FROM ({found} OFFSET 0) s"  # noqa: S608 - names only


def owner_key(owner: int) -> int:
    return OWNERS + owner


def draw(creator: int) -> int:
    """The creator's number below `DRAWS`, the same as `DRAW` in SQL."""
    return ((creator & 2147483647) * 2654435761 >> 12) & (DRAWS - 1)
