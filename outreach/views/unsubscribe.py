"""One click and it is quiet: RFC 8058. No sign-in, no cookie, no redirect; a GET changes nothing."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from outreach.actions.suppressions import UnknownLink, read_link
from outreach.actions.suppressions import unsubscribe as unsubscribe_action


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks (scanners open links), POST does it; a second POST answers the same."""
    try:
        brand = unsubscribe_action(token) if request.method == "POST" else read_link(token)[0]
    except UnknownLink as error:
        raise Http404(str(error)) from error
    return render(request, "outreach/unsubscribe.html", {"brand": brand, "done": request.method == "POST"})
