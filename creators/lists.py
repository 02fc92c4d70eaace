"""Who is on a list now: those put on it by hand, or whoever its search finds."""

from __future__ import annotations

from django.http import QueryDict

from creators.discovery.filters import Filters
from creators.discovery.search import Search
from creators.models import Relationship, Shortlist

# Of an address, what is no part of the rule.
PAGING = ("after", "before", "page", "csrfmiddlewaretoken")


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
    """What of a directory's address makes a rule: its filters and order, without the page.

    Raises ValueError with words for the user where nothing is asked for, or where a filter can't be read.
    """
    query = QueryDict(text.removeprefix("?"), mutable=True)
    for name in PAGING:
        query.pop(name, None)
    filters = Filters.parse(query)
    if filters.problems:
        raise ValueError(" ".join(filters.problems))
    if filters.is_empty:
        raise ValueError("Set at least one filter; without one the list would hold everybody.")
    return query.urlencode()
