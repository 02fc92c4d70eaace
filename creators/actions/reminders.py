"""Letters about next steps that fall due, each step once, in the morning of the brand's day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from creators.actions.searches import managers
from creators.models import Relationship
from groundswell.accounts.actions.letters import send_letter
from groundswell.accounts.models import Brand, Membership, User

MORNING = 8  # o'clock, by the brand's clock
NAMED = 20


@transaction.atomic
def remind_due(brand: Brand) -> int:
    """One letter to each owner about the steps that fell due; how many steps.

    Steps of creators without an owner go to all who manage creators. Nothing before eight in the morning where the
    brand is. A step is claimed in the transaction that writes the letters, so it is told once, whoever else runs.
    """
    now = timezone.now()
    if now.astimezone(ZoneInfo(brand.timezone)).hour < MORNING:
        return 0
    due = Relationship.objects.of(brand).standing().due(brand.day(now)).unreminded()
    rows = list(
        due.select_for_update(of=("self",), skip_locked=True)
        .select_related("creator", "owner")
        .order_by("next_step_on", "pk")
    )
    Relationship.objects.filter(pk__in=[row.pk for row in rows]).update(reminded_at=now)
    for user, mine in by_reader(brand, rows):
        send_letter("creators/due", user.email, letter(brand, mine, brand.day(now)))
    return len(rows)


def by_reader(brand: Brand, rows: Iterable[Relationship]) -> list[tuple[User, list[Relationship]]]:
    """Who is told of which steps: the owner, or where there is none in the team any more, everyone who manages."""
    team = set(Membership.objects.of(brand).values_list("user", flat=True))
    everyone = [member.user for member in managers(brand)]
    told: dict[User, list[Relationship]] = defaultdict(list)
    for row in rows:
        for user in [row.owner] if row.owner and row.owner_id in team else everyone:
            told[user].append(row)
    return list(told.items())


def letter(brand: Brand, rows: list[Relationship], today: date) -> dict[str, Any]:
    """What the letter says, in plain values: up to twenty steps, the oldest first."""
    steps = [
        {
            "creator": row.creator.name,
            "step": row.next_step or "Next step",
            "by": "today" if row.next_step_on == today else f"since {row.next_step_on:%-d %B}",
            "url": settings.SITE_URL + row.get_absolute_url(),
        }
        for row in rows[:NAMED]
    ]
    return {"brand": brand.name, "count": len(rows), "steps": steps, "more": max(0, len(rows) - NAMED)}
