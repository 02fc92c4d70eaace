"""What one brand knows of creators is in nothing that another brand can read."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from creators.actions.exports import request_export, write_export
from creators.actions.imports import import_now
from creators.actions.relationships import add_note
from creators.actions.shortlists import add_to_shortlist, create_shortlist
from creators.exporting import COLUMNS
from creators.models import ContactChannel, Creator, RateCard
from groundswell.accounts.models import Brand, User
from tests import factories as make

ROWS = (
    b"name,handle,network,followers,email,phone,price,notes,niches,country,city\n"
    b"Quibbleton Private,quibble.private,tiktok,4321,quibble@quibble.example,+49 777 1,654,quibble-note,"
    b"quibbling,NZ,Quibbletown\n"
)


@pytest.fixture(autouse=True)
def apart(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    cache.clear()


@pytest.fixture
def secrets(acme: Brand, alice: User) -> Creator:
    """Acme's own record, and what Acme knows of a public one; every word of it begins with “quibble”."""
    import_now(acme, ContentFile(ROWS), "quibble.csv")
    public = make.creator("Open Person", handle="open.person")
    relation = make.relationship(acme, public, email="quibble@open.example", price=Decimal(654), tags=["quibble-tag"])
    add_note(relation, "quibble-note of the team", by=alice)
    RateCard.objects.create(creator=public, owner=acme, network="instagram", amount=654, currency="EUR")
    ContactChannel.objects.create(creator=public, owner=acme, kind="agent", value="Quibble Agency")
    make.post(public, owner=acme, caption="quibble caption", likes=5)
    add_to_shortlist(create_shortlist(acme, "Quibble list", by=alice), [public], by=alice)
    make.message(relation, body="quibble words", status="sent")
    return public


def plain_routes(patterns: list[Any], prefix: str = "") -> Iterator[str]:
    """Addresses without an argument."""
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from plain_routes(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and "<" not in path and "(" not in path:
            yield f"/{path}"


PAGES = [
    path for path in plain_routes(get_resolver("groundswell.urls").url_patterns)
    if not path.startswith(("/operator/", "/accounts/", "/portal/", "/api/", "/design/"))
]  # fmt: skip
API = [path for path in plain_routes(get_resolver("groundswell.urls").url_patterns) if path.startswith("/api/v1/")]


def body(answer: Any) -> str:
    content = b"".join(answer) if answer.streaming else answer.content
    return str(content.decode(errors="replace")).lower()


def test_no_page_of_another_brand_tells_it(secrets: Creator, as_charlie: Client, as_alice: Client) -> None:
    assert "quibble" in body(as_alice.get(reverse("creators:shortlists")))
    told = [path for path in PAGES if "quibble" in body(as_charlie.get(path, follow=True))]
    assert told == []


def test_the_public_records_page_tells_only_public_facts(
    secrets: Creator, as_charlie: Client, as_alice: Client
) -> None:
    page = f"/creators/{secrets.code}/"
    assert "quibble" in body(as_alice.get(page))
    shown = body(as_charlie.get(page))
    assert "open person" in shown
    assert "quibble" not in shown
    assert "654" not in shown


def test_no_endpoint_tells_it(secrets: Creator, globex: Brand, api: Any) -> None:
    client = api(globex)
    told = [path for path in API if "quibble" in body(client.get(path))]
    assert told == []
    shown = body(client.get(f"/api/v1/creators/{secrets.code}/"))
    assert "quibble" not in shown
    assert "654" not in shown


@pytest.mark.parametrize(
    "word", ["quibble", "quibbleton", "quibble.private", "quibbling", "Quibbletown", "agency", "caption"]
)
def test_no_search_finds_or_counts_it(secrets: Creator, globex: Brand, acme: Brand, api: Any, word: str) -> None:
    answer = api(globex).get("/api/v1/creators/", {"q": word}).json()
    assert answer["results"] == []


def test_no_facet_counts_it(secrets: Creator, as_charlie: Client) -> None:
    page = body(as_charlie.get("/creators/"))
    for value in ("quibbling", "quibbletown", "new zealand"):
        assert value not in page


def test_neither_does_a_filter_by_a_private_fact(secrets: Creator, globex: Brand, acme: Brand, api: Any) -> None:
    for query in (
        {"country": "NZ"},
        {"niche": "quibbling"},
        {"network": "tiktok"},
    ):
        assert api(globex).get("/api/v1/creators/", query).json().get("results", []) == []


def test_adding_the_same_account_is_no_hint(secrets: Creator, globex: Brand, api: Any) -> None:
    said = {"network": "tiktok", "handle": "quibble.private"}
    answer = api(globex).post("/api/v1/creators/", said, format="json")
    assert answer.status_code == 201
    assert answer.json()["name"] == "quibble.private"
    assert Creator.objects.filter(accounts__handle="quibble.private").count() == 2


def test_errors_do_not_tell_a_private_record_from_none(
    secrets: Creator, globex: Brand, as_charlie: Client, api: Any
) -> None:
    private = Creator.objects.get(accounts__handle="quibble.private")
    for code in (private.code, "zzzzzzzzzz"):
        assert as_charlie.get(f"/creators/{code}/").status_code == 404
        answer = api(globex).get(f"/api/v1/creators/{code}/")
        assert (answer.status_code, "quibble" in body(answer)) == (404, False)


def test_no_file_holds_it(secrets: Creator, globex: Brand, charlie: User) -> None:

    export = request_export(globex, "", list(COLUMNS), "csv", by=charlie)
    write_export(export)
    export.refresh_from_db()
    with export.file.open("rb") as file:
        text = file.read().decode("utf-8-sig").lower()
    assert "open person" in text
    assert "quibble" not in text
    assert "654" not in text


def test_merge_proposals_and_lists_stay_at_home(secrets: Creator, globex: Brand, as_charlie: Client) -> None:
    import_now(globex, ContentFile(ROWS.replace(b"quibble-note", b"").replace(b"654", b"1")), "own.csv")
    private = Creator.objects.filter(accounts__handle="quibble.private").exclude(owner=globex).get()
    shown = body(as_charlie.get("/merges/"))
    assert private.code not in shown
