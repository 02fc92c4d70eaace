"""What creators may do with their own data: take a copy, opt out, be forgotten."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creators.actions.copies import request_copy
from creators.actions.privacy import (
    ErasureRefused,
    ask_to_erase,
    confirm_erasure,
    opt_in,
    opt_out,
    read_erasure_link,
    wishes_of,
)
from creators.models import Creator, DataRequest, OptOut, Relationship
from groundswell.web.decorators import PortalRequest, portal_page
from groundswell.web.htmx import render_page

PAGE = "creators/portal_privacy.html"
WISHES = {
    OptOut.Wish.UNLISTED: "You are not listed any more.",
    OptOut.Wish.UNCONTACTED: "Brands can't e-mail you here.",
}


@require_GET
@never_cache
@portal_page
def privacy(request: PortalRequest) -> HttpResponse:
    wishes = wishes_of(request.user)
    public = Creator.objects.filter(owner=None, user=None, relationships__user=request.user).distinct()
    context = {
        "copies": list(DataRequest.objects.of_user(request.user).copies().order_by("-pk")[:5]),
        "unlisted": OptOut.Wish.UNLISTED in wishes,
        "uncontacted": OptOut.Wish.UNCONTACTED in wishes,
        "has_profile": Creator.objects.filter(user=request.user).exists(),
        "brands": Relationship.objects.filter(user=request.user).select_related("brand").order_by("brand__name"),
        "unclaimed": list(public.prefetch_related("accounts")),
    }
    return render(request, PAGE, context)


@require_POST
@portal_page
def copy(request: PortalRequest) -> HttpResponse:
    request_copy(request.user)
    messages.success(request, "Your copy is being put together.")
    return redirect("creators:portal-privacy")


@require_GET
@never_cache
@portal_page
def copy_progress(request: PortalRequest, code: str) -> HttpResponse:
    """The line of one copy, asked for every second while it is being made."""
    row = get_object_or_404(DataRequest.objects.of_user(request.user).copies(), code=code)
    return render_page(request, "creators/_copy.html", {"copy": row}, part="row")


@require_GET
@never_cache
@portal_page
def copy_file(request: PortalRequest, code: str) -> HttpResponseBase:
    row = get_object_or_404(DataRequest.objects.of_user(request.user).copies(), code=code)
    if not row.file:
        raise Http404("There is no file any more.")
    return FileResponse(row.file.open("rb"), as_attachment=True, filename="groundswell-my-data.zip")


@require_POST
@portal_page
def wish(request: PortalRequest, wish: str) -> HttpResponse:
    """Opt out, or back in with `on` empty."""
    if wish not in WISHES:
        raise Http404
    if request.POST.get("out"):
        opt_out(request.user, wish)
        messages.success(request, WISHES[OptOut.Wish(wish)])
    else:
        opt_in(request.user, wish)
        messages.success(request, "Taken back.")
    return redirect("creators:portal-privacy")


@require_POST
@portal_page
def erase(request: PortalRequest) -> HttpResponse:
    """Ask for the link that erases."""
    ask_to_erase(request.user)
    messages.success(request, f"We mailed a link to {request.user.email}. Your data is erased when you confirm there.")
    return redirect("creators:portal-privacy")


@require_http_methods(["GET", "POST"])
@never_cache
def erase_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """What the mailed link leads to: GET asks once more, POST erases."""
    try:
        if request.method == "GET":
            return render(request, "creators/erase_confirm.html", {"person": read_erasure_link(token)})
        confirm_erasure(token)
    except ErasureRefused as refusal:
        return render(request, "creators/erase_confirm.html", {"refusal": refusal}, status=410)
    logout(request)
    return render(request, "creators/erase_confirm.html", {"done": True})
