"""XLSX workbooks as text cells, row by row; what might burst is refused by its table of contents, before unpacking."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from itertools import islice
from typing import IO, Any, BinaryIO
from xml.etree.ElementTree import ParseError

from openpyxl.cell.text import Text
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from creators.importing.lines import MAX_COLUMNS, Line, UnreadableFileError

MAX_UNPACKED = 400 * 1024 * 1024
MAX_RATIO = 200  # sheets of one repeated row pack at about 100 to 1
MAX_PARTS = 2_000
BLOCK = 1024 * 1024
ROW = re.compile(rb"<(?:\w+:)?row[\s>]")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
DAMAGED = "This Excel workbook is damaged or was cut off on its way. Open it, save it again and upload that."
FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, IndexError, AttributeError, TypeError,
          ParseError, InvalidFileException, NotImplementedError, RuntimeError)  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """A sheet and how many rows it has, its header and empty ones among them."""

    name: str
    rows: int


def refuse_bombs(file: BinaryIO) -> None:
    """Raises UnreadableFileError for what is no workbook or would unpack to more than can be read."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as parts:
            infos = parts.infolist()
    except FAULTS as error:
        raise UnreadableFileError(DAMAGED) from error
    names = {info.filename for info in infos}
    if "xl/workbook.xml" not in names:
        raise UnreadableFileError("This is a zip file and no Excel workbook. Unpack it and upload the file inside.")
    unpacked, packed = sum(info.file_size for info in infos), sum(info.compress_size for info in infos)
    if len(infos) > MAX_PARTS or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(packed, 4096):
        raise UnreadableFileError(
            f"This workbook would unpack to {unpacked // 1024**2:,} MB, which is more than can be read. "
            "Save the sheet as CSV and upload that."
        )


class Strings:
    """The texts that a workbook's cells point at, read only as far as somebody asks: the first rows need the first."""

    def __init__(self, part: IO[bytes]) -> None:
        self.read: list[str] = []
        self.unread = texts(part)

    def __getitem__(self, place: int) -> str:
        self.read.extend(islice(self.unread, max(place + 1 - len(self.read), 0)))
        return self.read[place]


def texts(part: IO[bytes]) -> Iterator[str]:
    for _, node in iterparse(part):
        if node.tag == f"{{{SHEET_MAIN_NS}}}si":
            text: Any = Text.from_tree(node)
            yield str(text.content).replace("x005F_", "")
            node.clear()


class UnmeasuredSheet(ReadOnlyWorksheet):
    def _get_size(self) -> None:
        """Nothing: where the sheet doesn't say its size, openpyxl would read every cell to find out."""


class Reader(ExcelReader):
    """openpyxl's reader without what takes it seconds before the first row: all texts, and the size of each sheet."""

    def read_strings(self) -> None:
        package: Any = self.package
        part = package.find(SHARED_STRINGS)
        if part is not None:
            self.shared_strings: Any = Strings(self.archive.open(part.PartName[1:]))

    def read_worksheets(self) -> None:
        book: Any = self.wb
        book._sheets = [  # noqa: SLF001 - as in openpyxl's method of this name
            UnmeasuredSheet(self.wb, sheet.name, relation.target, self.shared_strings)
            for sheet, relation in self.parser.find_sheets()
            if relation.target in self.valid_files and "chartsheet" not in relation.Type
        ]


@contextmanager
def opened(file: BinaryIO) -> Iterator[Workbook]:
    """The workbook, read as it is asked for; formulas give the values they had when it was saved."""
    file.seek(0)
    try:
        reader = Reader(file, read_only=True, data_only=True, keep_links=False)
        reader.read()
        try:
            yield reader.wb
        finally:
            reader.wb.close()
    except FAULTS as error:
        raise UnreadableFileError(DAMAGED) from error


def sheets(file: BinaryIO) -> list[Sheet]:
    """Every sheet in the workbook's order. Unpacks each once without reading its cells: a damaged one is noticed."""
    refuse_bombs(file)
    with opened(file) as book, zipfile.ZipFile(file) as parts:
        found = [Sheet(sheet.title, count_rows(parts, path_of(sheet))) for sheet in book.worksheets]
    if not found:
        raise UnreadableFileError("This workbook has no sheet with cells.")
    return found


def path_of(sheet: Any) -> str:
    return str(sheet._worksheet_path).lstrip("/")  # noqa: SLF001 - a read-only sheet names its part nowhere else


def count_rows(parts: zipfile.ZipFile, path: str) -> int:
    count, rest = 0, b""
    with parts.open(path) as part:
        while block := part.read(BLOCK):
            text = rest + block
            found = [match.end() for match in ROW.finditer(text)]
            count += len(found)
            rest = text[max(found[-1] if found else 0, len(text) - 20) :]
    return count


def records(file: BinaryIO, name: str, width: int = MAX_COLUMNS) -> Iterator[Line]:
    """Every row of a sheet that isn't blank, `width` cells each, one more where there is something in it.

    `number` is the row's number in the sheet.
    """
    with opened(file) as book:
        sheet: Any = book[name]
        for number, row in enumerate(sheet.iter_rows(max_col=width + 1), 1):
            cells = [text_of(cell) for cell in row]
            if any(cells):
                yield Line(number, cells if cells[width] else cells[:width])


def text_of(cell: Any) -> str:
    """A typed cell as somebody would have written it, so that it is read as the same value."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return CONTROL.sub("", value).strip()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number_text(value, str(cell.number_format))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return str(value)


def number_text(value: float, number_format: str) -> str:
    """`0.031` formatted as a percentage → `3.1%`; three decimals get a fourth, or they would look like thousands."""
    number = Decimal(repr(value))
    if not number.is_finite():
        return ""
    if "%" in number_format:
        return f"{(number * 100).normalize():f}%"
    text = f"{number.normalize():f}"
    return f"{text}0" if re.search(r"\.\d{3}$", text) else text
