"""The rule code-first/1: a creator's code decides, then the last click; one creator is credited per order.

1. A code of exactly one creator: that creator.
2. Codes of several creators: the largest discount, then the most recent click, then the code issued first.
3. A code under suspicion of a leak yields to a click; a confirmed leak never counts.
4. No code that counts: the last human click in the 30 days before the order.

A click after the order earns nothing, and an earlier creator keeps no claim on a customer: each order is decided by
its own evidence.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tracking.attribution.evidence import CodeUse, Decision, Evidence, Refusal, Touch

RULE = "code-first/1"
WINDOW = timedelta(days=30)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
SUSPECTED, CONFIRMED = "suspected", "confirmed"


def decide(evidence: Evidence) -> Decision | Refusal:
    """Credit one candidate with the whole order, or refuse with the reason that is most useful to a reader."""
    touches = counting_touches(evidence)
    codes = counting_codes(evidence, has_click=bool(touches))
    candidates = {use.candidate for use in codes if use.candidate is not None}
    if len(candidates) == 1:
        return by_single_code(evidence, codes, touches)
    if candidates:
        return by_largest_code(evidence, codes, touches)
    if touches:
        return by_last_click(evidence, touches)
    return Refusal(RULE, refusal_reason(evidence))


def counting_touches(evidence: Evidence) -> list[Touch]:
    """Human clicks within the window, oldest first."""
    human = [touch for touch in evidence.touches if not touch.is_bot]
    inside = [touch for touch in human if is_before(touch, evidence) and not is_too_old(touch, evidence)]
    return sorted(inside, key=lambda touch: (touch.at, touch.click_id))


def is_before(touch: Touch, evidence: Evidence) -> bool:
    """Shops state whole seconds, so a click in the order's own second counts as before it."""
    return touch.at.replace(microsecond=0) <= evidence.placed_at


def is_too_old(touch: Touch, evidence: Evidence) -> bool:
    return touch.at < evidence.placed_at - WINDOW


def counting_codes(evidence: Evidence, *, has_click: bool) -> list[CodeUse]:
    """Creators' codes that were valid at the time and are not discredited by a leak."""
    distrusted = {CONFIRMED, SUSPECTED} if has_click else {CONFIRMED}
    return [use for use in active_codes(evidence) if use.leak not in distrusted]


def active_codes(evidence: Evidence) -> list[CodeUse]:
    return [use for use in evidence.codes if use.candidate is not None and use.is_active(evidence.placed_at)]


def by_single_code(evidence: Evidence, codes: list[CodeUse], touches: list[Touch]) -> Decision:
    use = max(codes, key=lambda use: use.amount)
    clicked = [touch for touch in touches if touch.candidate == use.candidate]
    reason = "code_and_click" if clicked else "code"
    return decision(use, reason, evidence, clicked[-1] if clicked else None)


def by_largest_code(evidence: Evidence, codes: list[CodeUse], touches: list[Touch]) -> Decision:
    last_click = {touch.candidate: touch.at for touch in touches}

    def strength(use: CodeUse) -> tuple[Decimal, datetime, float, str]:
        clicked_at = last_click.get(use.candidate or 0, LONG_AGO)
        issued = (use.issued_at or LONG_AGO).timestamp()
        return use.amount, clicked_at, -issued, use.code

    use = max(codes, key=strength)
    clicked = [touch for touch in touches if touch.candidate == use.candidate]
    return decision(use, "largest_code", evidence, clicked[-1] if clicked else None)


def by_last_click(evidence: Evidence, touches: list[Touch]) -> Decision:
    touch = touches[-1]
    leaked = any(use.leak != "none" for use in active_codes(evidence))
    found = {"clicked_at": touch.at.isoformat(), "click": touch.click_id, **codes_seen(evidence)}
    return Decision(RULE, touch.candidate, "leaked_code_click" if leaked else "click", found)


def decision(use: CodeUse, reason: str, evidence: Evidence, touch: Touch | None) -> Decision:
    found: dict[str, Any] = {"code": use.code, "discount": str(use.amount), **codes_seen(evidence)}
    if touch:
        found |= {"click": touch.click_id, "clicked_at": touch.at.isoformat()}
    assert use.candidate is not None
    return Decision(RULE, use.candidate, reason, found)


def codes_seen(evidence: Evidence) -> dict[str, Any]:
    """Every code on the order with its discount, when there is more than the one that decided."""
    if len(evidence.codes) < 2:
        return {}
    return {"codes": [[use.code, str(use.amount)] for use in evidence.codes]}


def refusal_reason(evidence: Evidence) -> str:
    """The first thing that stood in the way, codes before clicks."""
    return reason_about_clicks(evidence) or reason_about_codes(evidence) or "no_evidence"


def reason_about_codes(evidence: Evidence) -> str:
    if not evidence.codes:
        return ""
    if active_codes(evidence):
        return "leaked_code"
    known = any(use.candidate is not None for use in evidence.codes)
    return "code_not_active" if known else "unknown_code"


def reason_about_clicks(evidence: Evidence) -> str:
    if not evidence.touches:
        return "unknown_click" if evidence.click_id else ""
    last = max(evidence.touches, key=lambda touch: touch.at)
    if last.is_bot:
        return "bot_click"
    return "click_too_old" if is_too_old(last, evidence) else "click_after_order"
