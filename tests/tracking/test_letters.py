"""Lines that are no clicks: shown by reason, and tried again without losing or doubling one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from campaigns.models import Collaboration
from groundswell.accounts.models import User
from tests import factories as make
from tracking.actions import letters as retrying
from tracking.actions.clicks import Shipped, ship_clicks, spool_lag
from tracking.actions.letters import retry_letters, unreadable
from tracking.models import Click, StaleDay, TrackingLink
from tracking.spool.ids import id_at
from tracking.spool.letters import letters_in
from tracking.spool.records import encode
from tracking.spool.writer import SpoolWriter

URL = "/settings/data-health/unreadable/"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
UNKNOWN = 4_000_000


@pytest.fixture
def writer(settings: Settings, tmp_path: Path) -> Iterator[SpoolWriter]:
    settings.SPOOL_DIR = tmp_path
    writer = SpoolWriter(tmp_path)
    yield writer
    writer.close()


@pytest.fixture
def link(collaboration: Collaboration) -> TrackingLink:
    return make.link(collaboration)


@pytest.fixture
def rejected(writer: SpoolWriter, link: TrackingLink) -> SpoolWriter:
    """A click, a click of a link that is not known, and a line that is none."""
    for pk in (link.pk, UNKNOWN):
        writer.append(encode(id_at(NOON), pk, "GET", 1, "visitor", "", "", "Mozilla/5.0", ""))
    writer.append(b"secret rubbish\n")
    ship_clicks()
    return writer


def move(link: TrackingLink) -> None:
    """The link gets the key that the click names."""
    TrackingLink.objects.filter(pk=link.pk).update(id=UNKNOWN)


def test_what_became_readable_is_counted_once_and_the_rest_stays(rejected: SpoolWriter, link: TrackingLink) -> None:
    assert retry_letters() == Shipped(0, 2)
    move(link)
    assert retry_letters() == Shipped(1, 1)
    assert retry_letters() == Shipped(0, 1)
    assert Click.objects.get(link=UNKNOWN).clicked_at == NOON
    assert StaleDay.objects.filter(day=NOON.date()).exists()
    assert unreadable() == [("no checksum", 1, "secret rubbish")]
    assert spool_lag().rejected == 1


@pytest.mark.parametrize("step", ["copied", "append"])
def test_a_retry_that_dies_neither_loses_nor_doubles(
    rejected: SpoolWriter, link: TrackingLink, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    whole = getattr(retrying, step)

    def dies(*given: Any) -> None:
        whole(*given)
        raise SystemExit(step)

    move(link)
    with monkeypatch.context() as patch:
        patch.setattr(retrying, step, dies)
        with pytest.raises(SystemExit):
            retry_letters()
    rejected.append(b"more rubbish\n")
    ship_clicks()
    retry_letters()
    assert Click.objects.filter(link=UNKNOWN).count() == 1
    (file,) = (rejected.folder.parent / "rejected").iterdir()
    assert sorted(letter.line for letter in letters_in(file)) == ["more rubbish", "secret rubbish"]


def test_reasons_are_shown_to_all_and_lines_to_the_operator(
    rejected: SpoolWriter, as_bob: Client, as_alice: Client, alice: User
) -> None:
    page = as_bob.get(URL).content.decode()
    assert "The link does not exist" in page
    assert "secret rubbish" not in page
    alice.is_staff = True
    alice.save()
    assert "secret rubbish" in as_alice.get(URL).content.decode()


def test_alice_tries_again_and_bob_may_not(
    rejected: SpoolWriter,
    link: TrackingLink,
    as_alice: Client,
    as_bob: Client,
    django_capture_on_commit_callbacks: Any,
) -> None:
    move(link)
    assert as_bob.post(f"{URL}retry/").status_code == 403
    assert Click.objects.count() == 1
    assert as_alice.get(f"{URL}retry/").status_code == 405
    assert as_alice.post(f"{URL}retry/").status_code == 302
    assert Click.objects.count() == 2
    assert "Every line could be read" not in as_alice.get(URL).content.decode()
