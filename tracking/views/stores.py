"""Connecting stores, and what they delivered lately."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from groundswell.web.attempts import attempt
from groundswell.web.decorators import BrandRequest, brand_page
from tracking.actions.stores import SameSecret, StoreTaken, change_secret, connect_store
from tracking.forms.stores import NewSecretForm, StoreForm
from tracking.models import ExchangeRate, Order, Store, WebhookDelivery


@brand_page("manage", writes=True)
def stores(request: BrandRequest) -> HttpResponse:
    """The brand's stores; a POST connects a shop."""
    form = StoreForm(request.POST or None)
    if request.method != "POST":
        return show(request, form)
    if not form.is_valid():
        return show(request, form, status=422)
    try:
        connect_store(request.brand, by=request.user, **form.cleaned_data)
    except StoreTaken as error:
        form.add_error("domain", str(error))
        return show(request, form, status=422)
    messages.success(request, "Connected. Now paste the address below into the shop's webhook settings.")
    return redirect("tracking:stores")


def show(request: BrandRequest, form: StoreForm, *, status: int = 200) -> HttpResponse:
    rows = Store.objects.of(request.brand).order_by("pk")
    waiting = Order.objects.of(request.brand).filter(unmatched=Order.Unmatched.RATE_MISSING)
    context = {
        "form": form,
        "stores": rows.annotate(
            received=Count("orders", distinct=True),
            problems=Count("deliveries", filter=~Q(deliveries__error=""), distinct=True),
        ),
        "deliveries": WebhookDelivery.objects.filter(store__brand=request.brand)
        .select_related("store")
        .defer("body")
        .order_by("-pk")[:20],
        "rates": ExchangeRate.objects.order_by("-day", "base", "quote")[:5],
        "waiting": waiting.count(),
        "now": timezone.now(),
    }
    return render(request, "tracking/stores.html", context, status=status)


@require_POST
@brand_page("manage")
def secret(request: BrandRequest, code: str) -> HttpResponse:
    """Replace a store's signing secret."""
    store = get_object_or_404(Store.objects.of(request.brand).filter(kind__in=Store.DELIVERING), code=code)
    form = NewSecretForm(request.POST)
    if not form.is_valid():
        messages.error(request, "The secret was not changed: it can't be empty, or longer than 200 characters.")
        return redirect("tracking:stores")
    return attempt(
        request,
        lambda: change_secret(store, by=request.user, **form.cleaned_data),
        to="tracking:stores",
        done=f"{store.name} signs with the new secret."
        + ("" if form.cleaned_data["is_leaked"] else " The old one is accepted for one more hour."),
        refusal=SameSecret,
    )
