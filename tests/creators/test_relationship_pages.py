"""The board, the table, the blocklist, mentions, own fields, the lifecycle and the timeline, as a team sees them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.actions.offers import accept_counter, accept_offer, send_offer, set_offer
from campaigns.actions.refusals import Blocked
from campaigns.models import Collaboration
from creators.actions.fields import create_field
from creators.actions.lifecycle import Work, note_work
from creators.actions.relationships import add_note, block
from creators.models import Creator, CustomField, LifecycleRule, Mention, Relationship, ShortlistEntry
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record
from groundswell.events.models import Event
from outreach.actions.messages import write_from_portal
from tests import factories as make


def page(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def related(brand: Brand, name: str, **fields: Any) -> Relationship:
    return make.relationship(brand, make.creator(name), **fields)


# Board and table


def test_board_has_a_column_for_each_stage_but_blocked(acme: Brand, as_alice: Client) -> None:
    related(acme, "Ann", stage="active")
    related(acme, "Bea", stage="blocked")
    text = page(as_alice, "/relationships/")
    assert text.count("data-column=") == 5
    assert "Ann" in text
    assert "Bea" not in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("stage=active", {"Ann"}),
        ("owner=me", {"Ann"}),
        ("owner=nobody", {"Bea"}),
        ("tag=vip", {"Bea"}),
        ("lifecycle=trial", {"Bea"}),
        ("q=ann", {"Ann"}),
        ("due=1", {"Bea"}),
        ("owner=x&lifecycle=none", set()),
        ("owner=99999999999999999999", {"Ann", "Bea"}),
        ("", {"Ann", "Bea"}),
    ],
)
@pytest.mark.parametrize("view", ["board", "table"])
def test_filters(acme: Brand, alice: User, as_alice: Client, *, query: str, found: set[str], view: str) -> None:
    related(acme, "Ann", stage="active", owner=alice)
    bea = related(acme, "Bea", tags=["vip"], next_step="Send the parcel", next_step_on="2020-01-01")
    note_work({bea.pk: Work([timezone.now()], timezone.now())})
    text = page(as_alice, f"/relationships/?view={view}&{query}")
    assert {name for name in ("Ann", "Bea") if f">{name}</" in text} == found


@pytest.mark.parametrize("view", ["board", "table"])
def test_queries_do_not_grow(acme: Brand, as_alice: Client, django_assert_max_num_queries: Any, view: str) -> None:
    for number in range(8):
        related(acme, f"Creator {number}", tags=["a"])
    with django_assert_max_num_queries(13):
        page(as_alice, f"/relationships/?view={view}")


def test_a_card_is_moved(acme: Brand, as_alice: Client, as_bob: Client, as_charlie: Client) -> None:
    row = related(acme, "Ann")
    path = f"/creators/{row.creator.code}/stage/"
    assert as_bob.post(path, {"stage": "active"}).status_code == 403
    assert as_charlie.post(path, {"stage": "active"}).status_code == 404
    response = as_alice.post(path, {"stage": "active", "back": "/relationships/?tag=x"})
    assert response.headers["Location"] == "/relationships/?tag=x"
    as_alice.post(path, {"stage": "blocked", "back": "//evil.example/"})
    row.refresh_from_db()
    assert row.stage == "active"


def test_chosen_ones_are_changed(acme: Brand, alice: User, as_alice: Client) -> None:
    known, fresh = related(acme, "Ann"), make.creator("New")
    as_alice.post(
        "/relationships/change/",
        {"creator": [known.creator.code, fresh.code], "stage": "in_talks", "owner": alice.pk, "add_tags": "VIP, tea"},
    )
    assert set(Relationship.objects.values_list("stage", "owner")) == {("in_talks", alice.pk)}
    assert all(row.tags == ["vip", "tea"] for row in Relationship.objects.all())


@pytest.mark.parametrize("asked", [{}, {"stage": "blocked"}, {"owner": "999"}])
def test_a_change_of_nothing_is_refused(acme: Brand, as_alice: Client, asked: dict[str, str]) -> None:
    row = related(acme, "Ann")
    as_alice.post("/relationships/change/", {"creator": row.creator.code, **asked})
    assert not Event.objects.filter(name="relationship.changed").exists()


def test_strangers_creators_are_not_changed(globex: Brand, acme: Brand, as_alice: Client) -> None:
    theirs = make.creator(owner=globex)
    as_alice.post("/relationships/change/", {"creator": theirs.code, "stage": "active"})
    assert not Relationship.objects.exists()


# Blocklist


def test_blocklist_gives_the_reason(acme: Brand, alice: User, creator: Creator, as_alice: Client) -> None:
    as_alice.post(f"/creators/{creator.code}/block/", {"reason": "Bought followers"})
    text = page(as_alice, "/relationships/blocked/")
    assert "Bought followers" in text
    assert "Alice" in text
    as_alice.post(f"/creators/{creator.code}/block/", {"undo": "1"})
    assert "Nobody is blocked" in page(as_alice, "/relationships/blocked/")


def test_blocklist_of_another_brand_stays_theirs(
    acme: Brand, alice: User, creator: Creator, as_charlie: Client
) -> None:
    block(acme, creator, by=alice, reason="Bought followers")
    assert "Bought" not in page(as_charlie, "/relationships/blocked/")
    assert "Bought" not in page(as_charlie, f"/creators/{creator.code}/")


def test_no_offer_goes_to_a_blocked_creator(collaboration: Collaboration, acme: Brand, alice: User) -> None:
    set_offer(collaboration, by=alice, fee=100)
    block(acme, collaboration.relationship.creator, by=alice)
    with pytest.raises(Blocked):
        send_offer(collaboration, by=alice)
    with pytest.raises(Blocked):
        accept_counter(collaboration, by=alice)


# Notes


def test_note_with_a_mention(relationship: Relationship, bob: User, as_alice: Client, as_bob: Client) -> None:
    path = f"/creators/{relationship.creator.code}/"
    as_alice.post(f"{path}note/", {"text": "Ask her, @bob"})
    assert Mention.objects.get().user == bob
    assert "Ask her" in page(as_bob, "/relationships/mentions/")
    assert "told Bob" in page(as_alice, path)


def test_only_the_team_can_be_told(relationship: Relationship, charlie: User, as_alice: Client) -> None:
    path = f"/creators/{relationship.creator.code}/note/"
    assert as_alice.post(path, {"text": "Hello", "tell": charlie.pk}).status_code == 422
    assert not Mention.objects.exists()


def test_mentions_of_another_brand_are_not_shown(
    acme: Brand, globex: Brand, alice: User, relationship: Relationship, as_alice: Client
) -> None:
    make.member(globex, "x@globex.example")
    other = make.relationship(globex, relationship.creator)
    Mention.objects.create(note=add_note(other, "Secret", by=None), user=alice)
    assert "Secret" not in page(as_alice, "/relationships/mentions/")


# Own fields


def test_own_field_stands_on_the_profile(acme: Brand, alice: User, creator: Creator, as_alice: Client) -> None:
    as_alice.post("/settings/custom-fields/", {"name": "Size", "kind": "choice", "choices": "S\nM"})
    field = CustomField.objects.get()
    path = f"/creators/{creator.code}/"
    as_alice.post(f"{path}relationship/", {"stage": "prospect", f"own-{field.code}": "M"})
    assert Relationship.objects.get().custom == {field.code: "M"}
    refused = as_alice.post(f"{path}relationship/", {"stage": "prospect", f"own-{field.code}": "XL"})
    assert refused.status_code == 422
    assert "is not one of S, M" in refused.content.decode()


def test_viewer_reads_own_fields(acme: Brand, alice: User, creator: Creator, as_bob: Client) -> None:
    field = create_field(acme, "Agency", "text", by=alice)
    make.relationship(acme, creator, custom={field.code: "Big Talent"})
    assert "Big Talent" in page(as_bob, f"/creators/{creator.code}/")


def test_own_field_is_changed_and_deleted(acme: Brand, alice: User, as_alice: Client) -> None:
    field = create_field(acme, "Size", "choice", choices=["S", "M"], by=alice)
    path = f"/settings/custom-fields/{field.code}/"
    as_alice.post(path, {"name": "Jacket", "choices": "S\nM\nL"})
    field.refresh_from_db()
    assert (field.name, field.choices) == ("Jacket", ["S", "M", "L"])
    as_alice.post(path, {"delete": "1"})
    assert not CustomField.objects.exists()


# Lifecycle


def test_profile_shows_the_stage_with_its_rule(relationship: Relationship, as_alice: Client) -> None:
    note_work({relationship.pk: Work([timezone.now() - timedelta(days=3)], timezone.now())})
    text = page(as_alice, f"/creators/{relationship.creator.code}/")
    assert "Trial" in text
    assert "at least 1 accepted collaboration" in text


def test_rule_is_set_on_its_page(acme: Brand, as_alice: Client) -> None:
    facts = {"trial_from": 1, "repeat_from": 3, "ambassador_from": 5, "ambassador_days": 200, "dormant_days": 90}
    assert as_alice.post("/settings/lifecycle/", facts).status_code == 302
    assert "5 accepted collaborations in the last 200 days" in page(as_alice, "/settings/lifecycle/")
    assert as_alice.post("/settings/lifecycle/", {**facts, "repeat_from": 1}).status_code == 422
    assert LifecycleRule.objects.get().repeat_from == 3


# Timeline


def test_timeline_has_what_every_app_did(
    collaboration: Collaboration, dana: User, as_alice: Client, globex: Brand
) -> None:
    creator = collaboration.relationship.creator
    write_from_portal(collaboration, "When does the parcel come?", by=dana)
    accept_offer(collaboration, by=dana)
    record(globex, "relationship.noted", make.relationship(globex, creator))
    text = page(as_alice, f"/creators/{creator.code}/timeline/")
    assert "Accepted an offer · Spring launch" in text
    assert "Wrote a message · Spring launch" in text
    assert "Wrote a note" not in text


def test_timeline_pages_by_key(relationship: Relationship, acme: Brand, as_alice: Client) -> None:
    for _ in range(21):
        record(acme, "relationship.noted", relationship)
    path = f"/creators/{relationship.creator.code}/timeline/"
    last = Event.objects.of(acme).order_by("-pk")[19].pk
    assert f'hx-get="{path}?after={last}"' in page(as_alice, path)
    assert page(as_alice, f"{path}?after={last}").count("Wrote a note") == 1


def test_every_chosen_creator_is_changed_however_many(as_alice: Client, acme: Brand) -> None:
    many = Creator.objects.bulk_create(Creator(name=f"Many {number}") for number in range(1100))
    codes = [row.code for row in many]
    page = as_alice.post("/relationships/change/", {"creator": codes, "stage": "active"}, follow=True)
    assert "1100 of 1100 changed." in page.content.decode()
    as_alice.post("/shortlists/fill/", {"creator": codes, "name": "All of them"})
    assert ShortlistEntry.objects.count() == 1100
