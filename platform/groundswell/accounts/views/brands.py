"""A brand's first day, its settings, and the switch between brands."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from groundswell.accounts.actions.brands import change_brand, create_brand
from groundswell.accounts.forms import BrandForm, WelcomeForm
from groundswell.accounts.models import Membership
from groundswell.accounts.views.people import PersonRequest, person_page
from groundswell.web.decorators import SESSION_KEY, BrandRequest, brand_page


@person_page
def welcome(request: PersonRequest) -> HttpResponse:
    """Create a brand; `?another=1` lets somebody with a brand create one more."""
    memberships = Membership.objects.filter(user=request.user)
    if request.method == "GET" and "another" not in request.GET and memberships.exists():
        return redirect("web:home")
    form = WelcomeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        brand = create_brand(by=request.user, **form.cleaned_data)
        request.session[SESSION_KEY] = brand.code
        messages.success(request, f"{brand} is set up. Bring your first creators in.")
        return redirect("web:home")
    return render(request, "accounts/welcome.html", {"form": form}, status=status_of(request))


@brand_page("manage", writes=True)
def brand(request: BrandRequest) -> HttpResponse:
    """What the brand is called, where it is, and what creators see in its e-mails."""
    form = BrandForm(request.POST or None, instance=request.brand)
    if request.method == "POST" and form.is_valid():
        change_brand(request.brand, by=request.user, **form.cleaned_data)
        messages.success(request, "The brand's settings are saved.")
        return redirect("accounts:brand")
    return render(request, "accounts/brand.html", {"form": form}, status=status_of(request))


@require_POST
@person_page
def switch(request: PersonRequest, code: str) -> HttpResponse:
    """Work for another of one's brands from now on."""
    membership = get_object_or_404(Membership, user=request.user, brand__code=code)
    request.session[SESSION_KEY] = membership.brand.code
    return redirect("web:home")


def status_of(request: HttpRequest) -> int:
    """200 for a form that is shown, 422 for one that comes back."""
    return 422 if request.method == "POST" else 200
