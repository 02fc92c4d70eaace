"""Tables that people download."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse

from groundswell.lib.spreadsheets import inert

BYTE_ORDER_MARK = "\ufeff"


def csv_file(name: str, rows: Iterable[Sequence[Any]], *, is_marked: bool = False) -> HttpResponse:
    """The rows as `name`.csv in UTF-8; marked, Excel knows the encoding without being told."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    if is_marked:
        response.write(BYTE_ORDER_MARK)
    csv.writer(response).writerows([cell(value) for value in row] for row in rows)
    return response


def cell(value: Any) -> Any:
    """A value for a spreadsheet: no text is taken for a formula, missing is empty."""
    return "" if value is None else inert(value) if isinstance(value, str) else value
