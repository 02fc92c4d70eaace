"""A report made: its sections with where, when and of what; as a workbook, as CSV, as a PDF, as plain data."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from groundswell.lib.money import exponent
from groundswell.lib.spreadsheets import inert
from groundswell.lib.typesetting import typeset
from tracking.models import Report
from tracking.reports.material import Material
from tracking.reports.sections import in_brand_time, sections_of
from tracking.reports.tables import Cell, Chart, Section, Table

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
NO_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")
WIDEST = 60
SHEET = "tracking/report.typ"


@dataclass(frozen=True)
class Document:
    """Everything is looked up: what writes it asks nothing more."""

    name: str
    brand: str
    scope: str
    period: str
    timezone: str
    made_at: datetime
    made: str
    is_up_to_date: bool
    sections: list[Section] = field(default_factory=list)

    @property
    def facts(self) -> list[tuple[str, str]]:
        state = "up to date" if self.is_up_to_date else "more is being added up"
        return [
            ("Of", self.scope),
            ("Period", f"{self.period}, days in {self.timezone}"),
            ("Figures", f"as of {self.made}, {state}"),
            ("Source", f"Groundswell, the results of {self.brand}"),
        ]

    def section(self, word: str) -> Section | None:
        return next((one for one in self.sections if one.word == word), None)


def document_of(report: Report, at: datetime, *, hides_names: bool = False, hides_costs: bool = False) -> Document:
    """The report with the figures of a moment."""
    material = Material(report, at, hides_names=hides_names, hides_costs=hides_costs)
    sections = sections_of(material)
    return Document(
        name=report.name,
        brand=report.brand.name,
        scope=material.scope_words or "No campaign",
        period=material.period_words,
        timezone=report.brand.timezone,
        made_at=at,
        made=in_brand_time(material, at),
        is_up_to_date=material.waiting_since is None,
        sections=sections,
    )


# CSV


def rows_of(section: Section) -> Iterator[list[Any]]:
    """The section's tables one below the other, an empty line between; units are in the heads."""
    for at, table in enumerate(section.tables):
        if at:
            yield []
        yield [column.headed for column in table.columns]
        for cells, *_ in table.lines:
            yield [in_file(cell) for cell in cells]


def in_file(cell: Cell) -> Any:
    """Numbers as numbers, text that no spreadsheet takes for a formula, the unknown empty."""
    value = cell.plain
    if isinstance(value, str):
        return written(value)
    return "" if value is None else value


def written(text: str) -> str:
    """Neither a formula nor a character that workbooks can't hold."""
    return inert(CONTROL.sub("", text))


# Workbook


def workbook_of(document: Document) -> bytes:
    """One sheet a section: numbers are numbers, units are in the heads, what the report is of in front."""
    book = Workbook(write_only=True)
    front = book.create_sheet("Report")
    front.column_dimensions["B"].width = WIDEST
    front.append([bold(front, document.name)])
    for name, value in document.facts:
        front.append([name, written(value)])
    taken = {"report"}
    for section in document.sections:
        add_sheet(book, section, sheet_name(section.title, taken))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def sheet_name(title: str, taken: set[str]) -> str:
    """At most 31 characters, none that workbooks refuse, and not the name of another sheet."""
    name = NO_SHEET_NAME.sub(" ", CONTROL.sub("", title)).strip()[:28] or "Section"
    number, free = 1, name
    while free.casefold() in taken:
        number += 1
        free = f"{name} {number}"
    taken.add(free.casefold())
    return free


