"""Members, roles and invitations."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from groundswell.accounts.actions.people import AddressTaken
from groundswell.accounts.actions.team import (
    TeamRefusal,
    accept_invitation,
    change_role,
    invite_member,
    join_as_new,
    read_invitation,
    remove_member,
    resend_invitation,
    revoke_invitation,
)
from groundswell.accounts.forms import InviteForm, JoinForm, RoleForm
from groundswell.accounts.models import Invitation, Membership, Role, User
from groundswell.web.attempts import attempt
from groundswell.web.decorators import SESSION_KEY, BrandRequest, brand_page

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
TEAM = "accounts:team"
# What each role is for, in the words of the team page.
ROLES = {
    Role.OWNER: "Everything, with the team, the keys and the money.",
    Role.MANAGER: "Creators, campaigns, offers and messages.",
    Role.REVIEWER: "Reads everything and reviews content.",
    Role.FINANCE: "Reads everything and handles costs and payments.",
    Role.VIEWER: "Reads everything, changes nothing.",
}


@brand_page()
def team(request: BrandRequest) -> HttpResponse:
    return team_page(request, InviteForm())


def team_page(request: BrandRequest, form: InviteForm, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "members": Membership.objects.of(request.brand).select_related("user").order_by("created_at", "pk"),
        "invitations": Invitation.objects.of(request.brand).filter(accepted_at=None).order_by("-asked_at"),
        "roles": [(role.label, ROLES[role]) for role in Role],
        "role_choices": Role.choices,
    }
    return render(request, "accounts/team.html", context, status=status)


@require_POST
@brand_page("own")
def invite(request: BrandRequest) -> HttpResponse:
    form = InviteForm(request.POST)
    if form.is_valid():
        try:
            row = invite_member(request.brand, by=request.user, **form.cleaned_data)
        except TeamRefusal as refusal:
            form.add_error("email", str(refusal))
        else:
            messages.success(request, f"An invitation is on its way to {row.email}.")
            return redirect(TEAM)
    return team_page(request, form, status=422)


@require_POST
@brand_page("own")
def resend(request: BrandRequest, code: str) -> HttpResponse:
    row = get_object_or_404(Invitation.objects.of(request.brand), code=code)
    return attempt(
        request,
        lambda: resend_invitation(row, by=request.user),
        to=TEAM,
        done=f"The invitation goes to {row.email} once more.",
        refusal=TeamRefusal,
    )


@require_POST
@brand_page("own")
def revoke(request: BrandRequest, code: str) -> HttpResponse:
    row = get_object_or_404(Invitation.objects.of(request.brand), code=code)
    return attempt(
        request,
        lambda: revoke_invitation(row, by=request.user),
        to=TEAM,
        done=f"The invitation of {row.email} is withdrawn.",
        refusal=TeamRefusal,
    )


@require_POST
@brand_page("own")
def role(request: BrandRequest, code: str) -> HttpResponse:
    row = get_object_or_404(Membership.objects.of(request.brand).select_related("user"), code=code)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose one of the roles.")
        return redirect(TEAM)
    chosen = Role(form.cleaned_data["role"])
    return attempt(
        request,
        lambda: change_role(row, chosen, by=request.user),
        to=TEAM,
        done=f"{row.user} is {chosen.label.lower()} now.",
        refusal=TeamRefusal,
    )


@require_POST
@brand_page("own")
def remove(request: BrandRequest, code: str) -> HttpResponse:
    row = get_object_or_404(Membership.objects.of(request.brand).select_related("user"), code=code)
    to = "web:home" if row.user == request.user else TEAM
    return attempt(
        request,
        lambda: remove_member(row, by=request.user),
        to=to,
        done=f"{row.user} left the team.",
        refusal=TeamRefusal,
    )


@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link in an invitation, for people with and without a sign-in."""
    try:
        row = read_invitation(token)
        if request.user.is_authenticated:
            return join(request, row)
        person = User.objects.filter(email__iexact=row.email).first()
        return sign_in_first(request, row, person) if person else join_new(request, row)
    except (TeamRefusal, AddressTaken) as refusal:
        return render(request, "accounts/invitation_closed.html", {"refusal": refusal}, status=410)


def join(request: HttpRequest, row: Invitation) -> HttpResponse:
    """For somebody who is signed in: one button, if the invitation is theirs."""
    if request.method == "POST":
        accept_invitation(row, User.objects.get(email=request.user.get_username()))
        return joined(request, row)
    mine = str(getattr(request.user, "email", "")).lower() == row.email.lower()
    return render(request, "accounts/invitation.html", {"invitation": row, "mine": mine})


def join_new(request: HttpRequest, row: Invitation) -> HttpResponse:
    """For somebody new: name and password; the e-mail proved the address."""
    form = JoinForm(request.POST or None, email=row.email)
    if request.method == "POST" and form.is_valid():
        user = join_as_new(row, **form.cleaned_data)
        login(request, user, backend=BACKEND)
        return joined(request, row)
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/invitation_new.html", {"invitation": row, "form": form}, status=status)


def sign_in_first(request: HttpRequest, row: Invitation, person: User) -> HttpResponse:
    """For somebody with a sign-in: their password first, then back to this page."""
    back = f"{reverse('account_login')}?{urlencode({'next': request.path})}"
    context = {"invitation": row, "person": person, "sign_in_url": back}
    return render(request, "accounts/invitation_sign_in.html", context)


def joined(request: HttpRequest, row: Invitation) -> HttpResponse:
    request.session[SESSION_KEY] = row.brand.code
    messages.success(request, f"Welcome to {row.brand}.")
    return redirect("web:home")
