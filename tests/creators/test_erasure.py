"""A creator has their data erased: nobody can be told from what is left, and every brand's figures are the same."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client

from campaigns.actions.contracts import agree_contract, write_contract
from campaigns.models import Campaign, Collaboration, Contract, Cost, Submission
from creators.actions.imports import import_now
from creators.actions.merges import MergeRefusedError, accept_merge, undo_merge
from creators.actions.privacy import erase, opt_out
from creators.actions.relationships import add_note
from creators.models import (
    AudienceSlice,
    Comment,
    ContactChannel,
    Creator,
    Merge,
    MergeProposal,
    OptOut,
    Post,
    Relationship,
)
from creators.privacy import account_key, address_key, suppressed
from groundswell.accounts.actions.letters import send_letter
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record
from outreach.models import Message, Suppression
from tests import factories as make
from tests.letters import letters
from tracking.actions.rollups import rebuild
from tracking.models import Credit, DailyResult, TrackingLink
from tracking.reports.campaign import report_of

WORDS = ("dana field", "dana.field", "danafield", "dana@creators.example", "dana@agency.example")


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def known(  # noqa: PLR0917
    acme: Brand, globex: Brand, alice: User, charlie: User, dana: User, creator: Creator, collaboration: Collaboration
) -> Collaboration:
    """Dana everywhere: claimed record, agreed contract, link, code, orders, posts, comments, messages, imports."""
    EmailAddress.objects.create(user=dana, email=dana.email, verified=True, primary=True)
    Creator.objects.filter(pk=creator.pk).update(user=dana, bio="I am Dana Field, write to dana@creators.example")
    account = creator.accounts.get()
    AudienceSlice.objects.create(account=account, kind="country", key="DE", share=Decimal("0.6"))
    ContactChannel.objects.create(creator=creator, kind="email", value="dana@agency.example")
    Comment.objects.create(post=make.post(creator, caption="By Dana Field"), author="somebody", text="Hi Dana Field!")
    Comment.objects.create(post=make.post(make.creator()), author="dana.field", text="It's me, @dana.field")
    Post.objects.create(
        account=make.creator().accounts.get(), url="https://www.instagram.com/p/other/", mentions=["dana.field", "x"],
        caption="with @dana.field in Rome",
    )  # fmt: skip
    offer = collaboration.offers.get()
    offer.status, offer.message = "accepted", "Hi Dana Field, would you?"
    offer.save()
    Collaboration.objects.filter(pk=collaboration.pk).update(status="accepted", accepted_at=offer.sent_at)
    collaboration.refresh_from_db()
    write_contract(offer)
    agree_contract(collaboration, by=dana, name="Dana Field", address="192.0.2.7", agent="Phone of Dana Field")
    piece = collaboration.campaign.deliverables.get()
    post = make.post(creator, owner=acme, likes=40, views=900, caption="Ad! Dana Field for Acme")
    Submission.objects.create(collaboration=collaboration, deliverable=piece, post=post, note="Thanks Dana Field")
    Cost.objects.create(campaign=collaboration.campaign, kind=Cost.Kind.ADS, amount=30, incurred_on="2026-01-01")
    make.link(collaboration, slug="dana-field-spring")
    code = make.discount_code(collaboration, "DANAFIELD10")
    make.order(acme, code.code, net="80")
    relation = collaboration.relationship
    Relationship.objects.filter(pk=relation.pk).update(phone="+49 123", address="Dana Field, Street 1", tags=["dana"])
    add_note(relation, "Dana Field is lovely", by=alice)
    make.message(relation, body="Hi Dana Field", subject="For Dana Field", status="sent")
    make.message(relation, body="Hello again", status="queued")
    record(acme, "creator.added", creator, by=alice, handle="dana.field", name="Dana Field")
    record(acme, "thing.happened", acme, note="asked dana@creators.example", cells=["dana.field"])
    rows = b"name,handle,network,email\nDana Field,dana.field,instagram,dana@creators.example\nD. Field,nobody,tiktok,x"
    import_now(globex, ContentFile(rows), "list.csv")
    make.relationship(globex, make.creator("D. Field", handle="d.f", owner=globex), email=dana.email, user=dana)
    return collaboration


def texts() -> dict[str, list[str]]:
    """Every row of every table in which one of the words stands, in whatever column."""
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        )
        for (table,) in cursor.fetchall():
            words = "|".join(map(re.escape, WORDS))
            query = f'SELECT t::text FROM "{table}" t WHERE t::text ~* %s'  # noqa: S608 - names from the catalogue
            cursor.execute(query, [words])
            if rows := [row for (row,) in cursor.fetchall()]:
                found[table] = rows
    return found


def figures(campaign: Campaign) -> tuple[Any, ...]:
    report = report_of(campaign)
    return (
        report.total, [(line.collaboration.pk, line.figures) for line in report.lines],
        list(DailyResult.objects.order_by("day").values_list("collaboration", "orders", "revenue", "commission")),
        list(Credit.objects.order_by("pk").values_list("collaboration", "revenue", "commission", "credited_on")),
        list(Cost.objects.order_by("pk").values()),
    )  # fmt: skip


def test_nothing_names_the_person_any_more(known: Collaboration, dana: User) -> None:
    assert len(texts()) > 15
    erase(dana)
    assert texts() == {}


def test_what_a_merge_keeps_for_taking_it_back_is_erased_as_well(
    known: Collaboration, dana: User, globex: Brand, charlie: User
) -> None:
    first = Creator.objects.get(owner=globex, name="D. Field", accounts__handle="d.f")
    second = make.creator("Dana Field", handle="danafield", network="youtube", owner=globex)
    proposal = MergeProposal.objects.create(brand=globex, first=first, second=second)
    merge = accept_merge(proposal, keep=first, by=charlie)
    assert "Dana Field" in str(Merge.objects.get().before)
    erase(dana)
    assert not Merge.objects.exists()
    assert texts() == {}
    with pytest.raises(MergeRefusedError):
        undo_merge(merge, by=charlie)


def test_a_name_chosen_to_hurt_takes_nothing_out_of_the_texts_of_brands_it_is_unknown_to(
    known: Collaboration, dana: User, globex: Brand
) -> None:
    User.objects.filter(pk=dana.pk).update(name="to the")
    dana.refresh_from_db()
    stranger = make.brand("Initech")
    text = make.email_template(stranger, subject="Welcome to the team", body="@dana.field, come to the shop")
    erase(dana)
    text.refresh_from_db()
    assert (text.subject, text.body) == ("Welcome to the team", "[erased], come to the shop")


def test_figures_are_unchanged(known: Collaboration, dana: User) -> None:
    rebuild()
    before = figures(known.campaign)
    erase(dana)
    assert figures(known.campaign) == before
    rebuild()
    assert figures(known.campaign) == before
    assert Credit.objects.get().order.codes[0]["code"] == known.codes.get().code


def test_contract_keeps_its_hash_and_says_why_the_text_differs(
    known: Collaboration, dana: User, as_alice: Client
) -> None:
    before = Contract.objects.get()
    erase(dana)
    after = Contract.objects.get()
    assert (after.sha256, after.agreed_at) == (before.sha256, before.agreed_at)
    assert (after.agreed_name, after.agreed_address, after.agreed_agent) == ("Erased creator", None, "")
    assert "Dana" not in after.text
    assert "[erased]" in after.text
    page = as_alice.get(known.get_absolute_url())
    assert "had their data erased" in page.content.decode()


def test_what_nobody_needs_is_gone_and_the_rest_is_empty(known: Collaboration, dana: User, globex: Brand) -> None:
    erase(dana)
    relation = Relationship.objects.get(pk=known.relationship_id)
    assert (relation.email, relation.phone, relation.address, relation.tags, relation.user) == ("", "", "", [], None)
    assert relation.creator.name == "Erased creator"
    assert not Relationship.objects.of(globex).exclude(creator__accounts__handle="nobody").exists()
    assert not Creator.objects.filter(owner=globex).exclude(accounts__handle="nobody").exists()
    assert set(Message.objects.values_list("body", "recipient", "status")) == {
        ("[erased]", "", "sent"), ("[erased]", "", "cancelled")
    }  # fmt: skip
    assert not TrackingLink.objects.get().is_active
    dana.refresh_from_db()
    assert (dana.is_active, dana.has_usable_password()) == (False, False)


def test_letters_on_their_way_neither_reach_nor_name_the_person(known: Collaboration, dana: User) -> None:
    send_letter("creators/portal_link", "Dana@agency.example", {"url": "x"})
    told = {"author": "Bob", "brand": "Acme", "creator": "Dana Field", "text": "Ask @dana.field", "url": "x"}
    send_letter("creators/mention", "alice@acme.example", told)
    Relationship.objects.filter(pk=known.relationship_id).update(email="dana@agency.example")
    erase(dana)
    (letter,) = letters()
    assert letter.to == ["alice@acme.example"]
    assert "Bob" in letter.subject
    assert not [word for word in WORDS if word in f"{letter.subject} {letter.body}".lower()]


def test_others_keep_what_is_theirs(known: Collaboration, dana: User) -> None:
    namesake = make.creator("Dana Field", handle="dana.field.2")
    erase(dana)
    namesake.refresh_from_db()
    assert namesake.name == "Dana Field"
    assert namesake.accounts.get().handle == "dana.field.2"
    assert Post.objects.get(url="https://www.instagram.com/p/other/").mentions == ["x"]


def test_again_changes_nothing(known: Collaboration, dana: User) -> None:
    erase(dana)
    before = list(OptOut.objects.values_list("digest", "wish").order_by("pk"))
    erase(dana)
    assert list(OptOut.objects.values_list("digest", "wish").order_by("pk"))[: len(before)] == before
    assert texts() == {}


def test_an_unclaimed_public_record_stays(relationship: Relationship, dana: User) -> None:
    """A brand may have mistyped the address: what it leads to proves nothing about a public record."""
    erase(dana)
    assert Creator.objects.get(accounts__handle="dana.field").name == "Dana Field"
    assert not Relationship.objects.filter(pk=relationship.pk).exists()


def test_nobody_brings_them_back(known: Collaboration, dana: User, acme: Brand, api: Any) -> None:
    erase(dana)
    keys = [account_key("instagram", "@Dana.Field"), address_key("Dana@creators.example"), account_key("tiktok", "x")]
    assert suppressed(keys) == set(keys[:2])
    rows = (
        b"handle,network,email\ndana.field,instagram,\nfresh,tiktok,dana@creators.example\nother,tiktok,o@x.example\n"
    )
    summary = import_now(acme, ContentFile(rows), "again.csv")
    assert (summary.rows, summary.created) == (3, 1)
    assert [(row["line"], "erased" in row["reason"]) for row in summary.rejected] == [(2, True), (3, True)]
    answer = api(acme).post("/api/v1/creators/", {"network": "instagram", "handle": "dana.field"}, format="json")
    assert (answer.status_code, "erased" in answer.content.decode()) == (400, True), answer.content
    assert not Creator.objects.filter(accounts__handle="dana.field").exists()


def test_no_brand_writes_to_them(known: Collaboration, dana: User, acme: Brand, globex: Brand) -> None:
    erase(dana)
    for brand in (acme, globex):
        assert Suppression.objects.of(brand).holding("dana@creators.example").exists()


def test_opting_out_of_the_directory(known: Collaboration, dana: User, globex: Brand, acme: Brand) -> None:
    opt_out(dana, OptOut.Wish.UNLISTED)
    creator = known.relationship.creator
    assert creator not in Creator.objects.of(make.brand())
    assert creator in Creator.objects.of(acme)
    summary = import_now(globex, ContentFile(b"handle,network\ndana.field,instagram\n"), "again.csv")
    assert [row["reason"] for row in summary.rejected] == [
        "The creator opted out: they don't want to be listed or imported."
    ]


def test_opting_out_of_mail_imports_all_the_same(known: Collaboration, dana: User, globex: Brand) -> None:
    opt_out(dana, OptOut.Wish.UNCONTACTED)
    assert Suppression.objects.of(globex).holding(dana.email).exists()
    summary = import_now(globex, ContentFile(b"handle,network\ndana.field,instagram\n"), "again.csv")
    assert summary.rejected == []
