"""Two records of one person: proposed with reasons, merged into one, and taken apart exactly as they were."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.db import connection
from django.db.models import ManyToOneRel, Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.models import Collaboration
from creators import tasks
from creators.actions.duplicates import propose_merges
from creators.actions.imports import import_now
from creators.actions.merges import (
    LEFT_BEHIND,
    MergeRefusedError,
    accept_merge,
    dismiss_merge,
    forget_merges,
    undo_merge,
)
from creators.actions.vetting import answer_item, cast_vote, decide, set_checklist
from creators.models import (
    ContactChannel,
    Creator,
    Note,
    Relationship,
    Shortlist,
    ShortlistEntry,
    SocialAccount,
    Vetting,
)
from creators.models.merges import Merge, MergeProposal
from groundswell.accounts.models import Brand, User
from groundswell.events.models import Event
from tests import factories as make

APART = {
    "events.event",
    "creators.merge",
    "creators.token",
    "creators.searchrow",
    "creators.sieve",
    "creators.unsieved",
}


def everything() -> dict[str, Any]:
    """Every row of the product's tables as text."""
    return {
        model._meta.label_lower: sorted(serializers.serialize("python", model._base_manager.all()), key=str)
        for app in ("creators", "campaigns", "outreach")
        for model in apps.get_app_config(app).get_models()
        if model._meta.label_lower not in APART
    }


@pytest.fixture
def pair(acme: Brand, alice: User) -> tuple[Creator, Creator]:
    """Acme's Dana twice: on Instagram with a campaign, on TikTok with a note, both on one shortlist."""
    one = make.creator("Dana Field", handle="dana.field", owner=acme, niches=["beauty"], city="")
    two = make.creator("Dana F", handle="dana.field", network="tiktok", owner=acme, niches=["food"], city="Bonn")
    first = make.relationship(acme, one, email="d@x.example", tags=["vip"])
    second = make.relationship(acme, two, email="d@x.example", tags=["summer"], price=Decimal(80), price_currency="EUR")
    make.collaboration(make.campaign(acme), first)
    make.collaboration(make.campaign(acme, name="Autumn"), second)
    Note.objects.create(relationship=second, author=alice, text="Met at the fair")
    ContactChannel.objects.create(creator=two, owner=acme, kind="phone", value="+49 1")
    both = Shortlist.objects.create(brand=acme, name="Both")
    alone = Shortlist.objects.create(brand=acme, name="One")
    ShortlistEntry.objects.bulk_create(
        [ShortlistEntry(shortlist=both, creator=one), ShortlistEntry(shortlist=both, creator=two),
         ShortlistEntry(shortlist=alone, creator=two)]
    )  # fmt: skip
    return one, two


def proposed(brand: Brand | None) -> MergeProposal:
    propose_merges(brand)
    return MergeProposal.objects.get(brand=brand)


def test_reasons(acme: Brand, globex: Brand, pair: tuple[Creator, Creator]) -> None:
    proposal = proposed(acme)
    assert (proposal.first, proposal.second) == pair
    assert proposal.reasons == [
        "Both have the address d@x.example.",
        "Both are @dana.field: on Instagram and on TikTok.",
    ]
    one = make.creator("Eva", handle="eva", owner=acme, bio="More: www.TikTok.com/@eva.tok?x=1")
    two = make.creator("Other", handle="eva.tok", network="tiktok", owner=acme)
    make.creator("Mia", handle="mia", owner=acme, bio="linktr.ee/mia now")
    make.creator("mia", handle="mia2", owner=acme, bio="see https://linktr.ee/mia")
    make.creator("Mia", handle="mia3", owner=globex, bio="see https://linktr.ee/mia")
    make.creator("Mia", handle="mia4", owner=acme, country="FR", bio="linktr.ee/mia")
    assert propose_merges(acme) == 3
    assert MergeProposal.objects.get(first=one, second=two).reasons == [
        "The bio of one names the other's account, @eva.tok on TikTok."
    ]
    assert MergeProposal.objects.get(first__name="Mia").second.name == "mia"
    assert propose_merges(globex) == 0


def test_an_agency_is_not_a_person(acme: Brand) -> None:
    for _ in range(5):
        make.relationship(acme, make.creator(owner=acme), email="hello@agency.example")
    assert propose_merges(acme) == 0


