"""The few plain pages of the click path, for people whose link leads nowhere."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape
from typing import Any

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

# The creator's page. Its style is named by its digest in the policy, so that nothing else may style or run.
STYLE = """
:root{color-scheme:light dark;font:17px/1.5 system-ui,sans-serif}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:light-dark(#f6f5f1,#17181c)}
main{box-sizing:border-box;width:min(24rem,100vw - 2rem);padding:2rem 1.5rem;border-radius:1rem;text-align:center;
background:light-dark(#fff,#222429);color:light-dark(#1d2025,#eceef2)}
.face{width:5rem;height:5rem;margin:0 auto 1rem;border-radius:50%;display:grid;place-items:center;font-size:2rem;
font-weight:600;background:light-dark(#dfe9e4,#2f4a40);color:light-dark(#1f4a3b,#d3efe3)}
h1{font-size:1.4rem;margin:0 0 .25rem;overflow-wrap:anywhere}p{margin:.25rem 0}
.code{display:inline-block;margin:.75rem 0;padding:.4rem .9rem;border:1px dashed currentColor;border-radius:.5rem;
font:600 1.15rem ui-monospace,monospace;letter-spacing:.06em;user-select:all}
a{display:block;margin-top:1rem;padding:.85rem;border-radius:.6rem;font-weight:600;text-decoration:none;
background:light-dark(#1f5c47,#7fd4b1);color:light-dark(#fff,#10241c)}
a:focus-visible{outline:3px solid currentColor;outline-offset:3px}
"""
STYLE_DIGEST = b64encode(sha256(STYLE.encode()).digest()).decode()
CREATOR = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{creator} and {brand}</title>
<meta property="og:title" content="{creator} and {brand}">
<style>{style}</style>
<main>
<div class="face" aria-hidden="true">{initial}</div>
<h1>{creator}</h1>
<p>together with {brand}</p>
{code}
<a href="{location}" rel="nofollow">Go to {brand}</a>
</main>
</html>
"""


def creator_page(facts: dict[str, Any], location: str) -> bytes:
    """The page of a creator: name, code, one button that leads to the location."""
    names = {name: escape(str(facts[name])) for name in ("creator", "brand")}
    initial = escape(str(facts["creator"])[:1].upper())
    return CREATOR.format(
        **names, initial=initial, style=STYLE, code=code_line(facts), location=escape(location)
    ).encode()


def code_line(facts: dict[str, Any]) -> str:
    if not facts.get("code"):
        return ""
    percent = f"{facts['percent']:g}% off with the code" if facts.get("percent") else "With the code"
    return f'<p>{percent}</p>\n<p class="code">{escape(str(facts["code"]))}</p>'
