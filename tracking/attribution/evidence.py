"""What a rule may look at, and what it answers. Plain values: a creator's collaboration is named by its key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

CLICK, CODE, SURVEY = "click", "code", "survey"
ALWAYS, INVOLVED, WINNER = "always", "involved", "winner"
WHOLE = Decimal(1)


@dataclass(frozen=True)
class CodeUse:
    """A discount code on the order. `candidate` is None for a code that belongs to no creator.

    `policy` says when it counts: always, only if its creator was clicked as well (involved), or only if the clicks
    alone would credit its creator (winner).
    """

    code: str
    amount: Decimal
    candidate: int | None = None
    issued_at: datetime | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    leak: str = "none"
    policy: str = ALWAYS

    def is_active(self, at: datetime) -> bool:
        return (self.valid_from is None or at >= self.valid_from) and (self.valid_to is None or at < self.valid_to)


@dataclass(frozen=True)
class Touch:
    """The buyer met a creator: a click on their link, or an answer that names them.

    `candidate` is None for a visit that no creator brought.
    """

    click_id: str
    candidate: int | None
    at: datetime
    is_bot: bool = False
    kind: str = CLICK


@dataclass(frozen=True)
class PostSeen:
    """A post of a creator whom other evidence names, out before the order. Nobody knows whether this buyer saw it.

    `views` are everybody's, as far as they were known at `read_at`; None: not known.
    """

    post: int
    candidate: int
    at: datetime
    views: int | None = None
    read_at: datetime | None = None


@dataclass(frozen=True)
class Evidence:
    """Everything known about how an order came about. `click_id` is the one the order named, known or not.

    `is_new` says whether the buyer is; `own` are the creators who are the buyer themselves.
    """

    placed_at: datetime
    codes: tuple[CodeUse, ...] = ()
    touches: tuple[Touch, ...] = ()
    click_id: str = ""
    is_new: bool | None = None
    own: frozenset[int] = frozenset()
    posts: tuple[PostSeen, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """All but the order's own columns, in a form that can be stored; `read_evidence` is its inverse."""
        return {
            "codes": [
                [use.code, str(use.amount), use.candidate, *map(iso, (use.issued_at, use.valid_from, use.valid_to)),
                 use.leak, use.policy]
                for use in self.codes
            ],
            "touches": [
                [touch.click_id, touch.candidate, iso(touch.at), touch.is_bot, touch.kind] for touch in self.touches
            ],
            "click": self.click_id,
            "new": self.is_new,
            "own": sorted(self.own),
            "posts": [
                [seen.post, seen.candidate, iso(seen.at), seen.views, iso(seen.read_at)] for seen in self.posts
            ],
        }  # fmt: skip


def iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def read_evidence(placed_at: datetime, stored: Mapping[str, Any]) -> Evidence:
    codes = tuple(
        CodeUse(code, Decimal(amount), candidate, moment(issued), moment(start), moment(end), leak, policy)
        for code, amount, candidate, issued, start, end, leak, policy in stored["codes"]
    )
    touches = tuple(
        Touch(click_id, candidate, datetime.fromisoformat(at), is_bot, kind)
        for click_id, candidate, at, is_bot, kind in stored["touches"]
    )
    posts = tuple(
        PostSeen(post, candidate, datetime.fromisoformat(at), views, moment(read_at))
        for post, candidate, at, views, read_at in stored.get("posts", ())
    )
    return Evidence(placed_at, codes, touches, stored["click"], stored["new"], frozenset(stored["own"]), posts)


@dataclass(frozen=True)
class Share:
    """A candidate's part of an order (0 to 1, ten places), why, and the evidence in a form that can be shown."""

    candidate: int
    part: Decimal
    reason: str
    evidence: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """Who is credited with which part of an order, in the order of their touches; the parts sum to 1 at most."""

    rule: str
    shares: tuple[Share, ...]

    @property
    def candidate(self) -> int:
        """Who got the largest part."""
        return self.largest.candidate

    @property
    def reason(self) -> str:
        return self.largest.reason

    @property
    def evidence(self) -> dict[str, Any]:
        return self.largest.evidence

    @property
    def largest(self) -> Share:
        return max(self.shares, key=lambda share: share.part)


@dataclass(frozen=True)
class Refusal:
    """Nobody is credited, and why."""

    rule: str
    reason: str
