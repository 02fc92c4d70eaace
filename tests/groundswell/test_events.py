"""What happened is written with the change itself, and reaches subscribers even when the first delivery is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from celery import shared_task
from django.db import transaction
from django.test import Client
from django.utils import timezone

from creators.actions.shortlists import create_shortlist
from groundswell.accounts.models import Brand, Membership, Role, User
from groundswell.events import actions
from groundswell.events.actions import on, record
from groundswell.events.models import Event
from groundswell.events.tasks import deliver_pending
from groundswell.events.wording import SENTENCES, sentence
from tests import factories as make

heard: list[int] = []
failures: list[Exception] = []


@on("sample.happened")
@shared_task
def listen(event: int) -> None:
    """A subscriber that fails as often as the test wants."""
    if failures:
        raise failures.pop()
    heard.append(event)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    heard.clear()
    failures.clear()
    yield
    failures.clear()


def age(event: Event) -> None:
    Event.objects.filter(pk=event.pk).update(created_at=timezone.now() - timedelta(minutes=1))


def test_subscriber_hears_after_the_commit(acme: Brand, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        event = record(acme, "sample.happened", acme)
        assert heard == []
    assert heard == [event.pk]
    event.refresh_from_db()
    assert event.delivered_at is not None


@pytest.mark.django_db(transaction=True)
def test_nothing_is_told_of_what_was_rolled_back() -> None:
    acme = make.brand("acme")
    with transaction.atomic():
        record(acme, "sample.happened", acme)
        transaction.set_rollback(True)
    assert heard == []
    assert not Event.objects.exists()


def test_event_without_subscribers_counts_as_delivered(acme: Brand) -> None:
    assert record(acme, "sample.ignored", acme).delivered_at is not None
    assert deliver_pending() == 0


def test_lost_delivery_is_swept(acme: Brand) -> None:
    event = record(acme, "sample.happened", acme)  # its commit never comes in this test
    assert deliver_pending() == 0, "young events are left to their own commit"
    age(event)
    assert deliver_pending() == 1
    assert heard == [event.pk]
    assert deliver_pending() == 0


def test_failure_at_the_commit_keeps_the_change_and_is_swept(
    acme: Brand, django_capture_on_commit_callbacks: Any
) -> None:
    failures.append(ConnectionRefusedError("no broker"))
    with django_capture_on_commit_callbacks(execute=True):
        event = record(acme, "sample.happened", acme)
    assert heard == []
    age(event)
    deliver_pending()
    assert heard == [event.pk]


def test_one_failing_event_does_not_hold_up_the_rest(acme: Brand) -> None:
    first, second = record(acme, "sample.happened", acme), record(acme, "sample.happened", acme)
    age(first), age(second)
    failures.append(RuntimeError("this one"))
    assert deliver_pending() == 1
    assert heard == [second.pk]
    assert deliver_pending() == 1
    assert heard == [second.pk, first.pk]


def test_subscribers_of_the_product_exist() -> None:
    known = {name for names in actions.subscribers.values() for name in names}
    assert known <= set(actions.current_app.tasks)


def test_data_may_hold_the_words_of_the_call(acme: Brand) -> None:
    event = record(acme, "key.created", acme, name="Shop", subject="x")
    assert event.data == {"name": "Shop", "subject": "x"}


def test_sentences_survive_missing_and_listed_facts(acme: Brand) -> None:
    assert sentence(Event(name="brand.changed", data={"fields": ["a", "b"]})) == "changed the brand's settings (a, b)"
    assert sentence(Event(name="role.changed", data={})) == "made – – (was –)"
    assert sentence(Event(name="store.lost_touch", data={})) == "store lost touch"
    assert all(sentence(Event(name=name, data={})) for name in SENTENCES)


def test_activity_shows_the_brands_own_log(as_alice: Client, acme: Brand, globex: Brand, alice: User) -> None:
    record(acme, "key.created", acme, by=alice, name="Ours")
    record(globex, "key.created", globex, name="Theirs")
    page = as_alice.get("/settings/activity/").content.decode()
    assert "Ours" in page
    assert "Theirs" not in page


def test_activity_is_paged_by_key_and_stays_right_while_rows_come(as_alice: Client, acme: Brand) -> None:
    for number in range(60):
        record(acme, "key.created", acme, name=f"key {number:02}")
    first = as_alice.get("/settings/activity/")
    assert len(first.context["events"]) == 50
    record(acme, "key.created", acme, name="newer")
    second = as_alice.get(f"/settings/activity/{first.context['next_url']}")
    assert [event.data["name"] for event, *_ in second.context["events"]] == [f"key {n:02}" for n in range(9, -1, -1)]
    assert second.context["next_url"] == ""


def test_activity_is_narrowed_by_kind_and_person(as_alice: Client, acme: Brand, alice: User, bob: User) -> None:
    record(acme, "key.created", acme, by=alice, name="one")
    record(acme, "role.changed", acme, by=alice, email="x", role="viewer", before="owner")
    record(acme, "key.created", acme, by=bob, name="two")
    keys = as_alice.get("/settings/activity/?kind=key").context["events"]
    assert [event.data["name"] for event, *_ in keys] == ["two", "one"]
    code = Membership.objects.get(user=bob).code
    assert len(as_alice.get(f"/settings/activity/?kind=key&by={code}").context["events"]) == 1


def test_activity_names_the_thing_and_leads_to_it(as_alice: Client, acme: Brand, alice: User) -> None:
    campaign, shortlist = make.campaign(acme, name="Spring trails"), create_shortlist(acme, "Hikers", by=alice)
    record(acme, "campaign.launched", campaign, by=alice)
    order = make.order(acme)
    page = as_alice.get("/settings/activity/").content.decode()
    assert f'launched a campaign · <a class="prose-link" href="{campaign.get_absolute_url()}">Spring trails</a>' in page
    assert f'<a class="prose-link" href="{shortlist.get_absolute_url()}">made the list “Hikers”</a>' in page
    assert f"received the order {order.external_id}" in page


def test_activity_names_the_creator_whom_the_brand_sees(as_alice: Client, acme: Brand, globex: Brand) -> None:
    seen, hidden = make.creator("Mara Wild"), make.creator("Nobody Else", owner=globex)
    record(acme, "creator.added", seen)
    record(acme, "creator.added", hidden)
    page = as_alice.get("/settings/activity/").content.decode()
    assert f'<a class="link-quiet" href="{seen.get_absolute_url()}">Mara Wild</a>' in page
    assert "Nobody Else" not in page


def test_activity_goes_by_time_through_all_its_pages(as_alice: Client, acme: Brand) -> None:
    began = timezone.now()
    for number in range(60):
        event = record(acme, "key.created", acme, name=str(number))
        Event.objects.filter(pk=event.pk).update(created_at=began - timedelta(hours=number * 7 % 20))
    first = as_alice.get("/settings/activity/?kind=key")
    second = as_alice.get(f"/settings/activity/{first.context['next_url']}")
    shown = [event for page in (first, second) for event, *_ in page.context["events"]]
    assert shown == sorted(shown, key=lambda event: (event.created_at, event.pk), reverse=True)
    assert len({event.pk for event in shown}) == 60


def test_activity_asks_few_queries(
    as_alice: Client, acme: Brand, alice: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        record(acme, "key.created", acme, by=alice, name=str(number))
    with django_assert_max_num_queries(9):
        as_alice.get("/settings/activity/")


def test_activity_is_for_managers_and_owners(client: Client, acme: Brand) -> None:
    for role, status in ((Role.MANAGER, 200), (Role.REVIEWER, 403), (Role.FINANCE, 403), (Role.VIEWER, 403)):
        client.force_login(make.member(acme, "", role))
        assert client.get("/settings/activity/").status_code == status


def test_event_reaches_the_timeline_of_the_creator_it_is_about(acme: Brand) -> None:
    relationship = make.relationship(acme)
    collaboration = make.collaboration(make.campaign(acme), relationship)
    record(acme, "sample.told", collaboration)
    record(acme, "sample.told", acme)
    (event,) = Event.objects.of(acme).with_creator(relationship.creator_id)
    assert (event.place, event.url) == ("Spring launch", collaboration.get_absolute_url())


def test_many_events_are_one_statement(acme: Brand, django_assert_num_queries: Any) -> None:
    rows = [make.brand() for _ in range(3)]
    with django_assert_num_queries(1):
        events = actions.record_each(acme, "sample.told", rows, number=2)
    assert [event.subject_id for event in events] == [row.pk for row in rows]


def test_subscriber_hears_of_each_of_many(acme: Brand, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        events = actions.record_each(acme, "sample.happened", [acme, acme])
    assert heard == [event.pk for event in events]
