"""Where a request comes from."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any


def client_address(environ: Mapping[str, Any], *, behind_proxy: bool) -> str | None:
    """The IP address of the client; behind our own proxy the one it saw, which it appends to X-Forwarded-For.

    Without a proxy the header is whatever the client wrote, so it is ignored. None where there is no valid address.
    """
    written = str(environ.get("REMOTE_ADDR", ""))
    if behind_proxy and (forwarded := environ.get("HTTP_X_FORWARDED_FOR")):
        written = str(forwarded).rpartition(",")[2].strip()
    try:
        return str(ip_address(written))
    except ValueError:
        return None
