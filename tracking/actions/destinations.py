"""Where links may lead: pages of the brand's own sites, and its own apps. Never elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from campaigns.models import Campaign
from tracking.models import LinkRules
from tracking.schemes import NEVER_APPS, SCHEME

APP_STORES = ("apps.apple.com", "play.google.com")


class LinkRefusedError(Exception):
    """A change to a link that is not allowed; the message says what to do."""


class ForeignDestinationError(LinkRefusedError):
    """A destination that is not on one of the brand's own sites."""


class Allowed:
    """The hosts of a campaign's landing page and of its brand, those the brand added, and what lies below them."""

    def __init__(self, campaign: Campaign) -> None:
        rules = LinkRules.objects.filter(brand=campaign.brand_id).first()
        sites = [urlsplit(url).hostname or "" for url in (campaign.landing_url, campaign.brand.website)]
        self.home = bare(sites[0])
        self.hosts = [bare(host) for host in [*sites, *(rules.hosts if rules else [])] if host]
        self.schemes = rules.app_schemes if rules else []

    def check(self, url: str) -> None:
        """Raises ForeignDestinationError for what is not HTTPS on an allowed host."""
        if not is_page_on(url, self.hosts):
            names = " or ".join(dict.fromkeys(self.hosts)) or "the campaign's site"
            raise ForeignDestinationError(f"A link must lead to a page on {names} and start with https://.")

    def check_app(self, url: str) -> None:
        """A deep link: an allowed page, an app store, or an app whose scheme the brand has added."""
        scheme = url.partition(":")[0].lower()
        is_app = scheme in self.schemes and is_scheme(scheme) and bool(urlsplit(url).netloc)
        if not is_app and not is_page_on(url, [*self.hosts, *APP_STORES]):
            known = ", ".join(f"{name}://" for name in self.schemes) or "none yet"
            where = "with https:// on your own sites or an app store, or with an app of yours"
            raise ForeignDestinationError(f"A deep link starts {where} ({known}).")


def bare(host: str) -> str:
    return host.lower().removeprefix("www.")


def is_scheme(text: str) -> bool:
    return bool(SCHEME.fullmatch(text)) and text not in {*NEVER_APPS, "https"}


def is_page_on(url: str, hosts: Iterable[str]) -> bool:
    """Whether a URL is HTTPS on the usual port of one of the hosts or below it, without a user or a trick in it."""
    try:
        parts = urlsplit(url)
        host, odd = parts.hostname or "", bool(parts.username or parts.port not in {None, 443} or "\\" in url)
    except ValueError:
        return False
    if parts.scheme != "https" or odd or not url.isprintable():
        return False
    return any(host == home or host.endswith(f".{home}") for home in hosts if home)
