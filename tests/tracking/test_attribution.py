"""The rule code-first/1, decision by decision."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking.attribution.code_first import decide
from tracking.attribution.evidence import CodeUse, Decision, Evidence, Refusal, Touch

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
ANNA, BEN, CEM = 1, 2, 3


def code(candidate: int | None, amount: str = "10", **facts: Any) -> CodeUse:
    return CodeUse(f"CODE{candidate}", Decimal(amount), candidate, **facts)


def touch(candidate: int, *, days: float = 0, is_bot: bool = False) -> Touch:
    return Touch(f"click{candidate}-{days}", candidate, NOON - timedelta(days=days), is_bot)


def outcome(*codes: CodeUse, touches: tuple[Touch, ...] = (), click_id: str = "") -> tuple[int | None, str]:
    answer = decide(Evidence(NOON, codes, touches, click_id))
    return (answer.candidate if isinstance(answer, Decision) else None), answer.reason


def test_a_code_alone_decides() -> None:
    assert outcome(code(ANNA)) == (ANNA, "code")


def test_code_and_click_of_the_same_creator_pay_once() -> None:
    assert outcome(code(ANNA), touches=(touch(ANNA, days=1),)) == (ANNA, "code_and_click")


def test_the_code_beats_the_click_of_another() -> None:
    assert outcome(code(ANNA), touches=(touch(BEN, days=1),)) == (ANNA, "code")


def test_without_a_code_the_last_click_decides() -> None:
    assert outcome(touches=(touch(ANNA, days=5), touch(BEN, days=2))) == (BEN, "click")


def test_several_codes_go_to_the_largest_discount() -> None:
    assert outcome(code(ANNA, "3"), code(BEN, "8")) == (BEN, "largest_code")


def test_equal_discounts_go_to_the_more_recent_click() -> None:
    clicks = (touch(ANNA, days=3), touch(BEN, days=1))
    assert outcome(code(ANNA), code(BEN), touches=clicks) == (BEN, "largest_code")


def test_equal_discounts_without_clicks_go_to_the_code_issued_first() -> None:
    early, late = NOON - timedelta(days=90), NOON - timedelta(days=10)
    assert outcome(code(ANNA, issued_at=late), code(BEN, issued_at=early)) == (BEN, "largest_code")


def test_a_code_of_nobody_beside_a_creators_changes_nothing() -> None:
    assert outcome(code(None, "50"), code(ANNA, "5")) == (ANNA, "code")


def test_a_suspected_code_yields_to_a_click() -> None:
    assert outcome(code(ANNA, leak="suspected"), touches=(touch(BEN, days=1),)) == (BEN, "leaked_code_click")


def test_a_suspected_code_without_a_click_still_counts() -> None:
    assert outcome(code(ANNA, leak="suspected")) == (ANNA, "code")


def test_a_leaked_code_never_counts() -> None:
    assert outcome(code(ANNA, leak="confirmed")) == (None, "leaked_code")
    assert outcome(code(ANNA, leak="confirmed"), touches=(touch(ANNA),)) == (ANNA, "leaked_code_click")
    assert outcome(code(ANNA, "9", leak="confirmed"), code(BEN, "1")) == (BEN, "code")


def test_a_code_counts_only_while_it_is_valid() -> None:
    assert outcome(code(ANNA, valid_to=NOON)) == (None, "code_not_active")
    assert outcome(code(ANNA, valid_from=NOON + timedelta(seconds=1))) == (None, "code_not_active")
    assert outcome(code(ANNA, valid_from=NOON, valid_to=NOON + timedelta(seconds=1))) == (ANNA, "code")


def test_openpartner_defect_a_click_after_the_order_is_not_paid() -> None:
    assert outcome(touches=(touch(ANNA, days=-0.1),)) == (None, "click_after_order")


def test_a_click_in_the_orders_own_second_counts() -> None:
    late = Touch("c", ANNA, NOON + timedelta(milliseconds=900))
    assert outcome(touches=(late,)) == (ANNA, "click")


def test_the_window_is_thirty_days_to_the_second() -> None:
    assert outcome(touches=(touch(ANNA, days=30),)) == (ANNA, "click")
    assert outcome(touches=(touch(ANNA, days=30 + 1 / 86_400),)) == (None, "click_too_old")


def test_a_bots_click_is_never_paid() -> None:
    assert outcome(touches=(touch(ANNA, is_bot=True),)) == (None, "bot_click")


@pytest.mark.parametrize(
    ("codes", "click_id", "reason"),
    [((), "", "no_evidence"), ((code(None),), "", "unknown_code"), ((), "01H", "unknown_click")],
)
def test_a_refusal_says_why(codes: tuple[CodeUse, ...], click_id: str, reason: str) -> None:
    assert outcome(*codes, click_id=click_id) == (None, reason)


def test_dub_defect_an_existing_customer_does_not_stick_to_the_first_creator() -> None:
    first = decide(Evidence(NOON, (code(ANNA),)))
    second = decide(Evidence(NOON + timedelta(days=9), (code(BEN),)))
    assert isinstance(first, Decision)
    assert isinstance(second, Decision)
    assert (first.candidate, second.candidate) == (ANNA, BEN)


uses = st.builds(
    code,
    st.sampled_from([None, ANNA, BEN, CEM]),
    st.sampled_from(["0", "5", "10"]),
    leak=st.sampled_from(["none", "suspected", "confirmed"]),
    issued_at=st.sampled_from([None, NOON - timedelta(days=40), NOON - timedelta(days=20)]),
)
clicks = st.builds(touch, st.sampled_from([ANNA, BEN, CEM]), days=st.integers(-2, 33), is_bot=st.booleans())


@given(st.lists(uses, max_size=3, unique_by=lambda use: use.candidate), st.lists(clicks, max_size=3))
def test_the_order_in_which_evidence_is_listed_changes_nothing(codes: list[CodeUse], touches: list[Touch]) -> None:
    answers = {
        (answer.candidate if isinstance(answer, Decision) else None, answer.reason)
        for some in permutations(codes)
        for others in permutations(touches)
        for answer in [decide(Evidence(NOON, some, others))]
    }
    assert len(answers) == 1


@given(st.lists(uses, max_size=4), st.lists(clicks, max_size=4))
def test_only_somebody_with_evidence_is_credited(codes: list[CodeUse], touches: list[Touch]) -> None:
    answer = decide(Evidence(NOON, tuple(codes), tuple(touches)))
    named = {use.candidate for use in codes} | {touch.candidate for touch in touches}
    assert isinstance(answer, Refusal) or answer.candidate in named
