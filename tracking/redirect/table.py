"""Every link in memory, kept fresh from PostgreSQL by polling, and kept on disk for a start without it."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from tracking.redirect.destinations import PLAIN, Destination, prepare, prepare_app

logger = logging.getLogger(__name__)
POLL_SECONDS = 0.3
FULL_SECONDS = 60.0
OVERLAP = timedelta(seconds=10)
FRESH_SECONDS = 5.0
LOOK_UPS_PER_SECOND = 20
KNOWN_ABSENT = 10_000
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")
PAGE = """
    CASE WHEN link.has_page THEN json_build_object(
        'creator', creator.name, 'brand', brand.name,
        'code', (SELECT min(code.code) FROM tracking_discountcode code
                 WHERE code.collaboration_id = collaboration.id AND coalesce(code.valid_to > now(), true)),
        'percent', (SELECT code.percent::float FROM tracking_discountcode code
                    WHERE code.collaboration_id = collaboration.id ORDER BY code.code LIMIT 1)) END
"""
# A link is found under its address and under those it had before; in the order of Row.
COLUMNS = f"""
    SELECT link.id, address.slug, link.destination, link.utm_source, link.utm_medium, link.utm_campaign,
           link.utm_content, link.is_active, coalesce(nullif(link.fallback, ''), brand.website), link.utm_term,
           coalesce(domain.host, ''), link.ios_destination, link.android_destination,
           (extract(epoch FROM link.expires_at) * 1000)::bigint, {PAGE}, coalesce(rules.consent, 'daily'),
           coalesce(rules.consent_cookie, ''), link.updated_at
    FROM (SELECT id AS link_id, slug, domain_id FROM tracking_trackinglink
          UNION ALL SELECT link_id, slug, domain_id FROM tracking_linkalias) address
    JOIN tracking_trackinglink link ON link.id = address.link_id
    JOIN campaigns_collaboration collaboration ON collaboration.id = link.collaboration_id
    JOIN creators_relationship relationship ON relationship.id = collaboration.relationship_id
    JOIN creators_creator creator ON creator.id = relationship.creator_id
    JOIN campaigns_campaign campaign ON campaign.id = collaboration.campaign_id
    JOIN accounts_brand brand ON brand.id = campaign.brand_id
    LEFT JOIN tracking_linkrules rules ON rules.brand_id = brand.id
    LEFT JOIN tracking_linkdomain domain ON domain.id = address.domain_id
"""  # noqa: S608 - the names are ours
HOSTS = "SELECT host, bool_or(verified_at IS NOT NULL) FROM tracking_linkdomain GROUP BY host"
CONNECTION = {
    "autocommit": True,
    "connect_timeout": 2,
    "tcp_user_timeout": 3000,
    "application_name": "groundswell-redirect",
}
STATEMENT_TIMEOUT = {"poll": "-c statement_timeout=20000", "look-up": "-c statement_timeout=500"}


class Row(NamedTuple):
    """A row of COLUMNS: a link under one of its addresses. `expires` is in milliseconds since 1970."""

    id: int
    slug: str
    destination: str
    utm_source: str
    utm_medium: str
    utm_campaign: str
    utm_content: str
    is_active: bool
    fallback: str
    utm_term: str | None = ""
    host: str = ""
    ios: str = ""
    android: str = ""
    expires: int | None = None
    page: dict[str, Any] | None = None
    consent: str = "daily"
    consent_cookie: str = ""
    updated_at: datetime | None = None

    @property
    def key(self) -> str:
        """What the table finds it by: the slug, with the host in front on a brand's own domain."""
        return f"{self.host}/{self.slug}" if self.host else self.slug


@dataclass(frozen=True, slots=True)
class Link:
    """A link as the redirect needs it. `destination` is None for a paused link: visitors go to `fallback` or get 410.

    `ios` and `android` are where those devices go instead. `expires` is in milliseconds since 1970, 0 for never.
    `page` is what the creator's page says. `consent_cookie` is the cookie by which a visitor agreed to another one.
    """

    id: int
    slug: str
    destination: Destination | None
    fallback: str
    ios: Destination | None = None
    android: Destination | None = None
    expires: int = 0
    page: dict[str, Any] | None = None
    counts_visitors: bool = True
    consent_cookie: str = ""

    def leads(self, agent: str) -> Destination | None:
        """Where a browser is sent: an app or a page of its own for iPhones, iPads and Android."""
        if self.ios is not None and ("iPhone" in agent or "iPad" in agent):
            return self.ios
        return self.android if self.android is not None and "Android" in agent else self.destination


