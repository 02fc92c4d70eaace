"""Where a request comes from."""

from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The IP address of the client; behind our own proxy the one it saw, which it appends to X-Forwarded-For.

    Without a proxy the header is whatever the client wrote, so it is ignored. None where there is no valid address.
    """
    written = str(request.META.get("REMOTE_ADDR", ""))
    if getattr(settings, "BEHIND_PROXY", False) and (forwarded := request.headers.get("X-Forwarded-For", "")):
        written = forwarded.rsplit(",", maxsplit=1)[-1].strip()
    try:
        return str(ip_address(written))
    except ValueError:
        return None
