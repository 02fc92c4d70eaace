"""The pages on which a brand names sizes of following, and sees what each of them is like."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import BaseFormSet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from creators.actions.tiers import set_tiers
from creators.forms.settings import BandForm, BandFormSet, SchemeForm
from creators.metrics.profiles import profiles_of
from creators.models import Network, TierScheme
from creators.tiers import PRESETS, SchemeRefusedError, bands_of, version_named, versions
from groundswell.web.decorators import BrandRequest, brand_page


@brand_page("manage", writes=True)
def tiers(request: BrandRequest) -> HttpResponse:
    """Show the scheme (`?preset=` fills the form with a published one); a POST replaces it."""
    scheme = TierScheme.objects.of(request.brand).prefetch_related("bands").first()
    if request.method == "POST":
        return save(request, scheme)
    preset = PRESETS.get(request.GET.get("preset", ""))
    bands: list[Any] = list(preset.bands if preset else bands_of(scheme) or PRESETS["flinque"].bands)
    title = preset.title if preset else scheme.name if scheme else PRESETS["flinque"].title
    rows = BandFormSet(initial=[BandForm.initial_of(band) for band in bands], prefix="band")
    return show(request, scheme, SchemeForm(initial={"name": title}), rows)


def save(request: BrandRequest, scheme: TierScheme | None) -> HttpResponse:
    form, rows = SchemeForm(request.POST), BandFormSet(request.POST, prefix="band")
    if form.is_valid() and rows.is_valid():
        kept = [row for row in rows if row.cleaned_data and not row.cleaned_data.get("DELETE")]
        try:
            set_tiers(request.brand, form.cleaned_data["name"], [row.band() for row in kept], by=request.user)
        except SchemeRefusedError as problem:
            if kept:
                kept[problem.row].add_error(None, str(problem))
            form.add_error(None, str(problem))
        else:
            messages.success(request, "Saved. Tiers everywhere follow the new bounds from now on.")
            return redirect("creators:tiers")
    return show(request, scheme, form, rows, status=422)


def show(
    request: BrandRequest, scheme: TierScheme | None, form: SchemeForm, rows: BaseFormSet[BandForm], status: int = 200
) -> HttpResponse:
    bands = bands_of(scheme)
    context = {
        "scheme": scheme,
        "form": form,
        "rows": rows,
        "presets": PRESETS,
        "bands": bands,
        "versions": versions(scheme) if scheme else [],
    }
    return render(request, "creators/tiers.html", context, status=status)


@require_GET
@brand_page()
def tier_profiles(request: BrandRequest) -> HttpResponse:
    """What each tier looks like in the brand's programme and directory, on one network at a time: `?network=`."""
    asked = request.GET.get("network", "")
    network = asked if asked in Network.values else Network.INSTAGRAM.value
    scheme = TierScheme.objects.of(request.brand).prefetch_related("bands").first()
    profiles = profiles_of(request.brand, network, scheme)
    context = {
        "profiles": profiles,
        "crowds": [
            ("programme", "Your programme", [(tier.band, tier.programme) for tier in profiles.tiers]),
            ("directory", "Your directory", [(tier.band, tier.directory) for tier in profiles.tiers]),
        ],
        "network": network,
        "networks": Network.choices[:3],
        "price_kind": f"whole_money:{profiles.currency}",
        "scheme": version_named(scheme),
    }
    return render(request, "creators/tier_profiles.html", context)
