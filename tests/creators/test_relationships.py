"""What a brand keeps of its creators: stage, owner, tags, own fields, notes with mentions, the blocklist."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.core.files.base import ContentFile

from campaigns.actions.collaborations import add_creators
from campaigns.models import Campaign
from creators.actions.creators import add_creator
from creators.actions.fields import FieldRefusedError, change_field, create_field, delete_field
from creators.actions.imports import import_now
from creators.actions.relationships import (
    ValueRefusedError,
    add_note,
    block,
    change_many,
    custom_values,
    mentioned,
    relate,
    relate_all,
    tell_mentioned,
    unblock,
)
from creators.actions.shortlists import add_to_shortlist, create_shortlist
from creators.lists import search_of
from creators.models import Creator, CustomField, Mention, Relationship, Shortlist
from groundswell.accounts.models import Brand, Membership, User
from groundswell.events.models import Event
from tests import factories as make


def names_of(brand: Brand) -> list[str]:
    return list(Event.objects.of(brand).order_by("pk").values_list("name", flat=True))


# Many at once


def test_stage_owner_and_tags_of_many(acme: Brand, alice: User, django_assert_num_queries: Any) -> None:
    rows = [make.relationship(acme, tags=["old"]) for _ in range(3)]
    with django_assert_num_queries(5):  # lock, write, tell, and the transaction's two
        done = change_many(rows, by=alice, stage="active", owner=alice, add_tags=["new"], remove_tags=["old"])
    assert done == 3
    row = Relationship.objects.get(pk=rows[0].pk)
    assert (row.stage, row.owner, row.tags) == ("active", alice, ["new"])
    assert [event.data["changed"] for event in Event.objects.of(acme)] == [["owner", "stage", "tags"]] * 3


def test_the_same_again_changes_nothing(acme: Brand, alice: User) -> None:
    rows = [make.relationship(acme, stage="active")]
    assert change_many(rows, by=alice, stage="active") == 0
    assert names_of(acme) == []


def test_blocked_ones_keep_their_stage_in_bulk(acme: Brand, alice: User) -> None:
    row = block(acme, make.creator(), by=alice, reason="Fake posts")
    change_many([row], by=alice, stage="active", add_tags=["x"])
    row.refresh_from_db()
    assert (row.stage, row.tags) == ("blocked", ["x"])


def test_many_relationships_are_made_where_missing(acme: Brand, globex: Brand, alice: User) -> None:
    known, fresh, strange = make.relationship(acme).creator, make.creator(), make.creator(owner=globex)
    rows = relate_all(acme, [known, fresh, strange], by=alice)
    assert {row.creator_id for row in rows} == {known.pk, fresh.pk}
    assert names_of(acme) == ["relationship.started"]


# Fields of their own


@pytest.mark.parametrize(
    ("kind", "given", "stored"),
    [
        ("number", "1e3", "1000"),
        ("number", "0.50", "0.5"),
        ("date", "2026-03-01", "2026-03-01"),
        ("text", "  two\x00   words ", "two words"),
        ("choice", "M", "M"),
        ("text", None, ""),
    ],
)
def test_values_as_they_are_stored(kind: str, given: object, stored: str) -> None:
    assert CustomField(name="X", kind=kind, choices=["S", "M"]).cleaned(given) == stored


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("number", "ten"),
        ("number", "nan"),
        ("number", "1e400"),
        ("date", "1.3.2026"),
        ("choice", "XL"),
        ("text", "x" * 501),
    ],
)
def test_values_that_a_field_refuses(kind: str, given: str) -> None:
    with pytest.raises(ValueError, match=r"^Size: "):
        CustomField(name="Size", kind=kind, choices=["S", "M"]).cleaned(given)


def test_values_are_merged_and_forgotten(acme: Brand, globex: Brand, alice: User) -> None:
    size = create_field(acme, "Size", "choice", choices=["S", "M"], by=alice)
    shoe = create_field(acme, "Shoe", "number", by=alice)
    theirs = create_field(globex, "Size", "text", by=alice)
    assert custom_values(acme, {size.code: "S"}, {shoe.code: "42", size.code: ""}) == {shoe.code: "42"}
    with pytest.raises(ValueRefusedError, match="not the code of one of your fields"):
        custom_values(acme, {}, {theirs.code: "x"})


def test_field_goes_with_its_values(acme: Brand, alice: User) -> None:
    size = create_field(acme, "Size", "text", by=alice)
    row = make.relationship(acme, custom={size.code: "S", "other": "x"})
    delete_field(size, by=alice)
    row.refresh_from_db()
    assert row.custom == {"other": "x"}


def test_fields_that_are_refused(acme: Brand, alice: User) -> None:
    size = create_field(acme, "Size", "text", by=alice)
    with pytest.raises(FieldRefusedError, match="already"):
        create_field(acme, "size", "number", by=alice)
    with pytest.raises(FieldRefusedError, match="between 2 and 50"):
        create_field(acme, "Colour", "choice", choices=["red", " red "], by=alice)
    assert change_field(size, name="Jacket", by=alice).name == "Jacket"


# Notes and mentions


def test_mentions_by_name_and_address() -> None:
    anna, ann, otto = (make_user("Anna Berg", "anna.b"), make_user("Ann Lee", "ann"), make_user("Otto Lee", "boss"))
    team = [anna, ann, otto]
    assert mentioned("Ask @anna, not @ann.", team) == [anna, ann]
    assert mentioned("@Otto Lee and x@boss", team) == [otto]
    assert mentioned("mail me at me@anna.example or @nobody", team) == []


def make_user(name: str, local: str) -> User:
    make_user.count = getattr(make_user, "count", 0) + 1  # type: ignore[attr-defined]
    return User(pk=make_user.count, name=name, email=f"{local}@acme.example")  # type: ignore[attr-defined]


def test_a_first_name_of_two_names_neither() -> None:
    assert mentioned("@otto", [make_user("Otto Lee", "a"), make_user("Otto Mann", "b")]) == []


def test_mentioned_people_get_one_letter(
    relationship: Relationship, alice: User, bob: User, charlie: User, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        note = add_note(relationship, "@bob and @charlie: look at the reel. @alice", by=alice)
    assert [(letter.to, letter.subject) for letter in mail.outbox] == [
        (["bob@acme.example"], "Alice mentioned you in a note about Dana Field")
    ]
    assert "look at the reel" in mail.outbox[0].body
    with django_capture_on_commit_callbacks(execute=True):
        assert tell_mentioned(note.pk) == 0
    assert len(mail.outbox) == 1


def test_who_left_the_team_is_not_told(relationship: Relationship, alice: User, bob: User) -> None:
    note = add_note(relationship, "Hello @bob", by=alice)
    Membership.objects.filter(user=bob).delete()
    assert tell_mentioned(note.pk) == 0
    assert Mention.objects.get().user == bob


# The blocklist


def test_block_says_who_when_and_why(acme: Brand, alice: User, creator: Creator) -> None:
    row = block(acme, creator, by=alice, reason="Bought followers")
    assert (row.stage, row.blocked_by, row.blocked_reason) == ("blocked", alice, "Bought followers")
    assert row.blocked_at is not None
    assert names_of(acme) == ["relationship.started", "relationship.blocked"]


def test_stage_of_blocked_is_a_block(acme: Brand, alice: User, relationship: Relationship) -> None:
    row = relate(acme, relationship.creator, by=alice, stage="blocked")
    assert row.blocked_by == alice
    assert names_of(acme) == ["relationship.blocked"]


def test_lifting_a_block_forgets_its_reason(acme: Brand, alice: User, creator: Creator) -> None:
    row = unblock(block(acme, creator, by=alice, reason="Mistake"), by=alice)
    assert (row.stage, row.blocked_at, row.blocked_by, row.blocked_reason) == ("prospect", None, None, "")
    assert names_of(acme)[-1] == "relationship.unblocked"
    assert unblock(row, by=alice).stage == "prospect"
    assert names_of(acme).count("relationship.unblocked") == 1


def test_blocked_stay_out_of_lists(acme: Brand, alice: User) -> None:
    blocked, fine = make.creator(niches=["tea"]), make.creator(niches=["tea"])
    shortlist = create_shortlist(acme, "Tea", by=alice)
    rule = create_shortlist(acme, "All tea", query="niche=tea", by=alice)
    add_to_shortlist(shortlist, [blocked, fine], by=alice)
    block(acme, blocked, by=alice)
    assert list(search_of(shortlist).creators()) == [fine]
    assert list(search_of(rule).creators()) == [fine]
    assert Shortlist.objects.with_size().get(pk=shortlist.pk).size == 1  # type: ignore[attr-defined]
    assert add_to_shortlist(create_shortlist(acme, "New"), [blocked]) == 0


def test_blocked_stay_out_of_campaigns(acme: Brand, alice: User, campaign: Campaign) -> None:
    blocked = make.creator()
    block(acme, blocked, by=alice)
    assert add_creators(campaign, [blocked], by=alice) == []


def test_block_outlives_an_import_and_a_partner(acme: Brand, alice: User) -> None:
    creator, _ = add_creator(acme, network="instagram", handle="one", by=alice)
    block(acme, creator, by=alice, reason="No")
    import_now(acme, ContentFile(b"handle,network,email\none,instagram,one@mail.example\n"), "again.csv")
    row = Relationship.objects.get(creator=creator)
    assert (row.stage, row.blocked_reason, row.email) == ("blocked", "No", "one@mail.example")


def test_block_at_one_brand_is_none_at_another(acme: Brand, globex: Brand, alice: User, creator: Creator) -> None:
    block(acme, creator, by=alice)
    shortlist = create_shortlist(globex, "Theirs")
    assert add_to_shortlist(shortlist, [creator]) == 1
    assert list(search_of(shortlist).creators()) == [creator]
