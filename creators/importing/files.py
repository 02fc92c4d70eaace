"""Tables as people have them, read row by row: text of unknown encoding and delimiter, or a workbook."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from charset_normalizer import from_bytes

from creators.importing import workbooks
from creators.importing.lines import MAX_BYTES, MAX_COLUMNS, MAX_ROWS, Line, UnreadableFileError
from creators.importing.workbooks import Sheet

SAMPLE = 256 * 1024
SPARE_ROWS = 10_000  # empty rows with a format, which spreadsheets leave below a table
DELIMITERS = ",;\t|"
BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
ZIP = b"PK\x03\x04"
EMPTY = "This file is empty. Upload a file with a header and at least one row."
# First bytes of files that people upload by mistake, with what to tell them.
MISTAKES = {
    b"\xd0\xcf\x11\xe0": "This is an Excel workbook of the old kind or with a password. Save it as XLSX or CSV.",
    b"%PDF": "This is a PDF. Upload a CSV file or an Excel workbook.",
    b"\x89PNG": "This is a picture. Upload a CSV file or an Excel workbook.",
    b"\xff\xd8\xff": "This is a picture. Upload a CSV file or an Excel workbook.",
    b"\x1f\x8b": "This file is compressed. Unpack it and upload the file inside.",
}


@dataclass(frozen=True)
class Layout:
    """How a file is written and the names of its columns.

    Of text: Python's name of the encoding, and the delimiter. Of a workbook: all its sheets, and the one that is read.
    """

    encoding: str
    delimiter: str
    header: list[str]
    sheet: str = ""
    sheets: tuple[Sheet, ...] = ()


def look_at(file: BinaryIO, sheet: str = "") -> Layout:
    """Find out how a file is written. Raises UnreadableFileError for what is no table.

    `sheet` is the one to read of a workbook; without it, or where there is none of this name, the longest is.
    """
    file.seek(0)
    sample = file.read(SAMPLE)
    refuse_mistakes(sample)
    refuse_size(file)
    layout = of_workbook(file, sheet) if sample.startswith(ZIP) else of_text(file, sample)
    if len(layout.header) > MAX_COLUMNS:
        raise UnreadableFileError(f"This file has more than {MAX_COLUMNS} columns; that many can be read.")
    return layout


def of_workbook(file: BinaryIO, name: str) -> Layout:
    sheets = workbooks.sheets(file)
    chosen = next((sheet for sheet in sheets if sheet.name == name), None) or max(sheets, key=lambda each: each.rows)
    header = header_of(workbooks.records(file, chosen.name))
    while not header[-1]:
        header.pop()
    return Layout("", "", header, chosen.name, tuple(sheets))


def of_text(file: BinaryIO, sample: bytes) -> Layout:
    encoding = encoding_of(file, sample)
    text = decoded(sample, encoding)
    delimiter = delimiter_of(text)
    return Layout(encoding, delimiter, header_of(records(io.StringIO(text, newline=""), delimiter)))


def header_of(lines: Iterator[Line]) -> list[str]:
    first = next(lines, None)
    if first is None:
        raise UnreadableFileError(EMPTY)
    return [" ".join(cell.split()) for cell in first.cells]


def refuse_mistakes(sample: bytes) -> None:
    if not sample.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise UnreadableFileError(EMPTY)
    for start, message in MISTAKES.items():
        if sample.startswith(start):
            raise UnreadableFileError(message)


def refuse_size(file: BinaryIO) -> None:
    if file.seek(0, io.SEEK_END) > MAX_BYTES:
        raise UnreadableFileError(f"This file is larger than {MAX_BYTES // 1024**2} MB. Split it into smaller files.")


def encoding_of(file: BinaryIO, sample: bytes) -> str:
    """UTF-8 if every byte of the file fits, UTF-16 by its marks or zero bytes, else a Windows code page."""
    for mark, name in BOMS.items():
        if sample.startswith(mark):
            return name
    zeros = sample.count(0)
    if zeros:
        return utf16_without_mark(sample, zeros)
    return "utf-8" if is_utf8(file) else legacy_encoding(sample)


def utf16_without_mark(sample: bytes, zeros: int) -> str:
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if zeros < len(sample) * 0.3 or min(even, odd) > max(even, odd) * 0.1:
        raise UnreadableFileError("This is not a text file. Upload a CSV file or an Excel workbook.")
    return "utf-16-be" if even > odd else "utf-16-le"


def is_utf8(file: BinaryIO) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while block := file.read(SAMPLE):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def legacy_encoding(sample: bytes) -> str:
    """Western Windows text, unless most letters are outside ASCII: then what the letters' statistics say."""
    control = sum(byte < 9 or 13 < byte < 32 for byte in sample)
    if control > len(sample) * 0.02:
        raise UnreadableFileError("This is not a text file. Upload a CSV file or an Excel workbook.")
    high = sum(byte > 127 for byte in sample)
    letters = sum(chr(byte).isalpha() for byte in sample if byte < 128)
    best = from_bytes(sample).best() if high > letters * 0.3 else None
    return best.encoding if best else "cp1252"


