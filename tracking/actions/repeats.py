"""Double clicks: a person who clicks the same link again within ten seconds counts once."""

from __future__ import annotations

from collections import Counter

from django.db import connection

from tracking.spool.ids import moment_of
from tracking.spool.rows import Clicks

REPEAT = 10_000  # milliseconds
Key = tuple[str, int]


def mark_repeats(clicks: Clicks) -> None:
    """Mark people's clicks that repeat a counted one of the same visitor on the same link.

    Only visitors seen more than once, here or in the table, are looked at one by one: by id, which is by time.
    """
    people = clicks.people()
    if not people:
        return
    seen = Counter([clicks.visitors[place] for place in people])
    counted = counted_clicks(clicks, list(seen))
    again = {visitor for visitor, number in seen.items() if number > 1} | {visitor for visitor, _ in counted}
    suspects = [place for place in people if clicks.visitors[place] in again]
    for place in sorted(suspects, key=clicks.ids.__getitem__):
        at = int(clicks.times[place])
        times = counted.setdefault((clicks.visitors[place], int(clicks.links[place])), [])
        if any(abs(at - other) <= REPEAT for other in times):
            clicks.repeats[place] = True
        else:
            times.append(at)


def counted_clicks(clicks: Clicks, visitors: list[str]) -> dict[Key, list[int]]:
    """Times of stored, counted clicks of these visitors around these times, by visitor and link."""
    counted = dict[Key, list[int]]()
    since, until = int(clicks.times.min()) - REPEAT, int(clicks.times.max()) + REPEAT
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT visitor, link_id, (extract(epoch FROM clicked_at) * 1000)::bigint FROM tracking_click "
            "WHERE clicked_at BETWEEN %s AND %s AND visitor = ANY(string_to_array(%s, ' ')) "
            "AND bot_reason = '' AND NOT is_duplicate",
            [moment_of(since), moment_of(until), " ".join(visitors)],
        )
        for visitor, link, at in cursor.fetchall():
            counted.setdefault((visitor, link), []).append(at)
    return counted
