"""Rules of credit: each model, conflict policy, window and refusal, and what holds for all of them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundswell.lib.money import quantum, rounded
from tracking.attribution.amounts import Part, credited, kept, taken_from
from tracking.attribution.evidence import CodeUse, Decision, Evidence, PostSeen, Refusal, Touch, read_evidence
from tracking.attribution.rules import BUILT_IN, DEFAULT, MODELS, Rule, Worth, decide

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
ANNA, BEN, CEM = 1, 2, 3


def code(candidate: int | None, amount: str = "10", **facts: Any) -> CodeUse:
    return CodeUse(f"CODE{candidate}", Decimal(amount), candidate, **facts)


def touch(candidate: int | None, days: float, *, kind: str = "click", is_bot: bool = False) -> Touch:
    return Touch(f"{kind}{candidate}-{days}", candidate, NOON - timedelta(days=days), is_bot, kind)


def shares(rule: Rule, *codes: CodeUse, touches: tuple[Touch, ...] = (), **facts: Any) -> dict[int, float]:
    answer = decide(rule, Evidence(NOON, codes, touches, **facts))
    assert isinstance(answer, Decision), answer
    return {share.candidate: float(share.part) for share in answer.shares}


def reason(rule: Rule, *codes: CodeUse, touches: tuple[Touch, ...] = (), **facts: Any) -> str:
    return decide(rule, Evidence(NOON, codes, touches, **facts)).reason


JOURNEY = (touch(ANNA, 14), touch(BEN, 7), touch(ANNA, 3), touch(CEM, 0))


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("last", {CEM: 1}),
        ("first", {ANNA: 1}),
        ("linear", {ANNA: 0.5, BEN: 0.25, CEM: 0.25}),
        ("position", {ANNA: 0.5, BEN: 0.1, CEM: 0.4}),
        ("shapley", {ANNA: 1 / 3, BEN: 1 / 3, CEM: 1 / 3}),
    ],
)
def test_each_model_shares_a_journey(model: str, expected: dict[int, float]) -> None:
    assert shares(Rule("r/1", model=model), touches=JOURNEY) == pytest.approx(expected, abs=1e-9)


def test_time_decay_halves_each_half_life() -> None:
    found = shares(Rule("r/1", model="time-decay"), touches=(touch(ANNA, 14), touch(BEN, 7), touch(CEM, 0)))
    assert found == pytest.approx({ANNA: 1 / 7, BEN: 2 / 7, CEM: 4 / 7}, abs=1e-9)


def test_time_decay_of_old_touches_does_not_underflow() -> None:
    rule = Rule("r/1", model="time-decay", half_life_days=Decimal("0.001"), look_back_returning=90)
    assert shares(rule, touches=(touch(ANNA, 89), touch(BEN, 88))) == {BEN: 1}


def test_visits_no_creator_brought_keep_their_part() -> None:
    path = (touch(ANNA, 2), touch(None, 1))
    assert shares(Rule("r/1", model="linear"), touches=path) == {ANNA: 0.5}
    assert shares(Rule("r/1", model="last-non-direct"), touches=path) == {ANNA: 1}
    assert reason(Rule("r/1"), touches=path) == "direct"


def test_touches_within_half_an_hour_are_one_visit() -> None:
    again = (touch(ANNA, 2), touch(ANNA, 2 - 1 / 96), touch(BEN, 1))
    assert shares(Rule("r/1", model="linear"), touches=again) == {ANNA: 0.5, BEN: 0.5}


def test_returning_buyers_are_looked_back_at_longer() -> None:
    rule, path = Rule("r/1", model="linear"), (touch(ANNA, 60), touch(BEN, 1))
    assert shares(rule, touches=path, is_new=True) == {BEN: 1}
    assert shares(rule, touches=path, is_new=False) == {ANNA: 0.5, BEN: 0.5}
    assert shares(rule, touches=path, is_new=None) == {ANNA: 0.5, BEN: 0.5}


def test_what_a_learned_model_found_worth_decides_within_the_path() -> None:
    worth = Worth({"1": 0.6, "small": 0.3}, {ANNA: "1", BEN: "small", CEM: "small"})
    path = (touch(ANNA, 3), touch(BEN, 2), touch(CEM, 1))
    answer = decide(Rule("r/1", model="markov"), Evidence(NOON, (), path), worth)
    assert isinstance(answer, Decision)
    assert {each.candidate: round(float(each.part), 6) for each in answer.shares} == {
        ANNA: 0.666667, BEN: 0.166667, CEM: 0.166667,
    }  # fmt: skip


def test_conflict_policies() -> None:
    click = (touch(BEN, 1),)
    assert shares(Rule("r/1"), code(ANNA), touches=click) == {ANNA: 1}
    assert shares(Rule("r/1", conflict="link"), code(ANNA), touches=click) == {BEN: 1}
    assert shares(Rule("r/1", conflict="link"), code(ANNA)) == {ANNA: 1}
    split = Rule("r/1", conflict="split", code_part=Decimal("0.7"))
    assert shares(split, code(ANNA), touches=click) == {ANNA: 0.7, BEN: 0.3}
    assert shares(split, code(ANNA)) == {ANNA: 1}
    assert shares(split, code(BEN), touches=click) == {BEN: 1}
    assert reason(split, code(BEN), touches=click) == "code_and_click"
    in_path = Rule("r/1", model="linear", conflict="path")
    assert shares(in_path, code(ANNA), touches=click) == {BEN: 0.5, ANNA: 0.5}


def test_a_codes_own_policy() -> None:
    involved, winner = code(ANNA, policy="involved"), code(ANNA, policy="winner")
    both = (touch(ANNA, 2), touch(BEN, 1))
    assert reason(DEFAULT, involved) == "code_not_involved"
    assert shares(DEFAULT, involved, touches=both) == {ANNA: 1}
    assert reason(DEFAULT, winner) == "code_not_winner"
    assert shares(DEFAULT, winner, touches=both) == {BEN: 1}
    assert shares(DEFAULT, winner, touches=(touch(ANNA, 1),)) == {ANNA: 1}


def test_a_creators_own_purchase_earns_nothing() -> None:
    own = {"own": frozenset({ANNA})}
    assert reason(DEFAULT, code(ANNA), **own) == "self_referral"
    assert reason(DEFAULT, touches=(touch(ANNA, 1),), **own) == "self_referral"
    assert shares(DEFAULT, code(ANNA), touches=(touch(BEN, 1),), **own) == {BEN: 1}
    assert shares(BUILT_IN["code-first/1"], code(ANNA), **own) == {ANNA: 1}


ANSWER = touch(ANNA, -2, kind="survey")


def test_an_answer_counts_only_with_a_window_and_where_no_click_and_no_code_does() -> None:
    assert reason(DEFAULT, touches=(ANSWER,)) == "survey_only"
    for conflict in ("code", "link", "split", "path"):
        rule = replace(DEFAULT, survey_days=90, conflict=conflict)
        assert (shares(rule, touches=(ANSWER,)), reason(rule, touches=(ANSWER,))) == ({ANNA: 1}, "survey")
        assert shares(rule, touches=(ANSWER, touch(BEN, 1))) == {BEN: 1}
        assert shares(rule, code(CEM), touches=(ANSWER,)) == {CEM: 1}
    assert reason(replace(DEFAULT, survey_days=1), touches=(ANSWER,)) == "survey_only"


def test_an_answer_on_the_path_weighs_what_the_rule_says() -> None:
    rule = Rule("r/1", model="linear", survey_days=90, answers="path", survey_weight=Decimal("0.5"))
    path = (ANSWER, touch(BEN, 1))
    assert shares(rule, touches=path) == pytest.approx({BEN: 2 / 3, ANNA: 1 / 3}, abs=1e-9)
    assert shares(replace(rule, model="last"), touches=path) == {ANNA: 1}
    assert shares(replace(rule, model="first"), touches=path) == {BEN: 1}
    assert shares(replace(rule, model="time-decay", survey_weight=Decimal(1)), touches=(ANSWER, touch(BEN, 7))) == (
        pytest.approx({BEN: 1 / 3, ANNA: 2 / 3}, abs=1e-9)
    )


def test_an_answer_is_the_reason_only_where_nothing_of_its_creator_weighs_more() -> None:
    rule = Rule("r/1", model="linear", survey_days=90, answers="path", survey_weight=Decimal("0.5"))
    assert reason(rule, touches=(ANSWER,)) == "survey"
    assert reason(rule, touches=(ANSWER, touch(ANNA, 1))) == "path"
    assert reason(replace(rule, model="last"), touches=(ANSWER, touch(ANNA, 1))) == "survey"


@pytest.mark.parametrize(
    ("days", "views", "outcome"),
    [(2, 900, "survey"), (7, 1, "survey"), (8, 900, "survey_without_post"), (2, 0, "survey_without_post"),
     (2, None, "survey_without_post"), (-1, 900, "survey_without_post")],
)  # fmt: skip
def test_an_answer_may_have_to_be_about_a_post_that_was_seen(days: int, views: int | None, outcome: str) -> None:
    rule = replace(DEFAULT, survey_days=90, survey_post_days=7)
    posts = (PostSeen(1, ANNA, NOON - timedelta(days=days), views),)
    assert reason(rule, touches=(ANSWER,), posts=posts) == outcome
    assert reason(rule, touches=(touch(BEN, -2, kind="survey"),), posts=posts) == "survey_without_post"


def test_a_post_alone_never_earns_anything() -> None:
    rule = replace(DEFAULT, survey_days=90, survey_post_days=90, answers="path")
    posts = (PostSeen(1, ANNA, NOON - timedelta(hours=1), 1_000_000),)
    assert reason(rule, posts=posts) == "no_evidence"
    assert shares(rule, touches=(touch(BEN, 1),), posts=posts) == {BEN: 1}


# What holds for every rule --------------------------------------------------------------------------------------------

some_codes = st.lists(
    st.builds(
        code,
        st.sampled_from([None, ANNA, BEN, CEM]),
        st.sampled_from(["0", "5", "10"]),
        leak=st.sampled_from(["none", "suspected", "confirmed"]),
        policy=st.sampled_from(["always", "involved", "winner"]),
    ),
    max_size=3,
    unique_by=lambda use: use.candidate,
)
some_touches = st.lists(
    st.builds(
        touch,
        st.sampled_from([None, ANNA, BEN, CEM]),
        st.integers(-2, 95),
        kind=st.sampled_from(["click", "survey"]),
        is_bot=st.booleans(),
    ),
    max_size=4,
    unique_by=lambda one: one.click_id,
)
some_rules = st.builds(
    Rule,
    st.just("r/1"),
    model=st.sampled_from(MODELS),
    conflict=st.sampled_from(["code", "link", "split", "path"]),
    code_part=st.decimals("0", "1", places=3),
    survey_days=st.sampled_from([0, 30]),
    answers=st.sampled_from(["alone", "path"]),
    survey_weight=st.sampled_from([Decimal("0.01"), Decimal(1), Decimal(10)]),
    survey_post_days=st.sampled_from([0, 7]),
)
some_posts = st.lists(
    st.builds(
        PostSeen,
        st.integers(1, 9),
        st.sampled_from([ANNA, BEN, CEM]),
        st.integers(-2, 95).map(lambda days: NOON - timedelta(days=days)),
        st.sampled_from([None, 0, 900]),
        st.sampled_from([None, NOON]),
    ),
    max_size=3,
)
some_own = st.frozensets(st.sampled_from([ANNA, BEN]), max_size=1)


@given(some_rules, some_codes, some_touches, some_own, some_posts)
def test_the_parts_of_an_order_are_at_most_the_order(
    rule: Rule, codes: list[CodeUse], touches: list[Touch], own: frozenset[int], posts: list[PostSeen]
) -> None:
    answer = decide(rule, Evidence(NOON, tuple(codes), tuple(touches), own=own, posts=tuple(posts)))
    if not isinstance(answer, Decision):
        assert answer.reason
        return
    named = {use.candidate for use in codes} | {one.candidate for one in touches}
    assert {share.candidate for share in answer.shares} <= named - own
    assert len({share.candidate for share in answer.shares}) == len(answer.shares)
    assert all(share.part > 0 and share.reason for share in answer.shares)
    total = sum(share.part for share in answer.shares)
    brought = all(one.candidate is not None for one in touches)
    assert total <= 1
    assert total == 1 or not brought


@given(some_rules, some_codes, some_touches)
def test_evidence_counts_the_same_in_whatever_order_it_came(
    rule: Rule, codes: list[CodeUse], touches: list[Touch]
) -> None:
    answers = {
        outcome(decide(rule, Evidence(NOON, some, others)))
        for some in permutations(codes[:2])
        for others in permutations(touches[:3])
    }
    assert len(answers) == 1


def outcome(answer: Decision | Refusal) -> Any:
    if isinstance(answer, Refusal):
        return answer.reason
    return frozenset((share.candidate, share.part, share.reason) for share in answer.shares)


@given(some_codes, some_touches, some_own, st.sampled_from([True, False, None]), some_posts)
def test_stored_evidence_is_read_back_whole(
    codes: list[CodeUse], touches: list[Touch], own: frozenset[int], is_new: bool | None, posts: list[PostSeen]
) -> None:
    evidence = Evidence(NOON, tuple(codes), tuple(touches), "click", is_new, own, tuple(posts))
    assert read_evidence(NOON, json.loads(json.dumps(evidence.as_json()))) == evidence


def test_evidence_stored_before_posts_were_kept_is_read() -> None:
    stored = Evidence(NOON, (code(ANNA),), (touch(BEN, 1),)).as_json()
    del stored["posts"]
    assert read_evidence(NOON, stored) == Evidence(NOON, (code(ANNA),), (touch(BEN, 1),))


# Money ----------------------------------------------------------------------------------------------------------------

currencies = st.sampled_from(["EUR", "JPY", "KWD"])
weights = st.lists(st.integers(1, 100), min_size=1, max_size=5)
percents = st.decimals(0, 100, places=2)


def parts_in(currency: str, sizes: list[int], percent: Decimal) -> list[Part]:
    whole = sum(sizes)
    return [Part(round(Decimal(size) / whole, 10), currency, Decimal(1), percent) for size in sizes]


def test_openpartner_defect_ten_over_three_touches_pays_ten() -> None:
    third = Decimal("0.3333333333")
    parts = [Part(third, "EUR"), Part(third, "EUR"), Part(1 - 2 * third, "EUR")]
    assert [each.revenue for each in credited(Decimal(10), parts)] == [
        Decimal("3.33"),
        Decimal("3.33"),
        Decimal("3.34"),
    ]


@pytest.mark.parametrize(("currency", "amount"), [("JPY", "1000"), ("KWD", "10.001")])
def test_openpartner_defect_yen_and_dinar_are_shared_in_their_own_units(currency: str, amount: str) -> None:
    parts = parts_in(currency, [1, 1, 1], Decimal(10))
    found = credited(Decimal(amount), parts)
    assert sum(each.revenue for each in found) == Decimal(amount)
    assert all(each.commission == rounded(each.commission, currency) for each in found)


@given(currencies, weights, percents, st.integers(0, 100_000), st.lists(st.integers(0, 100_000), max_size=5))
def test_refunds_take_back_in_proportion_and_all_of_it_in_the_end(
    currency: str, sizes: list[int], percent: Decimal, units: int, steps: list[int]
) -> None:
    net, unit = units * quantum(currency), quantum(currency)
    parts = parts_in(currency, sizes, percent)
    before, total = credited(net, parts), sum(part.share for part in parts)
    assert 0 <= sum(each.revenue for each in before) <= net
    assert abs(sum(each.revenue for each in before) - net * min(total, Decimal(1))) <= len(parts) * unit
    given_back = Decimal(0)
    for step in steps:
        given_back = min(given_back + step * unit, net)
        left = kept(net, given_back, parts)
        assert all(0 <= new.revenue <= old.revenue for new, old in zip(left, before, strict=True))
        assert all(0 <= new.commission <= old.commission for new, old in zip(left, before, strict=True))
        assert sum(each.revenue for each in left) <= max(net - given_back, len(parts) * unit)
        before = left
    assert all(not each for each in kept(net, net, parts))


@given(st.lists(st.integers(0, 500), min_size=1, max_size=6), st.data())
def test_what_is_taken_only_grows_and_sums_exactly(cents: list[int], data: st.DataObject) -> None:
    amounts = [Decimal(each).scaleb(-2) for each in cents]
    some = data.draw(st.integers(0, sum(cents)))
    more = data.draw(st.integers(some, sum(cents)))
    first, then = (taken_from(amounts, Decimal(total).scaleb(-2), "EUR") for total in (some, more))
    assert sum(first) == Decimal(some).scaleb(-2)
    assert all(0 <= a <= b <= whole for a, b, whole in zip(first, then, amounts, strict=True))
