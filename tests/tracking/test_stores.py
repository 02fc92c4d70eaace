"""Connecting stores: who may, what is shown, and that a secret is never shown again."""

from __future__ import annotations

import pytest
from django.test import Client

from groundswell.accounts.models import Brand
from tests import factories as make
from tracking.models import Store

URL = "/settings/stores/"
FORM = {"domain": " https://Acme.myshopify.com/admin ", "secret": "shpss_12345"}


def test_a_shop_is_connected_and_its_secret_hidden(as_alice: Client, acme: Brand) -> None:
    page = as_alice.post(URL, FORM, follow=True).content.decode()
    store = Store.objects.get()
    assert (store.domain, store.secret, store.brand) == ("acme.myshopify.com", "shpss_12345", acme)
    assert f"http://testserver/webhooks/shopify/{store.code}/" in page
    assert "shpss_12345" not in page


@pytest.mark.parametrize("fields", [{"domain": "no domain"}, {"domain": ""}, {"secret": ""}, {"domain": "a" * 300}])
def test_what_is_no_shop_is_refused(as_alice: Client, fields: dict[str, str]) -> None:
    assert as_alice.post(URL, FORM | fields).status_code == 422
    assert not Store.objects.exists()


def test_the_same_shop_twice_is_refused(as_alice: Client) -> None:
    assert [as_alice.post(URL, FORM).status_code for _ in range(2)] == [302, 422]
    assert Store.objects.count() == 1


def test_a_reader_sees_stores_and_changes_nothing(as_bob: Client, acme: Brand) -> None:
    store = make.store(acme)
    assert store.domain in as_bob.get(URL).content.decode()
    assert as_bob.post(URL, FORM).status_code == 403
    assert as_bob.post(f"{URL}{store.code}/secret/", {"secret": "new"}).status_code == 403
    store.refresh_from_db()
    assert (store.secret, Store.objects.count()) == ("hush", 1)


def test_the_secret_can_be_replaced_by_the_brand_alone(as_alice: Client, as_charlie: Client, acme: Brand) -> None:
    store = make.store(acme)
    assert as_charlie.post(f"{URL}{store.code}/secret/", {"secret": "mine"}).status_code == 404
    assert as_alice.post(f"{URL}{store.code}/secret/", {"secret": "new"}).status_code == 302
    store.refresh_from_db()
    assert (store.secret, store.old_secret) == ("new", "hush")
    assert store.domain not in as_charlie.get(URL).content.decode()


def test_after_a_change_the_page_says_until_when_the_old_secret_is_accepted(as_alice: Client, acme: Brand) -> None:
    store = make.store(acme)
    page = as_alice.post(f"{URL}{store.code}/secret/", {"secret": "new"}, follow=True).content.decode()
    assert "The old one is accepted for one more hour." in page
    assert "The old one is accepted until" in page
    assert "hush" not in page
    again = as_alice.post(f"{URL}{store.code}/secret/", {"secret": "new"}, follow=True).content.decode()
    assert "This is the secret that is saved already." in again
    leaked = {"secret": "newer", "is_leaked": "on"}
    assert "until" not in as_alice.post(f"{URL}{store.code}/secret/", leaked, follow=True).content.decode()
    store.refresh_from_db()
    assert (store.secret, store.old_secret, store.old_secret_until) == ("newer", "", None)
