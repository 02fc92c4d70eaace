"""Sign-ups and leads: once, credited by code or click, waiting for what comes late; and the script's own calls."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from campaigns.models import Collaboration
from groundswell.accounts.models import Brand
from tests import factories as make
from tracking import collect
from tracking.actions.leads import match_code, match_late_leads
from tracking.models import Lead, Snippet, SurveyAnswer
from tracking.spool.ids import id_at

PAGE = "https://shop.acme.example"
type_of_api = Callable[..., APIClient]


@pytest.fixture(autouse=True)
def nobody_called_yet() -> None:
    cache.clear()


@pytest.fixture
def snippet(acme: Brand) -> Snippet:
    return Snippet.objects.create(brand=acme, domains=["acme.example"])


def call(snippet: Snippet, what: str, body: Any, origin: str = PAGE, kind: str = "application/json") -> HttpResponse:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    url = f"/collect/{snippet.key}/{what}/"
    answer: HttpResponse = Client().post(url, raw, content_type=kind, headers={"Origin": origin})
    return answer


def test_a_lead_is_credited_by_its_click_and_known_again(snippet: Snippet, anna: Collaboration) -> None:
    click = make.click(make.link(anna))
    body = {"external_id": "42", "click_id": click.id, "email": "Jo@X.example"}
    assert [call(snippet, "leads", body).status_code for _ in range(2)] == [201, 200]
    lead = Lead.objects.get()
    assert (lead.collaboration, lead.unmatched, lead.via) == (anna, "", "snippet")
    assert "jo@" not in json.dumps(Lead.objects.values().get(), default=str).lower()


def test_dub_defect_a_lead_whose_click_is_not_known_yet_is_kept_and_matched_later(
    api: type_of_api, acme: Brand, anna: Collaboration
) -> None:
    at = timezone.now()
    body = {"external_id": "42", "click_id": id_at(at)}
    answers = [api(acme).post("/api/v1/leads/", body, format="json") for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 200]
    assert [one.json()["unmatched"] for one in answers] == ["unknown_click"] * 2
    assert match_late_leads() == 0
    click = make.click(make.link(anna), at)
    Lead.objects.update(click_id=click.id)
    assert match_late_leads() == 1
    assert Lead.objects.get().collaboration == anna


def test_a_lead_waits_for_its_code(api: type_of_api, acme: Brand, anna: Collaboration) -> None:
    api(acme).post("/api/v1/leads/", {"external_id": "1", "kind": "newsletter", "code": "late"}, format="json")
    assert Lead.objects.get().unmatched == "unknown_code"
    assert match_code(make.discount_code(anna, "LATE")) == 1


def test_a_page_elsewhere_is_refused_and_told_nothing(snippet: Snippet) -> None:
    for origin in (
        "https://evil.example",
        "http://acme.example",
        "https://acme.example.evil.example",
        "null",
        "",
        "::[",
    ):
        answer = call(snippet, "leads", {"external_id": "1"}, origin)
        assert (answer.status_code, "Access-Control-Allow-Origin" in answer) == (403, False)
    assert call(Snippet(key="nothere"), "leads", {}).status_code == 404
    assert not Lead.objects.exists()


def test_a_browser_may_ask_first(snippet: Snippet) -> None:
    for origin, allowed in ((PAGE, PAGE), ("https://evil.example", None)):
        answer = Client().options(f"/collect/{snippet.key}/leads/", headers={"Origin": origin})
        assert (answer.status_code, answer.get("Access-Control-Allow-Origin")) == (204 if allowed else 403, allowed)
        assert "Origin" in answer["Vary"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff",
        b"[]",
        {"external_id": "x" * 81},
        {"external_id": "1", "email": "nobody"},
        {"external_id": "1", "kind": "a b"},
        {"external_id": "a\x00b"},
        {"external_id": "1", "occurred_at": "2999-01-01T00:00:00Z"},
    ],
)
def test_bad_calls_are_answered_and_keep_nothing(snippet: Snippet, body: Any) -> None:
    answer = call(snippet, "leads", body)
    assert (answer.status_code, set(json.loads(answer.content))) == (400, {"error"})
    form = call(snippet, "leads", b"external_id=1", kind="application/x-www-form-urlencoded")
    assert (form.status_code, Lead.objects.exists()) == (415, False)


def test_too_many_calls_of_one_address_are_refused(snippet: Snippet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collect.PageThrottle, "rate", "2/min", raising=False)
    monkeypatch.setattr(collect.PageThrottle, "timer", lambda self: 1_000_000.0)
    statuses = [call(snippet, "leads", {"external_id": str(number)}).status_code for number in range(3)]
    assert statuses == [201, 201, 429]


def test_the_script_is_served_to_every_site(client: Client) -> None:
    answer = client.get("/snippet.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert (answer["Cross-Origin-Resource-Policy"], "max-age" in answer["Cache-Control"]) == ("cross-origin", True)
    assert not answer.cookies


def test_sites_are_chosen_by_those_who_manage(as_alice: Client, as_bob: Client, acme: Brand) -> None:
    url = "/settings/snippet/"
    assert as_bob.post(url, {"domains": "acme.example"}).status_code == 403
    assert as_alice.post(url, {"domains": "no domain"}).status_code == 422
    assert not Snippet.objects.exists()
    page = as_alice.post(url, {"domains": "https://Acme.example/x, shop.acme.example"}, follow=True).content.decode()
    row = Snippet.objects.get()
    assert (row.domains, row.key in page) == (["acme.example", "shop.acme.example"], True)


def test_partners_choose_them_too(api: type_of_api, acme: Brand) -> None:
    assert api(acme).get("/api/v1/snippet/").json() == {"key": "", "domains": []}
    assert api(acme).put("/api/v1/snippet/", {"domains": ["no domain"]}, format="json").status_code == 400
    told = api(acme).put("/api/v1/snippet/", {"domains": ["acme.example"]}, format="json").json()
    assert told == {"key": Snippet.objects.get().key, "domains": ["acme.example"]}


@pytest.mark.parametrize("url", ["/leads/", "/survey-answers/"])
def test_lists_take_a_fixed_number_of_queries(as_alice: Client, acme: Brand, anna: Collaboration, url: str) -> None:
    store, now = make.store(acme), timezone.now()
    as_alice.get(url)  # fills what is remembered from page to page

    def queries(number: int) -> int:
        facts = {"collaboration": anna, "brand": acme, "unmatched": "", "occurred_at": now}
        Lead.objects.create(external_id=str(number), **facts)
        SurveyAnswer.objects.create(
            store=store, order_ref=str(number), text="x", answered_at=now, status="confirmed", collaboration=anna
        )
        with CaptureQueriesContext(connection) as taken:
            assert as_alice.get(url).status_code == 200
        return len(taken)

    assert len({queries(number) for number in range(1, 5)}) == 1


# Survey answers


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@dana.field on Instagram", True),
        ("from Dana Field on tiktok", True),
        ("A friend", False),
        ("Dana Field and Ben Lake", False),
    ],
)
def test_a_creator_is_suggested_by_handle_or_name(
    snippet: Snippet, acme: Brand, collaboration: Collaboration, text: str, found: bool
) -> None:
    ben = make.relationship(acme, make.creator("Ben Lake", handle="ben.lake"))
    make.collaboration(collaboration.campaign, ben)
    assert call(snippet, "answers", {"order": "A-1", "answer": text}).status_code == 201
    answer = SurveyAnswer.objects.get()
    assert answer.collaboration == (collaboration if found else None)
    assert answer.status == ("suggested" if found else "unclear")


def test_an_order_has_one_answer_and_it_earns_nothing(
    snippet: Snippet, acme: Brand, collaboration: Collaboration
) -> None:
    order = make.order(acme)
    answers = [{"order": order.external_id, "answer": text} for text in ("dana.field", "nobody")]
    assert [call(snippet, "answers", body).status_code for body in answers] == [201, 200]
    assert (SurveyAnswer.objects.get().store, order.credits.count()) == (order.store, 0)


def test_a_person_decides_whom_an_answer_names(
    as_alice: Client, as_bob: Client, as_charlie: Client, snippet: Snippet, collaboration: Collaboration
) -> None:
    call(snippet, "answers", {"order": "A-1", "answer": "no idea"})
    answer = SurveyAnswer.objects.get()
    url, choice = f"/survey-answers/{answer.pk}/review/", {"collaboration": collaboration.code}
    assert (as_bob.post(url, choice).status_code, as_charlie.post(url, choice).status_code) == (403, 404)
    foreign = make.collaboration(make.campaign(Brand.objects.get(code="globex")))
    assert as_alice.post(url, {"collaboration": foreign.code}).status_code == 404
    answer.refresh_from_db()
    assert answer.status == "unclear"
    assert as_alice.post(url, choice).status_code == 302
    answer.refresh_from_db()
    assert (answer.status, answer.collaboration) == ("confirmed", collaboration)
    as_alice.post(url, {"collaboration": ""})
    answer.refresh_from_db()
    assert (answer.status, answer.collaboration) == ("nobody", None)


def test_partners_review_answers(api: type_of_api, acme: Brand, collaboration: Collaboration) -> None:
    made = api(acme).post("/api/v1/survey-answers/", {"order": "A-1", "answer": "a friend"}, format="json").json()
    url = f"/api/v1/survey-answers/{made['id']}/"
    assert api(acme).patch(url, {"collaboration": "nothere"}, format="json").status_code == 404
    told = api(acme).patch(url, {"collaboration": collaboration.code}, format="json").json()
    assert (told["status"], told["collaboration"]) == ("confirmed", collaboration.code)
    assert api(acme).patch(url, {"collaboration": None}, format="json").json()["status"] == "nobody"