def test_all_of_both_is_on_the_kept_record(acme: Brand, alice: User, pair: tuple[Creator, Creator]) -> None:
    one, two = pair
    merge = accept_merge(proposed(acme), by=alice)
    one.refresh_from_db()
    assert not Creator.objects.filter(pk=two.pk).exists()
    assert (one.name, one.city, one.niches) == ("Dana Field", "Bonn", ["beauty", "food"])
    assert {row.network for row in one.accounts.all()} == {"instagram", "tiktok"}
    relationship = Relationship.objects.get(creator=one)
    assert (relationship.tags, relationship.price) == (["vip", "summer"], 80)
    assert relationship.notes.get().text == "Met at the fair"
    assert Collaboration.objects.filter(relationship=relationship).count() == 2
    assert ShortlistEntry.objects.filter(creator=one).count() == 2
    assert one.contacts.get().value == "+49 1"
    assert Event.objects.get(name="merge.accepted").subject_id == merge.pk


@pytest.mark.parametrize("keep", [0, 1])
def test_undo_restores_every_row(acme: Brand, alice: User, pair: tuple[Creator, Creator], keep: int) -> None:
    proposal = proposed(acme)
    before = everything()
    merge = accept_merge(proposal, keep=pair[keep], by=alice)
    assert merge.kept == pair[keep]
    assert everything() != before
    undo_merge(merge, by=alice)
    assert everything() == before
    with pytest.raises(MergeRefusedError, match="any more"):
        undo_merge(merge, by=alice)


def test_what_changed_since_stays_on_the_kept_record(acme: Brand, alice: User, pair: tuple[Creator, Creator]) -> None:
    one, two = pair
    merge = accept_merge(proposed(acme), by=alice)
    Creator.objects.filter(pk=one.pk).update(city="Köln")
    relationship = Relationship.objects.get(creator=one)
    Note.objects.create(relationship=relationship, author=alice, text="New")
    undo_merge(merge, by=alice)
    one.refresh_from_db()
    assert (one.city, one.niches) == ("Köln", ["beauty"])
    assert [note.text for note in Note.objects.filter(relationship__creator=one)] == ["New"]
    assert two.relationships.get().tags == ["summer"]


@pytest.mark.parametrize(("own", "expected"), [("", "Call her"), ("Send the sample", "Send the sample")])
def test_next_step_is_taken_over_where_there_is_none(
    acme: Brand, alice: User, pair: tuple[Creator, Creator], own: str, expected: str
) -> None:
    first, second = (Relationship.objects.get_or_create(brand=acme, creator=creator)[0] for creator in pair)
    day = date(2027, 1, 15)
    Relationship.objects.filter(pk=first.pk).update(next_step=own, next_step_on=day if own else None)
    Relationship.objects.filter(pk=second.pk).update(next_step="Call her", next_step_on=date(2027, 2, 1))
    merge = accept_merge(proposed(acme), by=alice)
    kept = Relationship.objects.get(brand=acme, creator=merge.kept)
    assert (kept.next_step, kept.next_step_on) == (expected, day if own else date(2027, 2, 1))
    undo_merge(merge, by=alice)
    assert Relationship.objects.get(pk=first.pk).next_step == own
    assert Relationship.objects.get(pk=second.pk).next_step == "Call her"


def test_two_in_one_campaign_are_refused(acme: Brand, alice: User, pair: tuple[Creator, Creator]) -> None:
    campaign = make.campaign(acme, name="Shared")
    for creator in pair:
        make.collaboration(campaign, Relationship.objects.get(creator=creator))
    proposal = proposed(acme)
    before = everything()
    with pytest.raises(MergeRefusedError, match="same collaboration"):
        accept_merge(proposal, by=alice)
    assert everything() == before


def test_two_vettings_become_one_and_two_again(
    acme: Brand, alice: User, bob: User, pair: tuple[Creator, Creator]
) -> None:
    item, other = set_checklist(acme, ["Tone fits", "Posts steadily"])
    for creator, answer, word in zip(pair, ("approve", "reject"), ("Warm", "Loud"), strict=True):
        cast_vote(acme, creator, answer, comment=word, by=alice)
        answer_item(creator, item, "yes", note=word, by=alice)
    cast_vote(acme, pair[1], "unsure", by=bob)
    answer_item(pair[1], other, "no", by=bob)
    decide(acme, pair[1], "rejected", reason="Too loud", by=alice)
    proposal, before = proposed(acme), everything()
    merge = accept_merge(proposal, keep=pair[0], by=alice)
    row = Vetting.objects.get(brand=acme)
    assert (row.creator, row.decision, row.reason, row.decided_by) == (pair[0], "rejected", "Too loud", alice)
    votes = set(row.votes.values_list("user", "answer", "comment"))
    assert votes == {(alice.pk, "reject", "Warm · Loud"), (bob.pk, "unsure", "")}
    answers = set(row.answers.values_list("item", "answer", "note"))
    assert answers == {(item.pk, "yes", "Warm · Loud"), (other.pk, "no", "")}
    undo_merge(merge, by=alice)
    assert everything() == before


