"""What a rule may look at, and what it answers. Plain values: a creator's collaboration is named by its key."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class CodeUse:
    """A discount code on the order. `candidate` is None for a code that belongs to no creator."""

    code: str
    amount: Decimal
    candidate: int | None = None
    issued_at: datetime | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    leak: str = "none"

    def is_active(self, at: datetime) -> bool:
        return (self.valid_from is None or at >= self.valid_from) and (self.valid_to is None or at < self.valid_to)


@dataclass(frozen=True)
class Touch:
    """A click of the buyer on a creator's link."""

    click_id: str
    candidate: int
    at: datetime
    is_bot: bool = False


@dataclass(frozen=True)
class Evidence:
    """Everything known about how an order came about. `click_id` is the one the order named, known or not."""

    placed_at: datetime
    codes: tuple[CodeUse, ...] = ()
    touches: tuple[Touch, ...] = ()
    click_id: str = ""


@dataclass(frozen=True)
class Decision:
    """The candidate who is credited in full, why, and the evidence in a form that can be stored and shown."""

    rule: str
    candidate: int
    reason: str
    evidence: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Refusal:
    """Nobody is credited, and why."""

    rule: str
    reason: str
