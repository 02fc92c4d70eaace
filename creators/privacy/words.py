"""The words that tell who somebody is, and taking them out of texts. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

GONE = "[erased]"


@dataclass(frozen=True)
class Words:
    """Names, handles and addresses of one person."""

    names: frozenset[str] = frozenset()
    handles: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()

    def every(self) -> list[str]:
        """All of them, the longest first, so that none is cut by a shorter one."""
        found = {word.strip() for word in (*self.names, *self.handles, *self.addresses) if len(word.strip()) > 1}
        return sorted(found, key=lambda word: (-len(word), word))

    def unmistakable(self) -> list[str]:
        """Patterns for texts about anybody: addresses, @handles, and names of at least two words."""
        names = [re.escape(name) for name in self.names if " " in name.strip()]
        handles = [f"@{re.escape(handle)}" for handle in self.handles]
        return sorted([*map(re.escape, self.addresses), *names, *handles], key=len, reverse=True)

    def chosen_by_others(self) -> Words:
        """Without names: people choose their own, and could choose words that stand in texts about anything."""
        return Words(handles=self.handles, addresses=self.addresses)

    def pattern(self) -> str:
        """For texts that are about this person: each word where it stands alone."""
        return bounded(map(re.escape, self.every()))

    def loose_pattern(self, *, in_json: bool = False) -> str:
        """For texts about anybody; in JSON also a handle that is a whole value."""
        cells = [rf'(?<=")(?:{"|".join(map(re.escape, self.handles))})(?=")'] if in_json and self.handles else []
        return "|".join([bounded(self.unmistakable()), *cells]) if self.unmistakable() else "(?!)"

    def clean(self, value: Any) -> Any:
        """A text, or the texts anywhere in a JSON value, without the words."""
        if isinstance(value, str):
            return re.sub(self.pattern(), GONE, value, flags=re.IGNORECASE) if self.every() else value
        if isinstance(value, dict):
            return {key: self.clean(each) for key, each in value.items()}
        return [self.clean(each) for each in value] if isinstance(value, list) else value

    def clean_loosely(self, text: str) -> str:
        """A text about anybody without what is unmistakably the person."""
        return re.sub(self.loose_pattern(), GONE, text, flags=re.IGNORECASE)

    def are_in(self, text: str) -> bool:
        """Whether a slug or a code is made of the person's name or handle, however it is written."""
        plain = squeezed(text)
        parts = [part for word in (*self.names, *self.handles) for part in re.split(r"[\W_]+", word)]
        whole = [squeezed(word) for word in (*self.names, *self.handles)]
        return any(len(part) > 2 and part in plain for part in map(squeezed, [*parts, *whole]))


def squeezed(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.lower())


def bounded(patterns: Iterable[str]) -> str:
    """Also what PostgreSQL reads: no word character may stand on either side."""
    return rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)"
