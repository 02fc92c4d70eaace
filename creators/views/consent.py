"""Sending a person to a network to ask for their consent, and taking them back: OAuth's two ends in the browser.

The state is bound to the browser's session and works once. Coming back only shows what is about to happen; the tokens
are fetched when the person presses the button, so reading an address never writes.
"""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.urls import reverse

from creators.connectors.errors import ConnectorError
from creators.connectors.networks import LOGINS, login
from creators.connectors.protocol import Grant

SESSION_KEY = "connecting"
DENIED = "You did not allow it, so nothing was connected."
STALE = "This answer doesn't belong to a question of this browser, or it was used already. Start again."


class ConsentRefused(Exception):
    """No consent, or none for this browser; the message is for the person."""


def is_configured(network: str, kind: str) -> bool:
    return (network, kind) in LOGINS and login(network, kind).is_configured


def address_of(route: str, network: str) -> str:
    return settings.SITE_URL + reverse(route, args=[network])


def begin(request: HttpRequest, network: str, kind: str, *, back: str) -> str:
    """The network's page to send the person to. Raises ConsentRefused where this installation isn't registered."""
    if (network, kind) not in LOGINS:
        raise Http404
    if not is_configured(network, kind):
        raise ConsentRefused("Whoever runs this installation has not registered it with the network yet.")
    fresh = {"state": secrets.token_urlsafe(32), "verifier": secrets.token_urlsafe(64)}
    asked = {"network": network, "kind": kind, **fresh}
    request.session[SESSION_KEY] = asked
    return login(network, kind).authorise_url(asked["state"], address_of(back, network), asked["verifier"])


def returned(request: HttpRequest, network: str, kind: str, values: Any) -> dict[str, str]:
    """The question that this answer belongs to, with its code. Raises ConsentRefused."""
    asked = request.session.get(SESSION_KEY) or {}
    is_ours = asked.get("network") == network and asked.get("kind") == kind
    if not is_ours or not secrets.compare_digest(str(asked.get("state")), values.get("state", "")):
        raise ConsentRefused(STALE)
    if not values.get("code"):
        raise ConsentRefused(DENIED)
    return {**asked, "code": values["code"][:2000].removesuffix("#_")}


def finish(request: HttpRequest, network: str, kind: str, *, back: str) -> Grant:
    """The tokens for the answer in the form. Raises ConsentRefused; the question is used up either way."""
    try:
        asked = returned(request, network, kind, request.POST)
    finally:
        request.session.pop(SESSION_KEY, None)
    try:
        return login(network, kind).exchange_code(asked["code"], address_of(back, network), asked["verifier"])
    except ConnectorError as problem:
        raise ConsentRefused(str(problem)) from problem
