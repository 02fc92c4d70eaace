"""Handles however people write them: @name, plain, or an address with its tracking parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from creators.importing.numbers import is_missing, shorten

# Hosts that tell the network; sub-domains (www, m, mobile, vm …) count too.
HOSTS = {
    "instagram.com": "instagram",
    "instagr.am": "instagram",
    "tiktok.com": "tiktok",
    "youtube.com": "youtube",
    "youtu.be": "youtube",
}
NAMES = {
    "instagram": "instagram", "insta": "instagram", "ig": "instagram", "instagramm": "instagram",
    "tiktok": "tiktok", "tik tok": "tiktok", "tt": "tiktok", "douyin": "other", "musically": "tiktok",
    "youtube": "youtube", "you tube": "youtube", "yt": "youtube", "youtube shorts": "youtube",
}  # fmt: skip
OTHER = frozenset(
    ["facebook", "fb", "twitter", "x", "twitch", "snapchat", "pinterest", "linkedin", "threads", "blog", "podcast",
     "other", "kick", "bluesky", "reddit", "telegram", "vk"]
)  # fmt: skip
# Parts of an address that are pages of the network and never somebody's name.
PAGES = frozenset(
    ["p", "reel", "reels", "tv", "stories", "explore", "watch", "shorts", "playlist", "video", "tag", "feed"]
)
NESTED = {"youtube": ("channel", "c", "user"), "instagram": ("_u", "stories")}
PLAIN = re.compile(r"@?([a-z0-9][a-z0-9_]{0,29})")  # the usual case, told apart at once
HOST_IN = re.compile("|".join(map(re.escape, HOSTS)))
HANDLE = re.compile(r"[\w.·-]{1,60}")
INSTAGRAM = re.compile(r"[a-z0-9._]{1,30}")
TIKTOK = re.compile(r"[\w.]{1,30}")
PATTERNS = {"instagram": INSTAGRAM, "tiktok": TIKTOK}


@dataclass(frozen=True, slots=True)
class Handle:
    """`name` is lower case without @; `network` and `url` are empty where the text doesn't tell."""

    name: str
    network: str = ""
    url: str = ""


def parse_handle(text: str) -> Handle | None:
    """The account a text names, or None where it is missing. Raises ValueError for what can't be an account."""
    if (plain := PLAIN.fullmatch(text)) and not is_missing(text):
        return Handle(plain[1])
    text = text.strip().lstrip("'").strip().strip('"“”<>')
    if is_missing(text) or text == "@":
        return None
    return of_address(text) if looks_like_address(text) else Handle(checked(text.removeprefix("@"), text))


def looks_like_address(text: str) -> bool:
    return "://" in text or bool(HOST_IN.search(text.lower())) or text.lower().startswith("www.")


def of_address(text: str) -> Handle:
    parts = urlsplit(text if "://" in text else f"https://{text}")
    network = network_of_host(host_of(text))
    path = [unquote(part) for part in parts.path.split("/") if part]
    if not path:
        raise ValueError(f"“{shorten(text)}” is an address without an account")
    is_nested = path[0].lower() in NESTED.get(network, ()) and len(path) > 1
    name = path[1] if is_nested else path[0]
    if name.lower() in PAGES or network == "" or host_of(text).endswith("youtu.be"):
        raise ValueError(f"“{shorten(text)}” is not the address of an account")
    handle = checked(name.removeprefix("@"), text, network)
    return Handle(handle, network, address(network, path, handle))


def host_of(text: str) -> str:
    try:
        return (urlsplit(text if "://" in text else f"https://{text}").hostname or "").lower()
    except ValueError:
        return ""


def network_of_host(host: str) -> str:
    for known, network in HOSTS.items():
        if host == known or host.endswith(f".{known}"):
            return network
    return ""


def address(network: str, path: list[str], handle: str) -> str:
    """The address without tracking parameters. YouTube's channel ids keep their capitals: they matter there."""
    if network == "youtube" and path[0].lower() in NESTED["youtube"] and len(path) > 1:
        return f"https://www.youtube.com/{path[0].lower()}/{path[1]}"
    return {
        "instagram": f"https://www.instagram.com/{handle}/",
        "tiktok": f"https://www.tiktok.com/@{handle}",
        "youtube": f"https://www.youtube.com/@{handle}",
    }[network]


def checked(name: str, shown: str, network: str = "") -> str:
    """The name in lower case. Raises ValueError when the network could not have given it."""
    name = name.strip().lower()
    pattern = PATTERNS.get(network, HANDLE)
    if not pattern.fullmatch(name) or not any(character.isalnum() for character in name.replace("_", "a")):
        raise ValueError(f"“{shorten(shown)}” is not a handle")
    return name


def fits(name: str, network: str) -> bool:
    """Whether a plain handle could exist on a network."""
    return bool(PATTERNS.get(network, HANDLE).fullmatch(name))


def parse_network(text: str) -> str | None:
    """`IG`, `insta`, `TikTok`, an address …: the network's key, "other" for those we only store, None when missing."""
    if is_missing(text):
        return None
    plain = re.sub(r"[\s_-]+", " ", text.strip().lower())
    found = NAMES.get(plain) or NAMES.get(plain.replace(" ", "")) or network_of_host(host_of(plain))
    if found:
        return found
    if plain in OTHER:
        return "other"
    raise ValueError(f"“{shorten(text)}” is not a network we know")


def network_in(text: str) -> str:
    """The network that a file name or header mentions; empty where none or more than one does."""
    words = re.sub(r"[^a-z]+", " ", text.lower())
    keys = {"insta": "instagram", "tiktok": "tiktok", "youtub": "youtube"}
    found = {network for key, network in keys.items() if key in words}
    return found.pop() if len(found) == 1 else ""
