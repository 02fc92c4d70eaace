"""A signal: what stands out in public data, with its numbers and its threshold. It says where to look, never more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    LOOK = "look"
    NOTE = "note"
    FINE = "fine"
    UNKNOWN = "unknown"


class Attention(StrEnum):
    """What the signals of an account add up to."""

    CLOSE = "close"
    SOME = "some"
    NONE = "none"
    UNKNOWN = "unknown"


LABELS = {Level.LOOK: "Look at this", Level.NOTE: "Note", Level.FINE: "Nothing unusual", Level.UNKNOWN: "Not known"}
ATTENTION_LABELS = {
    Attention.CLOSE: "Look closer",
    Attention.SOME: "Worth a look",
    Attention.NONE: "Nothing stands out",
    Attention.UNKNOWN: "Too little known",
}
TITLES = {
    "growth_step": "Steps in follower growth",
    "growth_loss": "Growth that went away again",
    "growth_pace": "Growth over 90 days",
    "engagement": "Engagement for this size",
    "views": "Views for this size",
    "comments_per_like": "Comments per like",
    "uniform_likes": "Spread of likes",
    "following": "Accounts followed",
    "generic_comments": "Generic and repeated comments",
    "comment_timing": "Timing of comments",
    "pod": "Mutual commenting",
    "shared_commenters": "Commenters shared with others",
    "regularity": "Posting rhythm",
    "transactional": "Codes and links in captions",
}
# Points of a signal on `look`; what is only noted adds none.
POINTS = {
    "growth_step": 2.0,
    "growth_loss": 2.0,
    "pod": 2.0,
    "engagement": 1.0,
    "views": 1.0,
    "comments_per_like": 1.0,
    "uniform_likes": 1.0,
    "generic_comments": 1.0,
}
OTHER_POINTS = 0.5
CLOSE = 2.0
ENOUGH_KNOWN = 3  # signals known, below which nothing is said about the whole


@dataclass(frozen=True)
class Signal:
    """`numbers` by their names; shares and rates are fractions. `sentence` is for people, `threshold` says the rule."""

    code: str
    level: Level
    sentence: str
    threshold: str
    numbers: dict[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return TITLES[self.code]

    @property
    def label(self) -> str:
        return LABELS[self.level]

    @property
    def points(self) -> float:
        return POINTS.get(self.code, OTHER_POINTS) if self.level == Level.LOOK else 0.0

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"level": self.level.value}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Signal:
        return cls(**(data | {"level": Level(data["level"])}))


def look(code: str, because: str, threshold: str, **numbers: Any) -> Signal:
    return Signal(code, Level.LOOK, f"Look at this because {because}", threshold, numbers)


def note(code: str, sentence: str, threshold: str, **numbers: Any) -> Signal:
    return Signal(code, Level.NOTE, sentence, threshold, numbers)


def fine(code: str, sentence: str, threshold: str, **numbers: Any) -> Signal:
    return Signal(code, Level.FINE, sentence, threshold, numbers)


def unknown(code: str, why: str, threshold: str, **numbers: Any) -> Signal:
    """Too little data: counts for nothing, neither good nor bad."""
    return Signal(code, Level.UNKNOWN, why, threshold, numbers)


def attention(signals: Iterable[Signal]) -> Attention:
    """2 points and more: look closer; any: worth a look. Fewer than 3 known signals without points say nothing.

    One unexplained step in growth, one group of mutual commenting, or two outliers among peers reach 2 points; a lone
    outlier, which 5 in 100 ordinary accounts are by definition, does not.
    """
    rows = list(signals)
    points = sum(signal.points for signal in rows)
    if points:
        return Attention.CLOSE if points >= CLOSE else Attention.SOME
    return Attention.NONE if known(rows) >= ENOUGH_KNOWN else Attention.UNKNOWN


def known(signals: Sequence[Signal]) -> int:
    return sum(signal.level != Level.UNKNOWN for signal in signals)


def strongest(found: Iterable[Attention]) -> Attention:
    """Of several accounts: the one to look at most closely; unknown only where all are."""
    rows = set(found)
    return next((one for one in (Attention.CLOSE, Attention.SOME, Attention.NONE) if one in rows), Attention.UNKNOWN)
