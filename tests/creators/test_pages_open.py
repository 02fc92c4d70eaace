"""Every page of the creators' app opens for those who may see it, and for nobody else."""

from typing import Any

import pytest
from django.test import Client

from creators.actions.relationships import add_note
from creators.actions.shortlists import create_shortlist
from creators.models import (
    AudienceSlice,
    ContactChannel,
    Creator,
    Evidence,
    Import,
    Post,
    RejectedRow,
    Relationship,
)
from groundswell.accounts.models import Brand
from tests import factories as make

PAGES = ["/creators/", "/shortlists/", "/imports/", "/settings/tiers/", "/creators/home-panel/"]


@pytest.mark.parametrize("path", PAGES)
def test_empty_pages_teach(as_alice: Client, as_bob: Client, path: str) -> None:
    assert as_alice.get(path).status_code == 200
    assert as_bob.get(path).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_pages_with_creators(as_alice: Client, relationship: Relationship, path: str) -> None:
    assert as_alice.get(path).status_code == 200


def test_profile_of_a_public_creator(as_alice: Client, as_charlie: Client, relationship: Relationship) -> None:
    relationship.price = 7654321
    relationship.save()
    path = f"/creators/{relationship.creator.code}/"
    mine, theirs = as_alice.get(path).content.decode(), as_charlie.get(path).content.decode()
    assert relationship.email in mine
    assert "Dana Field" in theirs
    assert relationship.email not in theirs
    assert "7654321" in mine
    assert "7654321" not in theirs


def test_ways_to_reach_a_creator_stand_on_the_profile(
    as_alice: Client, as_charlie: Client, api: Any, acme: Brand, creator: Creator
) -> None:
    ContactChannel.objects.create(creator=creator, kind="email", value="dana@open.example", source="creator")
    ContactChannel.objects.create(creator=creator, kind="website", value="javascript:alert(1)", source="creator")
    ContactChannel.objects.create(creator=creator, owner=acme, kind="agent", value="Quiet Agency")
    path = f"/creators/{creator.code}/"
    mine, theirs = as_alice.get(path).content.decode(), as_charlie.get(path).content.decode()
    assert all("mailto:dana@open.example" in page and 'href="javascript' not in page for page in (mine, theirs))
    assert "Quiet Agency" in mine
    assert "Quiet Agency" not in theirs
    seen = api(acme).get(f"/api/v1{path}").json()["contacts"]
    assert [(one["kind"], one["is_public"]) for one in seen] == [("agent", False), ("email", True), ("website", True)]


def test_a_relationship_not_begun_has_no_tags_to_show(as_alice: Client, acme: Brand, creator: Creator) -> None:
    page = as_alice.get(f"/creators/{creator.code}/").content.decode()
    assert 'name="tags"' in page
    assert "[]" not in page
    make.relationship(acme, creator, tags=["bread", "slow"])
    assert 'value="bread, slow"' in as_alice.get(f"/creators/{creator.code}/").content.decode()


def test_a_private_creator_is_nobody_elses(as_alice: Client, as_bob: Client, as_charlie: Client, acme: Brand) -> None:
    secret = make.creator("Secret Person", handle="secretperson", owner=acme, niches=["zzz-niche"], country="IS")
    path = f"/creators/{secret.code}/"
    assert as_alice.get(path).status_code == as_bob.get(path).status_code == 200
    assert as_charlie.get(path).status_code == 404
    for query in ("", "?q=secretperson", "?country=IS", "?niche=zzz-niche"):
        page = as_charlie.get(f"/creators/{query}")
        assert page.context["found"] == 0
        assert all(option.count == 0 for facet in page.context["facets"] for option in facet.options)
        assert "Secret Person" not in page.content.decode()


@pytest.mark.parametrize("what", ["relationship", "note", "block", "shortlist"])
def test_writing_needs_the_role(as_bob: Client, as_charlie: Client, acme: Brand, what: str) -> None:
    private = make.creator(owner=acme)
    path = f"/creators/{private.code}/{what}/"
    data = {"stage": "active", "text": "hello"}
    assert as_bob.post(path, data).status_code == 403
    assert as_charlie.post(path, data).status_code == 404
    assert not Relationship.objects.exists()


def test_shortlist_of_another_brand(as_bob: Client, as_charlie: Client, acme: Brand, creator: Creator) -> None:
    mine = create_shortlist(acme, "Favourites")
    assert as_charlie.get(f"/shortlists/{mine.code}/").status_code == 404
    assert as_bob.get(f"/shortlists/{mine.code}/").status_code == 200
    for action in ("rename", "delete", "trim"):
        assert as_bob.post(f"/shortlists/{mine.code}/{action}/", {"name": "x"}).status_code == 403
        assert as_charlie.post(f"/shortlists/{mine.code}/{action}/", {"name": "x"}).status_code == 404
    data = {"shortlist": mine.code, "creator": creator.code}
    assert as_charlie.post("/shortlists/fill/", data).status_code == 404
    assert as_charlie.get(f"/creators/?shortlist={mine.code}").context["found"] == 0
    mine.refresh_from_db()
    assert mine.name == "Favourites"
    assert mine.entries.count() == 0


def fill(acme: Brand, creator: Creator) -> None:
    """Everything that a profile, the list of imports and an import's page show rows of."""
    about = make.relationship(acme, creator) if not creator.relationships.exists() else creator.relationships.get()
    job = Import.objects.order_by("pk").first() or Import.objects.create(brand=acme, status="done", filename="a.csv")
    Import.objects.create(brand=acme, status="done", filename="b.csv", uploaded_by=make.user())
    account = make.account(creator, network="tiktok")
    known = RejectedRow.objects.count()
    RejectedRow.objects.create(job=job, line=known, reason="Bad", values=["x"])
    post = make.post(creator)
    Post.objects.filter(pk=post.pk).update(account=account)
    Evidence.objects.create(account=account, filename="a.png", kind="image/png", observed_on="2026-05-01", reach=5)
    AudienceSlice.objects.create(account=account, kind="gender", key="female", share="0.5", source="creator")
    ContactChannel.objects.create(creator=creator, owner=acme, kind="email", value=f"{known}@agent.example")
    add_note(about, "Fine.", by=make.member(acme))


@pytest.mark.parametrize("page", ["profile", "imports", "import"])
def test_pages_ask_as_often_for_many_rows_as_for_few(
    as_alice: Client, acme: Brand, creator: Creator, django_assert_max_num_queries: Any, page: str
) -> None:
    for _ in range(2):
        fill(acme, creator)
    paths = {"profile": f"/creators/{creator.code}/", "imports": "/imports/"}
    path = paths.get(page) or f"/imports/{Import.objects.order_by('pk')[0].code}/"
    as_alice.get(path)
    with django_assert_max_num_queries(40) as few:
        as_alice.get(path)
    for _ in range(4):
        fill(acme, creator)
    with django_assert_max_num_queries(len(few)):
        assert as_alice.get(path).status_code == 200
