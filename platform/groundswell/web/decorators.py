"""Who may open a page. A stranger to the object gets 404, a member without the capability 403."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils import timezone

from groundswell.accounts.models import Brand, Membership, User

SESSION_KEY = "brand"
READING = ("GET", "HEAD", "OPTIONS")


class BrandRequest(HttpRequest):
    """A request of somebody at a brand."""

    user: User
    brand: Brand
    membership: Membership


class PortalRequest(HttpRequest):
    """A request of a creator."""

    user: User


type_of_view = Callable[..., HttpResponseBase]


def brand_page(capability: str | None = None, *, writes: bool = False) -> Callable[[type_of_view], type_of_view]:
    """A page of the brand team; sets `request.brand` and `request.membership`, and tells times by the brand's clock.

    Without a capability every member may read, and nobody writes. With one ("own", "manage", "review" …) a member
    without it gets 403 on every method, or only on writing ones when `writes` is true.
    """

    def decorate(view: type_of_view) -> type_of_view:
        @wraps(view)
        @login_required
        def wrapped(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.is_creator:
                return redirect("campaigns:portal")
            if capability is None and request.method not in READING:
                return HttpResponseNotAllowed(READING)
            membership = current_membership(request)
            if membership is None:
                return redirect("accounts:welcome")
            guarded = capability and not (writes and request.method in READING)
            if guarded and not membership.may(str(capability)):
                raise PermissionDenied("Your role at this brand does not allow this. Ask an owner.")
            request.membership, request.brand = membership, membership.brand
            with timezone.override(membership.brand.timezone):
                return view(request, *args, **kwargs)

        wrapped.audience = "brand"  # type: ignore[attr-defined]
        wrapped.capability = capability  # type: ignore[attr-defined]
        return wrapped

    return decorate


def portal_page(view: type_of_view) -> type_of_view:
    """A page of the creators' portal."""

    @wraps(view)
    @login_required(login_url="creators:portal-sign-in")
    def wrapped(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_creator:
            raise PermissionDenied("This is a page for creators. You are signed in for a brand.")
        return view(request, *args, **kwargs)

    wrapped.audience = "creator"  # type: ignore[attr-defined]
    return wrapped


def current_membership(request: HttpRequest) -> Membership | None:
    """The membership of the chosen brand, else the first one; None for people without a brand."""
    memberships = Membership.objects.select_related("brand").filter(user_id=request.user.pk or 0).order_by("pk")
    chosen = request.session.get(SESSION_KEY)
    return (memberships.filter(brand__code=chosen).first() if chosen else None) or memberships.first()
