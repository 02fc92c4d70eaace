"""Pages behind a link that is the proof: nothing is kept by caches or search engines, and guessing is slow."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

GUESSES, GUESSES_COUNT_FOR = 30, 900
OPENED = "shared-opened"


def shared_page(find: Callable[[str], Any]) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A page behind a shared link, called with what `find` finds behind the token: gone for a closed one.

    Whoever tries many links is made to wait.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def wrapped(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponse:
            row = find(token)
            if row is None:
                response = refused(request, 429 if is_guessing(request) else 404)
            else:
                response = view(request, row, token, **kwargs)
            response.headers["X-Robots-Tag"] = "noindex, nofollow"
            # Not “no-referrer”: browsers then send forms from “null”, which the check of origins refuses.
            response.headers["Referrer-Policy"] = "same-origin"
            add_never_cache_headers(response)
            return response

        return wrapped

    return decorate


def is_guessing(request: HttpRequest) -> bool:
    """Whether more than 30 links that lead nowhere were asked for from one address in a quarter of an hour."""
    key = f"shared:guess:{get_adapter().get_client_ip(request)}"
    cache.add(key, 0, GUESSES_COUNT_FOR)
    try:
        return int(cache.incr(key)) > GUESSES
    except ValueError:  # forgotten in this very moment
        return False


def refused(request: HttpRequest, status: int) -> HttpResponse:
    return render(request, "shared_closed.html", {"is_wait": status == 429}, status=status)


def ask_password(request: HttpRequest, what: str, action: str, *, is_wrong: bool = False) -> HttpResponse:
    """The form before a link with a password; nothing of what is behind it, not even its name or whose it is."""
    context = {"what": what, "action": action, "is_wrong": is_wrong}
    return render(request, "shared_password.html", context, status=403 if is_wrong else 200)


def is_opened(request: HttpRequest, row: Any) -> bool:
    """Whether the link has no password, or this browser has given it; a changed password is asked for again."""
    return not row.password or row.digest in request.session.get(OPENED, [])


def take_password(request: HttpRequest, row: Any, *, key: str, ask: Callable[..., HttpResponse]) -> HttpResponse | None:
    """Remember in the session that the password was given; else what to answer: to wait, or `ask` once more."""
    if not ratelimit.consume(request, action="shared_password", key=key):
        return refused(request, 429)
    if not row.admits(request.POST.get("password", "")):
        return ask(is_wrong=True)
    request.session[OPENED] = [*request.session.get(OPENED, [])[-20:], row.digest]
    return None
