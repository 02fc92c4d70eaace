"""Rules, replays and commissions on their pages and in the API: what they show, and who may do what."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from campaigns.models import Campaign, Collaboration, Submission
from creators.models import Relationship
from groundswell.accounts.models import Brand, Role, User
from tests import factories as make
from tests.conftest import signed_in
from tracking.actions.commissions import approve_commissions
from tracking.actions.replays import run_replay, start_replay
from tracking.actions.rules import RuleRefused, activate_rule, add_rule
from tracking.actions.surveys import receive_answer, review_answer
from tracking.attribution.rules import DEFAULT, Rule
from tracking.forms.ledger import RuleForm
from tracking.models import AttributionRule, AttributionRun, Commission, Credit, Order

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
MAY = (date(2026, 5, 1), date(2026, 5, 31))


@pytest.fixture
def anna(campaign: Campaign, relationship: Relationship) -> Collaboration:
    """Dana's collaboration with the code ANNA10 and 10 %."""
    row = make.collaboration(campaign, relationship, status="accepted")
    make.discount_code(row, "ANNA10")
    return row


@pytest.fixture
def order(acme: Brand, anna: Collaboration, campaign: Campaign) -> Order:
    """Anna's code and another creator's click."""
    other = make.collaboration(campaign, make.relationship(acme, make.creator("Ben Other")), status="accepted")
    click = make.click(make.link(other), NOON - timedelta(days=1))
    return make.order(acme, "ANNA10", net="100", placed_at=NOON, click_id=click.id)


def form(**facts: Any) -> dict[str, Any]:
    shown = {name: field.initial for name, field in RuleForm.base_fields.items() if field.initial not in ("", None)}
    shown = {name: value for name, value in shown.items() if value is not False}
    return {**shown, "name": "shared", "conflict": "split", **facts}


def replayed(brand: Brand, rule: Rule = DEFAULT) -> AttributionRun:
    run = start_replay(brand, rule, *MAY)
    run_replay(run)
    return run


# Evidence -------------------------------------------------------------------------------------------------------------


def page_of(client: Client, order: Order) -> str:
    answer = client.get(f"/orders/{order.store.code}/{order.external_id}/")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_the_page_of_an_order_lists_its_evidence_and_what_came_later(
    as_bob: Client, order: Order, anna: Collaboration
) -> None:
    post = make.post(anna.relationship.creator, posted_at=NOON - timedelta(days=2), owner=order.store.brand, views=1200)
    Submission.objects.create(collaboration=anna, deliverable=anna.campaign.deliverables.get(), post=post)
    review_answer(receive_answer(order.store, order.external_id, "Dana told me", NOON)[0], anna)
    page = page_of(as_bob, order)
    for words in ("Code ANNA10", "Click", "Answer “Dana told me”", "Post , 1,200 views", "never earns by itself"):
        assert words in page
    assert page.count("came after the decision") == 2
    asked = make.order(order.store.brand)
    receive_answer(asked.store, asked.external_id, "hm", NOON)
    assert "The buyer answered “hm”" in page_of(as_bob, asked)
    assert "no confirmed answer is known" in page_of(as_bob, asked)


def test_partners_read_an_orders_evidence_and_strangers_nothing(
    api: Callable[..., APIClient], acme: Brand, globex: Brand, order: Order, anna: Collaboration
) -> None:
    url = f"/api/v1/orders/{order.external_id}/"
    click, code = api(acme).get(url).json()["evidence"]
    assert (click["kind"], click["was_known"], click["facts"]) == ("click", True, {"is_bot": False})
    assert (code["kind"], code["collaboration"], code["facts"]["code"]) == ("code", anna.code, "ANNA10")
    assert api(globex).get(url).status_code == 404


def test_an_orders_page_asks_the_same_for_more_evidence(
    as_alice: Client, acme: Brand, order: Order, anna: Collaboration, django_assert_max_num_queries: Any
) -> None:
    for number in range(6):
        make.discount_code(anna, f"MORE{number}")
    other = make.order(acme, "ANNA10", *(f"MORE{number}" for number in range(6)), placed_at=NOON, click_id="")
    for one in (order, other):
        page_of(as_alice, one)
        with django_assert_max_num_queries(26):
            page_of(as_alice, one)


# Rules ----------------------------------------------------------------------------------------------------------------


def test_a_rule_is_written_put_in_force_and_decides_orders_to_come(
    as_alice: Client, acme: Brand, order: Order, campaign: Campaign
) -> None:
    assert as_alice.post("/attribution/rules/", form()).status_code == 302
    row = AttributionRule.objects.get()
    assert (row.label, row.is_active, row.rule.conflict) == ("shared/1", False, "split")
    as_alice.post(f"/attribution/rules/{row.code}/activate/")
    assert make.order(acme, "ANNA10").credits.get().rule == "shared/1"
    assert order.credits.get().rule == "code-first/2"
    as_alice.post(f"/attribution/rules/{row.code}/retire/")
    assert make.order(acme, "ANNA10").credits.get().rule == "code-first/2"


