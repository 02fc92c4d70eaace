"""Pages by the key of the last (or first) row seen: they stay right while rows are added."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

Row = TypeVar("Row", bound=Model)


def page_by_key(request: HttpRequest, rows: QuerySet[Row], size: int) -> tuple[list[Row], dict[str, str]]:
    """The rows of a page, newest first, and for the template `previous_url` and `next_url` (empty: none).

    `?after=` is the key that older rows lie after, `?before=` the one that newer rows lie before.
    """
    after, before = key_of(request.GET.get("after")), key_of(request.GET.get("before"))
    if before is not None:
        found = list(rows.filter(pk__gt=before).order_by("pk")[: size + 1])
        found, has_newer, has_older = found[:size][::-1], len(found) > size, True
    else:
        found = list((rows if after is None else rows.filter(pk__lt=after)).order_by("-pk")[: size + 1])
        found, has_newer, has_older = found[:size], after is not None, len(found) > size
    newer, older = (str(found[0].pk), str(found[-1].pk)) if found else ("", "")
    return found, {
        "previous_url": address(request, before=newer if has_newer else ""),
        "next_url": address(request, after=older if has_older else ""),
    }


def key_of(text: str | None) -> int | None:
    """A key as it stands in an address; None for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def address(request: HttpRequest, **cursor: str) -> str:
    """The page's address with another cursor; empty for an empty cursor."""
    query = request.GET.copy()
    for name in ("after", "before"):
        query.pop(name, None)
    query.update(cursor)
    return f"?{query.urlencode()}" if all(cursor.values()) else ""
