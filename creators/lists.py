"""Who is on a list now: those put on it by hand, or whoever its search finds."""

from __future__ import annotations

from django.http import QueryDict

from creators.discovery.address import address
from creators.discovery.filters import Filters
from creators.discovery.search import Search
from creators.models import Relationship, Shortlist


class SearchRefusedError(Exception):
    """Why a search can't be saved or watched, for the person who asked."""


def search_of(shortlist: Shortlist, sort: str = "") -> Search:
    """The directory's search over the list, without blocked creators; `sort` in place of the rule's own order."""
    query = QueryDict(shortlist.query, mutable=True)
    if not shortlist.is_by_rule:
        query["shortlist"] = shortlist.code
        query["sort"] = "-added"
    if sort:
        query["sort"] = sort
    query.appendlist("stage_not", Relationship.Stage.BLOCKED)
    return Search(shortlist.brand, Filters.parse(query))


def rule_of(text: str) -> str:
    """What of a directory's address makes a rule, in its plain form: its filters and order, without the page.

    Raises SearchRefusedError where nobody in particular is asked for, or where a filter can't be read.
    """
    filters = Filters.parse(QueryDict(text.removeprefix("?")))
    if filters.problems:
        raise SearchRefusedError(" ".join(filters.problems))
    if filters.is_empty:
        raise SearchRefusedError("Set at least one filter first: a search without any finds everybody.")
    return address(filters)
