"""Where a link leads: the destination with its own query, the link's UTM parameters, the visitor's, the click id."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote_plus, urlencode, urlsplit, urlunsplit

from tracking.schemes import NEVER_APPS, SCHEME

CLICK_ID = "icid"
SAFE = "!$&'()*+,;=:@/?-._~%"
WEB = frozenset({"http", "https"})
PLAIN = re.compile(rf"[A-Za-z0-9{re.escape(SAFE)}]*")


@dataclass(frozen=True, slots=True)
class Destination:
    """A destination made ready: `start` + click id + `end` is the Location for a visitor without a query."""

    start: str
    end: str
    names: frozenset[str]

    def location(self, click_id: str, query: str) -> str:
        """The URL to send a visitor to. Their parameters never replace the destination's or the link's own."""
        if not query:
            return f"{self.start}{click_id}{self.end}"
        return f"{self.start}{click_id}{self.visitors(query)}{self.end}"

    def visitors(self, query: str) -> str:
        """The visitor's parameters as they came, each behind an ampersand, without those that are taken."""
        pieces = [piece for piece in query.split("&") if piece and name_of(piece) not in self.names]
        return "".join(f"&{escaped(piece, 'latin-1')}" for piece in pieces)


def prepare_app(url: str, utm: dict[str, Any]) -> Destination | None:
    """A deep link made ready: https, or the scheme of an app. None for anything else, or for nothing."""
    scheme = url.partition(":")[0].lower()
    return prepare(url, utm, {scheme}) if SCHEME.fullmatch(scheme) and scheme not in NEVER_APPS else None


def prepare(url: str, utm: dict[str, Any], schemes: AbstractSet[str] = WEB) -> Destination | None:
    """A destination with a link's UTM parameters; None for what is no web address.

    Parameters of the destination itself stay, in order and as written, except those the link's UTM replaces.
    """
    try:
        parts = urlsplit(url.strip())
        netloc = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    except ValueError:
        return None
    if parts.scheme not in schemes or not parts.hostname or not PLAIN.fullmatch(netloc):
        return None
    given = {name: value for name, value in utm.items() if value}
    own = [piece for piece in escaped(parts.query).split("&") if piece and name_of(piece) not in {*given, CLICK_ID}]
    query = "&".join([*own, *([urlencode(given)] if given else []), f"{CLICK_ID}="])
    start = urlunsplit((parts.scheme, netloc, escaped(parts.path) or "/", query, ""))
    end = f"#{escaped(parts.fragment)}" if parts.fragment else ""
    return Destination(start, end, frozenset({*given, CLICK_ID, *map(name_of, own)}))


def name_of(piece: str) -> str:
    """The decoded name of a `name=value` piece, in lower case: UTM_Source does not slip past utm_source."""
    return unquote_plus(piece.partition("=")[0], errors="replace").lower()


def escaped(text: str, encoding: str = "utf-8") -> str:
    """Text that may stand in a header and a URL, everything else percent-encoded. WSGI's own text is Latin-1."""
    return text if PLAIN.fullmatch(text) else quote(text.encode(encoding, "replace"), safe=SAFE)
