"""The brand's access to networks, and asking for fresh numbers of a creator."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from creators.actions.connections import ConnectionRefused, connect_brand, connect_key
from creators.actions.connections import disconnect as cut
from creators.actions.quotas import used_now
from creators.actions.refreshes import NothingConnected, request_refresh
from creators.actions.revocations import hold_back
from creators.forms.settings import KeyForm
from creators.models import Connection, Creator
from creators.views.consent import ConsentRefused, begin, is_configured, returned
from creators.views.consent import finish as fetch
from groundswell.web.attempts import attempt
from groundswell.web.decorators import BrandRequest, brand_page

KIND = Connection.Kind.BRAND
BACK = "creators:connection-finish"


@never_cache
@sensitive_post_parameters()
@brand_page("own", writes=True)
def connections(request: BrandRequest) -> HttpResponse:
    """The brand's connections; a POST adds or replaces its YouTube key."""
    form = KeyForm(request.POST or None)
    if request.method != "POST":
        return show(request, form)
    if not form.is_valid():
        return show(request, form, status=422)
    try:
        connect_key(request.brand, form.cleaned_data["key"], by=request.user)
    except ConnectionRefused as problem:
        form.add_error("key", str(problem))
        return show(request, form, status=422)
    messages.success(request, "YouTube is connected. The channels that matter to you are refreshed first.")
    return redirect("creators:connections")


def show(request: BrandRequest, form: KeyForm, *, status: int = 200) -> HttpResponse:
    rows = list(Connection.objects.of(request.brand).select_related("created_by").order_by("network", "pk"))
    context: dict[str, Any] = {
        "form": form,
        "rows": [(row, *used) for row, used in zip(rows, used_now(rows), strict=True)],
        "has_key": any(row.kind == Connection.Kind.KEY for row in rows),
        "operator": Connection.objects.of_operator().live().exists(),
        "instagram_ready": is_configured("instagram", KIND),
        "now": timezone.now(),
    }
    return render(request, "creators/connections.html", context, status=status)


@never_cache
@brand_page("own")
@require_GET
def start(request: BrandRequest, network: str) -> HttpResponse:
    """Go to the network and ask."""
    try:
        return redirect(begin(request, network, KIND, back=BACK))
    except ConsentRefused as problem:
        messages.error(request, str(problem))
        return redirect("creators:connections")


@never_cache
@brand_page("own")
def finish(request: BrandRequest, network: str) -> HttpResponse:
    """Back from the network: show what comes next; a POST connects."""
    try:
        if request.method != "POST":
            asked = returned(request, network, KIND, request.GET)
            return render(request, "creators/connection_finish.html", {"asked": asked, "network": network})
        hold_back(network, KIND, brand=request.brand)
        row = connect_brand(request.brand, network, fetch(request, network, KIND, back=BACK), by=request.user)
    except (ConsentRefused, ConnectionRefused) as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, f"{row} is connected.")
    return redirect("creators:connections")


@require_POST
@brand_page("own")
def disconnect(request: BrandRequest, code: str) -> HttpResponse:
    row = get_object_or_404(Connection.objects.of(request.brand), code=code)
    name = str(row)
    cut(row, by=request.user)
    messages.success(request, f"{name} is disconnected, and its secrets are deleted.")
    return redirect("creators:connections")


@require_POST
@brand_page("manage")
def refresh(request: BrandRequest, code: str) -> HttpResponse:
    """Ask the networks about this creator now."""
    creator = get_object_or_404(Creator.objects.of(request.brand), code=code)
    return attempt(
        request,
        lambda: request_refresh(request.brand, creator, by=request.user),
        to=creator.get_absolute_url(),
        done="Fresh numbers are on their way, where the last ones are older than an hour.",
        refusal=NothingConnected,
    )