def test_the_same_name_again_is_the_next_version_and_the_same_again_is_refused(as_alice: Client, acme: Brand) -> None:
    as_alice.post("/attribution/rules/", form())
    assert as_alice.post("/attribution/rules/", form()).status_code == 422
    as_alice.post("/attribution/rules/", form(code_part="0.7"))
    assert [row.label for row in AttributionRule.objects.order_by("pk")] == ["shared/1", "shared/2"]


@pytest.mark.parametrize(
    "facts",
    [
        {"name": "code-first"},
        {"name": "no spaces"},
        {"code_part": "1.5"},
        {"click_days": "-1"},
        {"model": "best"},
        {"half_life_days": "NaN"},
        {"percent_new": "101"},
        {"campaign": "nobodys"},
        {"order": "9"},
    ],
)
def test_a_rule_that_makes_no_sense_is_not_written(as_alice: Client, acme: Brand, facts: dict[str, str]) -> None:
    assert as_alice.post("/attribution/rules/", form(**facts)).status_code == 422
    assert not AttributionRule.objects.exists()


def test_one_rule_is_in_force_for_the_brand_and_one_for_a_campaign(acme: Brand, campaign: Campaign) -> None:
    rules = [add_rule(acme, name) for name in ("one", "two")]
    own = add_rule(acme, "own", campaign=campaign)
    for row in (*rules, own):
        activate_rule(row)
    assert {row.name for row in AttributionRule.objects.active()} == {"two", "own"}
    with pytest.raises(RuleRefused, match="in force already"):
        activate_rule(own)


def test_a_model_that_must_see_everything_is_not_put_in_force(acme: Brand) -> None:
    with pytest.raises(RuleRefused, match="Replay it"):
        activate_rule(add_rule(acme, "chain", model="markov"))


def test_a_code_is_told_when_to_count(as_alice: Client, acme: Brand, anna: Collaboration) -> None:
    as_alice.post("/attribution/rules/codes/", {"code": "anna10", "counts": "involved"})
    assert make.order(acme, "ANNA10").unmatched == "code_not_involved"
    assert "if its creator was clicked too" in as_alice.get("/attribution/rules/").content.decode()
    for facts in ({"code": "NOBODYS", "counts": "winner"}, {"code": "ANNA10", "counts": "never"}, {}):
        as_alice.post("/attribution/rules/codes/", facts)
    assert anna.codes.get().counts == "involved"


# Replays --------------------------------------------------------------------------------------------------------------


def test_a_replay_is_started_and_shows_who_gains_and_who_loses(as_alice: Client, acme: Brand, order: Order) -> None:
    add_rule(acme, "shared", conflict="split")
    facts = {"rule": "shared/1", "since": "2026-05-01", "until": "2026-05-31"}
    answer = as_alice.post("/attribution/replays/", facts)
    run = AttributionRun.objects.get()
    assert answer["Location"] == run.get_absolute_url()
    assert "Deciding orders" in as_alice.get(run.get_absolute_url()).content.decode()
    run_replay(run)
    page = as_alice.get(run.get_absolute_url()).content.decode()
    for text in ("Ben Other", "Dana Field", "+€50.00", "−€50.00", "€100.00"):
        assert text in page
    lines = as_alice.get(f"{run.get_absolute_url()}replay.csv").content.decode().splitlines()
    assert lines[1].startswith("Ben Other,Spring launch,")
    assert lines[1].endswith("EUR,0,1,0.00,50.00,50.00,0.00,5.00,5.00")
    assert Credit.objects.count() == 1


@pytest.mark.parametrize(
    "facts",
    [
        {"rule": "nobodys/1", "since": "2026-05-01", "until": "2026-05-31"},
        {"rule": "code-first/2", "since": "2026-05-31", "until": "2026-05-01"},
        {"rule": "code-first/2", "since": "soon", "until": "2026-05-01"},
        {"rule": "code-first/2", "since": "2020-01-01", "until": "2020-01-01"},
    ],
)
def test_a_replay_of_nothing_is_not_started(as_alice: Client, order: Order, facts: dict[str, str]) -> None:
    assert as_alice.post("/attribution/replays/", facts).status_code == 422
    assert not AttributionRun.objects.exists()


def test_a_replay_is_cancelled_on_its_page(as_alice: Client, acme: Brand, order: Order) -> None:
    run = start_replay(acme, DEFAULT, *MAY)
    as_alice.post(f"/attribution/replays/{run.code}/cancel/")
    assert "Stopped. Nothing was changed." in as_alice.get(run.get_absolute_url()).content.decode()