def add_sheet(book: Workbook, section: Section, name: str) -> None:
    sheet = book.create_sheet(name)
    for at, width in enumerate(widths(section), start=1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    for line in filter(None, section.text.splitlines()):
        sheet.append([written(line)])
    for at, table in enumerate(section.tables):
        if at:
            sheet.append([])
        add_table(sheet, table, titled=len(section.tables) > 1)
    if section.notes:
        sheet.append([])
    for note in section.notes:
        sheet.append([written(note)])


def widths(section: Section) -> list[int]:
    longest: dict[int, int] = {}
    for table in section.tables:
        for at, column in enumerate(table.columns):
            shown = (len(cells[at].shown) for cells, *_ in table.lines)
            longest[at] = max(longest.get(at, 0), len(column.headed), *shown, 6)
    return [min(longest[at] + 2, WIDEST) for at in sorted(longest)]


def add_table(sheet: Any, table: Table, *, titled: bool) -> None:
    if titled:
        sheet.append([bold(sheet, table.title)])
    sheet.append([bold(sheet, column.headed) for column in table.columns])
    for cells, is_total, _ in table.lines:
        sheet.append([styled(sheet, cell, is_total) for cell in cells])


def bold(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, written(text))
    cell.font, cell.alignment = Font(bold=True), Alignment(vertical="top")
    return cell


def styled(sheet: Any, cell: Cell, is_total: bool) -> Any:
    value = in_file(cell)
    made = WriteOnlyCell(sheet, None if value == "" else value)
    if cell.is_number and value != "":
        made.number_format = format_of(cell)
    if is_total:
        made.font = Font(bold=True)
    return made


def format_of(cell: Cell) -> str:
    """A spreadsheet's number format that shows what the page shows."""
    name, _, option = cell.kind.partition(":")
    places = exponent(option) if name == "money" else int(option or {"percent": 1, "times": 2}.get(name, 0))
    digits = "#,##0" + (f".{'0' * places}" if places else "")
    return {"percent": f"{digits}%", "times": f'{digits}"×"'}.get(name, digits)


# PDF


def pdf_of(document: Document) -> bytes:
    return typeset(SHEET, sheet_data(document), "pdf")


def sheet_data(document: Document) -> dict[str, Any]:
    """What the sheet sets: every number as text, as the page shows it; charts with their heights as shares."""
    return {
        "name": document.name,
        "brand": document.brand,
        "made": document.made,
        "facts": [{"name": name, "value": value} for name, value in document.facts],
        "sections": [
            {
                "word": section.word,
                "title": section.title,
                "text": section.text,
                "notes": section.notes,
                "charts": [drawn(chart) for chart in section.charts if chart.labels],
                "tables": [set_table(table) for table in section.tables if table.rows],
                "titled": len(section.tables) > 1,
                "empty": section.is_empty,
            }
            for section in document.sections
        ],
    }


def drawn(chart: Chart) -> dict[str, Any]:
    """A chart for paper: values as shares of its height, and where zero is; a day's label without its year."""
    known = [float(value) for value in chart.values if value is not None]
    top, low = max([*known, 0.0]), min([*known, 0.0])
    height = top - low or 1.0
    return {
        "kind": chart.kind,
        "title": chart.title,
        "labels": [short(label) for label in chart.labels],
        "shown": chart.shown,
        "shares": [None if one is None else float(one) / height for one in chart.values],
        "zero": -low / height,
        "top": Cell(Decimal(str(top)), f"money:{chart.money}" if chart.money else "number").shown,
    }


def short(label: str) -> str:
    try:
        return f"{date.fromisoformat(label):%-d %b}"
    except ValueError:
        return label


def set_table(table: Table) -> dict[str, Any]:
    table = table.without("address", "why").as_read
    return {
        "title": table.title,
        "heads": [column.label for column in table.columns],
        "numeric": [column.is_number for column in table.columns],
        "wide": [column.word in {"definition", "creator", "rule", "source"} for column in table.columns],
        "rows": [{"cells": [cell.shown for cell in cells], "total": is_total} for cells, is_total, _ in table.lines],
    }


# Data


def data_of(document: Document) -> dict[str, Any]:
    """For programs: rows by the columns' words, amounts in whole minor units, rates as fractions, unknown as null."""
    return {
        "name": document.name,
        "scope": document.scope,
        "period": document.period,
        "timezone": document.timezone,
        "made_at": document.made_at,
        "is_up_to_date": document.is_up_to_date,
        "sections": [
            {
                "section": section.word,
                "title": section.title,
                "text": section.text,
                "notes": section.notes,
                "tables": [table_data(table) for table in section.tables],
            }
            for section in document.sections
        ],
    }


def table_data(table: Table) -> dict[str, Any]:
    words = [column.word for column in table.columns]
    return {
        "table": table.word,
        "title": table.title,
        "currency": table.currency,
        "columns": [{"word": column.word, "label": column.headed} for column in table.columns],
        "rows": [dict(zip(words, (as_json(cell) for cell in cells), strict=True)) for cells, *_ in table.lines],
    }


def as_json(cell: Cell) -> Any:
    value = cell.plain
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
