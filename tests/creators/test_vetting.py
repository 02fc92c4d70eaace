"""The vetting page, votes and decisions, runs over lists, the portal's page of notes, and the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from creators.actions.metrics import recompute
from creators.actions.shortlists import add_to_shortlist
from creators.actions.vetting import (
    DEFAULT_CHECKLIST,
    VettingRefusedError,
    cancel_vetting_run,
    cast_vote,
    decide,
    keep_signals,
    report,
    requeue_vetting_runs,
    run_vetting,
    set_checklist,
    set_policy,
    start_vetting_run,
)
from creators.models import (
    ChecklistAnswer,
    Comment,
    Creator,
    FollowerSnapshot,
    Relationship,
    Shortlist,
    SignalReply,
    Vetting,
    VettingPolicy,
    VettingRun,
    Vote,
)
from creators.vetting.collect import facts_of
from creators.vetting.signals import Attention
from groundswell.accounts.models import Brand, Role, User
from tests import factories as make


def address(creator: Creator, step: str = "") -> str:
    return f"/creators/{creator.code}/vetting/{step}"


def counted_daily(creator: Creator, jump: int = 0) -> None:
    """Sixty days of steady growth; `jump` followers more from twenty days ago."""
    today, account = timezone.now().date(), creator.accounts.get()
    FollowerSnapshot.objects.bulk_create(
        FollowerSnapshot(
            account=account,
            observed_on=today - timedelta(days=back),
            followers=8000 + 3 * (60 - back) + (jump if back < 20 else 0),
        )
        for back in range(60)
    )


def talk_below(creator: Creator, *texts: str, author: str = "") -> None:
    post = make.post(creator, posted_at=timezone.now() - timedelta(days=3), likes=300, comments_count=len(texts))
    Comment.objects.bulk_create(
        Comment(post=post, author=author or f"fan{at}", text=text) for at, text in enumerate(texts)
    )


def signal(creator: Creator, brand: Brand, code: str) -> Any:
    return next(row for row in report(creator, brand).accounts[0].signals if row.code == code)


# The page


def test_page_says_where_to_look(as_alice: Client, creator: Creator) -> None:
    counted_daily(creator, jump=1200)
    page = as_alice.get(address(creator)).content.decode()
    assert "Look at this because followers rose by 1,203" in page
    assert "more than 3.5 robust deviations" in page
    assert "fake" not in page.lower()


def test_page_of_a_creator_of_whom_nothing_is_known(as_alice: Client) -> None:
    nobody = make.creator(followers=None, rate=None)
    page = as_alice.get(address(nobody)).content.decode()
    assert "Too little known" in page
    assert "14 not known" in page


def test_page_asks_the_same_number_of_queries_however_much_is_known(
    as_alice: Client, acme: Brand, creator: Creator, django_assert_max_num_queries: Any
) -> None:
    talk_below(creator, "hello there friend")
    with django_assert_max_num_queries(35) as few:
        as_alice.get(address(creator))
    counted_daily(creator)
    for _ in range(10):
        talk_below(creator, *["what a lovely day today"] * 10)
    for _ in range(30):
        make.creator()
    with django_assert_max_num_queries(len(few)):
        as_alice.get(address(creator))


def test_reviewer_votes_and_cannot_decide(acme: Brand, creator: Creator) -> None:
    reviewer = Client()
    reviewer.force_login(make.member(acme, "rae@acme.example", Role.REVIEWER))
    reviewer.post(address(creator, "vote/"), {"answer": "approve", "comment": "Warm and honest"})
    assert Vote.objects.get().comment == "Warm and honest"
    assert reviewer.post(address(creator, "decide/"), {"decision": "approve"}).status_code == 403


def test_later_vote_replaces_the_earlier(acme: Brand, creator: Creator, alice: User) -> None:
    cast_vote(acme, creator, "approve", by=alice)
    cast_vote(acme, creator, "reject", comment="Read the comments", by=alice)
    assert Vote.objects.get().answer == "reject"


def test_strange_vote_changes_nothing(as_alice: Client, creator: Creator) -> None:
    as_alice.post(address(creator, "vote/"), {"answer": "maybe"})
    assert not Vote.objects.exists()


def test_decision_keeps_the_signals_of_the_day(as_alice: Client, acme: Brand, creator: Creator, alice: User) -> None:
    counted_daily(creator, jump=1200)
    as_alice.post(address(creator, "decide/"), {"decision": "reject", "reason": "No word on the step"})
    row = Vetting.objects.get()
    assert (row.decision, row.reason, row.decided_by, row.attention) == (
        "rejected", "No word on the step", alice, "close")  # fmt: skip
    assert row.computed_at is not None
    assert row.signals[0]["signals"][0]["numbers"]["unexplained"] == 1
    FollowerSnapshot.objects.all().delete()
    row.refresh_from_db()
    assert row.signals[0]["attention"] == "close"


def test_nobody_decides_twice_or_votes_after(acme: Brand, creator: Creator, alice: User) -> None:
    decide(acme, creator, Vetting.Decision.APPROVED, by=alice)
    with pytest.raises(VettingRefusedError):
        decide(acme, creator, Vetting.Decision.REJECTED, by=alice)
    with pytest.raises(VettingRefusedError):
        cast_vote(acme, creator, "reject", by=alice)
    assert Vetting.objects.get().decision == "approved"


def test_a_vetting_ends_without_a_decision(
    as_alice: Client, as_bob: Client, as_charlie: Client, acme: Brand, api: Callable[..., APIClient]
) -> None:
    creator = make.creator("Eva", handle="eva.own", owner=acme)
    for stranger, status in ((as_bob, 403), (as_charlie, 404)):
        assert stranger.post(address(creator, "decide/"), {"decision": "end"}).status_code == status
    assert not Vetting.objects.exists()
    as_alice.post(address(creator, "decide/"), {"decision": "end", "reason": "Moved away"})
    row = Vetting.objects.get()
    assert (row.decision, row.reason) == ("ended", "Moved away")
    assert "Ended without a decision" in as_alice.get(address(creator)).content.decode()
    path = f"/api/v1/creators/{make.creator().code}/vetting/decision/"
    assert api(acme).post(path, {"decision": "open"}, format="json").status_code == 400
    assert api(acme).post(path, {"decision": "ended"}, format="json").status_code == 200


def test_decision_is_reopened(as_alice: Client, acme: Brand, creator: Creator, alice: User) -> None:
    decide(acme, creator, Vetting.Decision.APPROVED, by=alice)
    as_alice.post(address(creator, "decide/"), {"decision": "reopen"})
    row = Vetting.objects.get()
    assert (row.decision, row.decided_at) == ("open", None)


def test_checklist_is_answered_and_taken_back(as_alice: Client, acme: Brand, creator: Creator) -> None:
    item = set_checklist(acme, DEFAULT_CHECKLIST)[0]
    as_alice.post(address(creator, "answer/"), {"item": item.code, "answer": "yes"})
    assert ChecklistAnswer.objects.get().answer == "yes"
    as_alice.post(address(creator, "answer/"), {"item": item.code, "answer": ""})
    assert not ChecklistAnswer.objects.exists()


def test_questions_of_another_brand_are_not_answered(as_alice: Client, globex: Brand, creator: Creator) -> None:
    item = set_checklist(globex, ["Theirs"])[0]
    assert as_alice.post(address(creator, "answer/"), {"item": item.code, "answer": "yes"}).status_code == 404


def test_retired_questions_keep_their_answers(acme: Brand, creator: Creator, alice: User, as_alice: Client) -> None:
    item = set_checklist(acme, ["One", "Two"])[0]
    as_alice.post(address(creator, "answer/"), {"item": item.code, "answer": "no"})
    assert [row.text for row in set_checklist(acme, ["Two", "Three"])] == ["Two", "Three"]
    assert ChecklistAnswer.objects.get().item.is_retired


def test_viewer_reads_and_does_nothing(as_bob: Client, creator: Creator) -> None:
    assert as_bob.get(address(creator)).status_code == 200
    for step in ("vote/", "answer/", "decide/", "keep/"):
        assert as_bob.post(address(creator, step), {"answer": "approve"}).status_code == 403
    assert not Vetting.objects.exists()


# Tenancy


def test_votes_and_decisions_stay_with_the_brand(
    as_charlie: Client, acme: Brand, globex: Brand, creator: Creator, alice: User
) -> None:
    cast_vote(acme, creator, "reject", comment="Not for us", by=alice)
    decide(acme, creator, Vetting.Decision.REJECTED, reason="Too loud", by=alice)
    page = as_charlie.get(address(creator)).content.decode()
    assert "Not for us" not in page
    assert "Too loud" not in page
    assert "Nobody voted yet" in page


def test_posts_of_another_brand_enter_no_signal(acme: Brand, globex: Brand, creator: Creator) -> None:
    for at in range(12):
        make.post(creator, owner=globex, likes=500, posted_at=timezone.now() - timedelta(days=at))
    assert facts_of(creator, acme, timezone.now())[0].posts == []
    assert len(facts_of(creator, globex, timezone.now())[0].posts) == 12
    assert facts_of(creator, None, timezone.now())[0].posts == []


def test_private_creators_of_another_brand_are_no_peers_and_in_no_pod(acme: Brand, globex: Brand) -> None:
    mine = make.creator(handle="mine", owner=acme)
    for at in range(4):
        other = make.creator(handle=f"hidden{at}", owner=globex)
        for _ in range(3):
            talk_below(mine, "so true what you say", author=f"hidden{at}")
            talk_below(other, "so true what you say", author="mine")
    facts = facts_of(mine, acme, timezone.now())[0]
    assert facts.peers == []
    assert set(facts.names.values()) <= {"mine"}


# Signals from rows


def test_a_pod_is_found_in_comments(acme: Brand) -> None:
    people = [make.creator(handle=f"pod{at}") for at in range(5)]
    for one in people:
        for _ in range(4):
            post = make.post(one)
            Comment.objects.bulk_create(
                Comment(post=post, author=f"pod{at}", text="Great one!") for at in range(5) if f"pod{at}" != one.name
            )
    found = signal(people[0], acme, "pod")
    assert (found.level, found.numbers["group"], found.numbers["posts"]) == ("look", 5, 4)
    assert report(people[0], acme).attention == Attention.CLOSE


def test_commenters_shared_with_others(acme: Brand) -> None:
    people = [make.creator() for _ in range(3)]
    for one in people:
        post = make.post(one)
        Comment.objects.bulk_create(Comment(post=post, author=f"fan{at}", text="Where was this?") for at in range(8))
    assert signal(people[0], acme, "shared_commenters").level == "note"


def test_engagement_against_measured_peers(acme: Brand) -> None:
    rows = [make.creator(followers=5000 + 10 * at) for at in range(120)]
    low = make.creator(followers=5600)
    for at, one in enumerate([*rows, low]):
        likes = 3 if one is low else 120 + at
        for back in range(6):
            make.post(one, likes=likes + back, comments_count=5, followers_at_post=5000,
                      posted_at=timezone.now() - timedelta(days=4 + back))  # fmt: skip
    recompute([one.accounts.get().pk for one in [*rows, low]])
    found = signal(low, acme, "engagement")
    assert found.level == "look"
    assert found.numbers["peers"] == 120
    assert signal(rows[60], acme, "engagement").level == "fine"


def test_disclosure_mentions_and_codes(as_alice: Client, acme: Brand, creator: Creator) -> None:
    set_policy(acme, own_names=["Acme"], competitors=["@rival.co"], category=[], weights={})
    make.post(creator, caption="Werbung: new boots by @rival.co", is_sponsored=True)
    make.post(creator, caption="Boots! Thanks #acme", is_sponsored=True)
    make.post(creator, caption="A walk", is_sponsored=False)
    found = report(creator, acme)
    assert (found.habit.sponsored, found.habit.share) == (2, 0.5)
    assert [len(named.posts) for named in found.mentions] == [1, 1, 0]
    assert "no label found" not in as_alice.get(address(creator)).content.decode()


# Fit and policy


def test_fit_shows_parts_and_refuses_to_guess(as_alice: Client, acme: Brand, creator: Creator) -> None:
    page = as_alice.get(address(creator)).content.decode()
    assert "Too little known" in page
    assert "The number of followers is none of them" in page


def test_policy_form_saves_lists_and_weights(as_alice: Client, acme: Brand) -> None:
    form = {f"weight-{part}": 1 for part in ("audience_language", "audience_age", "niche", "engagement", "comments",
                                             "cadence", "sponsored", "credibility", "reliability")}  # fmt: skip
    form |= {"countries": "de, fr", "niches": "hiking\nfood", "weight-audience_country": 7, "checklist": "Kind?\nReal?"}
    assert as_alice.post("/settings/vetting/", form).status_code == 302
    policy = VettingPolicy.objects.get()
    assert (policy.countries, policy.niches, policy.weights["audience_country"]) == (
        ["DE", "FR"],
        ["hiking", "food"],
        7,
    )
    assert acme.checklist.count() == 2


def test_policy_form_says_what_is_wrong(as_alice: Client) -> None:
    answer = as_alice.post("/settings/vetting/", {"countries": "Deutschland"})
    assert answer.status_code == 422
    assert "is no country code" in answer.content.decode()
    assert not VettingPolicy.objects.exists()


@pytest.mark.parametrize("weights", [{"followers": 3}, {"niche": 11}, {"niche": -1}, {"niche": True}])
def test_strange_weights_are_refused(acme: Brand, weights: dict[str, Any]) -> None:
    with pytest.raises(VettingRefusedError):
        set_policy(acme, weights=weights)
    assert not VettingPolicy.objects.exists()


# Comparison and runs


def test_two_to_five_side_by_side(as_alice: Client, as_charlie: Client, acme: Brand) -> None:
    one, two = make.creator("Ann"), make.creator("Ben", owner=acme)
    path = f"/creators/compare/?creator={one.code}&creator={two.code}"
    page = as_alice.get(path).content.decode()
    assert "Ann" in page
    assert "Ben" in page
    assert "Choose two to five" in as_charlie.get(path).content.decode()


@pytest.fixture
def listed(acme: Brand, alice: User) -> Shortlist:
    row = Shortlist.objects.create(brand=acme, name="Spring")
    add_to_shortlist(row, [make.creator() for _ in range(3)], by=alice)
    return row


def test_run_computes_a_list_with_progress(as_alice: Client, acme: Brand, listed: Shortlist) -> None:
    run = start_vetting_run(acme, listed)
    run_vetting(run)
    run.refresh_from_db()
    assert (run.status, run.done) == ("done", 3)
    assert Vetting.objects.filter(computed_at__isnull=False).count() == 3
    assert "3 creators" in as_alice.get(f"/vetting/{run.code}/").content.decode()


def test_cancelled_run_stops(acme: Brand, listed: Shortlist, monkeypatch: pytest.MonkeyPatch) -> None:
    run = start_vetting_run(acme, listed)

    def and_cancel(*args: Any) -> Vetting:
        cancel_vetting_run(VettingRun.objects.get())
        return keep_signals(*args)

    monkeypatch.setattr("creators.actions.vetting.keep_signals", and_cancel)
    run_vetting(run)
    run.refresh_from_db()
    assert (run.status, run.done, Vetting.objects.count()) == ("cancelled", 0, 1)
    with pytest.raises(VettingRefusedError):
        cancel_vetting_run(run)


def test_run_of_a_dead_worker_goes_on_where_it_stood(acme: Brand, listed: Shortlist) -> None:
    run = start_vetting_run(acme, listed)
    VettingRun.objects.update(status="running", done=2, beat_at=timezone.now() - timedelta(hours=1))
    for found in requeue_vetting_runs():
        run_vetting(found)
    run.refresh_from_db()
    assert (run.status, Vetting.objects.count()) == ("done", 1)


def test_empty_lists_and_lists_by_rule_are_refused(acme: Brand, alice: User) -> None:
    for facts in ({"name": "Empty"}, {"name": "Rule", "query": "tier=nano"}):
        with pytest.raises(VettingRefusedError):
            start_vetting_run(acme, Shortlist.objects.create(brand=acme, **facts))


def test_blocked_creators_are_left_out(acme: Brand, listed: Shortlist) -> None:
    first = listed.entries.order_by("pk")[0].creator
    make.relationship(acme, first, stage="blocked", blocked_at=timezone.now())
    assert first.pk not in start_vetting_run(acme, listed).creators


def test_list_of_vetted_pins_its_queries(as_alice: Client, acme: Brand, django_assert_max_num_queries: Any) -> None:
    keep_signals(acme, make.creator())
    with django_assert_max_num_queries(15) as few:
        as_alice.get("/vetting/")
    for _ in range(8):
        keep_signals(acme, make.creator())
    with django_assert_max_num_queries(len(few)):
        as_alice.get("/vetting/")


# The creator's side


def test_creator_reads_and_answers(as_dana: Client, acme: Brand, relationship: Relationship) -> None:
    creator = relationship.creator
    counted_daily(creator, jump=1200)
    assert "followers rose by 1,203" in as_dana.get("/portal/signals/").content.decode()
    as_dana.post("/portal/signals/", {"creator": creator.code, "signal": "growth_step", "text": "We had a giveaway"})
    assert SignalReply.objects.get().text == "We had a giveaway"
    assert signal(creator, acme, "growth_step").level == "note"


def test_creator_answers_for_nobody_else(as_dana: Client, relationship: Relationship) -> None:
    other = make.creator()
    answer = as_dana.post("/portal/signals/", {"creator": other.code, "signal": "growth_step", "text": "Hi"})
    assert answer.status_code == 404
    as_dana.post("/portal/signals/", {"creator": relationship.creator.code, "signal": "nonsense", "text": "Hi"})
    assert not SignalReply.objects.exists()


def test_creator_sees_nothing_that_only_a_brand_knows(as_dana: Client, acme: Brand, relationship: Relationship) -> None:
    creator = relationship.creator
    for at in range(12):
        make.post(creator, owner=acme, likes=500, posted_at=timezone.now() - timedelta(days=at))
    assert signal(creator, acme, "uniform_likes").level == "look"
    assert "hardly differ" not in as_dana.get("/portal/signals/").content.decode()


# API


def test_partner_reads_signals_and_decides(api: Callable[..., APIClient], acme: Brand, creator: Creator) -> None:
    counted_daily(creator, jump=1200)
    path = f"/api/v1/creators/{creator.code}/vetting/"
    found = api(acme).get(path).json()
    assert (found["attention"], found["fit"]["score"], found["decision"]) == ("close", None, "open")
    assert found["accounts"][0]["signals"][0]["numbers"]["unexplained"] == 1
    assert api(acme).post(f"{path}decision/", {"decision": "approved"}, format="json").status_code == 200
    again = api(acme).post(f"{path}decision/", {"decision": "rejected"}, format="json")
    assert again.status_code == 409
    assert api(acme).get(path).json()["decision"] == "approved"


def test_partner_vets_a_list(api: Callable[..., APIClient], acme: Brand, globex: Brand, listed: Shortlist) -> None:
    made = api(acme).post("/api/v1/vetting-runs/", {"shortlist": listed.code}, format="json").json()
    run_vetting(VettingRun.objects.get())
    told = api(acme).get(f"/api/v1/vetting-runs/{made['code']}/").json()
    assert (told["done"], len(told["results"])) == (3, 3)
    other = api(globex).post("/api/v1/vetting-runs/", {"shortlist": listed.code}, format="json")
    assert other.status_code == 404


def test_partner_sets_the_policy(api: Callable[..., APIClient], acme: Brand) -> None:
    answer = api(acme).patch("/api/v1/vetting-policy/", {"countries": ["DE"], "weights": {"niche": 5}}, format="json")
    assert answer.json()["countries"] == ["DE"]
    wrong = api(acme).patch("/api/v1/vetting-policy/", {"weights": {"followers": 5}}, format="json")
    assert wrong.status_code == 409
    assert api(acme).get("/api/v1/vetting-policy/").json()["weights"] == {"niche": 5}
