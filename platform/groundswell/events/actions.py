"""Recording what happened, and handing it to the apps above."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from celery import current_app
from django.db import models, transaction
from django.utils import timezone

from groundswell.accounts.models import Brand, User
from groundswell.events.models import About, Event

logger = logging.getLogger(__name__)
subscribers: dict[str, list[str]] = defaultdict(list)


def record(brand: Brand | None, name: str, subject: models.Model, /, *, by: User | None = None, **data: Any) -> Event:
    """Write what happened in the caller's transaction; subscribers hear of it after the commit.

    It reaches the timeline of the creator whom the subject's `about()` names.
    """
    event = written(brand, name, subject, by, data)
    event.save(force_insert=True)
    announce([event])
    return event


def record_each(
    brand: Brand | None, name: str, subjects: Iterable[models.Model], /, *, by: User | None = None, **data: Any
) -> list[Event]:
    """The same of many subjects, with one statement."""
    events = Event.objects.bulk_create(written(brand, name, subject, by, data) for subject in subjects)
    announce(events)
    return events


def written(brand: Brand | None, name: str, subject: models.Model, by: User | None, data: dict[str, Any]) -> Event:
    about: About = subject.about() if hasattr(subject, "about") else About(None)
    return Event(
        brand=brand,
        actor=by,
        name=name,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        creator_id=about.creator_id,
        place=about.place[:160],
        url=about.url[:200],
        data=data,
        delivered_at=None if subscribers.get(name) else timezone.now(),
    )


def announce(events: Iterable[Event]) -> None:
    for event in events:
        if subscribers.get(event.name):
            transaction.on_commit(lambda event=event: deliver(event), robust=True)  # type: ignore[misc]


def on(*names: str) -> Callable[[Any], Any]:
    """Subscribe a Celery task to events: `@on("offer.accepted")` above `@shared_task`. It gets the event's key.

    Delivery is at least once (on commit, and swept by beat when that was lost), so tasks must be idempotent.
    """

    def subscribe(task: Any) -> Any:
        for name in names:
            subscribers[name].append(task.name)
        return task

    return subscribe


def deliver(event: Event) -> None:
    """Queue every subscriber's task, then mark the event; a broker that is down leaves it to the sweep."""
    for task in subscribers.get(event.name, ()):
        current_app.tasks[task].delay(event.pk)
    Event.objects.filter(pk=event.pk, delivered_at=None).update(delivered_at=timezone.now())
