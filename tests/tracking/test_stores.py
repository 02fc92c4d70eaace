"""Connecting stores: who may, what is shown, and that a secret is never shown again nor written down in the clear."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

import pytest
from django.apps import apps
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.test import Client
from pytest_django.fixtures import Settings

from groundswell.accounts.models import Brand
from tests import factories as make
from tracking.models import Store

URL = "/settings/stores/"
FORM = {"kind": "shopify", "domain": " https://Acme.myshopify.com/admin ", "secret": "shpss_12345"}


@pytest.fixture
def sealing() -> ModuleType:
    return import_module("tracking.migrations.0004_sealed_secrets")


def test_a_shop_is_connected_and_its_secret_hidden(as_alice: Client, acme: Brand) -> None:
    page = as_alice.post(URL, FORM, follow=True).content.decode()
    store = Store.objects.get()
    assert (store.domain, store.secret, store.brand) == ("acme.myshopify.com", "shpss_12345", acme)
    assert f"http://testserver/webhooks/shopify/{store.code}/" in page
    assert "shpss_12345" not in page


@pytest.mark.parametrize("kind", Store.DELIVERING)
def test_a_shop_of_each_kind_is_told_where_to_deliver(as_alice: Client, acme: Brand, kind: str) -> None:
    page = as_alice.post(URL, FORM | {"kind": kind}, follow=True).content.decode()
    store = Store.objects.get()
    assert (store.kind, store.secret) == (kind, "shpss_12345")
    assert f"http://testserver/webhooks/{kind}/{store.code}/" in page
    assert Client().get(f"/webhooks/{kind}/{store.code}/").status_code == 405
    others = [other for other in Store.DELIVERING if other != kind]
    assert [Client().post(f"/webhooks/{other}/{store.code}/").status_code for other in others] == [404, 404]


@pytest.mark.parametrize(
    "fields", [{"kind": "amazon"}, {"domain": "no domain"}, {"domain": ""}, {"secret": ""}, {"domain": "a" * 300}]
)
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


def tables_with(text: str) -> list[str]:
    """Every table of the database in which a row holds the text."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        return [name for name in tables if has(cursor, name, text)]


def has(cursor: CursorWrapper, table: str, text: str) -> bool:
    cursor.execute(f'SELECT 1 FROM "{table}" AS row WHERE strpos(row::text, %s) > 0 LIMIT 1', [text])  # noqa: S608
    return cursor.fetchone() is not None


def test_no_secret_stands_in_the_database_in_the_clear(as_alice: Client) -> None:
    as_alice.post(URL, FORM)
    store = Store.objects.get()
    as_alice.post(f"{URL}{store.code}/secret/", {"secret": "shpss_67890"})
    store.refresh_from_db()
    assert (store.secret, store.old_secret) == ("shpss_67890", "shpss_12345")
    assert "tracking_store" in tables_with("acme.myshopify.com")
    assert tables_with("shpss_67890") + tables_with("shpss_12345") == []


def test_secrets_of_before_are_sealed_and_can_be_opened_again(acme: Brand, sealing: ModuleType) -> None:
    bare, store = make.store(acme, secret=""), make.store(acme)
    Store.objects.filter(pk=store.pk).update(sealed="shpss_12345", old_sealed="shpss_67890")
    sealing.seal_secrets(apps, None)
    store.refresh_from_db()
    assert (store.secret, store.old_secret) == ("shpss_12345", "shpss_67890")
    assert tables_with("shpss_") == []
    sealing.open_secrets(apps, None)
    store.refresh_from_db()
    bare.refresh_from_db()
    assert (store.sealed, store.old_sealed) == ("shpss_12345", "shpss_67890")
    assert (bare.sealed, bare.old_sealed) == ("", "")


def test_a_secret_under_a_lost_key_counts_as_missing_and_can_be_set_again(
    as_alice: Client, acme: Brand, settings: Settings
) -> None:
    settings.ENCRYPTION_KEYS = ["lost"]
    store = make.store(acme)
    settings.ENCRYPTION_KEYS = ["present"]
    assert "every delivery is refused" in as_alice.get(URL).content.decode()
    assert as_alice.post(f"{URL}{store.code}/secret/", {"secret": "new"}).status_code == 302
    store.refresh_from_db()
    assert (store.secret, store.old_secret) == ("new", "")
