"""Whether posts name the brand, its competitors or its kind of product. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any


def folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def finder(words: Iterable[str]) -> re.Pattern[str] | None:
    """A pattern of whole words, handles and hashtags; None without words."""
    wanted = sorted({folded(word).strip().lstrip("@#") for word in words} - {""}, key=len, reverse=True)
    if not wanted:
        return None
    inner = "|".join(r"\s+".join(re.escape(part) for part in word.split()) for word in wanted)
    return re.compile(rf"(?<![\w.])({inner})(?![\w]|\.\w)")


def named_in(pattern: re.Pattern[str] | None, caption: str, tags: Sequence[str] = ()) -> list[str]:
    """The words found in a caption, its hashtags and mentions, each once."""
    if pattern is None:
        return []
    text = folded(f"{caption} {' '.join(tags)}")
    return list(dict.fromkeys(re.sub(r"\s+", " ", word) for word in pattern.findall(text)))


def posts_naming(words: Iterable[str], posts: Sequence[Any]) -> list[tuple[Any, list[str]]]:
    """Posts (with caption, hashtags and mentions) that name one of the words, with the words."""
    pattern = finder(words)
    found = ((post, named_in(pattern, post.caption, [*post.hashtags, *post.mentions])) for post in posts)
    return [(post, named) for post, named in found if named]
