"""Steps in follower counts, and gains that went away again. Pure.

A step: the daily change of log followers lies more than 3.5 robust deviations (Hampel: median and 1.4826 · MAD of the
28 days before) above its median and is more than 1.5 % a day, and the days in a row bring more than 100 followers.
Four innocent causes are common (HypeAuditor): a giveaway, a shout-out, advertising, a post that went far; the last is
looked up in the posts, the others the creator can tell.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from creators.vetting.signals import Signal, fine, look, note, unknown

TRAILING = timedelta(days=28)
NEXT = 3  # days between two counts that still show a step
ENOUGH_STEPS = 7  # changes in the trailing window
ENOUGH_DAYS = 14  # changes in the whole series
OUTLYING = 3.5
MAD_TO_SD = 1.4826
STILL = 0.0005  # least deviation a day that counts: perfectly even series have none
FAST = 0.015
MANY = 100
BEFORE, FIRST = timedelta(hours=72), timedelta(days=1)
FAR = 3  # times the median views
BACK = timedelta(days=30)
LOST = 0.3
PACE = 0.5

STEP_RULE = "more than 3.5 robust deviations above the 28 days before, 1.5 % a day and 100 followers"
LOSS_RULE = "30 % of a step's gain gone within 30 days"
PACE_RULE = "more than 50 % in 90 days"


@dataclass(frozen=True)
class Count:
    day: date
    followers: int


@dataclass(frozen=True)
class Reached:
    """A post's day and how far it went: views, or likes where views are unknown; None: not known."""

    day: date
    views: int | None


@dataclass(frozen=True)
class Change:
    """The change of log followers per day between two counts."""

    start: date
    end: date
    rate: float
    gained: int


@dataclass(frozen=True)
class Step:
    """Followers gained from `start` to `end`; `z` is the largest robust deviation of its days."""

    start: date
    end: date
    gained: int
    peak: int
    z: float


def changes(counts: Sequence[Count]) -> list[Change]:
    """Between counts that are at most three days apart; empty accounts have no log."""
    return [
        Change(one.day, two.day, math.log(two.followers / one.followers) / days, two.followers - one.followers)
        for one, two in pairwise(counts)
        if 0 < (days := (two.day - one.day).days) <= NEXT and one.followers > 0 and two.followers > 0
    ]


def steps(counts: Sequence[Count]) -> list[Step]:
    """The steps in counts that come oldest first; days in a row make one step."""
    rows = changes(counts)
    followers = {count.day: count.followers for count in counts}
    found: list[Step] = []
    for at, row in enumerate(rows):
        z = deviation(row, rows[:at])
        if z is None or z <= OUTLYING or row.rate <= FAST:
            continue
        if found and (row.start - found[-1].end).days <= NEXT:
            last = found.pop()
            found.append(
                Step(last.start, row.end, last.gained + row.gained, max(last.peak, followers[row.end]), max(last.z, z))
            )
        else:
            found.append(Step(row.start, row.end, row.gained, followers[row.end], z))
    return [step for step in found if step.gained > MANY]


def deviation(row: Change, earlier: Sequence[Change]) -> float | None:
    """How many robust deviations a change lies above those of the 28 days before; None with fewer than seven."""
    window = [one.rate for one in earlier if row.start - one.end < TRAILING]
    if len(window) < ENOUGH_STEPS:
        return None
    middle = median(window)
    spread = median(abs(rate - middle) for rate in window)
    return (row.rate - middle) / max(MAD_TO_SD * spread, STILL)


def is_explained(step: Step, posts: Sequence[Reached]) -> bool:
    """A post of the 72 hours before, or of the first day, was seen more than three times as often as the median one."""
    seen = [post.views for post in posts if post.views is not None]
    if len(seen) < 5:
        return False
    far = FAR * median(seen)
    return any(
        post.views is not None and post.views > far and step.start - BEFORE <= post.day <= step.start + FIRST
        for post in posts
    )


def went_away(step: Step, counts: Sequence[Count]) -> bool:
    after = [count.followers for count in counts if step.end < count.day <= step.end + BACK]
    return bool(after) and step.peak - min(after) >= LOST * step.gained


def growth_step(counts: Sequence[Count], posts: Sequence[Reached], reply: str = "") -> Signal:
    """Steps that nothing explains; `reply` is what the creator says about them."""
    seen = len(changes(counts))
    if seen < ENOUGH_DAYS:
        why = f"Steps show only in counts of nearly every day; there are {seen} such changes, {ENOUGH_DAYS} are needed."
        return unknown("growth_step", why, STEP_RULE, changes=seen)
    found = steps(counts)
    if not found:
        return fine("growth_step", f"No step in {seen} daily changes.", STEP_RULE, changes=seen, steps=0)
    open_ones = [step for step in found if not is_explained(step, posts)]
    numbers = {"changes": seen, "steps": len(found), "unexplained": len(open_ones), "list": [told(s) for s in found]}
    if not open_ones:
        text = f"Grew in {len(found)} step(s), each after a post that went far."
        return note("growth_step", text, STEP_RULE, **numbers)
    if reply:
        return note("growth_step", f"Grew by {told(open_ones[0])}. The creator says why.", STEP_RULE, **numbers)
    because = (
        f"followers rose by {told(open_ones[0])}, and no post of those days went far. Giveaways, shout-outs and "
        "advertising look the same: ask."
    )
    return look("growth_step", because, STEP_RULE, **numbers)


def told(step: Step) -> str:
    return f"{step.gained:,} from {step.start:%-d %b} to {step.end:%-d %b %Y}"


def growth_loss(counts: Sequence[Count], reply: str = "") -> Signal:
    seen = len(changes(counts))
    if seen < ENOUGH_DAYS:
        return unknown("growth_loss", "Needs counts of nearly every day.", LOSS_RULE, changes=seen)
    lost = [step for step in steps(counts) if went_away(step, counts)]
    if not lost:
        return fine("growth_loss", "No step was lost again.", LOSS_RULE, changes=seen, lost=0)
    text = f"a gain of {told(lost[0])} mostly went away within 30 days, as when a network removes accounts."
    if reply:
        return note("growth_loss", f"A gain of {told(lost[0])} went away again. The creator says why.", LOSS_RULE)
    return look("growth_loss", text, LOSS_RULE, changes=seen, lost=len(lost))


def growth_pace(growth_90: float | None) -> Signal:
    """A practitioner's limit; the only growth signal that monthly counts allow."""
    if growth_90 is None:
        return unknown("growth_pace", "No counts of followers 90 days apart.", PACE_RULE)
    if growth_90 > PACE:
        return note("growth_pace", f"Followers grew by {growth_90:.0%} in 90 days.", PACE_RULE, growth=growth_90)
    return fine("growth_pace", f"Followers changed by {growth_90:+.1%} in 90 days.", PACE_RULE, growth=growth_90)
