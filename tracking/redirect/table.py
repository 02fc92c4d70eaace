"""Every link in memory, kept fresh from PostgreSQL by polling, and kept on disk for a start without it."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from tracking.redirect.destinations import PLAIN, Destination, prepare

logger = logging.getLogger(__name__)
POLL_SECONDS = 0.3
FULL_SECONDS = 60.0
OVERLAP = timedelta(seconds=10)
FRESH_SECONDS = 5.0
LOOK_UPS_PER_SECOND = 20
KNOWN_ABSENT = 10_000
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content")
COLUMNS = f"""
    SELECT link.id, link.slug, link.destination, {", ".join(f"link.{name}" for name in UTM)},
           link.is_active, brand.website, link.updated_at
    FROM tracking_trackinglink link
    JOIN campaigns_collaboration collaboration ON collaboration.id = link.collaboration_id
    JOIN campaigns_campaign campaign ON campaign.id = collaboration.campaign_id
    JOIN accounts_brand brand ON brand.id = campaign.brand_id
"""  # noqa: S608 - the names are ours
CONNECTION = {
    "autocommit": True,
    "connect_timeout": 2,
    "tcp_user_timeout": 3000,
    "application_name": "groundswell-redirect",
}
STATEMENT_TIMEOUT = {"poll": "-c statement_timeout=20000", "look-up": "-c statement_timeout=500"}


@dataclass(frozen=True, slots=True)
class Link:
    """A link as the redirect needs it. `destination` is None for a paused link: visitors go to `fallback` or get 410.

    `fallback` is the brand's website, or empty.
    """

    id: int
    slug: str
    destination: Destination | None
    fallback: str


def link_of(row: tuple[Any, ...] | list[Any]) -> Link:
    """A row of COLUMNS (the last one, the time of the change, may be missing)."""
    pk, slug, url, *utm = row[: 3 + len(UTM)]
    active, website = row[3 + len(UTM) : 5 + len(UTM)]
    fallback = website if PLAIN.fullmatch(website) and prepare(website, {}) else ""
    return Link(pk, slug, prepare(url, dict(zip(UTM, utm, strict=True))) if active else None, fallback)


class LinkTable:
    """Slug → Link. Readers take what is there; one background thread asks PostgreSQL for changes.

    A change shows after at most a poll (0.3 s) plus the query; a deleted link or a changed website after a full
    reload (60 s). Rows up to 10 s older than the newest are read again, since a transaction may commit late.
    """

    def __init__(self, database_url: str, folder: Path) -> None:
        self.database_url = database_url
        self.snapshot = folder / "links.json"
        self.links: dict[str, Link] = {}
        self.rows: dict[str, list[Any]] = {}
        self.newest: datetime | None = None
        self.polled_at = self.loaded_at = -FULL_SECONDS * 10
        self.absent: dict[str, float] = {}
        self.look_ups = threading.Lock()
        self.allowance, self.allowed_at = float(LOOK_UPS_PER_SECOND), time.monotonic()
        self.connections: dict[str, psycopg.Connection[Any]] = {}
        self.stopping = threading.Event()
        self.unsaved = self.failing = False
        self.thread = threading.Thread(target=self.keep_fresh, name="link-table", daemon=True)

    def start(self) -> None:
        """Load from PostgreSQL, or from the snapshot when it does not answer within 2 s; then keep fresh."""
        self.refresh()
        if self.loaded_at < 0:
            self.restore()
        self.thread.start()

    def get(self, slug: str) -> Link | None:
        """The link of a slug; an unknown one is looked up directly, at most 20 times a second."""
        return self.links.get(slug) or self.look_up(slug)

    @property
    def is_fresh(self) -> bool:
        """Whether PostgreSQL was asked within 5 s: only then is an unknown slug known to be unknown."""
        return time.monotonic() - self.polled_at < FRESH_SECONDS

    # Background

    def keep_fresh(self) -> None:
        while not self.stopping.wait(POLL_SECONDS):
            self.refresh()

    def refresh(self) -> None:
        """One poll: the changes, or everything when the last full load is a minute old."""
        now = time.monotonic()
        try:
            if now - self.loaded_at >= FULL_SECONDS:
                self.load()
                self.loaded_at = now
            else:
                self.take_changes()
        except psycopg.Error as error:
            self.forget_connection("poll")
            self.complain(error)
        else:
            self.polled_at, self.failing = now, False
            self.save()

    def complain(self, error: Exception) -> None:
        """Say once that PostgreSQL is away; the table goes on answering."""
        if not self.failing:
            logger.warning("Links are served from memory, PostgreSQL does not answer: %s", str(error).strip())
        self.failing = True

    def load(self) -> None:
        rows = self.query("poll", COLUMNS)
        links = {row[1]: link_of(row) for row in rows}
        self.unsaved = self.unsaved or links != self.links
        self.rows = {row[1]: list(row[:-1]) for row in rows}
        self.links = links
        self.newest = max((row[-1] for row in rows), default=None)

    def take_changes(self) -> None:
        if self.newest is None:
            return self.load()
        for row in self.query("poll", f"{COLUMNS} WHERE link.updated_at > %s", [self.newest - OVERLAP]):
            self.put(row)
        return None

    def put(self, row: tuple[Any, ...]) -> Link:
        slug, facts = row[1], list(row[:-1])
        if self.rows.get(slug) != facts:
            self.rows[slug], self.links[slug] = facts, link_of(row)
            self.unsaved = True
        self.newest = max(self.newest or row[-1], row[-1])
        return self.links[slug]

    # Snapshot

    def save(self) -> None:
        """Write the snapshot when something changed; a full disk is no reason to stop answering."""
        if not self.unsaved:
            return
        hidden = self.snapshot.with_name(f".links-{os.getpid()}.json")
        try:
            self.snapshot.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            hidden.write_text(json.dumps(list(self.rows.values())))
            hidden.replace(self.snapshot)
        except OSError as error:
            logger.warning("The snapshot of the links cannot be written: %s", error)
        self.unsaved = False

    def restore(self) -> None:
        """Take the snapshot; a missing or broken one leaves the table empty."""
        with suppress(OSError, ValueError, TypeError, KeyError):
            rows = json.loads(self.snapshot.read_text())
            self.links = {row[1]: link_of(row) for row in rows}
            self.rows = {row[1]: row for row in rows}

    # Direct look-up

    def look_up(self, slug: str) -> Link | None:
        """Ask PostgreSQL for one slug, unless it was absent a moment ago or the allowance is used up."""
        now = time.monotonic()
        if self.absent.get(slug, 0.0) > now or not self.look_ups.acquire(blocking=False):
            return None
        try:
            if not self.allowed(now):
                return None
            rows = self.query("look-up", f"{COLUMNS} WHERE link.slug = %s", [slug])
        except psycopg.Error as error:
            self.forget_connection("look-up")
            self.complain(error)
            return None
        finally:
            self.look_ups.release()
        if rows:
            return self.put(rows[0])
        self.remember_absent(slug, now)
        return None

    def allowed(self, now: float) -> bool:
        """A token bucket: scanners with made-up slugs must not reach PostgreSQL. None while it is away."""
        gained = (now - self.allowed_at) * LOOK_UPS_PER_SECOND
        self.allowance, self.allowed_at = min(self.allowance + gained, LOOK_UPS_PER_SECOND), now
        if self.failing or self.allowance < 1:
            return False
        self.allowance -= 1
        return True

    def remember_absent(self, slug: str, now: float) -> None:
        """For 5 s; the poll brings a link that appears meanwhile."""
        if len(self.absent) >= KNOWN_ABSENT:
            self.absent.clear()
        self.absent[slug] = now + FRESH_SECONDS

    # Connections: one for the thread, one for look-ups

    def query(self, use: str, sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        connection = self.connections.get(use)
        if connection is None:
            options: Any = {**CONNECTION, "options": STATEMENT_TIMEOUT[use]}
            connection = self.connections[use] = psycopg.connect(self.database_url, **options)
        return connection.execute(sql, parameters).fetchall()

    def forget_connection(self, use: str) -> None:
        connection = self.connections.pop(use, None)
        if connection is not None:
            with suppress(psycopg.Error):
                connection.close()

    def stop(self) -> None:
        self.stopping.set()
        if self.thread.ident:
            self.thread.join()
        for use in list(self.connections):
            self.forget_connection(use)
