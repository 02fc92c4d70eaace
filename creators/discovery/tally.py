"""How many creators fit, and how many of them have each value: exact for few, estimated from some of them for many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import CharField, Value

from creators.discovery.conditions import Conditions
from creators.discovery.planning import FETCH, GATHER, planned
from creators.discovery.sieve import DRAW, DRAWS, Sifted, sift
from creators.models.discovery import SearchQuerySet, Token
from creators.tiers import tier_case

RARE = 3_000  # rows with a value, looked up in the index of values
EXACT = 3_000  # rows out of the sieve that are all fetched
SOME = 1_000  # of more, about so many are fetched
FACETED = 1_200  # rows whose values are all counted
FACETED_ALONE = 800  # the same for a facet with a choice, which has rows of its own
SOME_ALONE = 600
FEW_ENOUGH = 1_500  # rows that fit by an estimate
DOUBTFUL = 30_000  # rows out of the sieve that are all fetched if few of them seem to fit
TIER, STAGE = 1_000, 1_001

# Over the rows `m`: all creators, all rows, creators whose values are counted; then those by kind and value.
FOUND = """
SELECT -1 AS kind, '' AS value, count(DISTINCT creator_id) AS n FROM m UNION ALL SELECT -2, '', count(*) FROM m
UNION ALL SELECT -3, '', count(DISTINCT creator_id) FROM few
"""
FEW = f"""
few AS MATERIALIZED (
    SELECT * FROM m WHERE {DRAW.format("creator_id")}
        < (SELECT CASE WHEN count(*) <= %s THEN {DRAWS} ELSE {DRAWS} * %s / count(*) END FROM m)
),
several AS MATERIALIZED (SELECT creator_id FROM few GROUP BY creator_id HAVING count(*) > 1)
"""  # noqa: S608 - constants only
VALUES = """
SELECT t.kind, t.value, c.n FROM (
    SELECT token, count(*) AS n FROM (
        SELECT unnest(tokens) AS token FROM few WHERE creator_id NOT IN (SELECT creator_id FROM several)
        UNION ALL
        SELECT token FROM (
            SELECT DISTINCT creator_id, unnest(tokens) AS token FROM few
            WHERE creator_id IN (SELECT creator_id FROM several)
        ) shared
    ) each GROUP BY token
) c JOIN creators_token t ON t.id = c.token WHERE t.kind = ANY(%s)
"""
TIERS = "SELECT 1000, tier, count(DISTINCT creator_id) FROM few WHERE tier IS NOT NULL GROUP BY tier"
STAGES = """
SELECT 1001, coalesce(x.stage, 'none'), count(DISTINCT few.creator_id)
FROM few LEFT JOIN creators_relationship x ON x.creator_id = few.creator_id AND x.brand_id = %s GROUP BY 2
"""
# Of each creator the row that comes first among those that fit, with its value to sort by.
LEADING = """
SELECT array_agg(k), array_agg(id) FROM (SELECT DISTINCT ON (creator_id) id, k FROM m ORDER BY creator_id, place) lead
"""
NOTHING = "SELECT NULL, NULL"


@dataclass(frozen=True)
class Tally:
    """Creators that fit, rows of theirs that fit, whether that is exact; creators by kind and value, and whether
    those are exact. Where all were counted, `leading` has each creator's row: its value to sort by and its key."""

    creators: int
    rows: int
    is_exact: bool
    values: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    values_are_exact: bool = True
    leading: tuple[tuple[Any, int], ...] = ()


def is_rare(conditions: Conditions) -> bool:
    """Whether so few rows have a value asked for that they are looked up at once."""
    return conditions.most is not None and conditions.most <= RARE


def looked_up(conditions: Conditions, kinds: Sequence[int]) -> Tally | None:
    """Every row that fits, through the index of values; None when they are more than may be looked at."""
    with planned(GATHER if conditions.most is not None else {}):
        found = look(conditions, conditions.rows(conditions.bounded)[: EXACT + 1], kinds, LEADING)
    return found if found.rows <= EXACT else None


def tally(conditions: Conditions, kinds: Sequence[int], sifted: Sifted) -> Tally:
    """Of the rows that the sieve let through. Where it couldn't tell who fits, and few seem to, all are looked at."""
    found = fetched(conditions, kinds, sifted, LEADING)
    if found.is_exact or found.rows > FEW_ENOUGH:
        return found
    if sifted.total <= DOUBTFUL:
        return fetched(conditions, kinds, sift(conditions.mesh, [], [DOUBTFUL], [DOUBTFUL])[0], LEADING)
    return looked_up(conditions, kinds) or found


def fetched(conditions: Conditions, kinds: Sequence[int], sifted: Sifted, leading: str = NOTHING) -> Tally:
    """Exact if the sieve named every row, else estimated from those that it named."""
    rows = conditions.among(sifted.keys, sifted.halves)
    with planned(FETCH):
        if sifted.halves == 0:
            return look(conditions, rows, kinds, leading)
        return scaled(look(conditions, rows, kinds, NOTHING), sifted.total / max(len(sifted.keys), 1))


def scaled(found: Tally, scale: float) -> Tally:
    """The counts of a part as those of all."""
    values = {kind: {value: round(n * scale) for value, n in counts.items()} for kind, counts in found.values.items()}
    return Tally(
        round(found.creators * scale), round(found.rows * scale), is_exact=False, values=values, values_are_exact=False
    )


def look(conditions: Conditions, rows: SearchQuerySet, kinds: Sequence[int], leading: str) -> Tally:
    """One statement: the rows, over them the creators by kind and value, and each creator's leading row."""
    tier = tier_case(conditions.scheme) if TIER in kinds else Value("", CharField())
    shown = rows.annotate(tier=tier, k=conditions.sort_value())
    inner, params = shown.values_list("id", "creator_id", "place", "tokens", "tier", "k").query.sql_with_params()
    outer, given = parts(conditions, set(kinds))
    counts = f"SELECT json_agg(json_build_array(kind, value, n)) FROM ({outer}) counts"  # noqa: S608 - constants only
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH m (id, creator_id, place, tokens, tier, k) AS MATERIALIZED ({inner}), {FEW} "  # noqa: S608 - as above
            f"SELECT ({counts}), l.* FROM ({leading}) l",
            [*params, FACETED, SOME, *given],
        )
        counted, values, keys = cursor.fetchone()
    return tallied(counted, tuple(zip(values or (), keys or (), strict=True)))


def tallied(counted: Sequence[tuple[int, str, int]], leading: tuple[tuple[Any, int], ...]) -> Tally:
    found: dict[int, dict[str, int]] = {}
    for kind, value, n in counted:
        found.setdefault(kind, {})[value] = n
    creators, rows, some = (found.pop(kind)[""] for kind in (-1, -2, -3))
    tally = Tally(creators, rows, is_exact=True, values=found, leading=leading)
    if some == creators:
        return tally
    counts = scaled(tally, creators / max(some, 1))
    return Tally(creators, rows, is_exact=True, values=counts.values, values_are_exact=False, leading=leading)


def parts(conditions: Conditions, kinds: set[int]) -> tuple[str, list[Any]]:
    statements, params = [FOUND], list[Any]()
    if listed := sorted(kinds & set(Token.Kind.values)):
        statements.append(VALUES)
        params.append(listed)
    if TIER in kinds:
        statements.append(TIERS)
    if STAGE in kinds:
        statements.append(STAGES)
        params.append(conditions.brand.pk)
    return " UNION ALL ".join(statements), params
