"""One HTTP call: bounded in time and size, repeated with jitter where the fault is the network's, JSON or nothing."""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
from django.conf import settings

from creators.connectors import breaker
from creators.connectors.errors import BadAnswer, RateLimited, Unreachable

MOST_BYTES = 8 * 1024 * 1024
MOST_SECONDS = 60.0
TRIES = 3
UNKNOWN_WAIT = 60.0
LONGEST_WAIT = 24 * 3600.0


@dataclass(frozen=True)
class Answer:
    """What came back; `body` is always an object, empty where there was none; of a list asked for, its `items`."""

    status: int
    headers: httpx.Headers
    body: dict[str, Any]

    @property
    def is_fine(self) -> bool:
        return self.status < 400

    @property
    def wait(self) -> float:
        """Seconds that `Retry-After` asks for; a minute where it says nothing usable."""
        asked = self.headers.get("Retry-After", "")
        return min(float(asked), LONGEST_WAIT) if asked.isascii() and asked.isdigit() else UNKNOWN_WAIT


def send(
    network: str,
    method: str,
    url: str,
    *,
    tries: int = TRIES,
    is_list: bool = False,
    may_be_empty: bool = False,
    **request: Any,
) -> Answer:
    """The network's answer, be it a refusal. Raises Unreachable, BadAnswer or RateLimited (429, 503 with a wait).

    A call is repeated after transport errors and 5xx, at most `tries` times, after a random pause below
    backoff × 2ⁿ seconds ("full jitter"). After several calls in a row failed, nothing is asked for some minutes.
    """
    breaker.check(network)
    for attempt in range(1, tries + 1):
        try:
            answer = send_once(method, url, is_list=is_list, may_be_empty=may_be_empty, **request)
        except (httpx.HTTPError, httpx.InvalidURL):
            answer = None
        if answer is not None and answer.status < 500:
            breaker.worked(network)
            return answer
        if answer is not None and "Retry-After" in answer.headers:
            breaker.failed(network)
            raise RateLimited("The network asks for a pause.", answer.wait)
        if attempt < tries:
            time.sleep(random.uniform(0, settings.CONNECTOR_BACKOFF * 2**attempt))  # noqa: S311 no secret
    breaker.failed(network)
    raise Unreachable("The network doesn't answer.")


@cache
def client() -> httpx.Client:
    """One for the process, because reading the certificates takes longer than many a call; redirects are refusals."""
    return httpx.Client(follow_redirects=False)


def send_once(method: str, url: str, *, is_list: bool = False, may_be_empty: bool = False, **request: Any) -> Answer:
    started = time.monotonic()
    with client().stream(method, url, timeout=settings.CONNECTOR_TIMEOUT, **request) as response:
        body = bytearray()
        for piece in response.iter_bytes(65536):
            body += piece
            if len(body) > MOST_BYTES:
                raise BadAnswer("The network's answer is too large.")
            if time.monotonic() - started > MOST_SECONDS:
                raise httpx.ReadTimeout("The whole answer took too long.")
        if may_be_empty and not body:
            return Answer(response.status_code, response.headers, {})
        return Answer(response.status_code, response.headers, parsed(response, bytes(body), is_list=is_list))


def parsed(response: httpx.Response, body: bytes, *, is_list: bool = False) -> dict[str, Any]:
    """What is in the body. A refusal may come without anything, a success may not: raises BadAnswer."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        return found
    if is_list and isinstance(found, list):
        return {"items": found}
    if response.status_code < 300:
        raise BadAnswer("The network's answer can't be read.")
    if response.status_code < 400:
        raise BadAnswer("The network sends us somewhere else.")
    return {}
