"""Double clicks: a person who clicks the same link again within ten seconds counts once."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Any

from django.db import connection

from tracking.spool.ids import milliseconds_at, moment_of
from tracking.spool.rows import Clicks

REPEAT = 10_000  # milliseconds
REMEMBERED = 300_000  # clicks, some 60 MB
Times = defaultdict[tuple[str, int], list[int]]  # of counted clicks, by visitor and link


class Window:
    """What this shipper counted lately, so that it asks the table only about what others wrote.

    Between two turns of one shipper another may have been at work: turns are numbered by the database, and a number
    that does not follow the last one empties the window. `before` is the time of the newest click (milliseconds) of
    which only the table knows.
    """

    def __init__(self) -> None:
        self.turn, self.before = -1, 0
        self.batches = deque[Counted]()

    def take_turn(self) -> None:
        """Call this under the shippers' lock, before anything is read."""
        turn = int(asked("SELECT nextval('tracking_ship_turn')"))
        if turn != self.turn + 1:
            newest = asked("SELECT max(clicked_at) FROM tracking_click")
            self.before = milliseconds_at(newest) if newest else 0
            self.batches.clear()
        self.turn = turn

    def remember(self, clicks: Clicks) -> None:
        """Call this when the clicks are in the table for good."""
        self.batches.append(Counted(clicks))
        while sum(len(batch.clicks) for batch in self.batches) > REMEMBERED:
            self.before = max(self.before, self.batches.popleft().latest)

    def counted(self, clicks: Clicks, visitors: AbstractSet[str]) -> Times:
        """Times of counted clicks of these visitors around the times of these clicks."""
        times: Times = defaultdict(list)
        since, until = int(clicks.times.min()) - REPEAT, int(clicks.times.max()) + REPEAT
        stored = stored_clicks(since, min(until, self.before), visitors) if since <= self.before else []
        for visitor, link, at in stored:
            times[visitor, link].append(at)
        for batch in self.batches:
            for visitor, link, at in batch.of(visitors):
                times[visitor, link].append(at)
        return times


class Counted:
    """The clicks of a batch that count, by visitor: the last one of each, and the earlier ones of those with more."""

    def __init__(self, clicks: Clicks) -> None:
        self.clicks, self.latest = clicks, int(clicks.times.max(initial=0))
        again = clicks.repeats.tolist()
        people = [place for place in clicks.people() if not again[place]]
        names = [clicks.visitors[place] for place in people]
        self.last = dict(zip(names, people, strict=True))
        self.earlier = defaultdict[str, list[int]](list)
        if len(self.last) < len(people):
            for name, place in zip(names, people, strict=True):
                if self.last[name] != place:
                    self.earlier[name].append(place)

    def of(self, visitors: AbstractSet[str]) -> Iterator[tuple[str, int, int]]:
        """Visitor, link and time of what these visitors clicked."""
        for visitor in self.last.keys() & visitors:
            for place in (self.last[visitor], *self.earlier.get(visitor, ())):
                yield visitor, int(self.clicks.links[place]), int(self.clicks.times[place])


def mark_repeats(clicks: Clicks, window: Window) -> None:
    """Mark people's clicks that repeat a counted one of the same visitor on the same link.

    Only visitors seen more than once, here or earlier, are looked at one by one: by id, which is by time.
    """
    people = clicks.people()
    if not people:
        return
    seen = Counter([clicks.visitors[place] for place in people])
    counted = window.counted(clicks, seen.keys())
    again = {visitor for visitor, number in seen.items() if number > 1} | {visitor for visitor, _ in counted}
    suspects = [place for place in people if clicks.visitors[place] in again]
    for place in sorted(suspects, key=clicks.ids.__getitem__):
        at = int(clicks.times[place])
        times = counted[clicks.visitors[place], int(clicks.links[place])]
        if any(abs(at - other) <= REPEAT for other in times):
            clicks.repeats[place] = True
        else:
            times.append(at)


def stored_clicks(since: int, until: int, visitors: AbstractSet[str]) -> list[tuple[str, int, int]]:
    """Visitor, link and time of stored, counted clicks between two times (milliseconds)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT visitor, link_id, (extract(epoch FROM clicked_at) * 1000)::bigint FROM tracking_click "
            "WHERE clicked_at BETWEEN %s AND %s AND visitor = ANY(string_to_array(%s, ' ')) "
            "AND bot_reason = '' AND NOT is_duplicate",
            [moment_of(since), moment_of(until), " ".join(visitors)],
        )
        return list(cursor.fetchall())


def asked(question: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]
