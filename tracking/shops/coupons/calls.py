"""A call of a shop's interface: to the public internet only, and its refusals in words."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from creators.connectors.http import Answer, send
from groundswell.lib.hosts import HostRefused, check_public
from tracking.shops.coupons.facts import Access, CouponRefused

NO_ACCESS = "The shop refuses the key. Make a new one with the rights named beside the field, and save it here."


def call(access: Access, method: str, path: str, **request: Any) -> Answer:
    """The shop's answer. Raises CouponRefused for a key or host that won't do, ConnectorError without an answer."""
    parts = urlsplit(access.url)
    if access.url not in settings.SHOP_ADDRESSES.values():
        try:
            check_public(parts.hostname or "")
        except HostRefused as error:
            raise CouponRefused(str(error)) from error
    answer = send(f"shop:{parts.hostname}", method, access.url + path, **request)
    if answer.status in {401, 403}:
        raise CouponRefused(NO_ACCESS)
    return answer


def said(text: Any) -> str:
    """A shop's own words, short and plain."""
    words = " ".join(str(text or "no reason given").split())[:200]
    return f"The shop says: {words}"
