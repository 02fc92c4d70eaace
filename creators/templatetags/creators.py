"""What templates of the creators' pages say of places, rows and searches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from creators.actions.searches import search_url
from creators.importing.places import languages
from creators.models import SearchRow, Shortlist
from groundswell.lib.places import countries

register = template.Library()


@register.filter
def country_name(code: str) -> str:
    """DE → Germany; an unknown code as it is."""
    return countries().get(code, code)


@register.filter
def language_name(code: str) -> str:
    """de → German; an unknown code as it is."""
    return languages().get(code, code)


@register.filter
def rate_on(row: SearchRow, basis: str) -> float | None:
    """The engagement rate of a row on one basis: followers, reach or views."""
    rate: float | None = getattr(row, f"rate_{basis}")
    return rate


@register.filter
def at(values: Mapping[Any, Any], key: Any) -> Any:
    """The value of a key; None without one."""
    return values.get(key)


@register.filter
def search_address(search: Shortlist) -> str:
    """The directory as a saved search shows it."""
    return search_url(search)
