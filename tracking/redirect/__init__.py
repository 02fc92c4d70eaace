"""The click path: `/r/<slug>` answered in front of Django, each click on disk before the answer.

Runs inside the web process (groundswell/wsgi.py) or as its own service that never imports Django:

    DATABASE_URL=postgresql://… SPOOL_DIR=/var/spool/groundswell granian --interface wsgi tracking.redirect:application
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from groundswell.lib.addresses import client_address
from tracking.redirect import pages
from tracking.redirect.table import Link, LinkTable
from tracking.spool.ids import new_id
from tracking.spool.keys import VisitorKeys
from tracking.spool.records import encode
from tracking.spool.writer import SpoolWriter

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PREFIX = "/r/"
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
LONGEST_QUERY = 4096
TRAILING = "/.,;:!?)\"'"
MINUTE = 60_000
COUNTED_VISITORS = 100_000
REDIRECT_HEADERS = [
    ("Cache-Control", "private, no-store"),
    ("X-Robots-Tag", "noindex, nofollow"),
    ("Content-Length", "0"),
]
PAGE_HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "private, no-store"),
    ("X-Robots-Tag", "noindex, nofollow"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'"),
]
Answer = Iterable[bytes]


class Redirect:
    """A WSGI application for the paths under /r/. Opens files and connections at the first request, per process.

    `behind_proxy` takes the visitor's address from the last X-Forwarded-For entry, the one the proxy itself added;
    `country_header` names a header in which the proxy passes the country, such as CF-IPCountry.
    """

    def __init__(
        self, database_url: str, spool_dir: Path, *, behind_proxy: bool = False, country_header: str = ""
    ) -> None:
        self.database_url, self.spool_dir, self.behind_proxy = database_url, spool_dir, behind_proxy
        self.country_key = f"HTTP_{country_header.upper().replace('-', '_')}" if country_header else "-"
        self.starting, self.process = threading.Lock(), 0
        self.minute, self.seen = -1, dict[str, int]()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Answer:
        if self.process != os.getpid():
            self.start()
        method = environ["REQUEST_METHOD"]
        if method not in {"GET", "HEAD"}:
            return self.show(start_response, method, "405 Method Not Allowed", pages.METHOD, ("Allow", "GET, HEAD"))
        query = environ.get("QUERY_STRING", "")
        if len(query) > LONGEST_QUERY:
            return self.show(start_response, method, "414 URI Too Long", pages.TOO_LONG)
        path = environ["PATH_INFO"]
        slug = path[len(PREFIX) :].lower() if path.startswith(PREFIX) else ""
        link = self.table.links.get(slug) or self.searched(slug)
        if link is None:
            return self.not_found(start_response, method)
        if link.destination is None:
            return self.paused(start_response, method, link)
        click_id = self.record(environ, method, link.id)
        start_response("302 Found", [("Location", link.destination.location(click_id, query)), *REDIRECT_HEADERS])
        return ()

    def record(self, environ: WSGIEnvironment, method: str, link: int) -> str:
        """Put a click on disk; returns its id. Who asks not to be tracked leaves no visitor key."""
        now = time.time_ns() // 1_000_000
        click_id = new_id(now)
        get = environ.get
        agent = get("HTTP_USER_AGENT", "")
        visitor = self.keys.visitor(now, client_address(environ, behind_proxy=self.behind_proxy) or "", agent)
        nth = self.count(visitor, now)
        if get("HTTP_DNT") == "1" or get("HTTP_SEC_GPC") == "1":
            visitor = ""
        purpose = get("HTTP_SEC_PURPOSE") or get("HTTP_PURPOSE") or get("HTTP_X_PURPOSE") or get("HTTP_X_MOZ") or ""
        referrer = get("HTTP_REFERER", "").partition("?")[0].partition("#")[0]
        country = get(self.country_key, "")
        self.spool.append(encode(click_id, link, method, nth, visitor, country, purpose, agent, referrer))
        return click_id

    def count(self, visitor: str, now: int) -> int:
        """How many requests this visitor made to this worker in the current minute."""
        if now // MINUTE != self.minute or len(self.seen) > COUNTED_VISITORS:
            self.minute, self.seen = now // MINUTE, {}
        self.seen[visitor] = nth = self.seen.get(visitor, 0) + 1
        return nth

    def searched(self, slug: str) -> Link | None:
        """A slug that is not in the table as written: without what text around a link adds, then asked for."""
        slug = slug.rstrip(TRAILING)
        return self.table.get(slug) if SLUG.fullmatch(slug) else None

    def not_found(self, start_response: StartResponse, method: str) -> Answer:
        """404, or 503 while it cannot be known whether the link exists."""
        if self.table.is_fresh:
            return self.show(start_response, method, "404 Not Found", pages.NOT_FOUND)
        return self.show(start_response, method, "503 Service Unavailable", pages.UNAVAILABLE, ("Retry-After", "5"))

    def paused(self, start_response: StartResponse, method: str, link: Link) -> Answer:
        """A paused link counts nothing: on to the brand's website, else a page that says so."""
        if link.fallback:
            start_response("302 Found", [("Location", link.fallback), *REDIRECT_HEADERS])
            return ()
        return self.show(start_response, method, "410 Gone", pages.GONE)

    def show(
        self, start_response: StartResponse, method: str, status: str, body: bytes, *extra: tuple[str, str]
    ) -> Answer:
        start_response(status, [*PAGE_HEADERS, *extra, ("Content-Length", str(len(body)))])
        return () if method == "HEAD" else (body,)

    def start(self) -> None:
        """Open the spool and load the links, once in each process."""
        with self.starting:
            if self.process == os.getpid():
                return
            self.keys = VisitorKeys(self.spool_dir / "keys")
            self.spool = SpoolWriter(self.spool_dir)
            self.table = LinkTable(self.database_url, self.spool_dir)
            self.table.start()
            self.process = os.getpid()

    def stop(self) -> None:
        """Sync the spool and end the threads; for tests and orderly shutdowns."""
        if self.process == os.getpid():
            self.process = 0
            self.table.stop()
            self.spool.close()


def from_environment() -> Redirect:
    """The redirect as its own service: DATABASE_URL and SPOOL_DIR say where; KeyError when one is missing."""
    flag = os.environ.get("BEHIND_PROXY", "").lower() in {"1", "true", "yes", "on"}
    return Redirect(
        os.environ["DATABASE_URL"],
        Path(os.environ["SPOOL_DIR"]),
        behind_proxy=flag,
        country_header=os.environ.get("COUNTRY_HEADER", ""),
    )


def __getattr__(name: str) -> Redirect:
    """`tracking.redirect:application`, made when a server asks for it, so that importing the module needs nothing."""
    if name == "application":
        return from_environment()
    raise AttributeError(name)
