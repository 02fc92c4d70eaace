"""How many creators fit, and how many of them have each value: exact for few, estimated from a sample for many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Count, IntegerField, Q, Value

from creators.discovery.conditions import Conditions
from creators.discovery.planning import GATHER, planned
from creators.models.discovery import SampleRow, SearchQuerySet, SearchRow, Token
from creators.tiers import tier_case

EXACT = 5_000
FACETED = 2_000
SAMPLED = 16  # one row of the sample stands for so many
DRAWS = 4_096
TIER, STAGE = 1_000, 1_001
# More rows than this are not fetched for their values alone if a bound leaves few of them.
MANY = 30_000

FOUND = (
    "SELECT -1 AS kind, '' AS value, count(DISTINCT creator_id) AS n FROM m UNION ALL SELECT -2, '', count(*) FROM m"
)
VALUES = """
SELECT t.kind, t.value, c.n FROM (
    SELECT token, count(*) AS n FROM (SELECT DISTINCT creator_id, unnest(tokens) AS token FROM m) each GROUP BY token
) c JOIN creators_token t ON t.id = c.token WHERE t.kind = ANY(%s)
"""
TIERS = "SELECT 1000, tier, count(DISTINCT creator_id) FROM m WHERE tier IS NOT NULL GROUP BY tier"
STAGES = """
SELECT 1001, coalesce(x.stage, 'none'), count(DISTINCT m.creator_id)
FROM m LEFT JOIN creators_relationship x ON x.creator_id = m.creator_id AND x.brand_id = %s GROUP BY 2
"""


@dataclass(frozen=True)
class Tally:
    """Creators that fit, rows of theirs that fit, whether that is exact; creators by kind and value, and whether
    those are exact. `known` is about how many rows have a known value to sort by (None: not estimated)."""

    creators: int
    rows: int
    is_exact: bool
    values: dict[int, dict[str, int]] = field(default_factory=dict)
    values_are_exact: bool = True
    known: int | None = None


def tally(conditions: Conditions, kinds: Sequence[int]) -> Tally:
    """Rows by frequency first: a value that few rows have is looked up at once; else the sample tells how many fit."""
    most = conditions.most
    if most is not None and most <= EXACT and (found := counted(conditions, kinds)):
        return found
    sizes = sample_sizes(conditions)
    if sizes["fitting"] * SAMPLED <= EXACT and (found := counted(conditions, kinds, sizes)):
        return found
    return estimated(conditions, kinds, sizes)


def counted(conditions: Conditions, kinds: Sequence[int], sizes: dict[str, int] | None = None) -> Tally | None:
    """Every row that fits; None when they are more than can be counted."""
    served, settings = route(conditions, sizes)
    rows = conditions.rows(SearchRow, served)[: EXACT + 1]
    with planned(settings):
        values = look(conditions, rows, kinds)
    found, creators = pop(values, -2), pop(values, -1)
    return Tally(creators, found, is_exact=True, values=values) if found <= EXACT else None


def route(conditions: Conditions, sizes: dict[str, int] | None) -> tuple[Sequence[str], dict[str, str]]:
    """Columns whose indexes may serve, and the planner's settings: by values alone where those leave few rows."""
    by_values = conditions.most is not None and (sizes is None or sizes["by_values"] * SAMPLED <= MANY)
    return ((), GATHER) if by_values else (tuple(bounded(conditions)), {})


def bounded(conditions: Conditions) -> list[str]:
    """Columns that the filters bound."""
    names = {"er": conditions.rate_column, "sponsored": "sponsored_share", "tier": "followers"}
    found = [names.get(name, name) for name in conditions.filters.bounds]
    found += ["followers"] if conditions.filters.choice("tier").any else []
    return [*found, *(["last_post"] if conditions.filters.posted_within is not None else [])]


def sample_sizes(conditions: Conditions) -> dict[str, int]:
    """Rows of the sample with the values, those between the bounds too, those with a known value to sort by."""
    column = conditions.sort_column
    numbers = conditions.by_numbers()
    known = Q((f"{column}__isnull", False)) & conditions.by_known_values() & numbers
    with planned():
        return conditions.rows(SampleRow, numbers=False).aggregate(
            by_values=Count("pk"), fitting=Count("pk", filter=numbers), known=Count("pk", filter=known)
        )


def estimated(conditions: Conditions, kinds: Sequence[int], sizes: dict[str, int]) -> Tally:
    """From the sample, and the values from a part of it when it holds many that fit."""
    fitting = sizes["fitting"]
    draws = min(DRAWS, max(1, DRAWS * FACETED // max(fitting, 1)))
    rows = conditions.rows(SampleRow).filter(draw__lt=draws)
    with planned():
        values = look(conditions, rows, kinds)
    part, creators = pop(values, -2), pop(values, -1)
    scale = SAMPLED * fitting / part if part else 0.0
    scaled = {kind: {value: round(n * scale) for value, n in found.items()} for kind, found in values.items()}
    # Counting stopped above the limit, so there are more than that whatever the sample says.
    total = max(round(creators * scale), EXACT + 1)
    return Tally(
        total, max(fitting * SAMPLED, total), False, scaled, values_are_exact=False, known=sizes["known"] * SAMPLED
    )


def look(conditions: Conditions, rows: SearchQuerySet, kinds: Sequence[int]) -> dict[int, dict[str, int]]:
    """One statement: the rows, and over them the creators by kind and value. Kind -1 is all creators, -2 all rows."""
    wanted = set(kinds)
    shown = rows.annotate(tier=tier_case(conditions.scheme) if TIER in wanted else Value(0, IntegerField()))
    inner, params = shown.values_list("creator_id", "tokens", "tier").query.sql_with_params()
    outer, given = parts(conditions, wanted)
    found: dict[int, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute("WITH m AS MATERIALIZED (" + inner + ") " + outer, [*params, *given])
        for kind, value, n in cursor.fetchall():
            found.setdefault(kind, {})[value] = n
    return found


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


def pop(values: dict[int, dict[str, int]], kind: int) -> int:
    return values.pop(kind, {}).get("", 0)