def test_the_comparison_asks_few_queries(
    as_alice: Client, acme: Brand, order: Order, campaign: Campaign, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        row = make.collaboration(campaign, make.relationship(acme), status="accepted")
        make.discount_code(row, f"MORE{number}")
        make.order(acme, f"MORE{number}", placed_at=NOON)
    run = replayed(acme)
    with django_assert_max_num_queries(9):
        as_alice.get(run.get_absolute_url())


# Commissions ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def fay(acme: Brand) -> Client:
    return signed_in(make.member(acme, "fay@acme.example", Role.FINANCE))


def test_finance_approves_what_is_due_and_notes_the_payment(
    fay: Client, acme: Brand, order: Order, anna: Collaboration
) -> None:
    assert "Approve 1 due" in fay.get("/commissions/").content.decode()
    fay.post("/commissions/approve/")
    fay.post(f"/commissions/{anna.code}/pay/", {"reference": "SEPA 12"})
    row = Commission.objects.get()
    assert (row.status, row.reference, row.amount) == ("paid", "SEPA 12", Decimal(10))
    assert "SEPA 12" in fay.get("/commissions/").content.decode()
    again = fay.post(f"/commissions/{anna.code}/pay/", follow=True)
    assert "nothing to pay" in again.content.decode()
    assert "Dana Field,Spring launch" in fay.get("/commissions/commissions.csv").content.decode()


def test_managers_see_commissions_but_pay_none(acme: Brand, order: Order, anna: Collaboration) -> None:
    manager = signed_in(make.member(acme, "max@acme.example", Role.MANAGER))
    assert "Dana Field" in manager.get("/commissions/").content.decode()
    assert manager.post("/commissions/approve/").status_code == 403
    assert manager.post(f"/commissions/{anna.code}/pay/").status_code == 403
    assert Commission.objects.get().status == "pending"


def test_commissions_ask_few_queries(
    fay: Client, acme: Brand, order: Order, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        make.order(acme, "ANNA10")
    with django_assert_max_num_queries(10):
        fay.get("/commissions/")


def test_a_creator_sees_what_they_are_owed_and_nobody_elses(
    as_dana: Client, acme: Brand, order: Order, anna: Collaboration
) -> None:
    make.order(acme, "ANNA10", net="30", placed_at=timezone.now())
    approve_commissions(acme)
    page = as_dana.get(f"/portal/{anna.code}/commission/").content.decode()
    assert "€10.00" in page
    assert "€3.00" in page
    assert "On hold until" in page
    stranger = signed_in(make.user("eve@creators.example", kind=User.Kind.CREATOR))
    assert stranger.get(f"/portal/{anna.code}/commission/").status_code == 404


# API ------------------------------------------------------------------------------------------------------------------

Api = Callable[..., APIClient]


def test_partners_write_rules_and_put_them_in_force(api: Api, acme: Brand, campaign: Campaign) -> None:
    facts = {"name": "mine", "model": "position", "campaign": campaign.code, "percent_new": "12.5"}
    made = api(acme).post("/api/v1/attribution-rules/", facts, format="json")
    assert (made.status_code, made.data["label"], made.data["params"]["percent_new"]) == (201, "mine/1", "12.50")
    done = api(acme).post(f"/api/v1/attribution-rules/{made.data['code']}/activate/")
    assert done.data["is_active"] is True
    assert api(acme).post(f"/api/v1/attribution-rules/{made.data['code']}/activate/").status_code == 409
    assert api(acme).get("/api/v1/attribution-rules/").data["results"][0]["campaign"] == campaign.code


@pytest.mark.parametrize("facts", [{"name": "a b"}, {"name": "x", "model": "best"}, {"name": "x", "code_part": 2}, {}])
def test_partners_are_told_what_is_wrong_with_a_rule(api: Api, acme: Brand, facts: dict[str, Any]) -> None:
    assert api(acme).post("/api/v1/attribution-rules/", facts, format="json").status_code == 400
    assert not AttributionRule.objects.exists()


def test_partners_say_when_a_code_counts(api: Api, acme: Brand, globex: Brand, anna: Collaboration) -> None:
    path = "/api/v1/codes/anna10/counts/"
    assert api(acme).post(path, {"counts": "winner"}, format="json").data == {"code": "ANNA10", "counts": "winner"}
    assert api(acme).post(path, {"counts": "never"}, format="json").status_code == 400
    assert api(globex).post(path, {"counts": "always"}, format="json").status_code == 404
    assert anna.codes.get().counts == "winner"


def test_partners_replay_and_read_the_comparison(api: Api, acme: Brand, globex: Brand, order: Order) -> None:
    wanted = {"rule": "code-first/1", "since": "2026-05-01", "until": "2026-05-31"}
    made = api(acme).post("/api/v1/replays/", wanted, format="json")
    path = f"/api/v1/replays/{made.data['code']}/"
    assert (made.status_code, made.data["status"], made.data["total"]) == (201, "queued", 1)
    run_replay(AttributionRun.objects.get())
    done = api(acme).get(path).data
    assert (done["status"], done["rows"][0]["replay"]["revenue"]) == ("done", "100.0000")
    assert api(acme).delete(path).status_code == 409
    assert api(globex).get(path).status_code == 404
    assert api(acme).post("/api/v1/replays/", {**wanted, "rule": "no/1"}, format="json").status_code == 400
    assert api(acme, "orders:write").get(path).status_code == 403


def test_partners_read_commissions_of_their_brand(api: Api, acme: Brand, globex: Brand, order: Order) -> None:
    rows = api(acme).get("/api/v1/commissions/").data["results"]
    assert [(row["order"], row["amount"], row["status"]) for row in rows] == [(order.external_id, "10.0000", "pending")]
    assert api(globex).get("/api/v1/commissions/").data["results"] == []
