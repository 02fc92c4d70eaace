"""A search as an address, the same for the same filters: what isn't understood or says nothing is left out."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal

from django.http import QueryDict

from creators.discovery.filters import DEFAULT_SORT, ENDS, PERCENTS, Filters
from creators.models import Basis

Pair = tuple[str, str]


def pairs(filters: Filters) -> Iterator[Pair]:
    """Every parameter with its value, in the order of the page."""
    yield from ((name, text) for name, text in texts(filters).items() if text)
    for name, choice in filters.lists.items():
        for mode, end in ENDS.items():
            yield from ((f"{name}{end}", value) for value in getattr(choice, mode))
    for name, bounds in filters.bounds.items():
        for end, bound in (("from", bounds.low), ("to", bounds.high)):
            if bound is not None:
                yield f"{name}_{end}", bound_text(name, bound)
    yield from settings(filters)


def texts(filters: Filters) -> dict[str, str]:
    days = filters.posted_within
    return {
        "q": filters.text,
        "q_any": filters.text_any,
        "q_not": filters.text_none,
        "posted_within": "" if days is None else str(days),
        "known_contact": filters.known_contact,
    }


def settings(filters: Filters) -> Iterator[Pair]:
    """What changes how filters are read and shown, without leaving anybody out."""
    if filters.basis != Basis.FOLLOWERS:
        yield "basis", filters.basis
    if filters.currency:
        yield "currency", filters.currency
    if filters.sort != DEFAULT_SORT:
        yield "sort", filters.sort


def bound_text(name: str, bound: Decimal | None) -> str:
    """As people type it: 0.031 of a rate is 3.1, in per cent; empty for an open bound."""
    if bound is None:
        return ""
    return f"{(bound * 100 if name in PERCENTS else bound).normalize():f}"


def address(filters: Filters, without: Collection[Pair] = ()) -> str:
    """The query string, without some of its pairs; empty where nothing is asked for."""
    query = QueryDict(mutable=True)
    for name, value in pairs(filters):
        if (name, value) not in without:
            query.appendlist(name, value)
    return query.urlencode()
