"""What every kind of file is read into."""

from __future__ import annotations

from dataclasses import dataclass

MAX_BYTES = 50 * 1024 * 1024
MAX_ROWS = 200_000
MAX_COLUMNS = 200


class UnreadableFileError(Exception):
    """The file can't be imported at all; the message says why and what to do."""


@dataclass(slots=True)
class Line:
    """One record: the number of the line it starts on (1 is the first of the file) and its cells."""

    number: int
    cells: list[str]


def shape_problem(cells: list[str], header: list[str], needed: int) -> str:
    """Why a row doesn't fit the header, or nothing. `needed` is the highest mapped column plus one."""
    if len(cells) > len(header) and any(cells[len(header) :]):
        return (
            f"The row has {len(cells)} columns and the header {len(header)}: "
            "a value that contains the delimiter may lack its quotation marks"
        )
    if len(cells) < needed:
        return f"The row is cut off: it has {len(cells)} of {len(header)} columns"
    return ""
