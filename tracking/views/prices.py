"""Earned media value: a brand's own dated prices, and whether it wants to see the estimate."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from groundswell.web.decorators import BrandRequest, brand_page
from tracking.actions.prices import drop_prices, set_prices, show_media_value
from tracking.forms.prices import PricesForm
from tracking.models import PriceList
from tracking.reports.worth import is_shown


@brand_page("manage", writes=True)
def media_value(request: BrandRequest) -> HttpResponse:
    """The lists; a POST sets the prices that hold from a day on."""
    form = PricesForm(request.POST or None, initial={"starts_on": request.brand.day()})
    if request.method != "POST" or not form.is_valid():
        return show(request, form)
    facts = {name: form.cleaned_data[name] for name in ("starts_on", "network", "source")}
    held = set_prices(request.brand, prices=form.prices(), by=request.user, **facts)
    messages.success(request, f"These prices hold from {held.starts_on:%-d %B %Y} on.")
    return redirect("tracking:media-value")


def show(request: BrandRequest, form: PricesForm) -> HttpResponse:
    context = {
        "form": form,
        "lists": PriceList.objects.of(request.brand).select_related("set_by").prefetch_related("prices"),
        "is_shown": is_shown(request.brand),
        "today": request.brand.day(),
    }
    return render(request, "tracking/media_value.html", context, status=422 if form.errors else 200)


@require_POST
@brand_page("manage")
def media_value_show(request: BrandRequest) -> HttpResponse:
    """Show the estimate beside the returns (`shown=yes`), or don't."""
    wanted = request.POST.get("shown") == "yes"
    show_media_value(request.brand, is_shown=wanted, by=request.user)
    messages.success(request, "The estimate is shown beside the returns." if wanted else "The estimate is not shown.")
    return redirect("tracking:media-value")


@require_POST
@brand_page("manage")
def media_value_drop(request: BrandRequest, pk: int) -> HttpResponse:
    """Forget a list."""
    drop_prices(get_object_or_404(PriceList.objects.of(request.brand), pk=pk), by=request.user)
    messages.success(request, "The list is forgotten; the one before it holds.")
    return redirect("tracking:media-value")
