"""Links that show one thing to people without a sign-in, for a while: what every such link has in common."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime
from typing import Any

from django.contrib.auth.hashers import check_password
from django.db import models
from django.utils import timezone


def new_token() -> str:
    """128 random bits."""
    return secrets.token_urlsafe(16)


def digest_of(token: str) -> str:
    """A token is random enough that a plain hash keeps it secret."""
    return hashlib.sha256(token.encode()).hexdigest()


def kind_of(agent: str) -> str:
    """Of a user agent just the browser and whether it is a phone, so that nobody is told apart by it."""
    known = next((name for name in ("Edg", "Firefox", "Chrome", "Safari") if name in agent), "another program")
    return f"{'Edge' if known == 'Edg' else known}{', phone' if 'Mobile' in agent else ''}"


def count_visit(visits: Any, agent: str, *, day: date, at: datetime) -> None:
    """One more of a link's `visits`, under the day and the kind of browser; no address is kept."""
    visit, is_new = visits.get_or_create(day=day, agent=kind_of(agent), defaults={"last_at": at})
    if not is_new:
        visits.filter(pk=visit.pk).update(times=models.F("times") + 1, last_at=at)


class Share(models.Model):
    """The link itself is shown once; its hash is kept."""

    digest = models.CharField(max_length=64, unique=True)
    password = models.CharField(max_length=128, blank=True, help_text="Hashed; empty: none.")
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True

    @property
    def is_open(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()

    @property
    def status(self) -> str:
        if self.revoked_at:
            return "revoked"
        return "open" if self.is_open else "expired"

    def admits(self, password: str) -> bool:
        return not self.password or check_password(password, self.password)


class VisitCount(models.Model):
    """How often a link was opened on a day, by the kind of browser; no address is kept."""

    day = models.DateField(help_text="By the brand's clock.")
    agent = models.CharField(max_length=120, blank=True)
    times = models.PositiveIntegerField(default=1)
    last_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.times} on {self.day}"
