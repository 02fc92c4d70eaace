"""Replaying a period under another rule: beside the ledger, resumable, and the active one gives it to the cent."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import Campaign, Collaboration, Submission
from groundswell.accounts.models import Brand
from tests import factories as make
from tracking.actions import replays
from tracking.actions.orders import cancel_order, receive_order, refund_order
from tracking.actions.replays import ReplayRefused, cancel_replay, differences, run_replay, start_replay
from tracking.actions.stores import api_store
from tracking.actions.surveys import receive_answer, review_answer, store_of
from tracking.attribution.rules import DEFAULT, Rule
from tracking.models import AttributionRule, AttributionRun, Click, Credit, DiscountCode, Order, RunLine, SurveyAnswer
from tracking.shops.orders import CodeOnOrder, OrderData, RefundData

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
MAY = (date(2026, 5, 1), date(2026, 5, 31))
LINEAR = Rule("linear/1", model="linear", conflict="path")


@pytest.fixture
def ben(campaign: Campaign) -> Collaboration:
    row = make.collaboration(campaign, status="accepted", commission_percent=Decimal(20))
    make.discount_code(row, "BEN10")
    return row


def clicked(on: Collaboration, *, days: float = 1) -> Click:
    return make.click(on.links.first() or make.link(on), NOON - timedelta(days=days))


def replay(brand: Brand, rule: Rule = DEFAULT, **facts: Any) -> AttributionRun:
    run = start_replay(brand, rule, *MAY, **facts)
    run_replay(run)
    return run


def sums(run: AttributionRun) -> dict[int | None, tuple[str, str]]:
    rows = RunLine.objects.filter(run=run).order_by().values_list("collaboration")
    rows = rows.annotate(revenue=Sum("revenue"), commission=Sum("commission"))
    return {pk: (f"{revenue:.2f}", f"{commission:.2f}") for pk, revenue, commission in rows}


def test_another_rule_is_computed_beside_the_ledger(acme: Brand, anna: Collaboration, ben: Collaboration) -> None:
    make.order(acme, "ANNA10", net="100", placed_at=NOON, click_id=clicked(ben).id)
    before = list(Credit.objects.values())
    run = replay(acme, LINEAR)
    assert sums(run) == {anna.pk: ("50.00", "5.00"), ben.pk: ("50.00", "10.00")}
    assert (run.status, run.done, run.total) == ("done", 1, 1)
    assert list(Credit.objects.values()) == before
    assert run.summary["rows"] == [
        [anna.pk, "1", "100.0000", "10.0000", "1", "50.0000", "5.0000"],
        [ben.pk, "0", "0", "0", "1", "50.0000", "10.0000"],
    ]


def test_refunds_are_taken_off_in_a_replay_as_well(acme: Brand, anna: Collaboration, ben: Collaboration) -> None:
    order = make.order(acme, "ANNA10", net="100", placed_at=NOON, click_id=clicked(ben).id)
    refund_order(order, RefundData("r1", NOON, Decimal(25)))
    assert sums(replay(acme, LINEAR)) == {anna.pk: ("37.50", "3.75"), ben.pk: ("37.50", "7.50")}


def test_orders_credited_to_nobody_say_why(acme: Brand, anna: Collaboration) -> None:
    make.order(acme, "SUMMER", placed_at=NOON)
    run = replay(acme)
    assert run.summary == {"rows": [], "refused": {"unknown_code": 1}}


def test_earlier_clicks_of_the_same_buyer_are_on_the_path(acme: Brand, anna: Collaboration, ben: Collaboration) -> None:
    key = {"customer_key": "k" * 64}
    make.order(acme, placed_at=NOON - timedelta(days=8), click_id=clicked(anna, days=9).id, **key)
    make.order(acme, placed_at=NOON, click_id=clicked(ben).id, **key)
    assert sums(replay(acme, LINEAR)) == {anna.pk: ("25.00", "2.50"), ben.pk: ("25.00", "5.00")} | {
        anna.pk: ("25.00", "2.50")
    }


def test_two_buyers_are_never_joined_by_a_click_both_name(acme: Brand, anna: Collaboration, ben: Collaboration) -> None:
    """A shared device: the second buyer's path holds the click they named, not the first one's others."""
    shared, other = clicked(anna, days=2), clicked(ben, days=3)
    one, two = {"customer_key": "1" * 64}, {"customer_key": "2" * 64}
    make.order(acme, placed_at=NOON - timedelta(days=2.5), click_id=other.id, **one)
    make.order(acme, placed_at=NOON - timedelta(days=1), click_id=shared.id, **one)
    second = make.order(acme, placed_at=NOON, click_id=shared.id, **two)
    run = replay(acme, LINEAR)
    lines = RunLine.objects.filter(run=run, order=second)
    assert [(line.collaboration_id, line.share) for line in lines] == [(anna.pk, 1)]


# Answers to surveys ---------------------------------------------------------------------------------------------------

COUNTS_ANSWERS = Rule("asked/1", survey_days=30)


def answered(order: Order, text: str, whom: Collaboration | None) -> SurveyAnswer:
    answer, _ = receive_answer(order.store, order.external_id, text, order.placed_at)
    return review_answer(answer, whom)


def test_an_answer_earns_under_a_rule_that_counts_it_and_a_replay_shows_the_difference(
    acme: Brand, anna: Collaboration, ben: Collaboration
) -> None:
    asked = make.order(acme, net="80", placed_at=NOON)
    answered(asked, "a friend of Anna's", anna)
    answered(make.order(acme, "ANNA10", net="20", placed_at=NOON), "Ben", ben)
    asked.refresh_from_db()
    assert (asked.unmatched, asked.credits.count()) == ("survey_only", 0)
    assert sums(replay(acme)) == {None: ("0.00", "0.00"), anna.pk: ("20.00", "2.00")}
    assert sums(replay(acme, COUNTS_ANSWERS)) == {anna.pk: ("100.00", "10.00")}
    shared = Rule("asked/2", model="linear", conflict="path", survey_days=30, answers="path")
    assert sums(replay(acme, shared)) == {anna.pk: ("90.00", "9.00"), ben.pk: ("10.00", "2.00")}
    assert (Credit.objects.count(), differences(replay(acme, as_decided=True))) == (1, [])


def test_a_confirmed_answer_credits_its_waiting_order_under_a_rule_in_force(acme: Brand, anna: Collaboration) -> None:
    AttributionRule.objects.create(brand=acme, name="asked", params={"survey_days": 30}, is_active=True)
    order = make.order(acme, net="80", placed_at=NOON)
    suggested, _ = receive_answer(order.store, order.external_id, "@nobody.known", NOON)
    assert order.credits.count() == 0
    review_answer(suggested, anna)
    line = order.credits.get()
    assert (line.collaboration, line.reason, line.rule, line.revenue) == (anna, "survey", "asked/1", Decimal(80))
    review_answer(suggested, None)
    assert order.credits.get() == line
    assert differences(replay(acme, as_decided=True)) == []
    assert sums(replay(acme, COUNTS_ANSWERS)) == {None: ("0.00", "0.00")}


def test_an_answer_that_came_before_its_order_and_under_another_store_is_found(
    acme: Brand, anna: Collaboration, ben: Collaboration
) -> None:
    AttributionRule.objects.create(brand=acme, name="asked", params={"survey_days": 30}, is_active=True)
    first, other = make.store(acme), make.store(acme)
    answer, _ = receive_answer(store_of(acme, "A-1"), "A-1", "Anna", NOON)
    assert answer.store == first
    review_answer(answer, anna)
    assert make.order(acme, in_=other, external_id="A-1", placed_at=NOON).credits.get().collaboration == anna
    review_answer(receive_answer(first, "A-2", "Anna", NOON)[0], anna)
    review_answer(receive_answer(other, "A-2", "Ben", NOON)[0], ben)
    for store, whom in ((first, anna), (other, ben)):
        assert make.order(acme, in_=store, external_id="A-2", placed_at=NOON).credits.get().collaboration == whom


def test_an_answer_of_another_brand_and_one_nobody_confirmed_are_no_evidence(
    acme: Brand, globex: Brand, anna: Collaboration
) -> None:
    AttributionRule.objects.create(brand=acme, name="asked", params={"survey_days": 30}, is_active=True)
    review_answer(receive_answer(api_store(globex), "A-1", "x", NOON)[0], make.collaboration(make.campaign(globex)))
    receive_answer(api_store(acme), "A-1", anna.relationship.creator.name, NOON)
    assert SurveyAnswer.objects.of(acme).get().status == "suggested"
    assert make.order(acme, external_id="A-1", placed_at=NOON).unmatched == "no_evidence"


def test_posts_of_those_named_are_kept_with_the_order_and_back_an_answer(
    acme: Brand, anna: Collaboration, ben: Collaboration
) -> None:
    for whom, days in ((anna, 3), (ben, 3), (anna, 200), (anna, -1)):
        handed_in(whom, NOON - timedelta(days=days), views=900)
    params = {"survey_days": 30, "survey_post_days": 2}
    AttributionRule.objects.create(brand=acme, name="asked", params=params, is_active=True)
    order = make.order(acme, placed_at=NOON)
    answered(order, "Anna", anna)
    order.refresh_from_db()
    assert order.unmatched == "survey_without_post"
    assert [seen[1:4] for seen in order.evidence.facts["posts"]] == [
        [anna.pk, (NOON - timedelta(days=3)).isoformat(), 900]
    ]
    assert sums(replay(acme, Rule("asked/2", survey_days=30, survey_post_days=3))) == {anna.pk: ("50.00", "5.00")}


def handed_in(whom: Collaboration, at: datetime, **facts: Any) -> Submission:
    brand = whom.campaign.brand
    post = make.post(whom.relationship.creator, posted_at=at, owner=brand, observed_at=at, **facts)
    deliverable = whom.campaign.deliverables.get()
    return Submission.objects.create(collaboration=whom, deliverable=deliverable, post=post)


# The ledger reproduced ------------------------------------------------------------------------------------------------


def test_the_active_rule_reproduces_the_ledger(acme: Brand, anna: Collaboration, ben: Collaboration) -> None:
    make.order(acme, "ANNA10", net="33.33", placed_at=NOON, click_id=clicked(ben).id)
    order = make.order(acme, "BEN10", "ANNA10", net="19.99", placed_at=NOON)
    refund_order(order, RefundData("r1", NOON, Decimal("7.77")))
    cancel_order(make.order(acme, placed_at=NOON, click_id=clicked(anna).id), NOON)
    make.order(acme, "SUMMER", placed_at=NOON)
    AttributionRule.objects.create(brand=acme, name="split", params={"conflict": "split"}, is_active=True)
    make.order(acme, "ANNA10", net="0.99", placed_at=NOON, click_id=clicked(ben).id)
    run = replay(acme, as_decided=True)
    assert differences(run) == []
    assert run.summary["refused"] == {"unknown_code": 1}


def test_what_changed_since_an_order_was_decided_changes_no_replay_of_it(acme: Brand, anna: Collaboration) -> None:
    click = clicked(anna)
    make.order(acme, placed_at=NOON, click_id=click.id)
    make.order(acme, "ANNA10", placed_at=NOON)
    anna.offers.update(commission_percent=50)
    DiscountCode.objects.update(leak="confirmed", valid_to=NOON - timedelta(days=1))
    Click.objects.filter(clicked_at=click.clicked_at).delete()
    assert differences(replay(acme, as_decided=True)) == []


def test_a_difference_is_found_and_named(acme: Brand, anna: Collaboration) -> None:
    make.order(acme, "ANNA10", net="100", placed_at=NOON)
    Credit.objects.update(revenue=Decimal("99.99"))
    found = differences(replay(acme, as_decided=True))
    assert [(one.collaboration, one.ledger[0], one.replay[0]) for one in found] == [
        (anna.code, Decimal("99.99"), Decimal(100))
    ]


def test_the_command_checks_the_ledger(acme: Brand, anna: Collaboration) -> None:
    make.order(acme, "ANNA10", placed_at=NOON)
    out = io.StringIO()
    wanted = ["replay_attribution", "--from", "2026-05-01", "--to", "2026-05-31", "--check"]
    call_command(*wanted, stdout=out)
    assert "1 orders under code-first/2" in out.getvalue()
    assert "to the cent" in out.getvalue()
    Credit.objects.update(commission=0)
    with pytest.raises(CommandError, match="1 differences"):
        call_command(*wanted, stdout=out)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--from", "2026-05-02", "--to", "2026-05-01"], "--from lies after --to"),
        (["--from", "2020-05-01", "--to", "2020-05-01"], "No order was placed"),
        (["--from", "2026-05-01", "--to", "2026-05-31", "--rule", "mine/7"], "There is no rule mine/7"),
        (["--from", "2026-05-01", "--to", "2026-05-31", "--brand", "nobody"], "No brand has the code"),
    ],
)
def test_the_command_says_what_is_wrong(acme: Brand, options: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        call_command("replay_attribution", *options)


cents = st.integers(1, 99_999).map(lambda number: Decimal(number).scaleb(-2))
events = st.lists(
    st.tuples(
        st.sampled_from(["ANNA10", "BEN10", "NOBODY", ""]),
        st.sampled_from(["anna", "ben", ""]),
        st.sampled_from(["anna", "ben", ""]),
        cents,
        cents,
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    placed=events,
    chosen=st.fixed_dictionaries(
        {
            "conflict": st.sampled_from(["code", "link", "split", "path"]),
            "percent_new": st.sampled_from([None, "7.5"]),
            "answers": st.sampled_from(["alone", "path"]),
        }
    ),
    late=st.booleans(),
)
def test_conservation(
    anna: Collaboration, ben: Collaboration, placed: list[Any], chosen: dict[str, Any], late: bool
) -> None:
    """Whatever is ordered and sent back: credit is what is kept, again changes nothing, a replay gives the same."""
    brand = anna.campaign.brand
    wipe(brand)
    params = {"model": "linear", "survey_days": 9, **chosen}
    AttributionRule.objects.create(brand=brand, name="some", params=params, is_active=True)
    people, store = {"anna": anna, "ben": ben}, api_store(brand)
    for number, (code, clicker, named, net, back) in enumerate(placed):
        answer = receive_answer(store, f"o{number}", "somebody", NOON)[0] if named else None
        if answer and not late:
            review_answer(answer, people[named])
        data = OrderData(
            f"o{number}",
            NOON,
            "EUR",
            net,
            codes=(CodeOnOrder(code),) if code else (),
            click_id=clicked(people[clicker]).id if clicker else "",
            customer_key="k" * 64,
            refunds=(RefundData("r", NOON, min(back, net)),),
        )
        assert receive_order(store, data) == receive_order(store, data)
        if answer and late:
            review_answer(answer, people[named])
    for order in Order.objects.all():
        credited = order.credits.aggregate(sum=Sum("revenue"))["sum"]
        assert credited in {None, order.net - order.refunded}
    assert differences(replay(brand, as_decided=True)) == []


def wipe(brand: Brand) -> None:
    """Between two examples of one test."""
    AttributionRun.objects.all().delete()
    AttributionRule.objects.of(brand).delete()
    Credit.objects.all().delete()
    SurveyAnswer.objects.all().delete()
    for order in Order.objects.all():
        order.commissions.all().delete()
        order.delete()


def test_evidence_that_comes_in_another_order_ends_in_the_same_ledger(
    acme: Brand, anna: Collaboration, ben: Collaboration
) -> None:
    """Refund first or last, in one step or two: the same sums for everybody."""
    AttributionRule.objects.create(brand=acme, name="split", params={"conflict": "split"}, is_active=True)
    ends = set()
    for steps in (["30.01", "20.02"], ["20.02", "30.01"], ["50.03"]):
        order = make.order(acme, "ANNA10", net="77.77", placed_at=NOON, click_id=clicked(ben).id)
        for number, net in enumerate(steps):
            refund_order(order, RefundData(f"r{number}", NOON, Decimal(net)))
        rows = order.credits.order_by("collaboration").values_list("collaboration").annotate(sum=Sum("revenue"))
        ends.add(tuple(rows))
    assert len(ends) == 1


# Running --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def five(acme: Brand, anna: Collaboration, monkeypatch: pytest.MonkeyPatch) -> Brand:
    """Five orders, two a batch."""
    monkeypatch.setattr(replays, "BATCH", 2)
    for _ in range(5):
        make.order(acme, "ANNA10", placed_at=NOON)
    return acme


def test_another_worker_goes_on_where_one_died(five: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    run = start_replay(five, DEFAULT, *MAY)
    steps = iter([True, False])
    step = replays.step
    with monkeypatch.context() as dying:
        dying.setattr(replays, "step", lambda *rest: next(steps) and step(*rest))
        run_replay(run)
    AttributionRun.objects.update(status="queued")
    run = AttributionRun.objects.get()
    assert run.done == 2
    run_replay(run)
    assert (run.status, run.done, RunLine.objects.filter(run=run).count()) == ("done", 5, 5)


def test_a_cancelled_replay_stops_and_leaves_nothing(five: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    run = start_replay(five, DEFAULT, *MAY)
    step = replays.step

    def one_step(*rest: Any) -> bool:
        cancel_replay(run)
        return step(*rest)

    monkeypatch.setattr(replays, "step", one_step)
    run_replay(run)
    run.refresh_from_db()
    assert (run.status, RunLine.objects.count()) == ("cancelled", 0)
    with pytest.raises(ReplayRefused):
        cancel_replay(run)


def test_the_queries_of_a_batch_do_not_grow_with_it(
    acme: Brand, anna: Collaboration, ben: Collaboration, django_assert_max_num_queries: Any
) -> None:
    for _ in range(12):
        make.order(acme, "ANNA10", placed_at=NOON, click_id=clicked(ben).id, customer_key="k" * 64)
    run = start_replay(acme, LINEAR, *MAY)
    with django_assert_max_num_queries(28):
        run_replay(run)


def test_too_few_conversions_teach_a_model_nothing(acme: Brand, anna: Collaboration) -> None:
    make.order(acme, placed_at=NOON, click_id=clicked(anna).id)
    run = replay(acme, Rule("markov/1", model="markov"))
    assert (run.status, run.note) == ("refused", "1 of the 100 conversions that this model needs.")
    assert not RunLine.objects.exists()


def test_a_model_that_learned_shares_each_order_whole(
    acme: Brand, anna: Collaboration, ben: Collaboration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracking.attribution.journeys.LEAST_CONVERSIONS", 4)
    monkeypatch.setattr("tracking.attribution.journeys.LEAST_APPEARANCES", 1)
    for number in range(4):
        click = clicked(anna if number else ben)
        make.order(acme, "ANNA10", placed_at=NOON, click_id=click.id)
    for model, game in (("markov", "sum"), ("shapley", "rate")):
        run = replay(acme, Rule("learned/1", model=model, game=game, conflict="path"))
        assert sum(Decimal(revenue) for revenue, _ in sums(run).values()) == 200
        assert set(run.learned["node_of"].values()) == {str(anna.pk), str(ben.pk)}
