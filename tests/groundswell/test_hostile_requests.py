"""What no well-behaved client sends is refused in the one shape, before anything is written."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client
from rest_framework.test import APIClient

from campaigns.models import Campaign
from creators.models import Relationship
from groundswell.accounts.models import Brand
from groundswell.api.throttles import RefusedKeyThrottle
from tests import factories as make
from tests.letters import letters
from tracking.actions.reports import create_report
from tracking.api.orders import OrderInSerializer
from tracking.models import Order

Api = Callable[..., APIClient]
JSON = "application/json"


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"net":' * 50_000 + b"1" + b"}" * 50_000,
        b'{"currency": "\\ud800"}',
        b'{"codes": [{"a\\u0000b": 1}]}',
        b"\xff\xfe",
    ],
    ids=["nested lists", "nested objects", "lone surrogate", "NUL in a name", "not UTF-8"],
)
def test_malformed_json_is_the_callers_mistake(api: Api, acme: Brand, body: bytes) -> None:
    for path in ("/api/v1/orders/", "/api/v1/orders/bulk/", "/api/v1/creators/", "/api/v1/campaigns/"):
        answer = api(acme).post(path, data=body, content_type=JSON)
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] in {"parse_error", "invalid"}
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    "path", ["/api/v1/orders/%00/", "/api/v1/orders/1/?store=%00", "/api/v1/collaborations/?campaign=%00"]
)
def test_nul_in_an_api_address_is_refused_in_json(api: Api, acme: Brand, path: str) -> None:
    answer = api(acme).get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


@pytest.mark.parametrize("place", ["", "x", "9" * 5000, "-", "2026-13-01"])
def test_a_cursor_of_somebodys_own_making_is_not_found(api: Api, acme: Brand, campaign: Campaign, place: str) -> None:
    link = make.link(make.collaboration(campaign))
    cursor = b64encode(f"p={place}".encode()).decode()
    for path in ("/api/v1/orders/", "/api/v1/commissions/", f"/api/v1/links/{link.slug}/clicks/"):
        answer = api(acme).get(path, {"cursor": cursor})
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    far = b64encode(b"p=" + b"9" * 30).decode()
    assert api(acme).get("/api/v1/orders/", {"cursor": far}).status_code == 200


def test_an_address_longer_than_any_that_mail_knows_is_refused(
    api: Api, acme: Brand, client: Client, as_alice: Client, campaign: Campaign
) -> None:
    address = "x" * 60 + "@" + ".".join(["y" * 60] * 3) + ".some.example"
    account = {"network": "instagram", "handle": "mara.wild", "email": address}
    report = create_report(acme, by=None, campaigns=[campaign], name="Spring")
    plan = {"every": "week", "weekday": 1, "day": 1, "hour": 8, "stops_after": 1, "addresses": address}
    forms = [
        (client, "/remove/", account),
        (client, "/join/", {**account, "name": "Mara"}),
        (as_alice, "/settings/team/invite/", {"email": address, "role": "viewer"}),
        (as_alice, f"/reports/{report.code}/schedule/", plan),
    ]
    assert [one.post(path, data).status_code for one, path, data in forms] == [422] * len(forms)
    partner = api(acme)
    asked = partner.put(f"/api/v1/reports/{report.code}/schedule/", {"addresses": [address]}, format="json")
    assert asked.status_code == partner.post("/api/v1/creators/", account, format="json").status_code == 400
    assert not letters()


def test_nul_in_a_form_is_refused(as_alice: Client) -> None:
    assert as_alice.post("/shortlists/fill/", {"creator": "\x00", "name": "x"}).status_code == 400
    assert as_alice.get("/creators/?shortlist=%00").status_code == 400


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 30, "²", "-1", ""])
def test_a_number_that_is_no_key_names_nothing(
    as_alice: Client, campaign: Campaign, relationship: Relationship, number: str
) -> None:
    assert as_alice.post(f"/campaigns/{campaign.code}/brief/take/", {"template": number}).status_code == 404
    assert as_alice.get(f"/conversations/{relationship.code}/", {"before": number}).status_code == 200


def test_an_order_posted_without_the_slash_is_not_lost(api: Api, acme: Brand) -> None:
    order = {"external_id": "A-1", "currency": "EUR", "net": "5"}
    answer = api(acme).post("/api/v1/orders", order, format="json")
    assert (answer.status_code, answer["Location"]) == (308, "/api/v1/orders/")
    answer = api(acme).post("/api/v1/orders", order, format="json", follow=True)
    assert (answer.status_code, Order.objects.get().external_id) == (201, "A-1")


def test_too_large_a_body_is_refused_in_json(api: Api, acme: Brand) -> None:
    body = json.dumps({"external_id": "a" * 6 * 1024 * 1024})
    answer = api(acme).post("/api/v1/orders/", data=body, content_type=JSON)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


def test_guessing_keys_is_slowed_down_for_the_guesser_alone(
    api: Api, acme: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RefusedKeyThrottle, "rate", "3/min", raising=False)
    monkeypatch.setattr(RefusedKeyThrottle, "timer", lambda _: 1000.0)
    guesser = APIClient()
    guesser.credentials(HTTP_AUTHORIZATION="Bearer gs_aaaaaaaaaa_" + "b" * 52)
    assert {guesser.get("/api/v1/me/").status_code for _ in range(3)} == {401}
    refused = guesser.get("/api/v1/me/")
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "throttled")
    assert refused["Retry-After"] == "20"
    assert api(acme).get("/api/v1/me/").status_code == 200


def test_operators_sign_in_where_attempts_are_limited(client: Client, as_alice: Client) -> None:
    answer = client.get("/operator/login/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")
    assert as_alice.get("/operator/login/").status_code == 403


def test_the_readmes_order_is_one_that_the_api_takes() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    found = re.search(r"-d '(\{.*\})'", readme)
    assert found
    form = OrderInSerializer(data=json.loads(found[1]))
    assert form.is_valid(), form.errors


def test_browser_at_an_address_for_forms_reads_why(as_alice: Client) -> None:
    """As after a sign-in in the middle of sending a form."""
    answer = as_alice.get("/shortlists/fill/", headers={"Accept": "text/html,*/*"})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert "nothing was saved" in answer.content.decode()
    assert as_alice.get("/shortlists/fill/", headers={"Accept": "*/*"}).content == b""
