"""One click and it is quiet (RFC 8058)."""

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import Settings

from creators.models import Relationship
from groundswell.accounts.models import Brand
from outreach.actions.outbox import send_due
from outreach.addresses import digest_of, unsubscribe_token
from outreach.models import Suppression
from outreach.smtp import BackendTransport
from tests import factories as make


@pytest.fixture
def url(acme: Brand) -> str:
    return f"/unsubscribe/{unsubscribe_token(acme.pk, 'dana@creators.example')}/"


def test_a_machine_posts_without_cookie_or_csrf_token(url: str, acme: Brand) -> None:
    strict = Client(enforce_csrf_checks=True)
    for _ in range(2):
        answer = strict.post(url, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    row = Suppression.objects.get()
    assert (row.brand, row.reason) == (acme, "unsubscribed")
    assert row.digest == digest_of(" Dana@Creators.example ")
    assert "dana" not in row.digest


def test_opening_the_link_changes_nothing(url: str, client: Client) -> None:
    answer = client.get(url)
    assert "No more e-mail from Acme?" in answer.content.decode()
    assert not Suppression.objects.exists()


def test_the_link_of_a_real_mail_works(relationship: Relationship, client: Client) -> None:
    from django.core import mail

    make.message(relationship)
    send_due(BackendTransport())
    link = mail.outbox[0].extra_headers["List-Unsubscribe"].strip("<>").removeprefix(settings.SITE_URL)
    assert client.post(link).status_code == 200
    late = make.message(relationship)
    send_due(BackendTransport())
    late.refresh_from_db()
    assert (late.status, len(mail.outbox)) == ("cancelled", 1)


@pytest.mark.parametrize("spoil", [lambda link: link[:-3] + "xx/", lambda _: "/unsubscribe/1.abc/"])
def test_a_broken_link_is_not_found(spoil: object, url: str, client: Client) -> None:
    assert callable(spoil)
    assert client.post(spoil(url)).status_code == 404
    assert not Suppression.objects.exists()


def test_a_token_holds_no_address(url: str) -> None:
    assert "dana" not in url
    assert "creators.example" not in url


def test_a_new_server_key_forgets_nobody(url: str, client: Client, acme: Brand, settings: Settings) -> None:
    client.post(url)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "quite another key"
    assert Suppression.objects.of(acme).holding("dana@creators.example").exists()
    assert client.post(url).status_code == 200


def test_the_operators_list_counts_for_every_brand(acme: Brand, globex: Brand) -> None:
    Suppression.objects.create(brand=None, digest=digest_of("x@example.com"))
    for brand in (acme, globex):
        assert Suppression.objects.of(brand).holding("X@example.com").exists()
