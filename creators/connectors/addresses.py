"""Addresses of posts as networks give them, in the one form in which we keep them."""

from __future__ import annotations

from typing import Any

from creators.connectors.values import text
from groundswell.lib.post_urls import parse_post_url


def canonical(value: Any, network: str) -> str:
    """The post's canonical address; empty for what is no address of a post on this network."""
    try:
        return parse_post_url(text(value, 400), network).url
    except ValueError:
        return ""
