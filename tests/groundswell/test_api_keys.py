"""Keys are shown once, kept as a fingerprint, and open only what they were made for."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from groundswell.accounts.actions.keys import create_key, revoke_key
from groundswell.accounts.models import ApiKey, Brand, User
from groundswell.api.throttles import ApiKeyThrottle
from groundswell.events.models import Event

Api = Callable[..., APIClient]


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


def bearer(key: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    return client


def test_key_is_shown_once(as_alice: Client, acme: Brand) -> None:
    page = as_alice.post("/settings/api-keys/", {"name": "Shop", "scopes": ["orders:write"]}).content.decode()
    found = re.search(r"gs_[a-z2-9]{10}_[a-z2-9]{52}", page)
    assert found
    row = ApiKey.objects.of(acme).get()
    assert row.matches(found[0])
    assert found[0] not in as_alice.get("/settings/api-keys/").content.decode()
    assert bearer(found[0]).get("/api/v1/me/").json()["scopes"] == ["orders:write"]
    assert Event.objects.of(acme).get(name="key.created").data["name"] == "Shop"


def test_key_itself_is_kept_nowhere(acme: Brand, alice: User) -> None:
    row, key = create_key(acme, "Shop", ["orders:write"], by=alice)
    secret = key.rsplit("_", maxsplit=1)[1]
    columns = [str(value) for value in ApiKey.objects.filter(pk=row.pk).values().get().values()]
    assert not any(secret in column for column in columns)
    assert secret not in str(list(Event.objects.values()))


def test_key_without_scopes_is_refused(as_alice: Client) -> None:
    assert as_alice.post("/settings/api-keys/", {"name": "Shop"}).status_code == 422
    assert as_alice.post("/settings/api-keys/", {"name": "Shop", "scopes": ["all"]}).status_code == 422
    assert not ApiKey.objects.exists()


def test_revoked_key_opens_nothing(as_alice: Client, acme: Brand, alice: User) -> None:
    row, key = create_key(acme, "Shop", ["orders:write"], by=alice)
    as_alice.post(f"/settings/api-keys/{row.prefix}/revoke/")
    assert bearer(key).get("/api/v1/me/").status_code == 401
    assert Event.objects.filter(name="key.revoked").count() == 1


def test_second_revocation_is_refused_kindly(as_alice: Client, acme: Brand, alice: User) -> None:
    row, _ = create_key(acme, "Shop", ["orders:write"], by=alice)
    revoke_key(row, by=alice)
    page = as_alice.post(f"/settings/api-keys/{row.prefix}/revoke/", follow=True)
    assert "revoked already" in page.content.decode()
    assert Event.objects.filter(name="key.revoked").count() == 1


def test_me_says_whose_key_it_is(acme: Brand, api: Api) -> None:
    told = api(acme, "creators:read").get("/api/v1/me/").json()
    assert told["brand"] == "acme"
    assert told["brand_name"] == "Acme"
    assert told["scopes"] == ["creators:read"]


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer gs_", "Bearer gs_a_b", "Bearer gs_aaaaaaaaaa_wrong", "Basic YWxpY2U6cHc=", "Bearer \xff"],
)
def test_wrong_keys_are_refused(db: None, header: str) -> None:
    answer = APIClient().get("/api/v1/me/", **({"HTTP_AUTHORIZATION": header} if header else {}))
    assert answer.status_code == 401
    assert set(answer.json()) == {"error"}
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'


def test_right_prefix_with_wrong_secret_is_refused(acme: Brand, alice: User) -> None:
    _, key = create_key(acme, "Shop", ["orders:write"], by=alice)
    assert bearer(key[:-1] + ("a" if key[-1] != "a" else "b")).get("/api/v1/me/").status_code == 401


def test_session_of_a_member_is_no_key(as_alice: Client) -> None:
    assert as_alice.get("/api/v1/me/").status_code == 401


def test_use_is_noted_at_most_once_a_minute(acme: Brand, alice: User) -> None:
    row, key = create_key(acme, "Shop", ["orders:write"], by=alice)
    client = bearer(key)
    client.get("/api/v1/me/")
    row.refresh_from_db()
    assert row.last_used_at is not None
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get("/api/v1/me/")
    assert [query["sql"].split()[0] for query in queries] == ["SELECT"]
    ApiKey.objects.update(last_used_at=timezone.now() - timedelta(minutes=2))
    client.get("/api/v1/me/")
    row.refresh_from_db()
    assert timezone.now() - row.last_used_at < timedelta(seconds=10)


def test_throttle_says_when_to_come_back(acme: Brand, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ApiKeyThrottle, "rate", "3/min", raising=False)
    monkeypatch.setattr(ApiKeyThrottle, "timer", lambda self: 1_000_020.5)
    client = api(acme)
    answers = [client.get("/api/v1/me/") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].json()["error"]["code"] == "throttled"
    assert answers[-1]["Retry-After"] == "60"  # 1_000_020 is a whole minute: 59.5 s are left
    monkeypatch.setattr(ApiKeyThrottle, "timer", lambda self: 1_000_080.1)
    assert client.get("/api/v1/me/").status_code == 200


def test_throttle_counts_each_key(acme: Brand, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ApiKeyThrottle, "rate", "1/min", raising=False)
    assert [api(acme).get("/api/v1/me/").status_code for _ in range(3)] == [200, 200, 200]


@pytest.mark.parametrize(
    ("call", "status", "code"),
    [
        (lambda client: client.get("/api/v1/nothing/"), 404, "not_found"),
        (lambda client: client.delete("/api/v1/me/"), 405, "method_not_allowed"),
        (lambda client: client.post("/api/v1/me/", "{", content_type="application/json"), 405, "method_not_allowed"),
    ],
)
def test_refusals_have_one_shape(acme: Brand, api: Api, call: Any, status: int, code: str) -> None:
    answer = call(api(acme))
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["message"]


def test_fault_of_ours_keeps_its_details(acme: Brand, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("groundswell.api.views.Me.get", fail)
    client = api(acme)
    client.raise_request_exception = False
    answer = client.get("/api/v1/me/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "server_error")
    assert "secret" not in answer.content.decode()
