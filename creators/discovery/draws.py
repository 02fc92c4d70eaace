"""A few thousand of the rows that may fit, the same ones each time, where looking at every one would take too long."""

from __future__ import annotations

from dataclasses import dataclass

from creators.discovery.conditions import Conditions
from creators.discovery.planning import GATHER, planned
from creators.discovery.sieve import DRAWS, draw, sift
from creators.discovery.tally import is_rare


@dataclass(frozen=True)
class Draw:
    """Keys of rows that may fit (whoever fetches them checks), and how many rows stand behind each: 1 where the keys
    are of every row."""

    keys: list[int]
    scale: float = 1.0

    @property
    def is_whole(self) -> bool:
        return self.scale == 1.0


def draw_rows(conditions: Conditions, most: int) -> Draw:
    """All rows if they are no more than that, else those of a random part of the creators, about so many."""
    if is_rare(conditions):
        with planned(GATHER):
            keys = list(conditions.rows(conditions.bounded).values_list("pk", flat=True)[: most + 1])
        if len(keys) <= most:
            return Draw(keys)
    conditions.find_strays()  # before the sieve is asked
    found = sift(conditions.mesh, [], [most], [most])[0]
    strays = [pk for pk, creator in conditions.strays.items() if draw(creator) < DRAWS >> found.halves]
    named = len(found.keys)
    return Draw(sorted({*found.keys, *strays}), found.total / named if found.halves and named else 1.0)
