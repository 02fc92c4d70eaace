"""The portal's page on which creators connect their own accounts."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creators.actions.connections import ConnectionRefused, connect_own
from creators.actions.connections import disconnect as cut
from creators.actions.revocations import hold_back
from creators.models import Connection, Network
from creators.views.consent import ConsentRefused, begin, is_configured, returned
from creators.views.consent import finish as fetch
from groundswell.web.decorators import PortalRequest, portal_page

KIND = Connection.Kind.OWN
BACK = "creators:portal-account-finish"


@require_GET
@never_cache
@portal_page
def accounts(request: PortalRequest) -> HttpResponse:
    rows = list(Connection.objects.of_user(request.user).order_by("network", "pk"))
    offered = [(name, Network(name).label, is_configured(name, KIND)) for name in ("instagram", "tiktok", "youtube")]
    return render(request, "creators/portal_accounts.html", {"rows": rows, "offered": offered})


@require_GET
@never_cache
@portal_page
def start(request: PortalRequest, network: str) -> HttpResponse:
    """Go to the network and ask."""
    try:
        return redirect(begin(request, network, KIND, back=BACK))
    except ConsentRefused as problem:
        messages.error(request, str(problem))
        return redirect("creators:portal-accounts")


@require_http_methods(["GET", "POST"])
@never_cache
@portal_page
def finish(request: PortalRequest, network: str) -> HttpResponse:
    """Back from the network: say what brands will see; a POST connects."""
    try:
        if request.method != "POST":
            asked = returned(request, network, KIND, request.GET)
            return render(request, "creators/portal_account_finish.html", {"asked": asked, "network": network})
        hold_back(network, KIND, user=request.user)
        row = connect_own(request.user, network, fetch(request, network, KIND, back=BACK))
    except (ConsentRefused, ConnectionRefused) as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, f"{row} is connected. Fresh numbers follow in a few minutes.")
    return redirect("creators:portal-accounts")


@require_POST
@portal_page
def disconnect(request: PortalRequest, code: str) -> HttpResponse:
    row = get_object_or_404(Connection.objects.of_user(request.user), code=code)
    name = str(row)
    cut(row, by=request.user)
    messages.success(request, f"{name} is disconnected, and our access is deleted.")
    return redirect("creators:portal-accounts")
