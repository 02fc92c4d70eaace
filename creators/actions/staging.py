"""The rows of a batch in a temporary table, and statements that write from it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from django.db.models import NOT_PROVIDED

from creators.importing.rows import Row
from groundswell.lib.codes import short_codes

# What the file says, null where it says nothing; then what the row turned out to be.
SAID = {
    "network": "varchar", "handle": "varchar", "url": "varchar", "name": "varchar", "bio": "text",
    "country": "varchar", "city": "varchar", "language": "varchar", "niches": "varchar[]", "gender": "varchar",
    "birth_year": "smallint", "accepts_product_only": "boolean", "followers": "bigint", "following": "bigint",
    "posts_count": "integer", "engagement_rate": "numeric", "engagement_basis": "varchar", "average_likes": "numeric",
    "average_comments": "numeric", "average_shares": "numeric", "average_views": "numeric", "is_verified": "boolean",
    "account_type": "varchar", "credibility": "numeric", "audience_country": "varchar", "audience": "jsonb",
    "email": "varchar", "phone": "varchar", "price": "numeric", "price_currency": "varchar", "rates": "jsonb",
    "tags": "varchar[]", "note": "text",
}  # fmt: skip
FOUND = {
    "creator_id": "bigint", "account_id": "bigint", "is_new": "boolean", "is_public": "boolean",
}  # fmt: skip
CODES = {"creator_code": "varchar", "relationship_code": "varchar"}
COLUMNS = {"n": "integer PRIMARY KEY", **SAID, **CODES}
CREATE = (
    "CREATE TEMPORARY TABLE IF NOT EXISTS creators_staged ("
    + ", ".join(f"{name} {kind}" for name, kind in {**COLUMNS, **FOUND}.items())
    + ") ON COMMIT DROP"
)
COPY = f"COPY creators_staged ({', '.join(COLUMNS)}) FROM STDIN"


def stage(rows: Sequence[Row]) -> None:
    """Put the rows into `creators_staged`, emptied before; `n` counts them from zero."""
    with connection.cursor() as cursor:
        cursor.execute(CREATE)
        cursor.execute("TRUNCATE creators_staged")
    copy(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE creators_staged (n, network, handle)")


def copy(rows: Sequence[Row]) -> None:
    codes = iter(short_codes(2 * len(rows)))
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(COPY) as stream:
        for n, row in enumerate(rows):
            stream.write_row((n, *said(row), next(codes), next(codes)))


def said(row: Row) -> tuple[Any, ...]:
    """The columns of SAID in their order."""
    return (
        row.network, row.handle, row.url or None, row.name or None, row.bio or None, row.country or None,
        row.city or None, row.language or None, array(row.niches), row.gender or None, row.birth_year,
        row.accepts_product_only, row.followers, row.following, row.posts_count, row.engagement_rate,
        row.engagement_basis, row.average_likes, row.average_comments, row.average_shares, row.average_views,
        row.is_verified, row.account_type or None, row.credibility, row.audience_country or None,
        array_of_arrays(row.audience), row.email or None, row.phone or None, row.price, row.price_currency or None,
        array_of_arrays(row.rates), array(row.tags), row.note or None,
    )  # fmt: skip


def array(values: Sequence[str]) -> str | None:
    """PostgreSQL's way to write an array of text: `{"a","b\\"c"}`."""
    if not values:
        return None
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return '{"' + '","'.join(quoted) + '"}'


def array_of_arrays(rows: Sequence[Sequence[Any]]) -> str | None:
    return json.dumps([[str(value) for value in row] for row in rows]) if rows else None


@dataclass(frozen=True)
class Statement:
    """SQL with its parameters."""

    sql: str
    params: list[Any]

    def run(self) -> list[tuple[Any, ...]]:
        """The rows it returns; none for one that returns nothing."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.params)
            return cursor.fetchall() if cursor.description else []


def insert(
    model: type[models.Model], columns: dict[str, str], constants: dict[str, Any], source: str, *params: Any
) -> Statement:
    """`INSERT INTO model SELECT … source`: columns as expressions of the source, constants and the model's defaults.

    `params` are those of the source. A column that came to the model later is filled as `Model()` would fill it.
    """
    fields = {str(field.column): field for field in model._meta.concrete_fields if field.column not in columns}
    values = {
        name: constants[name] if name in constants else field.get_default()
        for name, field in fields.items()
        if name in constants or needs_value(field)
    }
    names = ", ".join([*columns, *values])
    selected = ", ".join([*columns.values(), *(f"%s::{fields[name].db_type(connection)}" for name in values)])
    written = [fields[name].get_db_prep_save(value, connection) for name, value in values.items()]
    sql = f"INSERT INTO {model._meta.db_table} ({names}) SELECT {selected} {source}"
    return Statement(sql, [*written, *params])


def needs_value(field: models.Field[Any, Any]) -> bool:
    return not field.primary_key and field.db_default is NOT_PROVIDED and (not field.null or field.has_default())
