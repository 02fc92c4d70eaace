"""Hosts that people name and we are to call: only those that anybody on the internet could call."""

from __future__ import annotations

import socket
from ipaddress import IPv6Address, IPv6Network, ip_address

GATEWAYS = (IPv6Network("64:ff9b::/96"), IPv6Network("2002::/16"))


class HostRefused(Exception):
    """We don't call this host; the message says why."""


def addresses_of(host: str) -> list[str]:
    """Every address of a host. Raises OSError."""
    return list(dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)))


def is_public(address: str) -> bool:
    """Whether an address is one of the open internet, also behind IPv6 clothes."""
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        ip = ip.ipv4_mapped or ip
    if isinstance(ip, IPv6Address) and any(ip in gateway for gateway in GATEWAYS):
        return False
    return ip.is_global and not ip.is_multicast


def check_public(host: str) -> None:
    """Raises HostRefused for an unknown host and for one with an address of a private or special network."""
    try:
        found = addresses_of(host)
    except (OSError, UnicodeError) as error:
        raise HostRefused(f"{host} can't be found.") from error
    if not all(map(is_public, found)):
        raise HostRefused(f"{host} is not on the public internet.")
