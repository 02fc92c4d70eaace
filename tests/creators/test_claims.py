"""Creators sign up, claim their accounts, and the operator decides."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from creators.actions.claims import ClaimRefused, approve_claim, make_claim, prove_by_connection, refuse_claim
from creators.actions.privacy import erase, opt_out
from creators.models import Claim, ContactChannel, Creator, OptOut, SearchRow, SocialAccount
from groundswell.accounts.models import Brand, User
from tests import factories as make
from tests import networks
from tests.letters import letters

JOIN = {"name": "Eve Moss", "email": "eve@creators.example", "network": "tiktok", "handle": "@eve.moss"}


@pytest.fixture(autouse=True)
def apart() -> None:
    cache.clear()


@pytest.fixture
def operator(db: None) -> User:
    return make.user("op@groundswell.example", is_staff=True, is_superuser=True)


def link_in(text: str) -> str:
    found = re.search(r"https?://[^/]+(/\S+)", text)
    assert found
    return found[1]


def test_joining_proves_the_address_and_waits_for_the_operator(
    client: Client, acme: Brand, django_capture_on_commit_callbacks: Any
) -> None:
    client.post("/join/", JOIN)
    assert not User.objects.filter(email=JOIN["email"]).exists()
    link = link_in(str(letters()[-1].body))
    assert client.get(link).status_code == 200
    assert not User.objects.filter(email=JOIN["email"]).exists()
    assert client.post(link).headers["Location"] == "/portal/profile/"
    claim = Claim.objects.get()
    assert (claim.user.email, claim.handle, claim.status, claim.is_taken) == (
        JOIN["email"],
        "eve.moss",
        "pending",
        False,
    )
    assert not Creator.objects.filter(user=claim.user).exists()
    assert "A person looks at it" in client.get("/portal/profile/").content.decode()
    client.post(link)
    assert Claim.objects.count() == 1


def test_the_answer_never_tells_who_is_known(client: Client, alice: User, dana: User) -> None:
    answers = {client.post("/join/", {**JOIN, "email": email}).status_code for email in (alice.email, dana.email)}
    assert answers == {200}
    assert client.post(link_in(str(letters()[0].body))).status_code == 410  # alice signs in for a brand


def test_a_link_that_was_cut_short_makes_nobody(client: Client, db: None) -> None:
    assert client.get("/join/nonsense/").status_code == 410
    assert client.post("/join/nonsense/").status_code == 410
    assert not User.objects.exists()


def test_operator_approves_and_every_brand_finds_them(
    dana: User, acme: Brand, operator: User, django_capture_on_commit_callbacks: Any
) -> None:
    claim = make_claim(dana, "tiktok", "https://www.tiktok.com/@dana.field?lang=en")
    with django_capture_on_commit_callbacks(execute=True):
        approve_claim(claim, by=operator)
    creator = Creator.objects.of(acme).get(user=dana)
    assert (creator.accounts.get().handle, creator.is_listed, creator.owner) == ("dana.field", True, None)
    assert SearchRow.objects.filter(creator_id=creator.pk).exists()
    assert mail.outbox[-1].subject == "Your profile is yours"
    with pytest.raises(ClaimRefused, match="decided already"):
        approve_claim(claim, by=operator)


def test_operator_refuses_with_a_reason(dana: User, operator: User, django_capture_on_commit_callbacks: Any) -> None:
    claim = make_claim(dana, "tiktok", "dana.field")
    with pytest.raises(ClaimRefused, match="Say why"):
        refuse_claim(claim, " ", by=operator)
    with django_capture_on_commit_callbacks(execute=True):
        refuse_claim(claim, "The account has no posts.", by=operator)
    assert "The account has no posts." in mail.outbox[-1].body
    assert not Creator.objects.filter(user=dana).exists()
    make_claim(dana, "tiktok", "dana.field")


def test_the_queue_in_the_operators_pages(dana: User, admin_client: Client) -> None:
    one, two = make_claim(dana, "tiktok", "one"), make_claim(dana, "tiktok", "two")
    page = "/operator/creators/claim/"
    assert "@one on TikTok" in admin_client.get(page).content.decode()
    told = admin_client.post(page, {"action": "approve", "_selected_action": [one.pk]}, follow=True).content.decode()
    assert "1 settled." in told
    assert "Groundswell, for operators" in told
    admin_client.post(page, {"action": "refuse", "reason": "Not yours.", "_selected_action": [two.pk]})
    assert dict(Claim.objects.values_list("handle", "status")) == {"one": "approved", "two": "refused"}


# An account that is public already


@pytest.fixture
def public(acme: Brand) -> Creator:
    return make.creator("Dana Field", handle="dana.field")


def test_it_needs_a_proof(dana: User, public: Creator, acme: Brand) -> None:
    make.relationship(acme, public, email=dana.email, user=dana)
    claim = make_claim(dana, "instagram", "dana.field")
    assert (claim.status, claim.is_taken, claim.proof) == ("pending", True, "none")
    public.refresh_from_db()
    assert public.user is None


def test_code_in_the_bio_proves_it(dana: User, public: Creator, as_dana: Client) -> None:
    claim = make_claim(dana, "instagram", "dana.field")
    as_dana.post(f"/portal/claims/{claim.code}/check/")
    claim.refresh_from_db()
    assert claim.status == "pending"
    Creator.objects.filter(pk=public.pk).update(bio=f"Hiking {claim.proof_code}")
    as_dana.post(f"/portal/claims/{claim.code}/check/")
    claim.refresh_from_db()
    assert (claim.status, claim.proof, claim.creator) == ("approved", "code", public)


def test_connected_account_proves_it(dana: User, public: Creator) -> None:
    claim = make_claim(dana, "instagram", "dana.field")
    row = networks.connection("instagram", "own", user=dana, account=public.accounts.get(), name="dana.field")
    prove_by_connection(row)
    claim.refresh_from_db()
    assert (claim.status, claim.proof) == ("approved", "connected")


def test_its_public_address_proves_it(dana: User, public: Creator) -> None:
    ContactChannel.objects.create(creator=public, kind="email", value=dana.email.upper(), source="connector")
    assert make_claim(dana, "instagram", "dana.field").status == "approved"


def test_somebody_elses_stays_theirs(dana: User, public: Creator) -> None:
    eve = make.user("eve@creators.example", kind=User.Kind.CREATOR)
    Creator.objects.filter(pk=public.pk).update(user=eve)
    with pytest.raises(ClaimRefused, match="another person"):
        make_claim(dana, "instagram", "dana.field")


def test_the_others_claims_end_with_a_proof(dana: User, public: Creator, operator: User) -> None:
    eve = make.user("eve@creators.example", kind=User.Kind.CREATOR)
    false, true = make_claim(eve, "instagram", "dana.field"), make_claim(dana, "instagram", "dana.field")
    approve_claim(true, by=operator)
    false.refresh_from_db()
    assert (false.status, "Somebody else" in false.reason) == ("refused", True)
    told = {letter.to[0]: str(letter.body) for letter in letters()}
    assert "Somebody else proved" in told["eve@creators.example"]
    assert "Somebody else" not in told[dana.email]


def test_a_second_account_joins_the_profile(dana: User, public: Creator, operator: User) -> None:
    approve_claim(make_claim(dana, "instagram", "dana.field"), by=operator)
    approve_claim(make_claim(dana, "tiktok", "danafield"), by=operator)
    assert set(public.accounts.values_list("handle", flat=True)) == {"dana.field", "danafield"}


# By a brand's invitation


def test_invitation_gives_an_account_that_nobody_has_in_public(dana: User, acme: Brand, globex: Brand) -> None:
    private = make.creator("Dana Field", handle="dana.field", owner=acme, bio="What Acme wrote")
    make.relationship(acme, private, email=dana.email, user=dana)
    claim = make_claim(dana, "instagram", "dana.field")
    assert (claim.proof, claim.invited_by, claim.status) == ("invited", acme, "pending")
    mine = Creator.objects.get(user=dana)
    assert (mine.owner, mine.is_listed, mine.bio) == (None, False, "")
    assert mine not in Creator.objects.of(globex)
    assert SocialAccount.objects.filter(handle="dana.field").count() == 2


# Who may not


def test_an_erased_account_is_not_taken_up_again(client: Client, dana: User, public: Creator, operator: User) -> None:
    approve_claim(make_claim(dana, "instagram", "dana.field"), by=operator)
    erase(dana)
    asked = client.post("/join/", {**JOIN, "network": "instagram", "handle": "dana.field"})
    assert (asked.status_code, "erased" in asked.content.decode()) == (200, False)
    answer = client.post(link_in(str(letters()[-1].body)))
    assert (answer.status_code, "erased" in answer.content.decode()) == (410, True)
    assert not User.objects.filter(email=JOIN["email"]).exists()
    with pytest.raises(ClaimRefused, match="erased"):
        make_claim(make.user(kind=User.Kind.CREATOR), "instagram", "dana.field")


def test_an_opted_out_account_is_not_taken_up_by_others(dana: User, public: Creator, operator: User) -> None:
    approve_claim(make_claim(dana, "instagram", "dana.field"), by=operator)
    opt_out(dana, OptOut.Wish.UNLISTED)
    Creator.objects.filter(pk=public.pk).update(user=None)
    with pytest.raises(ClaimRefused, match="opted out"):
        make_claim(make.user(kind=User.Kind.CREATOR), "instagram", "dana.field")
