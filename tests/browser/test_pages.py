"""The pages of the product on a desk in the light and on a phone in the dark: axe, console, no sideways scroll."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from campaigns.models import Campaign, Collaboration, Cost
from creators.actions.imports import upload_import
from creators.actions.shortlists import add_to_shortlist, create_shortlist
from creators.models import Relationship
from groundswell.accounts.models import Brand, User
from tests import factories as make
from tests.browser.conftest import WIDTHS
from tracking.actions.report_mail import schedule_report
from tracking.actions.reports import create_report, share_report
from tracking.actions.rollups import rebuild
from tracking.models import Report

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
EVERY_SECTION = [word for word in Report.Section.values if word != "text"]
STRANGERS = ["/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/portal/sign-in/", "/remove/"]
NEW_BRAND = [
    "/",
    "/shortlists/",
    "/imports/",
    "/campaigns/",
    "/results/",
    "/reports/",
    "/inbox/",
    "/templates/",
    "/links/",
    "/orders/",
]
# Colours fade for a moment after the scheme has changed; what follows a scroll position is never finished.
SETTLED = """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
  .then(() => document.getAnimations().filter((one) => one.timeline === document.timeline))
  .then((fading) => Promise.all(fading.map((one) => one.finished.catch(() => null))))"""
Paths = dict[str, list[str]]


@pytest.fixture
def worked(acme: Brand, alice: User, campaign: Campaign, relationship: Relationship) -> Collaboration:
    """Dana agreed, was clicked and sold; one more creator is asked, another in the directory; every list has a row."""
    row = make.collaboration(campaign, relationship, status="accepted")
    make.collaboration(campaign)
    Cost.objects.create(campaign=campaign, kind="ads", amount=Decimal(40), incurred_on=timezone.localdate())
    make.click(make.link(row, slug="dana"))
    make.discount_code(row, "DANA10")
    make.order(acme, "DANA10", external_id="web-1")
    make.message(relationship, status="sent")
    make.message(relationship, direction="in", channel="portal", status="received")
    make.email_template(acme)
    make.api_key(acme)
    add_to_shortlist(create_shortlist(acme, "Spring", by=alice), [relationship.creator])
    upload_import(acme, ContentFile(b"handle,followers,country\n@one,12K,DE\n@two,0.9k,\n"), "creators.csv", by=alice)
    rebuild()
    report = create_report(acme, by=alice, campaigns=[campaign], name="Weekly", sections=EVERY_SECTION)
    share_report(report, by=alice, expires_at=timezone.now() + timedelta(days=1))
    schedule_report(report, by=alice, users=[alice], addresses=["client@agency.example"])
    return row


@pytest.fixture
def paths(worked: Collaboration, acme: Brand) -> Paths:
    """The addresses of the brand's pages, by the part of the product."""
    campaign, relationship = f"/campaigns/{worked.campaign.code}/", worked.relationship
    order, template = acme.stores.get().orders.get(), acme.email_templates.get()
    return {
        "find": [
            "/",
            "/creators/",
            "/tiers/",
            f"/creators/{relationship.creator.code}/",
            "/shortlists/",
            f"/shortlists/{acme.shortlists.get().code}/",
            "/imports/",
            "/imports/new/",
            f"/imports/{acme.imports.get().code}/",
        ],
        "plan": [
            "/campaigns/",
            "/campaigns/new/",
            *(f"{campaign}{tab}" for tab in ("brief/", "deliverables/", "add/")),
        ],
        "run": [
            *(f"{campaign}{tab}" for tab in ("", "?view=table", "costs/", "write/")),
            f"/collaborations/{worked.code}/",
            "/inbox/",
            f"/conversations/{relationship.code}/",
            "/templates/",
            f"/templates/{template.code}/",
        ],
        "return": [
            "/results/",
            f"{campaign}results/",
            f"/creators/{worked.relationship.creator.code}/results/",
            "/reports/",
            "/reports/new/",
            *(f"/reports/{acme.reports.get().code}/{tab}" for tab in ("", "edit/", "sharing/", "schedule/")),
            "/links/",
            "/links/dana/",
            "/orders/",
            f"/orders/{order.store.code}/{order.external_id}/",
        ],
        "settings": [
            *(f"/settings/{page}/" for page in ("brand", "team", "tiers", "stores", "api-keys", "activity", "profile"))
        ],
    }


def faults(window: Any, addresses: list[str]) -> dict[str, list[str]]:
    """What is wrong with each page, in the light on a desk and then in the dark on a phone; sound ones left out."""
    found = {}
    for address in addresses:
        window.told.clear()
        window.page.set_viewport_size(WIDTHS["desk"])
        window.page.emulate_media(color_scheme="light")
        window.go(address)
        found[address] = window.complaints()
        window.told.clear()
        window.page.set_viewport_size(WIDTHS["phone"])
        window.page.emulate_media(color_scheme="dark")
        window.page.evaluate(SETTLED)
        if window.complaints():  # colours may still have been on their way: what counts is the page as it opens
            window.told.clear()
            window.go(address)
            found[address] += [f"dark phone: {one}" for one in window.complaints()]
    return {address: complaints for address, complaints in found.items() if complaints}


@pytest.mark.parametrize("part", ["find", "plan", "run", "return", "settings"])
def test_pages_of_a_brand(visit: Callable[..., Any], alice: User, paths: Paths, part: str) -> None:
    assert faults(visit(alice), paths[part]) == {}


def test_pages_of_a_new_brand(visit: Callable[..., Any], alice: User) -> None:
    assert faults(visit(alice), NEW_BRAND) == {}


def test_pages_of_a_creator(visit: Callable[..., Any], dana: User, acme: Brand, worked: Collaboration) -> None:
    offered = make.collaboration(make.campaign(acme, name="Autumn"), worked.relationship)
    pages = ["/portal/", f"/portal/{worked.code}/", f"/portal/{offered.code}/", "/portal/password/"]
    assert faults(visit(dana), pages) == {}


def test_pages_of_a_stranger(visit: Callable[..., Any]) -> None:
    assert faults(visit(), STRANGERS) == {}


def test_dialogs(visit: Callable[..., Any], alice: User, worked: Collaboration) -> None:
    window = visit(alice, scheme="dark", at="phone")
    for address in ("/settings/api-keys/", f"/campaigns/{worked.campaign.code}/"):
        page = window.go(address)
        page.locator("main [data-open]").first.click()
        page.locator("dialog[open]").wait_for()
        assert window.complaints() == []


def test_a_broken_page_is_noticed(visit: Callable[..., Any], alice: User) -> None:
    window = visit(alice, at="phone")
    page = window.go("/")
    page.evaluate("document.querySelector('main').append(document.createElement('input'))")
    page.evaluate("document.querySelector('main > input').style.minWidth = '2000px'")
    page.evaluate("console.error('broken')")
    complaints = " ".join(window.complaints())
    assert "broken" in complaints
    assert "axe label" in complaints
    assert "px too wide" in complaints
