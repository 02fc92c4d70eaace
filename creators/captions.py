"""What a caption names: hashtags and handles. Pure."""

from __future__ import annotations

import re

LONGEST = 80
# A word of letters, digits and underscores that isn't all digits; the sign may not follow a word or an ampersand
# ("a#b" and "&#39;" are no hashtags), and full-width signs count.
HASHTAG = re.compile(r"(?<![\w&/])[#＃](?!\d+\b)(\w{1,80})(?!\w)")
MENTION = re.compile(r"(?<![\w.@＠/+\-])[@＠]([A-Za-z0-9_](?:[A-Za-z0-9_.\-]{0,78}[A-Za-z0-9_])?)(?![\w@])")


def hashtags(caption: str) -> list[str]:
    """Hashtags in lower case without #, each once, in the order they appear."""
    return unique(HASHTAG.findall(caption))


def mentions(caption: str) -> list[str]:
    """Handles in lower case without @, each once, in the order they appear; e-mail addresses name nobody."""
    return unique(MENTION.findall(caption))


def unique(words: list[str]) -> list[str]:
    return list(dict.fromkeys(word.lower()[:LONGEST] for word in words))
