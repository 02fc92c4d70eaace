"""The disk of the spool is full: links go on working, what waits and what is lost is shown, and it all recovers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from campaigns.models import Collaboration
from tests import factories as make
from tracking.actions.clicks import ship_clicks
from tracking.models import Click
from tracking.redirect import Redirect
from tracking.spool import writer as writing
from tracking.spool.pressure import Pressure
from tracking.spool.writer import SpoolWriter

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def redirect(settings: Settings, tmp_path: Path) -> Iterator[Redirect]:
    """A redirect whose spool is synced when a test says so."""
    settings.SPOOL_DIR = tmp_path
    made = Redirect(make.database_url(), tmp_path)
    made.start()
    made.spool.stopping.set()
    made.spool.thread.join()
    yield made
    made.stop()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE tracking_click")


@contextmanager
def full(writer: SpoolWriter) -> Iterator[None]:
    """The kernel answers every write to the segment with ENOSPC."""
    kept, device = os.dup(writer.descriptor), os.open("/dev/full", os.O_WRONLY)
    os.dup2(device, writer.descriptor)
    try:
        yield
    finally:
        os.dup2(kept, writer.descriptor)
        os.close(kept)
        os.close(device)


def statuses(redirect: Redirect, slug: str, number: int) -> list[str]:
    """What this many clicks are answered."""
    answers: list[Any] = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": f"/r/{slug}", "REMOTE_ADDR": "203.0.113.7"}
    for _ in range(number):
        redirect(environ, lambda status, _headers: answers.append(status))  # type: ignore[arg-type, return-value, misc]
    return answers


def show_pressure(writer: SpoolWriter) -> None:
    writer.gauge.show(Pressure(len(writer.backlog), writer.lost))


def test_a_full_disk_is_survived_and_shown(
    redirect: Redirect, collaboration: Collaboration, as_alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "BACKLOG", 3)
    slug, writer = make.link(collaboration).slug, redirect.spool
    assert statuses(redirect, slug, 2) == ["302 Found"] * 2
    with full(writer):
        assert statuses(redirect, slug, 5) == ["302 Found"] * 5
        show_pressure(writer)
        page = as_alice.get("/settings/data-health/")
        assert (page.context["lag"].in_memory, page.context["lag"].lost) == (3, 2)
        assert "The disk takes no more clicks" in page.content.decode()
        probed = as_alice.get("/healthz").json()["clicks"]
        assert (probed["in_memory"], probed["lost"]) == (3, 2)
    writer.sync()
    show_pressure(writer)
    assert statuses(redirect, slug, 1) == ["302 Found"]
    assert ship_clicks().clicks == Click.objects.count() == 2 + 3 + 1
    page = as_alice.get("/settings/data-health/")
    assert (page.context["lag"].in_memory, page.context["lag"].lost) == (0, 2)
    assert "The disk takes no more clicks" not in page.content.decode()
