"""Lines that were no clicks, looked at again: the link may be there by now, or the clock right."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F

from tracking.actions.clicks import Shipped, are_stored, lock_shippers, match_links, store
from tracking.actions.repeats import Window, mark_repeats
from tracking.actions.rollups import mark_stale
from tracking.models import SpoolPosition
from tracking.spool.batches import Batch, take
from tracking.spool.letters import Letter, append, dead_letters, letter_files, letters_in, taken_aside
from tracking.spool.segments import Segment


def unreadable(folder: Path | None = None) -> list[tuple[str, int, str]]:
    """Reason, number of lines and one of them for what this host's spool keeps aside, the most frequent first."""
    letters = [letter for path in letter_files(folder or settings.SPOOL_DIR) for letter in letters_in(path)]
    counts = Counter(letter.reason for letter in letters)
    examples = {letter.reason: letter.line for letter in letters}
    return [(reason, count, examples[reason]) for reason, count in counts.most_common()]


def retry_letters(folder: Path | None = None) -> Shipped:
    """Copy those of this host's dead letters that are clicks by now; the others stay, with today's reason.

    A click that is in the table already is not copied again, so a crash at any step neither loses nor doubles.
    """
    folder, total = folder or settings.SPOOL_DIR, Shipped()
    for path in taken_aside(folder):
        letters = letters_in(path)
        batch = copied(Segment(path), letters)
        left = {letter.offset: letter for letter in letters if letter.offset in batch.rejected}
        if left:
            again = [Letter(at, batch.rejected[at], one.line) for at, one in left.items()]
            append(dead_letters(folder, batch.segment), again)
        path.unlink(missing_ok=True)
        total += Shipped(len(batch.clicks), len(left))
    return total


@transaction.atomic
def copied(segment: Segment, letters: list[Letter]) -> Batch:
    """The letters as a batch whose clicks are in the table."""
    lock_shippers(window := Window())
    batch = Batch(segment, 0, b"")
    take(batch, [letter.line.encode() for letter in letters], [letter.offset for letter in letters])
    stale = match_links(batch)
    batch.keep(~are_stored(batch.clicks))
    mark_repeats(batch.clicks, window)
    store(batch)
    mark_stale(stale)
    positions = SpoolPosition.objects.filter(host=segment.host, segment=segment.name)
    positions.update(rejected=F("rejected") - (len(letters) - len(batch.rejected)))
    return batch
