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
from urllib.parse import urlsplit

from groundswell.lib.addresses import client_address
from tracking.redirect import pages
from tracking.redirect.countries import Countries
from tracking.redirect.destinations import CLICK_ID
from tracking.redirect.table import Link, LinkTable
from tracking.spool.ids import new_id
from tracking.spool.keys import VisitorKeys
from tracking.spool.records import encode
from tracking.spool.streams import StreamWriter
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
    ("Content-Security-Policy", f"default-src 'none'; style-src 'sha256-{pages.STYLE_DIGEST}'"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
]
COOKIE_SECONDS = 90 * 86_400
Answer = Iterable[bytes]


class Redirect:
    """A WSGI application for the paths under /r/. Opens files and connections at the first request, per process.

    On a brand's own domain, once verified, every path is a link. `behind_proxy` takes the visitor's address from the
    last X-Forwarded-For entry, the one the proxy itself added; `country_header` names a header in which the proxy
    passes the country, such as CF-IPCountry; `geoip` is the path of a database that knows
    it; `stream` the address of a Redis that takes clicks instead of the disk.
    """

    def __init__(
        self,
        database_url: str,
        spool_dir: Path,
        *,
        behind_proxy: bool = False,
        country_header: str = "",
        geoip: str = "",
        stream: str = "",
    ) -> None:
        self.database_url, self.spool_dir, self.behind_proxy = database_url, spool_dir, behind_proxy
        self.country_key = f"HTTP_{country_header.upper().replace('-', '_')}" if country_header else "-"
        self.stream = stream
        self.countries = Countries(geoip) if geoip else None
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
        key = self.key_of(environ)
        link = self.table.links.get(key) or self.searched(key)
        if link is None:
            return self.not_found(start_response, method)
        now = time.time_ns() // 1_000_000
        if link.destination is None or 0 < link.expires <= now:
            return self.ended(start_response, method, link)
        return self.lead(environ, start_response, link, now)

    def lead(self, environ: WSGIEnvironment, start_response: StartResponse, link: Link, now: int) -> Answer:
        """Record the click, then send the visitor on, or show the creator's page whose button does."""
        query, agent = environ.get("QUERY_STRING", ""), environ.get("HTTP_USER_AGENT", "")
        destination = link.leads(agent) or link.destination
        assert destination is not None  # checked by the caller
        click_id = self.record(environ, link, now, agent)
        location, extra = destination.location(click_id, query), self.cookie(environ, link, click_id)
        if link.page:
            body = pages.creator_page(link.page, location)
            return self.show(start_response, environ["REQUEST_METHOD"], "200 OK", body, *extra)
        start_response("302 Found", [("Location", location), *REDIRECT_HEADERS, *extra])
        return ()

    def record(self, environ: WSGIEnvironment, link: Link, now: int, agent: str) -> str:
        """Put a click on disk; returns its id. Who asks not to be tracked leaves no visitor key."""
        click_id = new_id(now)
        get = environ.get
        address = client_address(environ, behind_proxy=self.behind_proxy) or ""
        visitor = self.keys.visitor(now, address, agent)
        nth = self.count(visitor, now)
        if not link.counts_visitors or get("HTTP_DNT") == "1" or get("HTTP_SEC_GPC") == "1":
            visitor = ""
        purpose = get("HTTP_SEC_PURPOSE") or get("HTTP_PURPOSE") or get("HTTP_X_PURPOSE") or get("HTTP_X_MOZ") or ""
        referrer = get("HTTP_REFERER", "").partition("?")[0].partition("#")[0]
        country = get(self.country_key) or (self.countries.of(address) if self.countries else "")
        method = environ["REQUEST_METHOD"]
        self.spool.append(encode(click_id, link.id, method, nth, visitor, country, purpose, agent, referrer))
        return click_id

    def cookie(self, environ: WSGIEnvironment, link: Link, click_id: str) -> list[tuple[str, str]]:
        """The click id as a cookie for the shop, where the brand wants it and the visitor carries its consent."""
        if not link.consent_cookie or environ.get("HTTP_DNT") == "1" or environ.get("HTTP_SEC_GPC") == "1":
            return []
        carried = {piece.strip() for piece in environ.get("HTTP_COOKIE", "").split(";")}
        if link.consent_cookie not in carried or link.destination is None:
            return []
        domain = common_domain(host_of(environ), urlsplit(link.destination.start).hostname or "")
        value = f"{CLICK_ID}={click_id}; Path=/; Max-Age={COOKIE_SECONDS}; Secure; SameSite=Lax"
        return [("Set-Cookie", f"{value}; Domain={domain}" if domain else value)]

    def key_of(self, environ: WSGIEnvironment) -> str:
        """What the table finds the link by: a slug, or host/slug on a brand's own domain. Empty: there is none."""
        path: str = environ["PATH_INFO"]
        verified = self.table.hosts.get(host := host_of(environ)) if self.table.hosts else None
        if verified is None:
            return path[len(PREFIX) :].lower() if path.startswith(PREFIX) else ""
        return f"{host}/{path.removeprefix(PREFIX).removeprefix('/').lower()}" if verified else ""

    def owns(self, environ: WSGIEnvironment) -> bool:
        """Whether a request is for links: by its path, or by a brand's own domain."""
        if environ["PATH_INFO"].startswith(PREFIX):
            return True
        if self.process != os.getpid():
            self.start()
        return bool(self.table.hosts) and host_of(environ) in self.table.hosts

    def count(self, visitor: str, now: int) -> int:
        """How many requests this visitor made to this worker in the current minute."""
        if now // MINUTE != self.minute or len(self.seen) > COUNTED_VISITORS:
            self.minute, self.seen = now // MINUTE, {}
        self.seen[visitor] = nth = self.seen.get(visitor, 0) + 1
        return nth

    def searched(self, key: str) -> Link | None:
        """A link that is not in the table as written: without what text around it adds, then asked for."""
        key = key.rstrip(TRAILING)
        host, _, slug = key.rpartition("/")
        return self.table.get(key) if SLUG.fullmatch(slug) and (not host or host in self.table.hosts) else None

    def not_found(self, start_response: StartResponse, method: str) -> Answer:
        """404, or 503 while it cannot be known whether the link exists."""
        if self.table.is_fresh:
            return self.show(start_response, method, "404 Not Found", pages.NOT_FOUND)
        return self.show(start_response, method, "503 Service Unavailable", pages.UNAVAILABLE, ("Retry-After", "5"))

    def ended(self, start_response: StartResponse, method: str, link: Link) -> Answer:
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
            self.spool = StreamWriter(self.stream, self.spool_dir) if self.stream else SpoolWriter(self.spool_dir)
            self.table = LinkTable(self.database_url, self.spool_dir)
            self.table.start()
            self.process = os.getpid()

    def stop(self) -> None:
        """Sync the spool and end the threads; for tests and orderly shutdowns."""
        if self.process == os.getpid():
            self.process = 0
            self.table.stop()
            self.spool.close()


def host_of(environ: WSGIEnvironment) -> str:
    host: str = environ.get("HTTP_HOST", "")
    return host.partition(":")[0].lower()


def common_domain(host: str, shop: str) -> str:
    """The domain whose cookies both may read: go.acme.example and www.acme.example share acme.example. Else empty."""
    shop = shop.removeprefix("www.")
    return shop if host == shop or host.endswith(f".{shop}") else ""


def from_environment() -> Redirect:
    """The redirect as its own service: DATABASE_URL and SPOOL_DIR say where; KeyError when one is missing."""
    flag = os.environ.get("BEHIND_PROXY", "").lower() in {"1", "true", "yes", "on"}
    return Redirect(
        os.environ["DATABASE_URL"],
        Path(os.environ["SPOOL_DIR"]),
        behind_proxy=flag,
        country_header=os.environ.get("COUNTRY_HEADER", ""),
        geoip=os.environ.get("GEOIP_DATABASE", ""),
        stream=os.environ.get("CLICK_STREAM", ""),
    )


def __getattr__(name: str) -> Redirect:
    """`tracking.redirect:application`, made when a server asks for it, so that importing the module needs nothing."""
    if name == "application":
        return from_environment()
    raise AttributeError(name)
