"""The brand's e-mail templates."""

from typing import Any

import pytest
from django.test import Client

from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record
from outreach.models import EmailTemplate
from outreach.starters import STARTERS
from outreach.tasks import give_starters
from tests import factories as make

FIELDS = {"name": "Hello", "subject": "Hi {{ first_name }}", "body": "About {{ referenced_post }}"}


def test_create_change_delete(as_alice: Client, acme: Brand) -> None:
    assert as_alice.post("/templates/new/", FIELDS).status_code == 302
    row = EmailTemplate.objects.get()
    assert (row.brand, row.name, row.body) == (acme, "Hello", "About {{ referenced_post }}")
    as_alice.post(f"/templates/{row.code}/", {**FIELDS, "name": "Hello again"})
    row.refresh_from_db()
    assert row.name == "Hello again"
    as_alice.post(f"/templates/{row.code}/delete/")
    assert not EmailTemplate.objects.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"body": "Hi {{ frist_name }}"}, "Unknown variable: {{ frist_name }}"),
        ({"subject": "Hi {{ name"}, "stray"),
        ({"name": ""}, "required"),
        ({"name": "Taken"}, "already have a template with this name"),
    ],
)
def test_refuses_with_the_reason(change: dict[str, str], words: str, as_alice: Client, acme: Brand) -> None:
    make.email_template(acme, name="Taken")
    answer = as_alice.post("/templates/new/", FIELDS | change)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert EmailTemplate.objects.count() == 1


def test_two_brands_may_use_one_name(as_alice: Client, globex: Brand) -> None:
    make.email_template(globex, name="Hello")
    assert as_alice.post("/templates/new/", FIELDS).status_code == 302


def test_previews_while_typing(as_alice: Client) -> None:
    part = as_alice.post("/templates/preview/", FIELDS).content.decode()
    assert "Hi Mara" in part
    assert "https://www.instagram.com/p/C8xYz12/" in part
    assert "For follow-ups only" not in part
    assert "For follow-ups only" in as_alice.post("/templates/preview/", {**FIELDS, "body": "Hi"}).content.decode()
    broken = as_alice.post("/templates/preview/", {**FIELDS, "body": "{{ nme }}"}).content.decode()
    assert "Unknown variable: {{ nme }}" in broken
    assert not EmailTemplate.objects.exists()


def test_a_new_brand_gets_the_starters_once(acme: Brand) -> None:
    event = record(acme, "brand.created", acme)
    assert [give_starters(event.pk), give_starters(event.pk)] == [len(STARTERS), 0]
    assert EmailTemplate.objects.of(acme).count() == len(STARTERS)


def test_starters_on_demand_keep_what_is_there(as_alice: Client, acme: Brand) -> None:
    mine = make.email_template(acme, name="Follow-up", body="Mine")
    as_alice.post("/templates/starters/")
    mine.refresh_from_db()
    assert mine.body == "Mine"
    assert EmailTemplate.objects.of(acme).count() == len(STARTERS)


def test_strangers_and_readers_change_nothing(as_charlie: Client, as_bob: Client, acme: Brand) -> None:
    row = make.email_template(acme, name="Ours")
    for client, status in ((as_charlie, 404), (as_bob, 403)):
        assert client.post(f"/templates/{row.code}/", FIELDS).status_code == status
        assert client.post(f"/templates/{row.code}/delete/").status_code == status
    assert as_charlie.get(f"/templates/{row.code}/").status_code == 404
    for path in ("new", "preview", "starters"):
        assert as_bob.post(f"/templates/{path}/", FIELDS).status_code == 403
    page = as_bob.get("/templates/").content.decode()
    assert "Ours" in page
    assert "/templates/new/" not in page
    assert "/delete/" not in page
    assert as_bob.get(f"/templates/{row.code}/").status_code == 200
    assert "Ours" not in as_charlie.get("/templates/").content.decode()
    assert list(EmailTemplate.objects.of(acme).values_list("name", flat=True)) == ["Ours"]


@pytest.mark.parametrize("number", [3, 30])
def test_the_list_costs_a_fixed_number_of_queries(
    number: int, as_alice: Client, acme: Brand, alice: User, django_assert_num_queries: Any
) -> None:
    for _ in range(number):
        make.email_template(acme)
    with django_assert_num_queries(5):
        as_alice.get("/templates/")