def test_two_sign_ins_are_two_people(acme: Brand, alice: User, dana: User, pair: tuple[Creator, Creator]) -> None:
    eve = make.user("eve@creators.example", kind=User.Kind.CREATOR)
    for creator, user in zip(pair, (dana, eve), strict=True):
        Relationship.objects.filter(creator=creator).update(user=user)
    with pytest.raises(MergeRefusedError, match="two people"):
        accept_merge(proposed(acme), by=alice)


def test_public_records_are_the_operators(acme: Brand, alice: User, creator: Creator) -> None:
    make.creator("Dana", handle="dana.field", network="tiktok", owner=acme)
    with pytest.raises(MergeRefusedError, match="operator"):
        accept_merge(proposed(acme), by=alice)
    other = make.creator("Dana", handle="dana.field", network="youtube")
    merge = accept_merge(proposed(None), by=None)
    assert (merge.kept, creator.accounts.count()) == (creator, 2)
    undo_merge(merge, by=None)
    assert other.accounts.count() == creator.accounts.count() == 1


def test_pages(
    as_alice: Client, as_bob: Client, as_charlie: Client, acme: Brand, pair: tuple[Creator, Creator]
) -> None:
    proposal = proposed(acme)
    page = as_bob.get("/merges/")
    assert "Both have the address" in page.content.decode()
    assert "d@x.example" not in as_charlie.get("/merges/").content.decode()
    for path in (f"/merges/{proposal.code}/accept/", f"/merges/{proposal.code}/dismiss/"):
        assert as_bob.post(path).status_code == 403
        assert as_charlie.post(path).status_code == 404
    assert Creator.objects.of(acme).count() == 2
    as_alice.post(f"/merges/{proposal.code}/accept/", {"keep": pair[1].code})
    merge = Merge.objects.get()
    assert merge.kept == pair[1]
    assert as_bob.post(f"/merges/{merge.code}/undo/").status_code == 403
    assert as_charlie.post(f"/merges/{merge.code}/undo/").status_code == 404
    assert "Take apart" in as_alice.get("/merges/").content.decode()
    as_alice.post(f"/merges/{merge.code}/undo/")
    assert Creator.objects.of(acme).count() == 2
    proposal = MergeProposal.objects.get()
    as_alice.post(f"/merges/{proposal.code}/dismiss/")
    assert propose_merges(acme) == 0
    with pytest.raises(MergeRefusedError):
        dismiss_merge(proposal, by=None)


def test_queries_do_not_grow(as_alice: Client, acme: Brand, pair: tuple[Creator, Creator]) -> None:
    def queries() -> int:
        propose_merges(acme)
        with CaptureQueriesContext(connection) as captured:
            as_alice.get("/merges/")
        return len(captured)

    few = queries()
    for number in range(5):
        for network in ("instagram", "tiktok"):
            make.relationship(acme, make.creator(handle=f"twin{number}", network=network, owner=acme))
    assert queries() == few


def test_partners(api: Callable[..., Any], acme: Brand, globex: Brand, pair: tuple[Creator, Creator]) -> None:
    proposal = proposed(acme)
    found = api(acme).get("/api/v1/merges/").json()["results"]
    assert [(row["code"], row["first"]["code"], row["reasons"][0]) for row in found] == [
        (proposal.code, pair[0].code, "Both have the address d@x.example.")
    ]
    assert api(globex).get("/api/v1/merges/").json()["results"] == []
    path = f"/api/v1/merges/{proposal.code}"
    assert api(globex).post(f"{path}/accept/").status_code == 404
    assert api(acme, "creators:read").post(f"{path}/accept/").status_code == 403
    assert api(acme).post(f"{path}/accept/", {"keep": "nobody"}, format="json").status_code == 400
    merged = api(acme).post(f"{path}/accept/", {"keep": pair[0].code}, format="json")
    assert (merged.status_code, merged.json()["kept"]) == (200, pair[0].code)
    assert api(acme).post(f"/api/v1/merges/{merged.json()['code']}/undo/").status_code == 204
    assert api(acme).post(f"/api/v1/merges/{merged.json()['code']}/undo/").status_code == 409
    assert api(acme).post(f"{path}/dismiss/").status_code == 204
    assert api(acme).get("/api/v1/merges/").json()["results"] == []


