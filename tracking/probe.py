"""Looking whether a page that links lead to answers, without being led into our own network.

Every host on the way is resolved here, refused when one of its addresses is not public, and then asked at exactly the
address that was checked, so that a name cannot change its mind in between.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import httpx

from groundswell.lib.hosts import addresses_of, is_public

HOPS = 5
TIMEOUT = httpx.Timeout(8.0)
AGENT = "Groundswell-LinkCheck/1.0"
# Names that never lead anywhere (RFC 2606, RFC 6761).
RESERVED = (".example", ".test", ".invalid", ".localhost", ".example.com", ".example.org", ".example.net")
ASK_AGAIN = {403, 405, 501}
Resolve = Callable[[str], list[str]]


class Finding(NamedTuple):
    """`state` is fine, broken or skipped (DestinationCheck.State); `status` the last answer's, if any."""

    state: str
    status: int | None
    note: str


class RefusedHostError(Exception):
    """The host is not on the public internet."""


class Probe:
    """`resolve` and `transport` stand for the network in tests."""

    def __init__(self, resolve: Resolve = addresses_of, transport: httpx.BaseTransport | None = None) -> None:
        self.resolve, self.transport = resolve, transport

    def look(self, url: str) -> Finding:
        """Follow a URL to its end: five hops, HTTPS only. Never raises for what the other side does."""
        host = f".{urlsplit(url).hostname or ''}"
        if host.endswith(RESERVED):
            return Finding("skipped", None, "An example address is not looked up.")
        try:
            with httpx.Client(transport=self.transport, timeout=TIMEOUT, trust_env=False) as client:
                return self.follow(client, url)
        except RefusedHostError as refusal:
            return Finding("broken", None, str(refusal))
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            return Finding("broken", None, f"No answer: {error or type(error).__name__}"[:200])

    def follow(self, client: httpx.Client, url: str) -> Finding:
        for _ in range(HOPS):
            answer = self.ask(client, "HEAD", url)
            if answer.status_code in ASK_AGAIN:
                answer = self.ask(client, "GET", url)
            if not answer.has_redirect_location:
                return judged(answer.status_code)
            url = urljoin(url, answer.headers["Location"])
            if urlsplit(url).scheme != "https":
                return Finding("broken", answer.status_code, "It leads on to an address without https.")
        return Finding("broken", None, "It leads on and on.")

    def ask(self, client: httpx.Client, method: str, url: str) -> httpx.Response:
        """One request to the address that was checked; the body stays unread."""
        parts = httpx.URL(url)
        address = self.public_address(parts.host)
        at = parts.copy_with(host=address)
        headers = {"Host": parts.netloc.decode(), "User-Agent": AGENT, "Accept": "text/html,*/*;q=0.1"}
        request = client.build_request(method, at, headers=headers, extensions={"sni_hostname": parts.host})
        answer = client.send(request, stream=True)
        answer.close()
        return answer

    def public_address(self, host: str) -> str:
        addresses = self.resolve(host)
        if not addresses or not all(is_public(address) for address in addresses):
            raise RefusedHostError(f"{host} is not on the public internet.")
        return addresses[0]


def judged(status: int) -> Finding:
    """What an answer says: 404, 410 and 5xx are broken; 401, 403 and 429 only keep machines out."""
    if status in {404, 410} or status >= 500:
        return Finding("broken", status, f"The page answers {status}.")
    return Finding("fine", status, "" if status < 400 else f"The page answers {status} to machines.")
