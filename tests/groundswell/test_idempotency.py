"""A partner that asks twice is answered twice and served once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.db import connection, transaction
from django.urls import include, path
from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient

from creators.models import Shortlist
from groundswell.accounts.models import Brand
from groundswell.api.models import IdempotentCall
from groundswell.api.tasks import forget_calls
from groundswell.api.views import ApiView
from tests import factories as make

Api = Callable[..., APIClient]
entered, go_on = threading.Event(), threading.Event()


class Lists(ApiView):
    """Makes a shortlist, as any endpoint of ours would make its row."""

    scopes: ClassVar[dict[str, str]] = {"POST": "creators:write", "GET": "creators:read"}

    def get(self, request: Request) -> Response:
        return Response({"count": Shortlist.objects.of(request.auth.brand).count()})

    def post(self, request: Request) -> Response:
        row = Shortlist.objects.create(brand=request.auth.brand, name=request.data["name"])
        if request.data.get("slow"):
            entered.set()
            go_on.wait(10)
        if request.data.get("bad"):
            raise ValidationError({"name": ["Not this one."]})
        if request.data.get("crash"):
            raise RuntimeError("the lights went out")
        return Response({"code": row.code, "name": row.name}, status=201)


urlpatterns = [path("api/v1/lists/", Lists.as_view()), path("", include("groundswell.urls"))]
pytestmark = pytest.mark.urls(__name__)
URL = "/api/v1/lists/"


def post(client: APIClient, key: str | None = "k1", **body: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(URL, {"name": "Spring", **body}, format="json", headers=headers)


def test_second_call_gets_the_first_answer(acme: Brand, api: Api) -> None:
    first, second = post(api(acme)), post(api(acme))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"
    assert Shortlist.objects.of(acme).count() == 1


def test_another_key_is_another_call(acme: Brand, api: Api) -> None:
    post(api(acme), "k1")
    assert post(api(acme), "k2", name="Autumn").status_code == 201
    assert Shortlist.objects.of(acme).count() == 2


def test_without_a_key_nothing_is_kept(acme: Brand, api: Api) -> None:
    post(api(acme), None)
    assert not IdempotentCall.objects.exists()


def test_same_key_with_another_body_is_refused(acme: Brand, api: Api) -> None:
    post(api(acme))
    refused = post(api(acme), name="Autumn")
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "idempotency_key_reused")
    assert Shortlist.objects.of(acme).count() == 1


def test_order_of_members_does_not_matter(acme: Brand, api: Api) -> None:
    client, headers = api(acme), {"Idempotency-Key": "k1"}
    client.post(URL, '{"name": "Spring", "x": 1}', content_type="application/json", headers=headers)
    again = client.post(URL, '{"x": 1,  "name": "Spring"}', content_type="application/json", headers=headers)
    assert again["Idempotent-Replayed"] == "true"


def test_keys_of_brands_do_not_meet(acme: Brand, globex: Brand, api: Api) -> None:
    post(api(acme))
    assert "Idempotent-Replayed" not in post(api(globex))
    assert Shortlist.objects.of(globex).count() == 1


def test_replay_needs_the_scope_of_the_call(acme: Brand, api: Api) -> None:
    post(api(acme))
    assert post(api(acme, "creators:read")).status_code == 403


def test_refused_call_writes_nothing_and_may_be_corrected(acme: Brand, api: Api) -> None:
    assert post(api(acme), bad=True).status_code == 400
    assert not Shortlist.objects.of(acme).exists()
    assert post(api(acme)).status_code == 201


def test_crash_keeps_neither_write_nor_answer(acme: Brand, api: Api) -> None:
    client = api(acme)
    client.raise_request_exception = False
    assert post(client, crash=True).status_code == 500
    assert not Shortlist.objects.of(acme).exists()
    assert not IdempotentCall.objects.exists()
    assert post(client).status_code == 201


def test_overlong_key_is_refused(acme: Brand, api: Api) -> None:
    assert post(api(acme), "k" * 256).status_code == 400


def test_reads_ignore_the_header(acme: Brand, api: Api) -> None:
    client = api(acme)
    assert client.get(URL, headers={"Idempotency-Key": "k1"}).json() == {"count": 0}
    post(client)
    assert client.get(URL, headers={"Idempotency-Key": "k1"}).json() == {"count": 1}


def test_old_answers_are_forgotten(acme: Brand, api: Api) -> None:
    post(api(acme), "old")
    IdempotentCall.objects.update(created_at=timezone.now() - timedelta(days=8))
    post(api(acme), "new", name="Autumn")
    assert forget_calls() == 1
    assert list(IdempotentCall.objects.values_list("key", flat=True)) == ["new"]


@pytest.fixture
def in_a_thread() -> Iterator[Callable[[Callable[[], Any]], threading.Thread]]:
    threads: list[threading.Thread] = []

    def start(work: Callable[[], Any]) -> threading.Thread:
        def run() -> None:
            try:
                work()
            finally:
                connection.close()

        threads.append(threading.Thread(target=run))
        threads[-1].start()
        return threads[-1]

    yield start
    go_on.set()
    for thread in threads:
        thread.join(10)


@pytest.mark.django_db(transaction=True)
def test_second_call_is_told_to_wait_while_the_first_runs(api: Api, in_a_thread: Any) -> None:
    acme = make.brand("acme")
    client, answers = api(acme), []
    entered.clear(), go_on.clear()
    thread = in_a_thread(lambda: answers.append(post(client, slow=True)))
    assert entered.wait(10)
    waiting = post(api(acme), slow=True)
    go_on.set()
    thread.join(10)
    assert (waiting.status_code, waiting.json()["error"]["code"]) == (409, "in_progress")
    assert waiting["Retry-After"] == "1"
    assert answers[0].status_code == 201
    assert post(api(acme), slow=True)["Idempotent-Replayed"] == "true"
    assert Shortlist.objects.of(acme).count() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_write_once(api: Api, in_a_thread: Any) -> None:
    acme = make.brand("acme")
    clients, answers = [api(acme) for _ in range(8)], []
    gate = threading.Barrier(8)

    def call(client: APIClient) -> None:
        gate.wait(10)
        answers.append(post(client))

    threads = [in_a_thread(lambda client=client: call(client)) for client in clients]
    for thread in threads:
        thread.join(10)
    assert Shortlist.objects.of(acme).count() == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1


@pytest.mark.django_db(transaction=True)
def test_lock_goes_with_the_transaction(api: Api) -> None:
    acme = make.brand("acme")
    client = api(acme)
    client.raise_request_exception = False
    with transaction.atomic():
        pass
    assert post(client, crash=True).status_code == 500
    assert post(client).status_code == 201