def link_of(columns: Sequence[Any]) -> Link:
    """The link of a row of COLUMNS; the last ones may be missing."""
    row = Row(*columns)
    utm = {name: getattr(row, name) for name in UTM}
    return Link(
        row.id,
        row.slug,
        prepare(row.destination, utm) if row.is_active else None,
        row.fallback if PLAIN.fullmatch(row.fallback) and prepare(row.fallback, {}) else "",
        prepare_app(row.ios, utm),
        prepare_app(row.android, utm),
        row.expires or 0,
        row.page,
        row.consent != "none",
        row.consent_cookie if row.consent == "cookie" else "",
    )


def slug_of(key: str) -> str:
    return key.rpartition("/")[2]


class LinkTable:
    """Slug, or host/slug, → Link. Readers take what is there; one background thread asks PostgreSQL for changes.

    A change shows after at most a poll (0.3 s) plus the query; a deleted link, a changed website, name or code after a
    full reload (60 s). Rows up to 10 s older than the newest are read again, since a transaction may commit late.
    """

    def __init__(self, database_url: str, folder: Path) -> None:
        self.database_url = database_url
        self.snapshot = folder / "links.json"
        self.links: dict[str, Link] = {}
        self.hosts: dict[str, bool] = {}
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

    def get(self, key: str) -> Link | None:
        """The link of a slug or host/slug; an unknown one is looked up directly, at most 20 times a second."""
        return self.links.get(key) or self.look_up(key)

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
            self.take_hosts()
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
        rows = [Row(*row) for row in self.query("poll", COLUMNS)]
        links = {row.key: link_of(row) for row in rows}
        self.unsaved = self.unsaved or links != self.links
        self.rows = {row.key: list(row[:-1]) for row in rows}
        self.links = links
        self.newest = max((row.updated_at for row in rows if row.updated_at), default=None)

    def take_changes(self) -> None:
        if self.newest is None:
            return self.load()
        for row in self.query("poll", f"{COLUMNS} WHERE link.updated_at > %s", [self.newest - OVERLAP]):
            self.put(Row(*row))
        return None

    def take_hosts(self) -> None:
        """The brands' own domains, each with whether it is verified."""
        hosts = dict(self.query("poll", HOSTS))
        self.unsaved = self.unsaved or hosts != self.hosts
        self.hosts = hosts

    def put(self, row: Row) -> Link:
        key, facts = row.key, list(row[:-1])
        if self.rows.get(key) != facts:
            self.rows[key], self.links[key] = facts, link_of(row)
            self.unsaved = True
        if row.updated_at:
            self.newest = max(self.newest or row.updated_at, row.updated_at)
        return self.links[key]

    # Snapshot

    def save(self) -> None:
        """Write the snapshot when something changed; a full disk is no reason to stop answering."""
        if not self.unsaved:
            return
        hidden = self.snapshot.with_name(f".links-{os.getpid()}.json")
        try:
            self.snapshot.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            hidden.write_text(json.dumps({"rows": list(self.rows.values()), "hosts": self.hosts}))
            hidden.replace(self.snapshot)
        except OSError as error:
            logger.warning("The snapshot of the links cannot be written: %s", error)
        self.unsaved = False

    def restore(self) -> None:
        """Take the snapshot; a missing or broken one leaves the table empty."""
        with suppress(OSError, ValueError, TypeError, KeyError):
            saved = json.loads(self.snapshot.read_text())
            rows = {Row(*row).key: row for row in saved["rows"]}
            self.links = {key: link_of(row) for key, row in rows.items()}
            self.rows, self.hosts = rows, saved["hosts"]

    # Direct look-up

    def look_up(self, key: str) -> Link | None:
        """Ask PostgreSQL for one address, unless it was absent a moment ago or the allowance is used up."""
        now = time.monotonic()
        if self.absent.get(key, 0.0) > now or not self.look_ups.acquire(blocking=False):
            return None
        try:
            if not self.allowed(now):
                return None
            rows = [Row(*row) for row in self.query("look-up", f"{COLUMNS} WHERE address.slug = %s", [slug_of(key)])]
        except psycopg.Error as error:
            self.forget_connection("look-up")
            self.complain(error)
            return None
        finally:
            self.look_ups.release()
        found = {row.key: self.put(row) for row in rows}
        if key not in found:
            self.remember_absent(key, now)
        return found.get(key)

    def allowed(self, now: float) -> bool:
        """A token bucket: scanners with made-up slugs must not reach PostgreSQL. None while it is away."""
        gained = (now - self.allowed_at) * LOOK_UPS_PER_SECOND
        self.allowance, self.allowed_at = min(self.allowance + gained, LOOK_UPS_PER_SECOND), now
        if self.failing or self.allowance < 1:
            return False
        self.allowance -= 1
        return True

    def remember_absent(self, key: str, now: float) -> None:
        """For 5 s; the poll brings a link that appears meanwhile."""
        if len(self.absent) >= KNOWN_ABSENT:
            self.absent.clear()
        self.absent[key] = now + FRESH_SECONDS

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
