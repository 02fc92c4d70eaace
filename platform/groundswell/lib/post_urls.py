"""Addresses of posts: is it a post of this network, whose is it, and what is its one canonical form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

HOSTS = {
    "instagram": frozenset({"instagram.com", "www.instagram.com", "m.instagram.com"}),
    "tiktok": frozenset({"tiktok.com", "www.tiktok.com", "m.tiktok.com", "vm.tiktok.com", "vt.tiktok.com"}),
    "youtube": frozenset({"youtube.com", "www.youtube.com", "m.youtube.com", "youtu.be"}),
}
NAMES = {"instagram": "Instagram", "tiktok": "TikTok", "youtube": "YouTube"}
HANDLE = r"@?(?P<handle>[\w.\-]{1,80})"
# Paths of posts, and the canonical address made of what they name.
SHAPES = {
    "instagram": [
        (rf"/stories/{HANDLE}/(?P<id>\d+)", "https://www.instagram.com/stories/{handle}/{id}/"),
        (rf"(?:/(?!p/|reels?/|tv/){HANDLE})?/(?:reels?)/(?P<id>[\w\-]+)", "https://www.instagram.com/reel/{id}/"),
        (rf"(?:/(?!p/|reels?/|tv/){HANDLE})?/(?:p|tv)/(?P<id>[\w\-]+)", "https://www.instagram.com/p/{id}/"),
    ],
    "tiktok": [
        (
            r"/@(?P<handle>[\w.\-]{1,80})/(?P<kind>video|photo)/(?P<id>\d+)",
            "https://www.tiktok.com/@{handle}/{kind}/{id}",
        ),
        (r"/t/(?P<id>\w+)", "https://www.tiktok.com/t/{id}/"),
    ],
    "youtube": [
        (r"/shorts/(?P<id>[\w\-]+)", "https://www.youtube.com/shorts/{id}"),
        (r"/live/(?P<id>[\w\-]+)", "https://www.youtube.com/live/{id}"),
    ],
}
EXAMPLES = {
    "instagram": "https://www.instagram.com/reel/…",
    "tiktok": "https://www.tiktok.com/@you/video/…",
    "youtube": "https://www.youtube.com/watch?v=…",
}


@dataclass(frozen=True)
class PostUrl:
    """A post's canonical address; `handle` in lower case where the address names the account."""

    url: str
    handle: str = ""


def parse_post_url(text: str, network: str) -> PostUrl:
    """The post behind an address people paste. Raises ValueError that says what is wrong with it."""
    try:
        parts = urlsplit(text.strip() if "://" in text else f"https://{text.strip()}")
        host = (parts.hostname or "").lower()
        plain = not (parts.port or parts.username or parts.password)
    except ValueError:
        raise ValueError("This isn't a web address.") from None
    if parts.scheme != "https" or not plain or "." not in host or len(text) > 400 or re.search(r"\s", text.strip()):
        raise ValueError("Paste the post's web address, beginning with https://.")
    if network not in HOSTS:
        return PostUrl(parts.geturl())
    if host not in HOSTS[network]:
        raise ValueError(f"This address isn't on {NAMES[network]}.")
    found = short_link(host, parts.path) or by_query(network, parts.path, parts.query) or by_path(network, parts.path)
    if found is None:
        raise ValueError(f"This isn't the address of a single post. It should look like {EXAMPLES[network]}")
    return found


def short_link(host: str, path: str) -> PostUrl | None:
    """Share links whose path is only an identifier."""
    name = re.fullmatch(r"/([\w\-]+)/?", path, re.ASCII)
    if name is None:
        return None
    if host == "youtu.be":
        return PostUrl(f"https://www.youtube.com/watch?v={name[1]}")
    return PostUrl(f"https://{host}/{name[1]}/") if host in {"vm.tiktok.com", "vt.tiktok.com"} else None


def by_query(network: str, path: str, query: str) -> PostUrl | None:
    video = parse_qs(query).get("v", [""])[0]
    if network != "youtube" or path.rstrip("/") != "/watch" or not re.fullmatch(r"[\w\-]+", video, re.ASCII):
        return None
    return PostUrl(f"https://www.youtube.com/watch?v={video}")


def by_path(network: str, path: str) -> PostUrl | None:
    for shape, canonical in SHAPES[network]:
        if match := re.fullmatch(shape + "/?", path, re.ASCII):
            parts = match.groupdict()
            handle = (parts.pop("handle", None) or "").lower()
            return PostUrl(canonical.format(handle=handle, **parts), handle)
    return None
