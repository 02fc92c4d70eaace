"""How many creators fit, and how many of them have each value: exact for few, estimated from a sample for many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import CharField, Count, Q, Value

from creators.discovery.conditions import Conditions
from creators.discovery.planning import GATHER, planned
from creators.models.discovery import SampleRow, SearchQuerySet, SearchRow, Token
from creators.tiers import tier_case

EXACT = 5_000
FACETED = 2_000
SAMPLED = 32  # one row of the sample stands for so many
DRAWS = 4_096
FEW = 10_000  # rows with a value, fetched for one facet
TIER, STAGE = 1_000, 1_001
# More rows than this are not fetched for their values alone if a bound leaves few of them.
MANY = 30_000

# Over the rows `m`: all creators, all rows; then creators by kind and value.
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
# Of each creator the row that comes first among those that fit, with its value to sort by.
LEADING = """
SELECT array_agg(k), array_agg(id) FROM (SELECT DISTINCT ON (creator_id) id, k FROM m ORDER BY creator_id, place) lead
"""
NOTHING = "SELECT NULL, NULL"


@dataclass(frozen=True)
class Tally:
    """Creators that fit, rows of theirs that fit, whether that is exact; creators by kind and value, and whether
    those are exact. Where all were counted, `leading` has each creator's row: its value to sort by and its key;
    where not, `known` is about how many rows have a known value."""

    creators: int
    rows: int
    is_exact: bool
    values: dict[int, dict[str, int]] = field(default_factory=dict)
    values_are_exact: bool = True
    leading: tuple[tuple[Any, int], ...] = ()
    known: int = 0


def tally(conditions: Conditions, kinds: Sequence[int]) -> Tally:
    """A value that few rows have is looked up at once; else the sample tells how many fit, few or many."""
    most = conditions.most
    if most is not None and most <= EXACT and (found := counted(conditions, kinds, EXACT)):
        return found
    sizes = sample_sizes(conditions)
    if sizes["fitting"] * SAMPLED <= EXACT and (found := counted(conditions, kinds, EXACT, sizes)):
        return found
    return estimated(conditions, kinds, EXACT, sizes)


def facet_tally(conditions: Conditions, kind: int) -> Tally:
    """For one facet alone: exact if few rows have to be looked at for it, whatever their numbers; else estimated."""
    most = conditions.most
    if most is not None and most <= FACETED and (found := counted(conditions, [kind], FACETED)):
        return found
    if most is None or most > SAMPLED * FACETED:
        sizes = sample_sizes(conditions)
        few = sizes["fitting"] * SAMPLED <= FACETED and (most is None or sizes["by_values"] * SAMPLED <= FEW)
        return (counted(conditions, [kind], FACETED, sizes) if few else None) or estimated(conditions, [kind], 0, sizes)
    with planned():
        values, _ = look(conditions, conditions.rows(SampleRow), [kind], NOTHING)
    part = values.get(-2, {}).get("", 0)
    if part * SAMPLED <= FACETED and most <= FEW and (found := counted(conditions, [kind], FACETED)):
        return found
    return scaled(values, part, 0, part)


def counted(
    conditions: Conditions, kinds: Sequence[int], limit: int, sizes: dict[str, int] | None = None
) -> Tally | None:
    """Every row that fits; None when they are more than may be looked at."""
    served, settings = route(conditions, sizes)
    rows = conditions.rows(SearchRow, served)[: limit + 1]
    with planned(settings):
        values, leading = look(conditions, rows, kinds, LEADING)
    found, creators = pop(values, -2), pop(values, -1)
    return Tally(creators, found, is_exact=True, values=values, leading=leading) if found <= limit else None


def route(conditions: Conditions, sizes: dict[str, int] | None) -> tuple[Sequence[str], dict[str, str]]:
    """Columns whose indexes may serve, and the planner's settings: by values alone where those leave few rows."""
    by_values = conditions.most is not None and (sizes is None or sizes["by_values"] * SAMPLED <= MANY)
    if by_values:
        return (), GATHER
    tiers = ["followers"] if conditions.filters.choice("tier").any else []
    return [*conditions.bounded, *tiers], {}


def sample_sizes(conditions: Conditions) -> dict[str, int]:
    """Rows of the sample with the values, those between the bounds too, those with a known value to sort by."""
    column = conditions.sort_column
    numbers = conditions.by_numbers()
    known = Q((f"{column}__isnull", False)) & conditions.by_known_values() & numbers
    with planned():
        return conditions.rows(SampleRow, numbers=False).aggregate(
            by_values=Count("pk"), fitting=Count("pk", filter=numbers), known=Count("pk", filter=known)
        )


def estimated(conditions: Conditions, kinds: Sequence[int], limit: int, sizes: dict[str, int]) -> Tally:
    """From the sample, and the values from a part of it when it holds many that fit."""
    fitting = sizes["fitting"]
    draws = min(DRAWS, max(1, DRAWS * FACETED // max(fitting, 1)))
    with planned():
        values, _ = look(conditions, conditions.rows(SampleRow).filter(draw__lt=draws), kinds, NOTHING)
    return scaled(values, fitting, limit, sizes["known"])


def scaled(values: dict[int, dict[str, int]], fitting: int, limit: int, known: int) -> Tally:
    """Counts of a part of the sample, of which `fitting` rows fit in all, as those of all rows."""
    part, creators = pop(values, -2), pop(values, -1)
    scale = SAMPLED * fitting / part if part else 0.0
    counts = {kind: {value: round(n * scale) for value, n in found.items()} for kind, found in values.items()}
    # Counting stopped above the limit, so there are more than that whatever the sample says.
    total = max(round(creators * scale), limit + 1)
    rows = max(fitting * SAMPLED, total)
    return Tally(total, rows, is_exact=False, values=counts, values_are_exact=False, known=known * SAMPLED)


def look(
    conditions: Conditions, rows: SearchQuerySet, kinds: Sequence[int], leading: str
) -> tuple[dict[int, dict[str, int]], tuple[tuple[Any, int], ...]]:
    """One statement: the rows, over them the creators by kind and value (-1 is all creators, -2 all rows), and
    each creator's leading row."""
    tier = tier_case(conditions.scheme) if TIER in kinds else Value("", CharField())
    shown = rows.annotate(tier=tier, k=conditions.sort_value())
    inner, params = shown.values_list("id", "creator_id", "place", "tokens", "tier", "k").query.sql_with_params()
    outer, given = parts(conditions, set(kinds))
    counts = f"SELECT json_agg(json_build_array(kind, value, n)) FROM ({outer}) counts"  # noqa: S608 - constants only
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH m (id, creator_id, place, tokens, tier, k) AS MATERIALIZED ({inner}) "  # noqa: S608 - as above
            f"SELECT ({counts}), l.* FROM ({leading}) l",
            [*params, *given],
        )
        counted, values, keys = cursor.fetchone()
    found: dict[int, dict[str, int]] = {}
    for kind, value, n in counted:
        found.setdefault(kind, {})[value] = n
    return found, tuple(zip(values or (), keys or (), strict=True))


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
