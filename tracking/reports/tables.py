"""What a section of a report holds: tables, charts and sentences. Values are exact; each place writes them its way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from groundswell.lib.money import exponent
from groundswell.lib.numbers import written

INTERVAL = "interval"
ROW, ENDS = "row", "ends"  # kinds of columns whose kind is each row's own: of the value, of its interval


class Cell(NamedTuple):
    """A value and its kind: text, day, number, number:1, percent:2, times, money:EUR, interval. None is unknown."""

    value: Any
    kind: str

    @property
    def shown(self) -> str:
        """As people read it, on the page and in the PDF alike."""
        if isinstance(self.value, date):
            return f"{self.value:%-d %b %Y}"
        return self.value if isinstance(self.value, str) else written(self.value, self.kind)

    @property
    def plain(self) -> Any:
        """For files and programs: amounts in whole minor units, rates as fractions of six digits, days as days."""
        if self.value is None or isinstance(self.value, str | date):
            return self.value
        if self.kind.startswith("money"):
            places = exponent(self.kind.partition(":")[2])
            return Decimal(self.value).quantize(Decimal(1).scaleb(-places))
        return self.value if isinstance(self.value, int) else round(float(self.value), 6)

    @property
    def is_number(self) -> bool:
        return self.kind not in {"text", "day"}

    @property
    def is_address(self) -> bool:
        return isinstance(self.value, str) and self.value.startswith(("https://", "http://"))

    @property
    def is_long(self) -> bool:
        return isinstance(self.value, str) and len(self.value) > 40

    @property
    def unit(self) -> str:
        name, _, option = self.kind.partition(":")
        return option if name == "money" else {"percent": "%", "times": "×"}.get(name, "")


class Column(NamedTuple):
    word: str
    label: str
    kind: str = "text"
    hint: str = ""

    @property
    def is_number(self) -> bool:
        return self.kind not in {"text", "day"}

    @property
    def headed(self) -> str:
        """The label with the unit, for files."""
        unit = Cell(None, self.kind).unit
        return f"{self.label} ({unit})" if unit else self.label


@dataclass(frozen=True)
class Row:
    values: tuple[Any, ...]
    kind: str = "text"
    is_total: bool = False
    ends_kind: str = "text"


class Line(NamedTuple):
    cells: list[Cell]
    is_total: bool
    columns: tuple[Column, ...] = ()

    @property
    def labelled(self) -> list[tuple[Column, Cell]]:
        return list(zip(self.columns, self.cells, strict=True))


@dataclass(frozen=True)
class Table:
    word: str
    title: str
    columns: tuple[Column, ...]
    rows: list[Row]
    currency: str = ""

    @property
    def lines(self) -> Iterator[Line]:
        for row in self.rows:
            yield Line(self.cells(row), row.is_total, self.columns)

    @property
    def as_read(self) -> Table:
        """For people: without what only files need, the two ends of an interval in one column."""
        table = self.without("unit")
        pairs = {at for at, column in enumerate(table.columns) if column.word.endswith("low")}
        columns = [
            Column(column.word, "95% interval", INTERVAL) if at in pairs else column
            for at, column in enumerate(table.columns)
            if at - 1 not in pairs
        ]
        rows = [replace(row, values=joined(table.cells(row), pairs)) for row in table.rows]
        return replace(table, columns=tuple(columns), rows=rows)

    @property
    def stacks(self) -> bool:
        """Whether a phone shows each row as a card: wide, and not long."""
        return len(self.columns) > 3 and len(self.rows) <= 30

    def cells(self, row: Row) -> list[Cell]:
        own = {ROW: row.kind, ENDS: row.ends_kind}
        kinds = (own.get(column.kind, column.kind) for column in self.columns)
        return [Cell(value, kind) for value, kind in zip(row.values, kinds, strict=True)]

    def without(self, *words: str) -> Table:
        """The same without some columns."""
        kept = [at for at, column in enumerate(self.columns) if column.word not in words]
        rows = [replace(row, values=tuple(row.values[at] for at in kept)) for row in self.rows]
        return Table(self.word, self.title, tuple(self.columns[at] for at in kept), rows, self.currency)


@dataclass(frozen=True)
class Chart:
    """One series. `kind` as static/src/js/charts.js knows it; `money` is a currency."""

    word: str
    kind: str
    title: str
    labels: list[str]
    values: list[Any]
    money: str = ""

    @property
    def data(self) -> dict[str, Any]:
        """For the page's chart."""
        values = [value if value is None or isinstance(value, int) else float(value) for value in self.values]
        series = [{"name": self.title, "values": values}]
        return {"labels": self.labels, "series": series, **({"money": self.money} if self.money else {})}

    @property
    def size(self) -> str:
        """Of the chart's box on the page."""
        return "short" if self.kind in {"line", "bar"} or len(self.labels) < 5 else ""

    @property
    def shown(self) -> list[str]:
        return [Cell(value, f"money:{self.money}" if self.money else "number").shown for value in self.values]


def joined(cells: list[Cell], pairs: set[int]) -> tuple[Any, ...]:
    """The values with both ends of each pair as one text; nothing where neither is known."""
    return tuple(
        (None if cell.value is None else f"{cell.shown} to {cells[at + 1].shown}") if at in pairs else cell.value
        for at, cell in enumerate(cells)
        if at - 1 not in pairs
    )


@dataclass
class Section:
    word: str
    title: str
    tables: list[Table] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    text: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.text or self.notes or any(table.rows for table in self.tables))
