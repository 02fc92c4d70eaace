"""Which client and which login serve a network and a kind of connection ("key", "own", "brand")."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from creators.connectors import logins
from creators.connectors.instagram import Discovery, OwnInstagram
from creators.connectors.protocol import Access, Connector, Login, Meter
from creators.connectors.tiktok import TikTok
from creators.connectors.youtube import YouTube

CLIENTS: Final[dict[tuple[str, str], Callable[[Access, Meter], Connector]]] = {
    ("youtube", "key"): YouTube,
    ("youtube", "own"): YouTube,
    ("instagram", "brand"): Discovery,
    ("instagram", "own"): OwnInstagram,
    ("tiktok", "own"): TikTok,
}
LOGINS: Final[dict[tuple[str, str], type[logins.OAuth]]] = {
    ("youtube", "own"): logins.Google,
    ("instagram", "own"): logins.Instagram,
    ("instagram", "brand"): logins.Facebook,
    ("tiktok", "own"): logins.TikTok,
}


def connector(network: str, kind: str, access: Access, meter: Meter) -> Connector:
    return CLIENTS[network, kind](access, meter)


def login(network: str, kind: str) -> Login:
    """Raises KeyError where the network has no such login."""
    return LOGINS[network, kind]()
