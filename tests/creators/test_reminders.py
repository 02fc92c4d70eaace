"""Next steps that fall due: one letter to whom it concerns, once per step, in the brand's morning."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from creators import tasks
from creators.actions.relationships import block, relate
from creators.actions.reminders import remind_due
from creators.models import Relationship
from groundswell.accounts.models import Brand, Membership, User
from tests import factories as make

TODAY = date(2026, 3, 5)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    def move(hour: int, day: int = 5) -> None:
        monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 3, day, hour, 5, tzinfo=UTC))

    move(9)
    return move


def due(brand: Brand, name: str, **facts: Any) -> Relationship:
    known: dict[str, Any] = {"next_step": "Send the parcel", "next_step_on": TODAY}
    return make.relationship(brand, make.creator(name, owner=brand), **known | facts)


@pytest.fixture
def told(acme: Brand, at: Any, django_capture_on_commit_callbacks: Any) -> Any:
    def run() -> list[tuple[str, str]]:
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            tasks.remind_due()
        return sorted((message.to[0], str(message.body)) for message in mail.outbox)

    return run


def test_each_step_is_told_once_to_its_owner(acme: Brand, alice: User, told: Any) -> None:
    row = due(acme, "Eva", owner=alice)
    due(acme, "Mia", owner=alice, next_step_on=date(2026, 3, 2), next_step="Call")
    due(acme, "Later", owner=alice, next_step_on=date(2026, 3, 6))
    [(address, text)] = told()
    assert address == alice.email
    assert "Eva: Send the parcel (today)" in text
    assert "Mia: Call (since 2 March)" in text
    assert text.index("Mia") < text.index("Eva")
    assert "Later" not in text
    assert told() == []
    relate(acme, row.creator, by=alice, next_step="Ask for the photos")
    [(_, again)] = told()
    assert "Ask for the photos" in again
    assert "Mia" not in again


def test_the_morning_is_the_brands(acme: Brand, alice: User, told: Any, at: Any) -> None:
    due(acme, "Eva", owner=alice)
    Brand.objects.filter(pk=acme.pk).update(timezone="America/Los_Angeles")
    at(15)  # seven in the morning there
    assert told() == []
    at(16)
    assert len(told()) == 1
    Brand.objects.filter(pk=acme.pk).update(timezone="Pacific/Auckland")
    due(acme, "Mia", owner=alice, next_step_on=date(2026, 3, 6))
    at(19)  # eight in the morning of the sixth there
    assert len(told()) == 1


def test_without_an_owner_in_the_team_all_who_manage_are_told(
    acme: Brand, globex: Brand, alice: User, bob: User, told: Any
) -> None:
    due(acme, "Eva")
    due(acme, "Gone", owner=make.user("left@acme.example"))
    block(acme, due(acme, "Blocked", owner=alice).creator, by=alice)
    managers = {row.user.email for row in Membership.objects.of(acme).select_related("user") if row.may("manage")}
    letters = told()
    assert {address for address, _ in letters} == managers
    assert bob.email not in managers
    assert all("Eva" in text and "Gone" in text and "Blocked" not in text for _, text in letters)
    assert remind_due(globex) == 0
