"""Double clicks: a person who clicks the same link again within ten seconds counts once."""

from __future__ import annotations

from collections import Counter

from django.db import connection

from tracking.spool.batches import Batch
from tracking.spool.ids import moment_of
from tracking.spool.rows import Row

REPEAT = 10_000  # milliseconds
Key = tuple[str, int]


def mark_repeats(batch: Batch) -> None:
    """Mark people's clicks that repeat a counted one of the same visitor on the same link."""
    people = {
        offset: row for offset, row in batch.clicks.items() if row.visitor and not row.shared.bot_reason
    }  # fmt: skip
    if not people:
        return
    counted = counted_clicks(list(people.values()))
    keys = Counter([(row.visitor, row.link) for row in people.values()])
    again = {key for key, number in keys.items() if number > 1} | counted.keys()
    suspects = [(row.id, offset, row) for offset, row in people.items() if (row.visitor, row.link) in again]
    for _, offset, row in sorted(suspects):  # by id, which is by time
        times = counted.setdefault((row.visitor, row.link), [])
        if any(abs(row.at - other) <= REPEAT for other in times):
            batch.repeats.add(offset)
        else:
            times.append(row.at)


def counted_clicks(people: list[Row]) -> dict[Key, list[int]]:
    """Times of stored, counted clicks of these visitors around these times, by visitor and link."""
    times, counted = [row.at for row in people], dict[Key, list[int]]()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT visitor, link_id, (extract(epoch FROM clicked_at) * 1000)::bigint FROM tracking_click "
            "WHERE clicked_at BETWEEN %s AND %s AND visitor = ANY(string_to_array(%s, ' ')) "
            "AND bot_reason = '' AND NOT is_duplicate",
            [moment_of(min(times) - REPEAT), moment_of(max(times) + REPEAT), " ".join({row.visitor for row in people})],
        )
        for visitor, link, at in cursor.fetchall():
            counted.setdefault((visitor, link), []).append(at)
    return counted
