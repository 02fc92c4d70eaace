"""Conversations for partners."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from creators.models import Relationship
from groundswell.accounts.models import Brand
from outreach.models import Message
from tests import factories as make

Api = Callable[..., APIClient]


@pytest.fixture
def message(relationship: Relationship) -> Message:
    return make.message(relationship, status="sent", subject="Hello", body="See {{ portal_link }}")


def url(relationship: Relationship) -> str:
    return f"/api/v1/conversations/{relationship.code}/"


def test_lists_and_reads(api: Api, acme: Brand, message: Message, relationship: Relationship) -> None:
    make.message(relationship, direction="in", channel="portal", status="received", body="Hi")
    client = api(acme, "outreach:read")
    [row] = client.get("/api/v1/conversations/").json()["results"]
    assert row == client.get(url(relationship)).json()
    assert (row["code"], row["creator"], row["unread"]) == (relationship.code, relationship.creator.code, 1)
    newest, first = client.get(f"{url(relationship)}messages/").json()["results"]
    assert (newest["direction"], newest["body"]) == ("in", "Hi")
    assert first["body"] == "See {{ portal_link }}"


def test_answers_once_however_often_it_is_asked(
    api: Api, acme: Brand, message: Message, relationship: Relationship
) -> None:
    client = api(acme, "outreach:write")
    answers = [
        client.post(f"{url(relationship)}messages/", {"body": "Fine!"}, format="json", headers={"Idempotency-Key": "k"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    row = Message.objects.latest("pk")
    assert (row.status, row.subject, Message.objects.count()) == ("queued", "Re: Hello", 2)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"body": ""}, 400),
        ({}, 400),
        ({"body": "x", "channel": "dm"}, 400),
        ({"body": "{{ first_name }}"}, 409),
    ],
)
def test_refuses_with_a_reason(data: dict[str, Any], status: int, api: Api, acme: Brand, message: Message) -> None:
    answer = api(acme).post(f"{url(message.conversation.relationship)}messages/", data, format="json")
    assert (answer.status_code, Message.objects.count()) == (status, 1)
    assert answer.json()["error"]["message"]


def test_strangers_and_readers_change_nothing(
    api: Api, acme: Brand, globex: Brand, message: Message, relationship: Relationship
) -> None:
    stranger = api(globex)
    assert stranger.get("/api/v1/conversations/").json()["results"] == []
    for path in (url(relationship), f"{url(relationship)}messages/"):
        assert stranger.get(path).status_code == 404
        assert api(acme, "creators:read").get(path).status_code == 403
    assert stranger.post(f"{url(relationship)}messages/", {"body": "x"}, format="json").status_code == 404
    reader = api(acme, "outreach:read")
    assert reader.post(f"{url(relationship)}messages/", {"body": "x"}, format="json").status_code == 403
    assert Message.objects.count() == 1


@pytest.mark.parametrize("number", [3, 30])
def test_costs_a_fixed_number_of_queries(number: int, api: Api, acme: Brand, django_assert_num_queries: Any) -> None:
    for _ in range(number):
        make.message(make.relationship(acme), status="sent")
    client = api(acme)
    client.get("/api/v1/conversations/")
    with django_assert_num_queries(2):
        client.get("/api/v1/conversations/")
