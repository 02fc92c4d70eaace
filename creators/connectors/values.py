"""Values out of answers that may hold anything. Pure; what can't be used is unknown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

LARGEST = 2**63 - 1
EARLIEST = datetime(2004, 1, 1, tzinfo=UTC)  # before any of the networks


def whole(value: Any) -> int | None:
    """A count: a number or, as Google writes it, its digits in a string; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    return value if isinstance(value, int) and 0 <= value <= LARGEST else None


def text(value: Any, longest: int = 5000) -> str:
    """A string that PostgreSQL can hold: without NUL and lone surrogates."""
    if not isinstance(value, str):
        return ""
    return value.replace("\x00", "").encode("utf-8", "replace").decode()[:longest].strip()


def flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def moment(value: Any) -> datetime | None:
    """A time in ISO 8601 (Instagram leaves out the colon of the offset) or in seconds since 1970."""
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            found = datetime.fromtimestamp(value, UTC)
        elif isinstance(value, str):
            found = datetime.fromisoformat(value)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return found if EARLIEST <= found <= datetime(2200, 1, 1, tzinfo=UTC) else None


def part(value: Any, *path: str) -> Any:
    """What lies at a path of nested objects; None where one of them is missing or no object."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def rows(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; nothing for anything else."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def handle(value: Any) -> str:
    """A handle in lower case without @."""
    return text(value, 81).removeprefix("@").lower()[:80]
