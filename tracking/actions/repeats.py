"""Double clicks: a person who clicks the same link again within ten seconds counts once."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from tracking.spool.ids import milliseconds_at, moment_of
from tracking.spool.rows import Clicks

REPEAT = 10_000  # milliseconds
REMEMBERED = 300_000  # clicks, some 5 MB
# Odd, so that two visitors or links never share a key for one part of it; 64 bits of four words and a number.
WORDS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], np.uint64)
NUMBER = np.uint64(0xA0761D6478BD642F)


@dataclass(frozen=True, slots=True)
class Counted:
    """Clicks that count: keys of visitor and link, and times (milliseconds)."""

    keys: NDArray[np.uint64]
    times: NDArray[np.int64]

    def between(self, since: int, until: int) -> Counted:
        near = (self.times >= since) & (self.times <= until)
        return self if near.all() else Counted(self.keys[near], self.times[near])


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
        people = clicks.people()
        counted = people[~clicks.repeats[people]]
        self.batches.append(Counted(keys_of(clicks)[counted], clicks.times[counted]))
        while sum(len(batch.keys) for batch in self.batches) > REMEMBERED:
            self.before = max(self.before, int(self.batches.popleft().times.max(initial=0)))

    def around(self, clicks: Clicks, people: NDArray[np.int64]) -> Counted:
        """Counted clicks that these people's may repeat."""
        since, until = int(clicks.times.min()) - REPEAT, int(clicks.times.max()) + REPEAT
        found = [batch.between(since, until) for batch in self.batches]
        if since <= self.before:
            visitors = set(clicks.visitors[people].tolist())
            found.append(stored_clicks(since, min(until, self.before), visitors))
        keys, times = [each.keys for each in found], [each.times for each in found]
        return Counted(np.concatenate([NONE.keys, *keys]), np.concatenate([NONE.times, *times]))


NONE = Counted(np.empty(0, np.uint64), np.empty(0, np.int64))


def keys_of(clicks: Clicks) -> NDArray[np.uint64]:
    return keys(clicks.visitors, clicks.links)


def keys(visitors: NDArray[np.bytes_], links: NDArray[np.int64]) -> NDArray[np.uint64]:
    """64 bits for each pair of visitor and link: some 300,000 at a time share none."""
    words = np.ascontiguousarray(visitors.astype("S32")).view(np.uint64).reshape(-1, 4)
    return words @ WORDS + links.astype(np.uint64) * NUMBER


def mark_repeats(clicks: Clicks, window: Window) -> None:
    """Mark people's clicks that repeat a counted one of the same visitor on the same link.

    Only pairs seen more than once, here or earlier, are looked at one by one: by id, which is by time.
    """
    people = clicks.people()
    if not len(people):
        return
    known, own = window.around(clicks, people), keys_of(clicks)
    often = are_often(np.concatenate([known.keys, own[people]]))
    before, suspects = often[: len(known.keys)], people[often[len(known.keys) :]]
    counted = defaultdict[int, list[int]](list)
    for key, at in zip(known.keys[before].tolist(), known.times[before].tolist(), strict=True):
        counted[key].append(at)
    for place in suspects[np.argsort(clicks.ids[suspects])].tolist():
        times, at = counted[int(own[place])], int(clicks.times[place])
        if any(abs(at - other) <= REPEAT for other in times):
            clicks.repeats[place] = True
        else:
            times.append(at)


def are_often(keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which keys are there more than once."""
    _, group, sizes = np.unique(keys, return_inverse=True, return_counts=True)
    return np.asarray(sizes[group] > 1, np.bool_)


def stored_clicks(since: int, until: int, visitors: set[bytes]) -> Counted:
    """Stored, counted clicks of these visitors between two times (milliseconds)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT visitor, link_id, (extract(epoch FROM clicked_at) * 1000)::bigint FROM tracking_click "
            "WHERE clicked_at BETWEEN %s AND %s AND visitor = ANY(string_to_array(%s, ' ')) "
            "AND bot_reason = '' AND NOT is_duplicate",
            [moment_of(since), moment_of(until), b" ".join(visitors).decode("utf-8", "replace")],
        )
        rows = cursor.fetchall()
    names = np.array([visitor.encode() for visitor, _, _ in rows], "S32")
    links, times = (np.array([row[column] for row in rows], np.int64) for column in (1, 2))
    return Counted(keys(names, links), times)


def asked(question: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]
