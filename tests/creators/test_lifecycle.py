"""From prospect to ambassador: reckoned from collaborations, by a rule that the brand sets and reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.actions.offers import accept_offer
from campaigns.actions.work import push_all_work, push_work
from campaigns.models import Collaboration
from creators.actions.lifecycle import RuleRefusedError, Work, note_work, set_lifecycle
from creators.models import Lifecycle, LifecycleRule, Relationship
from groundswell.accounts.models import Brand, User

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def stage_of(relationship: Relationship, rule: LifecycleRule, now: datetime = NOW) -> str:
    found = Relationship.objects.with_lifecycle(rule, now).get(pk=relationship.pk)
    return str(found.lifecycle)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("days_ago", "stage"),
    [
        ([], "prospect"),
        ([10], "trial"),
        ([10, 100], "repeat"),
        ([10, 100, 300], "ambassador"),
        ([10, 100, 400], "repeat"),
        ([181, 200, 210], "dormant"),
    ],
)
def test_stage_by_the_usual_rule(relationship: Relationship, days_ago: list[int], stage: str) -> None:
    accepted = [NOW - days * DAY for days in days_ago]
    note_work({relationship.pk: Work(accepted, max(accepted, default=None))})
    assert stage_of(relationship, LifecycleRule(brand=relationship.brand)) == stage


def test_a_post_handed_in_keeps_from_being_dormant(relationship: Relationship) -> None:
    note_work({relationship.pk: Work([NOW - 200 * DAY], NOW - 5 * DAY)})
    assert stage_of(relationship, LifecycleRule(brand=relationship.brand)) == "trial"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(days=st.lists(st.integers(0, 500), max_size=6), late=st.integers(0, 500))
def test_query_and_row_agree(relationship: Relationship, days: list[int], late: int) -> None:
    accepted = [NOW - day * DAY for day in days]
    last = max([*accepted, NOW - late * DAY]) if accepted else None
    note_work({relationship.pk: Work(accepted, last)})
    rule = LifecycleRule(brand=relationship.brand)
    relationship.refresh_from_db()
    assert stage_of(relationship, rule) == rule.stage(relationship.worked_at, relationship.last_worked_at, NOW)


def test_brand_sets_its_own_thresholds(acme: Brand, alice: User, relationship: Relationship) -> None:
    rule = set_lifecycle(acme, by=alice, trial_from=2, repeat_from=3, ambassador_from=4)
    note_work({relationship.pk: Work([NOW - DAY], NOW - DAY)})
    assert stage_of(relationship, LifecycleRule.objects.holding(acme)) == "prospect"
    assert rule.words[Lifecycle.TRIAL] == "at least 2 accepted collaborations"
    assert rule.words[Lifecycle.AMBASSADOR] == "at least 4 accepted collaborations in the last 365 days"


@pytest.mark.parametrize("thresholds", [{"repeat_from": 1}, {"trial_from": 0}, {"ambassador_from": 2}])
def test_thresholds_that_do_not_rise_are_refused(acme: Brand, alice: User, thresholds: dict[str, int]) -> None:
    with pytest.raises(RuleRefusedError, match="more collaborations"):
        set_lifecycle(acme, by=alice, **thresholds)
    assert not LifecycleRule.objects.exists()


def test_an_accepted_offer_makes_a_trial(
    collaboration: Collaboration, dana: User, acme: Brand, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        accept_offer(collaboration, by=dana)
    assert stage_of(collaboration.relationship, LifecycleRule(brand=acme), timezone.now()) == "trial"


def test_pushing_again_changes_nothing(collaboration: Collaboration) -> None:
    collaboration.status, collaboration.accepted_at = "accepted", NOW
    collaboration.save()
    assert push_work([collaboration.relationship_id]) == 1
    assert push_work([collaboration.relationship_id]) == 0
    assert push_all_work() == 0


def test_command_rebuilds_what_was_lost(collaboration: Collaboration, capsys: Any) -> None:
    collaboration.status, collaboration.accepted_at = "accepted", NOW
    collaboration.save()
    Relationship.objects.update(worked_at=[NOW, NOW], last_worked_at=None)
    call_command("rebuild_lifecycles")
    assert capsys.readouterr().out.strip() == "1 relationships changed."
    row = Relationship.objects.get()
    assert (row.worked_at, row.last_worked_at) == ([NOW], NOW)
