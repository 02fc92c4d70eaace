"""Tables that people download."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse

from groundswell.lib.spreadsheets import inert

BYTE_ORDER_MARK = "\ufeff"


def csv_file(name: str, rows: Iterable[Sequence[Any]], *, is_marked: bool = False) -> HttpResponse:
    """The rows as `name`.csv in UTF-8; marked, Excel knows the encoding without being told."""
    response = HttpResponse(headers=headers_of(name))
    if is_marked:
        response.write(BYTE_ORDER_MARK)
    csv.writer(response).writerows([cell(value) for value in row] for row in rows)
    return response


def csv_stream(name: str, rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """The same line by line and always marked: for any number of rows that come from one statement."""
    return StreamingHttpResponse(csv_lines(rows), headers=headers_of(name))


class Echo:
    """A file that hands back what is written to it."""

    def write(self, value: str) -> str:
        return value


def csv_lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    out = csv.writer(Echo())
    yield BYTE_ORDER_MARK
    for row in rows:
        yield out.writerow([cell(value) for value in row])


def headers_of(name: str) -> dict[str, str]:
    return {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{name}.csv"',
    }


def cell(value: Any) -> Any:
    """A value for a spreadsheet: no text is taken for a formula, missing is empty."""
    return "" if value is None else inert(value) if isinstance(value, str) else value