def test_an_import_proposes(acme: Brand, django_capture_on_commit_callbacks: Any, settings: Any, tmp_path: Any) -> None:
    import io

    settings.MEDIA_ROOT = tmp_path
    content = b"handle,network,followers\ndana,instagram,5k\ndana,tiktok,6k\n"
    import_now(acme, io.BytesIO(content), "x.csv")
    tasks.look_for_merges(Event.objects.get(name="import.finished").pk)
    assert MergeProposal.objects.get(brand=acme).reasons == ["Both are @dana: on Instagram and on TikTok."]
    assert SocialAccount.objects.count() == 2


def test_after_a_month_nothing_is_kept(acme: Brand, alice: User, pair: tuple[Creator, Creator]) -> None:
    merge = accept_merge(proposed(acme), by=alice)
    Merge.objects.update(merged_at=timezone.now() - timedelta(days=31))
    forget_merges()
    merge.refresh_from_db()
    assert merge.before == {}
    with pytest.raises(MergeRefusedError):
        undo_merge(merge, by=alice)


OWN_VALUES: dict[str, dict[str, Any]] = {  # where a constraint wants more than the type of a field
    "creators.connection": {"kind": "key"},
}


def pointers(model: type[Model]) -> list[tuple[type[Model], str]]:
    """Every model and field that points at the model, but for what a merge leaves behind or derives anew."""
    return sorted(
        {
            (relation.related_model, relation.field.name)
            for relation in model._meta.get_fields(include_hidden=True)
            if isinstance(relation, ManyToOneRel) and not issubclass(relation.related_model, LEFT_BEHIND)
        },
        key=str,
    )


def sample(model: type[Model], **known: Any) -> Model:
    """A row with the least it may have, and rows that it needs."""
    facts = OWN_VALUES.get(model._meta.label_lower, {}) | known
    for item in model._meta.concrete_fields:
        if item.name not in facts and not (item.null or item.has_default() or item.auto_created or item.primary_key):
            facts[item.name] = sample_value(item)
    return model._base_manager.create(**facts)


def sample_value(item: Any) -> Any:
    if item.is_relation:
        return item.related_model._base_manager.first() or sample(item.related_model)
    if item.choices:
        return item.choices[0][0]
    by_kind = {"DateTimeField": timezone.now(), "DateField": timezone.now().date(), "JSONField": {}}
    text = {"CharField": "x", "TextField": "x", "FileField": "x", "URLField": "https://www.instagram.com/p/x/"}
    return {**by_kind, **text}.get(item.get_internal_type(), 1)


def test_nothing_that_points_at_a_merged_record_is_lost(
    acme: Brand, alice: User, pair: tuple[Creator, Creator]
) -> None:
    one, two = pair
    parts = {Creator: two, SocialAccount: two.accounts.get(), Relationship: two.relationships.get()}
    rows = []
    for model, part in parts.items():
        for pointing, name in pointers(model):
            found = pointing._base_manager.filter(**{name: part}).first()
            rows.append((pointing, name, model, (found or sample(pointing, **{name: part})).pk))
    assert {"connection", "accountrefresh", "collaboration", "conversation", "note"} <= {
        pointing._meta.model_name for pointing, *_ in rows
    }
    proposal, before = proposed(acme), everything()
    merge = accept_merge(proposal, keep=one, by=alice)
    kept = {Creator: one, SocialAccount: parts[SocialAccount], Relationship: one.relationships.get()}
    for pointing, name, model, key in rows:
        row = pointing._base_manager.filter(pk=key).first()
        assert row is not None or pointing in {Relationship, ShortlistEntry}, f"{pointing.__name__} is gone"
        assert row is None or getattr(row, name) == kept[model], f"{pointing.__name__}.{name}"
    undo_merge(merge, by=alice)
    assert everything() == before
