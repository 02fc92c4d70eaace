"""Names of the creators whom events are about, as the app that knows creators tells them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from groundswell.accounts.models import Brand

Named = dict[int, tuple[str, str]]
NAMERS: list[Callable[[Brand, set[int]], Named]] = []


def names_creators(namer: Callable[[Brand, set[int]], Named]) -> Callable[[Brand, set[int]], Named]:
    """Register who knows names and addresses of creators by their keys, as far as the brand may see them."""
    NAMERS.append(namer)
    return namer


def named(brand: Brand, keys: Iterable[int | None]) -> Named:
    """Name and page of each creator whom the brand sees."""
    wanted = {key for key in keys if key is not None}
    found: Named = {}
    for namer in NAMERS if wanted else []:
        found |= namer(brand, wanted)
    return found
