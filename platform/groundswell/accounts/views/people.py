"""Pages about oneself, whatever the brand."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.views import email as allauth_email
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from groundswell.accounts.actions.people import rename
from groundswell.accounts.forms import ProfileForm
from groundswell.accounts.models import User


class PersonRequest(HttpRequest):
    """A request of somebody who signs in for brands, with or without one yet."""

    user: User


def person_page(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page for everybody who signs in for brands; creators go to their portal."""

    @wraps(view)
    @login_required
    def wrapped(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_creator:
            return redirect("campaigns:portal")
        return view(request, *args, **kwargs)

    wrapped.audience = "person"  # type: ignore[attr-defined]
    return wrapped


@person_page
def profile(request: PersonRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        rename(request.user, form.cleaned_data["name"])
        messages.success(request, "Your name is saved.")
        return redirect("accounts:profile")
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/profile.html", {"form": form}, status=status)


@person_page
def email(request: PersonRequest) -> HttpResponseBase:
    """Change the address. Creators can't here: brands know them by theirs."""
    response: HttpResponseBase = allauth_email(request)
    return response
