"""Many rows of one kind at once, by COPY."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, models


def copy_in(rows: Sequence[models.Model]) -> None:
    """Write new rows whose keys nobody needs afterwards; half the time of bulk_create."""
    if not rows:
        return
    meta = rows[0]._meta
    fields = [field for field in meta.concrete_fields if not isinstance(field, models.AutoField)]
    fields = [field for field in fields if not isinstance(field, models.CompositePrimaryKey)]
    parents = [field.name for field in fields if field.is_relation]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    with connection.cursor() as cursor, cursor.copy(f'COPY "{meta.db_table}" ({columns}) FROM STDIN') as stream:
        for row in rows:
            for parent in parents:
                setattr(row, parent, getattr(row, parent))  # which has its key by now
            stream.write_row(
                [field.get_db_prep_save(field.pre_save(row, add=True), connection=connection) for field in fields]
            )
