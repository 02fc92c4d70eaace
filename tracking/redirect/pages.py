"""The few plain pages of the click path, for people whose link leads nowhere."""

from __future__ import annotations

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<h1>{title}</h1>
<p>{text}</p>
</html>
"""


def page(title: str, text: str) -> bytes:
    return PAGE.format(title=title, text=text).encode()


NOT_FOUND = page("This link does not exist", "Check the address, or ask the person who shared it for the right one.")
GONE = page("This link has ended", "The offer behind it is over. Ask the person who shared it what comes next.")
TOO_LONG = page("This address is too long", "Open the link again as it was shared, without anything added.")
METHOD = page("This address only opens links", "It answers GET and HEAD requests.")
UNAVAILABLE = page("One moment, please", "This link cannot be looked up right now. Try again in a few seconds.")
