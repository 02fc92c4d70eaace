"""Every component stands in both schemes and at every width: axe, console, no sideways scroll, keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from groundswell.accounts.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
EVERYWHERE = [("light", "desk"), ("dark", "desk"), ("light", "phone"), ("dark", "phone")]


@pytest.fixture
def designer(alice: User) -> User:
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    return alice


@pytest.mark.parametrize(("scheme", "at"), EVERYWHERE)
def test_every_component_is_accessible(visit: Callable[..., Any], designer: User, scheme: str, at: str) -> None:
    window = visit(designer, scheme=scheme, at=at)
    window.go("/design/")
    window.page.locator("canvas").nth(3).wait_for()
    assert window.complaints() == []


@pytest.mark.parametrize(("scheme", "at"), EVERYWHERE)
@pytest.mark.parametrize("path", ["/", "/accounts/login/"])
def test_a_stranger_sees_accessible_pages(visit: Callable[..., Any], path: str, scheme: str, at: str) -> None:
    window = visit(scheme=scheme, at=at)
    window.go(path)
    assert window.complaints() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_home_page_is_accessible(visit: Callable[..., Any], alice: User, scheme: str) -> None:
    window = visit(alice, scheme=scheme, at="phone")
    window.go("/")
    assert window.complaints() == []


def test_the_palette_leads_to_a_page(visit: Callable[..., Any], designer: User) -> None:
    window = visit(designer)
    page = window.go("/design/")
    page.keyboard.press("Control+k")
    page.keyboard.type("inbox")
    assert page.locator("#palette [data-entry]:visible").all_inner_texts()[0].startswith("Inbox")
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox/")
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.wait_for_url(window.url + "/")


def test_the_chosen_scheme_outlives_the_page(visit: Callable[..., Any], designer: User) -> None:
    window = visit(designer, scheme="light")
    page = window.go("/design/")
    paper = "getComputedStyle(document.documentElement).getPropertyValue('--color-base-100')"
    light = page.evaluate(paper)
    page.locator("[popovertarget='me-side']").click()
    page.locator("#me-side [data-theme-choice='dark']").click()
    dark = page.evaluate(paper)
    window.go("/design/")
    assert light != dark == page.evaluate(paper)
    assert window.told == []


def test_choosing_rows_shows_the_bar(visit: Callable[..., Any], designer: User) -> None:
    page = visit(designer).go("/design/")
    bar = page.locator(".bulk-bar")
    assert not bar.is_visible()
    page.get_by_label("Choose all rows").check()
    assert "6 selected" in bar.inner_text()
    page.get_by_label("Choose Dana Field").uncheck()
    assert "5 selected" in bar.inner_text()


def test_an_estimate_explains_itself_on_focus(visit: Callable[..., Any], designer: User) -> None:
    page = visit(designer).go("/design/")
    page.locator(".estimate").first.focus()
    said = page.locator(".tip:popover-open").inner_text()
    assert "95% interval 2.64% to 3.66%" in said
    assert "4,210" in said


def test_a_chart_shows_its_numbers(visit: Callable[..., Any], designer: User) -> None:
    page = visit(designer).go("/design/")
    figure = page.locator("figure[data-source='d-stacked-data']")
    figure.get_by_role("button", name="Show table").click()
    assert "€310.00" in figure.locator("table").inner_text()


def test_a_dialog_keeps_focus_and_gives_it_back(visit: Callable[..., Any], designer: User) -> None:
    page = visit(designer).go("/design/")
    opener = page.get_by_role("button", name="Open a dialog")
    opener.click()
    assert page.locator("#sample-dialog").is_visible()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent") == "Open a dialog"
