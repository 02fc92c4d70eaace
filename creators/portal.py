"""Pages on which creators come in and go out of the portal."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth import update_session_auth_hash as keep_signed_in
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme as is_local
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from creators.actions import claims
from creators.actions.claims import ClaimRefused, ask_to_join, read_join_link
from creators.actions.portal import AccountClosed, BrandAddress, Entry, PortalRefusal, enter_portal, read_link
from creators.actions.portal import request_link as mail_link
from creators.actions.removals import (
    RemovalRefused,
    ask_to_remove,
    begin_removal,
    cancel_removal,
    read_cancel_link,
    read_removal_link,
    removal_of,
)
from creators.forms.portal import JoinForm, RemovalForm
from creators.models import Removal
from groundswell.accounts.forms import THREE_WORDS, AddressForm
from groundswell.accounts.models import User
from groundswell.web.decorators import PortalRequest, portal_page
from groundswell.web.htmx import invalid

LANDINGS = {
    "campaigns:portal",
    "campaigns:portal-collaboration",
    "campaigns:portal-contract",
    "creators:portal-password",
    "creators:portal-profile",
    "creators:portal-evidence",
    "creators:portal-kit",
    "creators:portal-privacy",
}
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@never_cache
@require_http_methods(["GET", "POST"])
def portal_enter(request: HttpRequest, token: str) -> HttpResponse:
    """Sign in by a link; where somebody else is signed in in this browser, ask first."""
    try:
        entry = read_link(token)
        if request.method == "GET" and is_somebody_else(request, entry):
            return render(request, "creators/portal_switch.html", {"entry": entry})
        user = enter_portal(token)
    except PortalRefusal as refusal:
        return render(
            request, "creators/portal_refused.html", {"refusal": refusal, "can_ask": can_ask(refusal)}, status=410
        )
    if request.user.is_authenticated and request.user.pk != user.pk:
        logout(request)
    login(request, user, backend=BACKEND)
    return redirect(landing(request))


def is_somebody_else(request: HttpRequest, entry: Entry) -> bool:
    return request.user.is_authenticated and request.user.email.lower() != entry.address


def can_ask(refusal: PortalRefusal) -> bool:
    """Whether a fresh link from the sign-in page would help."""
    return not isinstance(refusal, BrandAddress | AccountClosed)


def landing(request: HttpRequest) -> str:
    """Where the link leads: `?next=` if it is a page of the portal, else the portal's first page."""
    wanted = request.GET.get("next", "")
    return wanted if is_local(wanted, allowed_hosts=None) and is_landing(wanted) else reverse("campaigns:portal")


def is_landing(address: str) -> bool:
    """Whether the router leads this very path to a page of the portal that stands by itself."""
    try:
        return resolve(urlsplit(address).path).view_name in LANDINGS
    except Resolver404:
        return False


@never_cache
def portal_sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for a link by e-mail. The answer never tells whether the address is known."""
    if request.user.is_authenticated and request.user.is_creator:
        return redirect(landing(request))
    form = AddressForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "creators/portal_sign_in.html", {"form": form}, status=status)
    address = form.cleaned_data["email"]
    if not may_ask(request, address):
        return too_often(request)
    mail_link(address, landing(request) if "next" in request.GET else "")
    return render(request, "creators/portal_sent.html", {"address": address})


def too_often(request: HttpRequest) -> HttpResponse:
    response = render(request, "creators/portal_wait.html", status=429)
    response.headers["Retry-After"] = "900"
    return response


def may_ask(request: HttpRequest, address: str) -> bool:
    """How often is set with the other limits of signing in, in ACCOUNT_RATE_LIMITS."""
    return bool(ratelimit.consume(request, action="portal_link", key=address.lower()))


@portal_page
def portal_password(request: PortalRequest) -> HttpResponse:
    """Choose a password, for signing in without a link."""
    form = password_form(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        keep_signed_in(request, form.user)
        messages.success(request, "Your password is set. You can sign in with it from now on.")
        return redirect("campaigns:portal")
    status = 422 if request.method == "POST" else 200
    return render(request, "creators/portal_password.html", {"form": form}, status=status)


def password_form(user: User, data: Any) -> SetPasswordForm[User]:
    """A link proved the address already, so the old password isn't asked for."""
    form: SetPasswordForm[User] = SetPasswordForm(user, data)
    form.fields["new_password1"].label, form.fields["new_password2"].label = "New password", "Once more"
    form.fields["new_password1"].help_text = THREE_WORDS
    form.fields["new_password2"].help_text = ""
    return form


