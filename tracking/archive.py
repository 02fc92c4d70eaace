"""Clicks as Parquet, a file a month, for those who outgrow PostgreSQL. Needs the extra `parquet` (pyarrow).

What a file holds is what the table holds, with the public codes of whom a click belongs to in place of database keys;
no name, slug or address is added. Rows are read and written in batches, so memory does not follow their number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from groundswell.accounts.models import Brand

BATCH = 50_000
SELECT = """
    SELECT click.id, click.clicked_at, brand.code, campaign.code, collaboration.code, click.link_id, click.visitor,
           click.bot_reason, click.is_duplicate, click.referrer, click.device, click.app, click.country,
           click.received_at
    FROM {month} click
    JOIN tracking_trackinglink link ON link.id = click.link_id
    JOIN campaigns_collaboration collaboration ON collaboration.id = link.collaboration_id
    JOIN campaigns_campaign campaign ON campaign.id = collaboration.campaign_id
    JOIN accounts_brand brand ON brand.id = campaign.brand_id
    WHERE brand.id = %(brand)s OR %(brand)s IS NULL
    ORDER BY click.clicked_at, click.id
"""


class ParquetMissing(Exception):
    """pyarrow is not installed; the message says how to get it."""


@dataclass(frozen=True)
class Written:
    """A month's file; None where it was there already and was left."""

    month: date
    path: Path
    clicks: int | None


def write_month(month: date, folder: Path, *, brand: Brand | None = None, again: bool = False) -> Written:
    """Write the clicks of a month, of one brand or of all, as of one moment. The file appears when it is whole."""
    parquet, schema = tools()
    name = f"clicks-{brand.code}-{month:%Y-%m}.parquet" if brand else f"clicks-{month:%Y-%m}.parquet"
    path, unfinished = folder / name, folder / f".{name}.part"
    if path.exists() and not again:
        return Written(month, path, None)
    folder.mkdir(parents=True, exist_ok=True)
    with parquet.ParquetWriter(unfinished, schema, compression="zstd") as file:
        clicks = sum(write_batch(file, schema, rows) for rows in batches(month, brand))
    unfinished.replace(path)
    return Written(month, path, clicks)


def write_batch(file: Any, schema: Any, rows: list[tuple[Any, ...]]) -> int:
    import pyarrow

    columns = [pyarrow.array(column, field.type) for column, field in zip(zip(*rows, strict=True), schema, strict=True)]
    file.write_table(pyarrow.Table.from_arrays(columns, schema=schema))
    return len(rows)


def batches(month: date, brand: Brand | None) -> Iterator[list[tuple[Any, ...]]]:
    """A month's rows by a cursor of the server's, oldest first."""
    statement = SELECT.format(month=f"tracking_click_{month:%Y%m}")
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(statement, {"brand": brand.pk if brand else None})
        while rows := cursor.fetchmany(BATCH):
            yield rows


def tools() -> tuple[Any, Any]:
    """pyarrow's writer, and the types of the columns. Raises ParquetMissing."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise ParquetMissing("Parquet is written with pyarrow: pip install 'groundswell[parquet]'.") from error
    text, moment = pyarrow.string(), pyarrow.timestamp("ms", tz="UTC")
    few = pyarrow.dictionary(pyarrow.int32(), text)
    types = {
        "id": text, "clicked_at": moment, "brand": few, "campaign": few, "collaboration": few, "link": pyarrow.int64(),
        "visitor": text, "bot_reason": few, "is_duplicate": pyarrow.bool_(), "referrer": text, "device": few,
        "app": few, "country": few, "received_at": pyarrow.timestamp("us", tz="UTC"),
    }  # fmt: skip
    return parquet, pyarrow.schema([pyarrow.field(name, type_, nullable=False) for name, type_ in types.items()])
