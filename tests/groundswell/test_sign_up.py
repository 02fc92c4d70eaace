"""From the sign-up page to one's own brand; and back in, with a forgotten password and a new address."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.test import Client

from groundswell.accounts.actions.people import verify_address
from groundswell.accounts.models import Brand, Membership, Role, User
from groundswell.events.models import Event
from tests import factories as make
from tests.letters import letters

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


def link_in(letter: EmailMessage) -> str:
    found = re.search(r"^http\S+$", str(letter.body), re.MULTILINE)
    assert found, letter.body
    return urlsplit(found[0]).path


def sign_up(client: Client, email: str = "eve@initech.example") -> None:
    response = client.post("/accounts/signup/", {"name": "Eve Stone", "email": email, "password1": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/accounts/confirm-email/")


def test_from_sign_up_to_a_brand(client: Client, db: None) -> None:
    sign_up(client)
    assert client.get("/settings/team/")["Location"].startswith("/accounts/login/")
    link = link_in(letters()[0])
    assert "Is" in client.get(link).content.decode()
    client.post(link)
    assert client.get("/settings/team/")["Location"] == "/welcome/"
    typed = {"name": "Initech GmbH", "country": "AT", "currency": "EUR", "timezone": "Europe/Vienna"}
    assert client.post("/welcome/", typed)["Location"] == "/"
    brand = Brand.objects.get(code="initech-gmbh")
    assert (brand.name, brand.country, brand.timezone) == ("Initech GmbH", "AT", "Europe/Vienna")
    member = Membership.objects.get(brand=brand)
    assert (member.user.name, member.role) == ("Eve Stone", Role.OWNER)
    assert Event.objects.of(brand).filter(name="brand.created", actor=member.user).count() == 1
    assert client.get("/settings/team/").status_code == 200


def test_unconfirmed_address_does_not_sign_in(client: Client, db: None) -> None:
    sign_up(client)
    response = Client().post("/accounts/login/", {"login": "eve@initech.example", "password": PASSWORD})
    assert response["Location"] == "/accounts/confirm-email/"


def test_taken_address_looks_like_a_free_one(client: Client, alice: User) -> None:
    verify_address(alice)
    sign_up(client, "ALICE@acme.example")
    assert User.objects.filter(email__iexact="alice@acme.example").count() == 1
    assert letters()[0].subject == "You have an account already"


def test_weak_password_is_refused(client: Client, db: None) -> None:
    response = client.post("/accounts/signup/", {"name": "Eve", "email": "eve@x.example", "password1": "password"})
    assert response.status_code == 200
    assert "too common" in response.content.decode()


def test_member_signs_in(client: Client, alice: User) -> None:
    verify_address(alice)
    response = client.post("/accounts/login/", {"login": "Alice@Acme.example", "password": PASSWORD})
    assert response["Location"] == "/"


def test_creator_signs_in_to_the_portal(client: Client, dana: User) -> None:
    verify_address(dana)
    response = client.post("/accounts/login/", {"login": dana.email, "password": PASSWORD})
    assert response["Location"] == "/portal/"


def test_guessing_is_slowed_down(client: Client, alice: User) -> None:
    verify_address(alice)
    wrong = {"login": alice.email, "password": "not this one"}
    for _ in range(6):
        response = client.post("/accounts/login/", wrong)
    assert "Too many" in response.content.decode()
    right = client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert right.status_code == 200


def test_forgotten_password(client: Client, alice: User) -> None:
    verify_address(alice)
    client.post("/accounts/password/reset/", {"email": alice.email})
    form = client.get(link_in(letters()[0]))["Location"]
    client.post(form, {"password1": "a long way to the sea", "password2": "a long way to the sea"})
    alice.refresh_from_db()
    assert alice.check_password("a long way to the sea")


def test_forgotten_password_of_a_stranger_answers_the_same(client: Client, alice: User) -> None:
    answers = [
        client.post("/accounts/password/reset/", {"email": email}, follow=True).content.count(b"Look into your mail")
        for email in (alice.email, "nobody@acme.example")
    ]
    assert answers == [2, 2]


def test_new_address_counts_once_it_is_confirmed(as_alice: Client, alice: User) -> None:
    verify_address(alice)
    as_alice.post("/accounts/email/", {"email": "alice@new.example", "action_add": ""})
    alice.refresh_from_db()
    assert alice.email == "alice@acme.example"
    as_alice.post(link_in(letters()[0]))
    alice.refresh_from_db()
    assert alice.email == "alice@new.example"
    assert list(EmailAddress.objects.values_list("email", "verified")) == [("alice@new.example", True)]


def test_creator_keeps_the_address_brands_know(as_dana: Client, dana: User) -> None:
    response = as_dana.post("/accounts/email/", {"email": "dana@new.example", "action_add": ""})
    assert response["Location"] == "/portal/"
    assert not letters()


def test_only_a_new_brands_zone_follows_the_browser(as_alice: Client) -> None:
    assert "data-own-zone" in as_alice.get("/welcome/?another=1").content.decode()
    chosen = as_alice.post("/welcome/", {"name": "X", "timezone": "Europe/Oslo"})
    assert "data-own-zone" not in chosen.content.decode()
    assert "data-own-zone" not in as_alice.get("/settings/brand/").content.decode()


def test_welcome_leads_members_home(as_alice: Client) -> None:
    assert as_alice.get("/welcome/")["Location"] == "/"
    assert as_alice.get("/welcome/?another=1").status_code == 200


def test_second_brand_of_the_same_name_gets_a_code_of_its_own(as_alice: Client, alice: User) -> None:
    typed = {"name": "Acme", "country": "DE", "currency": "EUR", "timezone": "UTC"}
    as_alice.post("/welcome/", typed)
    codes = Membership.objects.filter(user=alice).order_by("pk").values_list("brand__code", flat=True)
    assert codes[0] == "acme"
    assert re.fullmatch(r"acme-\w{6}", codes[1])


def test_creator_cannot_found_a_brand(as_dana: Client) -> None:
    typed = {"name": "Mine", "country": "DE", "currency": "EUR", "timezone": "UTC"}
    assert as_dana.post("/welcome/", typed)["Location"] == "/portal/"
    assert not Brand.objects.filter(name="Mine").exists()


def test_incomplete_brand_comes_back(as_alice: Client) -> None:
    assert as_alice.post("/welcome/", {"name": "X", "currency": "ZZZ"}).status_code == 422


def test_switch_between_brands(as_alice: Client, alice: User, globex: Brand) -> None:
    Membership.objects.create(user=alice, brand=globex, role=Role.VIEWER)
    assert "Acme" in as_alice.get("/settings/team/").content.decode()
    as_alice.post("/switch/globex/")
    assert "Who works on Globex" in as_alice.get("/settings/team/").content.decode()


def test_switch_to_a_strangers_brand(as_alice: Client, globex: Brand) -> None:
    assert as_alice.post("/switch/globex/").status_code == 404


def test_brand_settings_are_saved_and_noted(as_alice: Client, acme: Brand) -> None:
    typed = {"name": "Acme", "country": "DE", "currency": "EUR", "timezone": "Europe/Berlin", "hour_rate": "55"}
    assert as_alice.post("/settings/brand/", typed)["Location"] == "/settings/brand/"
    acme.refresh_from_db()
    assert (acme.timezone, str(acme.hour_rate)) == ("Europe/Berlin", "55.00")
    event = Event.objects.of(acme).get(name="brand.changed")
    assert event.data == {"fields": ["country", "hour_rate", "timezone"]}


def test_profile_takes_a_name(as_alice: Client, alice: User) -> None:
    as_alice.post("/settings/profile/", {"name": "Alice Ray"})
    alice.refresh_from_db()
    assert alice.name == "Alice Ray"


def test_person_without_a_brand_is_asked_for_one(client: Client, db: None) -> None:
    client.force_login(make.user("new@initech.example"))
    assert client.get("/settings/team/")["Location"] == "/welcome/"
    assert client.get("/welcome/").status_code == 200