@require_POST
def portal_sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("creators:portal-sign-in")


@never_cache
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Name, address and account; the answer never tells whether the address is known."""
    if request.user.is_authenticated and request.user.is_creator:
        return redirect("creators:portal-profile")
    form = JoinForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "creators/join.html", {"form": form}, status=status)
    if not may_ask(request, form.cleaned_data["email"]):
        return too_often(request)
    try:
        ask_to_join(**form.cleaned_data)
    except ClaimRefused as refusal:
        form.add_error("handle", str(refusal))
        return invalid(request, "creators/join.html", {"form": form})
    return render(request, "creators/join_sent.html", {"address": form.cleaned_data["email"]})


@never_cache
@require_http_methods(["GET", "POST"])
def join_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """What the mailed link leads to: GET asks, POST makes the sign-in and the claim."""
    try:
        said = read_join_link(token)
        if request.method == "GET":
            return render(request, "creators/join_confirm.html", {"said": said})
        user = claims.join(token)
    except ClaimRefused as refusal:
        return render(request, "creators/join_confirm.html", {"refusal": refusal}, status=410)
    login(request, user, backend=BACKEND)
    messages.success(request, "Welcome. We look at your account next, and write to you.")
    return redirect("creators:portal-profile")


# Going without ever having come


@never_cache
@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest) -> HttpResponse:
    """What we keep and how to end it; a POST mails a link, whoever asks about whomever."""
    form = RemovalForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "creators/remove.html", {"form": form, "grace": Removal.GRACE.days}, status=status)
    address = form.cleaned_data["email"]
    if not (may_ask(request, address) and ratelimit.consume(request, action="removal_link", key=address.lower())):
        return too_often(request)
    try:
        ask_to_remove(**form.cleaned_data)
    except RemovalRefused as refusal:
        form.add_error("handle", str(refusal))
        return invalid(request, "creators/remove.html", {"form": form, "grace": Removal.GRACE.days})
    return render(request, "creators/remove_sent.html", {"address": address})


@never_cache
@require_http_methods(["GET", "POST"])
def remove_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """What the mailed link leads to: GET shows how far it is, POST begins it or looks once more for the proof."""
    try:
        said = read_removal_link(token)
        if request.method == "POST":
            if not ratelimit.consume(request, action="removal", key=":".join(said.values())):
                return too_often(request)
            begin_removal(token)
            return redirect("creators:remove-confirm", token)
    except RemovalRefused as refusal:
        return render(request, "creators/remove_confirm.html", {"refusal": refusal}, status=410)
    context = {"said": said, "account": str(Removal(**{**said, "email": ""})), "removal": removal_of(said)}
    return render(request, "creators/remove_confirm.html", {**context, "patience": Removal.PATIENCE.days})


@never_cache
@require_http_methods(["GET", "POST"])
def remove_cancel(request: HttpRequest, token: str) -> HttpResponse:
    """What the link in the confirmation leads to: GET asks, POST keeps everything."""
    try:
        row = read_cancel_link(token)
        if request.method == "POST":
            cancel_removal(token)
            return render(request, "creators/remove_cancel.html", {"done": True})
    except RemovalRefused as refusal:
        return render(request, "creators/remove_cancel.html", {"refusal": refusal}, status=410)
    return render(request, "creators/remove_cancel.html", {"removal": row})
