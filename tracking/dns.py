"""Asking the domain name system, for proofs of domains."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from dns.exception import DNSException
from dns.resolver import NXDOMAIN, NoAnswer, Resolver

LookUp = Callable[[str], list[str]]
SECONDS = 5.0


class DnsAwayError(Exception):
    """No name server answered."""


def txt_records(name: str) -> list[str]:
    """The TXT records of a name, none when there are none. Raises DnsAwayError."""
    try:
        answer = resolver().resolve(name, "TXT", lifetime=SECONDS)
    except (NXDOMAIN, NoAnswer):
        return []
    except DNSException as error:
        raise DnsAwayError(str(error)) from error
    return [b"".join(row.strings).decode("utf-8", "replace") for row in answer]


def resolver() -> Resolver:
    """The machine's own, or the servers that DNS_SERVERS names (address, or address:port)."""
    found = Resolver(configure=not settings.DNS_SERVERS)
    for server in settings.DNS_SERVERS:
        address, _, port = server.partition(":")
        found.nameservers = [address]
        found.port = int(port or 53)
    return found
