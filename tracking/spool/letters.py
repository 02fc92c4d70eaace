"""Dead letters: lines of a segment that are no clicks, kept with their offset and the reason."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec

from tracking.spool.batches import Batch
from tracking.spool.records import MAX_LINE
from tracking.spool.segments import Segment

logger = logging.getLogger(__name__)
SUFFIX, TAKEN = ".jsonl", ".retrying"


class Letter(msgspec.Struct, frozen=True):
    offset: int
    reason: str
    line: str


def bury(folder: Path, batch: Batch) -> None:
    """Append rejected lines to the segment's dead-letter file with offset and reason, those of a first try once."""
    if not batch.rejected:
        return
    path = dead_letters(folder, batch.segment)
    append(path, [letter(batch, offset) for offset in sorted(batch.rejected)])
    logger.warning("%d lines of %s are no clicks; see %s", len(batch.rejected), batch.segment.path.name, path)


def append(path: Path, letters: Iterable[Letter]) -> None:
    """Add the letters that are not in the file yet, and see them on disk."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    buried = set(letters_in(path))
    with path.open("ab") as file:
        file.writelines(msgspec.json.encode(one) + b"\n" for one in letters if one not in buried)
        file.flush()
        os.fsync(file.fileno())


def letter(batch: Batch, offset: int) -> Letter:
    line = batch.line(offset)[:MAX_LINE].decode("utf-8", "backslashreplace")
    return Letter(offset, batch.rejected[offset], line)


def dead_letters(folder: Path, segment: Segment) -> Path:
    return folder / "rejected" / f"{segment.path.stem}{SUFFIX}"


def letter_files(folder: Path) -> list[Path]:
    """The dead-letter files of a spool folder, those of an unfinished retry too."""
    return sorted(path for path in (folder / "rejected").glob("*~*") if path.suffix in {SUFFIX, TAKEN})


def letters_in(path: Path) -> list[Letter]:
    """Nothing for a file that is gone. A line cut short by a crash is left out: its segment brings it again."""
    letters: list[Letter] = []
    with suppress(FileNotFoundError):
        for line in path.read_bytes().splitlines():
            with suppress(msgspec.DecodeError):
                letters.append(msgspec.json.decode(line, type=Letter))
    return letters


def taken_aside(folder: Path) -> list[Path]:
    """The letters that are there now, in files to which nothing more is added."""
    for path in letter_files(folder):
        if path.suffix == SUFFIX and not path.with_suffix(TAKEN).exists():
            path.rename(path.with_suffix(TAKEN))
    return [path for path in letter_files(folder) if path.suffix == TAKEN]
