"""The script for a brand's own site, in a shop's page on another origin: what it keeps, and what it reports once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, BrowserContext, Page, Route
from pytest_django.live_server_helper import LiveServer

from campaigns.models import Collaboration
from groundswell.accounts.models import Brand
from tests import factories as make
from tracking.models import Lead, Snippet, SurveyAnswer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOP, OURS = "https://shop.acme.example", "https://groundswell.example"
PAGE = """<!doctype html><html lang="en"><title>Shop</title><body>
<form data-groundswell-lead="newsletter" action="/thanks" target="nowhere">
<input type="email" name="email" aria-label="E-mail"><input type="hidden" name="icid"><button>Join</button></form>
<iframe name="nowhere" title="nowhere"></iframe><a href="https://buy.stripe.com/test_1">Pay</a>
<script src="{site}/snippet.js" data-key="{key}" data-consent="{consent}" defer></script></body></html>"""


@pytest.fixture
def key(acme: Brand) -> str:
    cache.clear()
    return Snippet.objects.create(brand=acme, domains=["acme.example"]).key


@pytest.fixture
def shop(browser: Browser, live_server: LiveServer, key: str) -> Any:
    """`shop(consent="wait")` is a page of the shop; its host and ours are found here instead of in the network."""
    contexts: list[BrowserContext] = []

    def visit(path: str, consent: str = "given") -> Page:
        context = browser.new_context()
        contexts.append(context)
        page = context.new_page()
        body = PAGE.format(site=OURS, key=key, consent=consent)
        context.route(f"{SHOP}/**", lambda route: serve(route, body))
        context.route(f"{OURS}/**", lambda route: ask(route, live_server.url))
        page.goto(SHOP + path)
        page.wait_for_function("window.groundswell !== undefined")
        return page

    yield visit
    for context in contexts:
        context.close()


def serve(route: Route, body: str) -> None:
    route.fulfill(status=200, content_type="text/html; charset=utf-8", body=body)


def ask(route: Route, site: str) -> None:
    """The running product answers what the page asks of our host."""
    route.fulfill(response=route.fetch(url=route.request.url.replace(OURS, site)))


def cookies(page: Page) -> dict[str, str]:
    return {one["name"]: one["value"] for one in page.context.cookies(SHOP)}


def report(page: Page, call: str) -> bool:
    return bool(page.evaluate(f"groundswell.{call}"))


def test_without_waiting_for_consent_the_click_is_kept_and_carried(
    shop: Callable[..., Page], collaboration: Collaboration
) -> None:
    click = make.click(make.link(collaboration))
    page = shop(f"/spring?icid={click.id}")
    assert cookies(page) == {"icid": click.id}
    assert page.input_value('input[name="icid"]') == click.id
    assert f"client_reference_id={click.id}" in (page.get_attribute("a", "href") or "")
    page.goto(f"{SHOP}/basket")
    assert page.evaluate("groundswell.clickId()") == click.id
    assert report(page, 'lead({id: "42", kind: "signup", email: "jo@x.example"})')
    assert report(page, 'lead({id: "42", kind: "signup", email: "jo@x.example"})')
    lead = Lead.objects.get()
    assert (lead.external_id, lead.collaboration, lead.via) == ("42", collaboration, "snippet")


def test_before_consent_nothing_is_kept_and_after_it_the_click_is(
    shop: Callable[..., Page], collaboration: Collaboration
) -> None:
    click = make.click(make.link(collaboration))
    page = shop(f"/spring?icid={click.id}", consent="wait")
    assert cookies(page) == {}
    assert page.input_value('input[name="icid"]') == ""
    page.evaluate("groundswell.consent(true)")
    assert cookies(page) == {"icid": click.id}
    assert page.input_value('input[name="icid"]') == click.id
    page.evaluate("groundswell.consent(false)")
    assert cookies(page) == {}
    page.goto(f"{SHOP}/basket")
    assert page.evaluate("groundswell.clickId()") == ""


def test_an_answer_and_a_form_arrive_once(shop: Callable[..., Page], acme: Brand) -> None:
    order = make.order(acme)
    page = shop("/thanks")
    assert report(page, f'survey("{order.external_id}", "from Dana Field")')
    assert report(page, f'survey("{order.external_id}", "no, from a friend")')
    assert SurveyAnswer.objects.get().text == "from Dana Field"
    page.fill('input[type="email"]', "jo@x.example")
    with page.expect_response(lambda answer: "/leads/" in answer.url and answer.request.method == "POST") as told:
        page.click("button")
    assert told.value.status == 201
    assert Lead.objects.get().kind == "newsletter"


def test_a_page_of_a_domain_that_is_not_allowed_reports_nothing(shop: Callable[..., Page], acme: Brand) -> None:
    Snippet.objects.update(domains=["elsewhere.example"])
    page = shop("/thanks")
    assert not report(page, 'lead({id: "42"})')
    assert not Lead.objects.exists()
