"""Dead letters: lines of a segment that are no clicks, kept with their offset and the reason."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

from tracking.spool.batches import Batch
from tracking.spool.records import MAX_LINE
from tracking.spool.segments import Segment

logger = logging.getLogger(__name__)


def bury(folder: Path, batch: Batch) -> None:
    """Append rejected lines to the segment's dead-letter file with offset and reason, those of a first try once."""
    if not batch.rejected:
        return
    path = dead_letters(folder, batch.segment)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    buried = set(path.read_text().splitlines()) if path.exists() else set[str]()
    lines = [letter(batch, offset) for offset in sorted(batch.rejected)]
    with path.open("a") as file:
        file.writelines(f"{line}\n" for line in lines if line not in buried)
        file.flush()
        os.fsync(file.fileno())
    logger.warning("%d lines of %s are no clicks; see %s", len(lines), batch.segment.path.name, path)


def letter(batch: Batch, offset: int) -> str:
    line = batch.line(offset)[:MAX_LINE].decode("utf-8", "backslashreplace")
    return json.dumps({"offset": offset, "reason": batch.rejected[offset], "line": line})


def dead_letters(folder: Path, segment: Segment) -> Path:
    return folder / "rejected" / f"{segment.path.stem}.jsonl"
