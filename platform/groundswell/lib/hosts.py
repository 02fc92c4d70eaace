"""Hosts that people name and we are to call: only those that anybody on the internet could call."""

from __future__ import annotations

import ipaddress
import socket


class HostRefused(Exception):
    """We don't call this host; the message says why."""


def check_public(host: str, port: int = 443) -> None:
    """Raises HostRefused for an unknown host and for one with an address of a private or special network."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise HostRefused(f"{host} can't be found.") from error
    for *_, address in found:
        if not ipaddress.ip_address(str(address[0]).partition("%")[0]).is_global:
            raise HostRefused(f"{host} is not on the public internet.")
