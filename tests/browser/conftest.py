"""Headless Chromium for the browser tests, and what every page has to stand."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from groundswell.accounts.models import User
from tests.browser import chromium

# Playwright keeps an event loop in this thread, which Django takes for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
WIDTHS = {"phone": {"width": 360, "height": 780}, "desk": {"width": 1280, "height": 900}}


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    path = chromium.find()
    if not path:
        pytest.skip(chromium.why_not())
    return {"executable_path": path, "args": ["--no-sandbox"]}


@dataclass
class Visit:
    """Somebody's browser window at the running product; keeps what the console said."""

    page: Page
    url: str
    told: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        self.page.goto(self.url + path)
        self.page.wait_for_load_state("networkidle")
        return self.page

    def complaints(self) -> list[str]:
        """Everything wrong with the page as it is now; empty when all is well."""
        return [*self.told, *violations(self.page), *sideways(self.page)]


def violations(page: Page) -> list[str]:
    """What axe finds, one line for each rule and element."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"axe {one['id']}: {node['html'][:160]} ({one['help']})" for one in found for node in one["nodes"]]


def sideways(page: Page) -> list[str]:
    """A page never scrolls sideways; wide things scroll inside themselves."""
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{page.url} is {over} px too wide"] if over > 0 else []


def session_of(user: User) -> str:
    store = SessionStore()
    store[SESSION_KEY], store[BACKEND_SESSION_KEY] = str(user.pk), BACKEND
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return str(store.session_key)


@pytest.fixture
def visit(browser: Browser, live_server: LiveServer) -> Iterator[Callable[..., Visit]]:
    """`visit(alice, scheme="dark", at="phone")` is a window of alice; without a person it is a stranger's."""
    contexts: list[BrowserContext] = []

    def window(user: User | None = None, *, scheme: Any = "light", at: str = "desk") -> Visit:
        context = browser.new_context(
            viewport=WIDTHS[at],  # type: ignore[arg-type]
            color_scheme=scheme,
            locale="en-US",
            reduced_motion="reduce",
        )
        contexts.append(context)
        if user:
            context.add_cookies([{"name": "sessionid", "value": session_of(user), "url": live_server.url}])
        seen = Visit(context.new_page(), live_server.url)
        seen.page.on("console", lambda said: seen.told.append(said.text) if said.type == "error" else None)
        seen.page.on("pageerror", lambda error: seen.told.append(str(error)))
        return seen

    yield window
    for context in contexts:
        context.close()
