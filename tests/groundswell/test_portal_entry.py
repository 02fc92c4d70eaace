"""Creators come in by a link, once it is theirs; nobody else does."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core import signing
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from creators.actions.portal import (
    SALT,
    AddressChanged,
    BrandAddress,
    LinkBroken,
    LinkExpired,
    NoAddress,
    enter_portal,
    portal_url,
    sign_in_url,
    without_links,
)
from creators.models import Relationship
from groundswell.accounts.models import Brand, User
from groundswell.events.models import Event
from tests import factories as make
from tests.letters import letters


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def invited(acme: Brand) -> Relationship:
    return make.relationship(acme, email="Eve@Creators.example")


def token_of(url: str) -> str:
    return urlsplit(url).path.split("/")[3]


def path_of(relationship: Relationship) -> str:
    return urlsplit(portal_url(relationship)).path


def signed_in_as(client: Client) -> int | None:
    key = client.session.get("_auth_user_id")
    return int(key) if key else None


def test_link_creates_the_creator_and_takes_the_relationship(invited: Relationship) -> None:
    user = enter_portal(token_of(portal_url(invited)))
    invited.refresh_from_db()
    assert (user.email, user.kind, user.has_usable_password()) == ("eve@creators.example", "creator", False)
    assert user.name == invited.creator.name
    assert invited.user == user
    assert Event.objects.about(invited).filter(name="creator.entered", actor=user).count() == 1


def test_second_entry_changes_nothing(invited: Relationship) -> None:
    first = enter_portal(token_of(portal_url(invited)))
    assert enter_portal(token_of(portal_url(invited))) == first
    assert Event.objects.filter(name="creator.entered").count() == 1


def test_one_entry_opens_the_offers_of_every_brand_that_writes_to_the_address(
    invited: Relationship, globex: Brand
) -> None:
    same = make.relationship(globex, email="eve@creators.example")
    other = make.relationship(globex, email="someone@creators.example")
    user = enter_portal(token_of(portal_url(invited)))
    assert set(Relationship.objects.filter(user=user)) == {invited, same}
    other.refresh_from_db()
    assert other.user is None


def test_link_dies_with_the_address(invited: Relationship) -> None:
    token = token_of(portal_url(invited))
    Relationship.objects.filter(pk=invited.pk).update(email="new@creators.example")
    with pytest.raises(AddressChanged):
        enter_portal(token)
    assert not User.objects.filter(kind="creator").exists()


def test_new_address_takes_the_relationship_over_but_nothing_else(invited: Relationship, globex: Brand) -> None:
    elsewhere = make.relationship(globex, email="eve@creators.example")
    eve = enter_portal(token_of(portal_url(invited)))
    Relationship.objects.filter(pk=invited.pk).update(email="new@creators.example")
    invited.refresh_from_db()
    newcomer = enter_portal(token_of(portal_url(invited)))
    assert newcomer != eve
    assert list(Relationship.objects.filter(user=newcomer)) == [invited]
    assert list(Relationship.objects.filter(user=eve)) == [elsewhere]


def test_link_is_good_for_thirty_days(invited: Relationship, monkeypatch: pytest.MonkeyPatch) -> None:
    token = token_of(portal_url(invited))
    now = timezone.now().timestamp()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + timedelta(days=29, hours=23).total_seconds())
    assert enter_portal(token)
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + timedelta(days=30, minutes=1).total_seconds())
    with pytest.raises(LinkExpired):
        enter_portal(token)


def test_link_of_the_sign_in_page_is_good_for_an_hour(dana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    token = token_of(sign_in_url(dana.email))
    now = timezone.now().timestamp()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + 3590)
    assert enter_portal(token) == dana
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + 3610)
    with pytest.raises(LinkExpired):
        enter_portal(token)


@pytest.mark.parametrize("change", [lambda t: t[:-2], lambda t: "x" + t, lambda t: "nonsense"])
def test_changed_link_is_refused(invited: Relationship, change) -> None:
    with pytest.raises(LinkBroken):
        enter_portal(change(token_of(portal_url(invited))))


def test_signature_for_another_purpose_is_refused(invited: Relationship) -> None:
    claim = signing.loads(token_of(portal_url(invited)), salt=SALT)
    with pytest.raises(LinkBroken):
        enter_portal(signing.dumps(claim, salt="another"))


def test_address_of_a_brand_account_is_refused(acme: Brand, alice: User) -> None:
    mine = make.relationship(acme, email=alice.email.upper())
    with pytest.raises(BrandAddress):
        enter_portal(token_of(portal_url(mine)))
    mine.refresh_from_db()
    assert mine.user is None


def test_no_address_no_link(acme: Brand) -> None:
    with pytest.raises(NoAddress):
        portal_url(make.relationship(acme, email=""))


def test_text_for_the_brand_holds_no_link(invited: Relationship) -> None:
    url = portal_url(invited)
    assert without_links(f"Hi, here: {url} – bye") == "Hi, here: http://testserver/portal/ – bye"


def test_page_signs_in_and_leads_to_the_portal(client: Client, invited: Relationship) -> None:
    response = client.get(path_of(invited))
    assert (response.status_code, response["Location"]) == (302, "/portal/")
    assert signed_in_as(client) == User.objects.get(email="eve@creators.example").pk


@pytest.mark.parametrize(
    ("wanted", "landing"),
    [
        ("/portal/abc/", "/portal/abc/"),
        ("https://evil.example/portal/", "/portal/"),
        ("//evil.example/portal/", "/portal/"),
        ("/settings/team/", "/portal/"),
        ("/portal/../settings/team/", "/portal/"),
        ("/portal/%2e%2e/settings/team/", "/portal/"),
        ("/portal/..%2fsettings/team/", "/portal/"),
        ("/portal/%252e%252e/settings/", "/portal/"),
        ("/portal/\\evil.example/", "/portal/"),
        ("/portal/abc/accept/", "/portal/"),
        ("/portal/abc/tracking/", "/portal/"),
        ("/portal/sign-out/", "/portal/"),
        ("/portal/abc/contract/", "/portal/abc/contract/"),
    ],
)
def test_page_leads_only_into_the_portal(client: Client, invited: Relationship, wanted: str, landing: str) -> None:
    assert client.get(path_of(invited), {"next": wanted})["Location"] == landing


def test_page_asks_before_it_signs_somebody_else_out(as_alice: Client, alice: User, invited: Relationship) -> None:
    page = as_alice.get(path_of(invited))
    assert page.status_code == 200
    assert "alice@acme.example" in page.content.decode()
    assert signed_in_as(as_alice) == alice.pk
    assert not User.objects.filter(email="eve@creators.example").exists()


def test_page_swaps_on_confirmation(as_alice: Client, invited: Relationship) -> None:
    assert as_alice.post(path_of(invited))["Location"] == "/portal/"
    assert signed_in_as(as_alice) == User.objects.get(email="eve@creators.example").pk


def test_page_says_what_is_wrong_with_a_link(client: Client, invited: Relationship) -> None:
    path = path_of(invited)
    Relationship.objects.filter(pk=invited.pk).update(email="new@creators.example")
    page = client.get(path)
    assert page.status_code == 410
    assert "another address" in page.content.decode()
    assert signed_in_as(client) is None


def test_closed_sign_in_stays_closed(client: Client, invited: Relationship) -> None:
    make.user("eve@creators.example", kind=User.Kind.CREATOR, is_active=False)
    assert client.get(path_of(invited)).status_code == 410
    assert signed_in_as(client) is None


def test_known_creator_gets_a_link(client: Client, invited: Relationship) -> None:
    client.post("/portal/sign-in/", {"email": "EVE@creators.example"})
    (letter,) = letters()
    assert letter.to == ["eve@creators.example"]
    link = next(line for line in letter.body.splitlines() if line.startswith("http"))
    assert client.get(urlsplit(link).path)["Location"] == "/portal/"
    invited.refresh_from_db()
    assert invited.user is not None


def test_the_link_asked_for_leads_to_the_page_that_was_wanted(client: Client, invited: Relationship) -> None:
    client.post("/portal/sign-in/?next=/portal/abc/contract/", {"email": invited.email})
    link = urlsplit(next(line for line in letters()[0].body.splitlines() if line.startswith("http")))
    assert client.get(f"{link.path}?{link.query}")["Location"] == "/portal/abc/contract/"
    assert client.get("/portal/sign-in/?next=/portal/abc/")["Location"] == "/portal/abc/"


@pytest.mark.parametrize("address", ["nobody@creators.example", "alice@acme.example", "eve@creators.example"])
def test_answer_is_always_the_same(client: Client, invited: Relationship, alice: User, address: str) -> None:
    page = client.post("/portal/sign-in/", {"email": address})
    assert page.status_code == 200
    assert "a link is on its way" in page.content.decode()
    assert len(letters()) == (address == "eve@creators.example")


def test_links_are_rationed_per_address(client: Client, invited: Relationship) -> None:
    answers = [client.post("/portal/sign-in/", {"email": invited.email}).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 200, 429]
    assert len(letters()) == 4


def test_creator_sets_a_password_and_uses_it(as_dana: Client, dana: User) -> None:
    typed = {"new_password1": "a long way to the sea", "new_password2": "a long way to the sea"}
    assert as_dana.post("/portal/password/", typed)["Location"] == "/portal/"
    assert signed_in_as(as_dana) == dana.pk
    dana.refresh_from_db()
    assert dana.check_password("a long way to the sea")


def test_weak_password_comes_back(as_dana: Client) -> None:
    page = as_dana.post("/portal/password/", {"new_password1": "12345678", "new_password2": "12345678"})
    assert page.status_code == 422


def test_creator_signs_out(as_dana: Client) -> None:
    assert as_dana.post("/portal/sign-out/")["Location"] == "/portal/sign-in/"
    assert signed_in_as(as_dana) is None
