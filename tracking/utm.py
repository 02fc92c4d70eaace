"""UTM templates: five values in which variables stand for what differs from link to link. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.text import slugify

NAMES = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
VARIABLES = {
    "handle": "the creator's handle",
    "network": "the network they were chosen on",
    "placement": "where the link stands",
    "campaign": "the campaign's name",
    "tier": "the creator's tier",
}
VARIABLE = re.compile(r"\{([^{}]*)\}")
ODD = re.compile(r"[^a-z0-9._~-]")


def problem_of(template: str) -> str:
    """What is wrong with one value, for the person who typed it; empty when nothing is.

    Analytics takes Instagram and instagram for two sources, so values are lower-case and hold no blanks.
    """
    unknown = [name for name in VARIABLE.findall(template) if name not in VARIABLES]
    if unknown:
        return f"There is no variable {{{unknown[0]}}}. There are: {', '.join(f'{{{name}}}' for name in VARIABLES)}."
    rest = VARIABLE.sub("", template)
    if "{" in rest or "}" in rest:
        return "A brace is open: write variables as {handle}."
    if ODD.search(rest):
        return "Use lower-case letters, digits, and . _ ~ - only."
    return ""


def filled(template: str, values: Mapping[str, str], length: int = 120) -> str:
    """The value of one link. An empty variable takes the hyphen beside it along: {handle}-{placement} → dana.field."""
    text = VARIABLE.sub(lambda found: values.get(found[1], ""), template)
    return re.sub(r"-{2,}", "-", text).strip("-._~")[:length].rstrip("-._~")


def value_of(text: str) -> str:
    """A name as a UTM value: Spring launch → spring-launch."""
    return slugify(text.replace("_", "-"))


def handle_value(handle: str) -> str:
    """A handle keeps its dots and underscores; an e-mail address loses its domain."""
    return ODD.sub("", handle.partition("@")[0].lower())
