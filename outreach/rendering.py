"""Filling a brand's text with a creator's facts. Pure: an allow-list of names, one pass, no template language.

A value is never read again as a template, so a creator called “{{ portal_link }}” is harmless.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

VARIABLES = {
    "first_name": "The creator's first name",
    "name": "The creator's full name",
    "handle": "Their handle, such as @dana.field",
    "network": "The network of that handle, such as Instagram",
    "referenced_post": "The post of theirs that you refer to",
    "campaign": "The campaign's name",
    "brand": "Your brand's name",
    "offer": "What you offer, in one line",
    "portal_link": "Their personal link to the brief and the offer",
    "profile_link": "Their personal link to their own profile, which they can claim; only in an invitation to it",
    "sender_name": "The name you write under",
}
# Filled while sending, never before: the links sign their bearer in, so nobody at the brand may read them.
LATE, PROFILE = "portal_link", "profile_link"
PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
STRAY = re.compile(r"\{\{|\}\}|\{%|%\}")


class TemplateProblem(ValueError):
    """The text can't be used as it is; `names` are the variables at fault."""

    def __init__(self, message: str, names: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.names = names


class UnknownVariable(TemplateProblem):
    pass


class MalformedVariable(TemplateProblem):
    pass


class MissingValue(TemplateProblem):
    pass


def names_in(text: str) -> list[str]:
    """Names of the variables in a text, in order, each once."""
    return list(dict.fromkeys(PLACEHOLDER.findall(text)))


def uses(text: str, name: str) -> bool:
    return name in names_in(text)


def check(text: str) -> None:
    """Raises UnknownVariable or MalformedVariable, naming what is wrong."""
    unknown = tuple(name for name in names_in(text) if name not in VARIABLES)
    if unknown:
        raise UnknownVariable(f"Unknown variable: {listed(unknown)}. See the list of names beside the text.", unknown)
    stray = STRAY.search(PLACEHOLDER.sub("", text))
    if stray:
        raise MalformedVariable(f"There is a stray “{stray[0]}”. A variable looks like {{{{ first_name }}}}.")


def render(text: str, values: Mapping[str, str]) -> str:
    """The text with its variables filled. Raises UnknownVariable, MalformedVariable, or MissingValue for empty ones."""
    check(text)
    missing = tuple(name for name in names_in(text) if not values.get(name, "").strip())
    if missing:
        raise MissingValue(f"Nothing is known for {listed(missing)}.", missing)
    return PLACEHOLDER.sub(lambda match: values[match[1]], text)


def render_subject(text: str, values: Mapping[str, str]) -> str:
    """One line, at most 300 characters: a value with a line break can't smuggle in a header."""
    return " ".join(render(text, values).split())[:300]


def fill_late(text: str, link: str, profile: str = "") -> str:
    """Put the personal links where the stored text kept their places; without another, both are the same."""
    links = {LATE: link, PROFILE: profile or link}
    return PLACEHOLDER.sub(lambda match: links.get(match[1], match[0]), text)


def keeps_late(values: Mapping[str, str]) -> dict[str, str]:
    """The values with the personal links standing for themselves, to be filled while sending."""
    return {**values, **{name: "{{ " + name + " }}" for name in (LATE, PROFILE)}}


def listed(names: tuple[str, ...]) -> str:
    return ", ".join("{{ " + name + " }}" for name in names)