def decoded(sample: bytes, encoding: str) -> str:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    return decoder.decode(sample)


def delimiter_of(text: str) -> str:
    """The delimiter that cuts most records into the same number of cells, more than one; a comma if none does."""
    scores = {mark: regularity(text, mark) for mark in DELIMITERS}
    best = max(scores, key=lambda mark: scores[mark])
    return best if scores[best] > (0, 0) else ","


def regularity(text: str, delimiter: str) -> tuple[float, int]:
    counts: Counter[int] = Counter()
    try:
        for place, line in enumerate(records(io.StringIO(text, newline=""), delimiter)):
            counts[len(line.cells)] += 1
            if place >= 50:
                break
    except UnreadableFileError:
        return (0, 0)
    width, seen = counts.most_common(1)[0] if counts else (1, 0)
    return (round(seen / counts.total(), 1), width) if width > 1 else (0, 0)


def records(stream: io.TextIOBase, delimiter: str) -> Iterator[Line]:
    """Every record that isn't blank, quoted line breaks kept inside their cell."""
    lines = (line.replace("\x00", "") for line in stream)
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    start = 1
    try:
        for cells in reader:
            if any(cells) and any(cell.strip() for cell in cells):
                yield Line(start, [cell.strip() for cell in cells])
            start = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableFileError(
            f"Line {start} can't be read ({error}). A quotation mark may be open there; close it and upload again."
        ) from error


def rows(file: BinaryIO, layout: Layout) -> Iterator[Line]:
    """The records below the header. Raises UnreadableFileError past MAX_ROWS."""
    lines = workbooks.records(file, layout.sheet, len(layout.header)) if layout.sheet else text_records(file, layout)
    for place, line in enumerate(lines):
        if place > MAX_ROWS:
            raise UnreadableFileError(f"This file has more than {MAX_ROWS:,} rows. Split it into smaller files.")
        if place:
            yield line


def text_records(file: BinaryIO, layout: Layout) -> Iterator[Line]:
    file.seek(0)
    stream = io.TextIOWrapper(file, encoding=layout.encoding, errors="replace", newline="")
    try:
        yield from records(stream, layout.delimiter)
    finally:
        if not file.closed:
            stream.detach()


def count_rows(file: BinaryIO, layout: Layout) -> int:
    """Number of rows below the header, of a workbook with the empty ones. Raises UnreadableFileError for none."""
    total = rows_of_sheet(layout) if layout.sheet else sum(1 for _ in rows(file, layout))
    if total < 1:
        raise UnreadableFileError("This file has a header and no rows below it.")
    return total


def rows_of_sheet(layout: Layout) -> int:
    """As counted when the workbook was opened: opening it again only for that costs seconds."""
    total = next(sheet.rows for sheet in layout.sheets if sheet.name == layout.sheet) - 1
    if total > MAX_ROWS + SPARE_ROWS:
        raise UnreadableFileError(f"This sheet has more than {MAX_ROWS:,} rows. Split it into smaller files.")
    return min(total, MAX_ROWS)
