"""What a campaign pays of subscriptions' later orders, and what these brought, apart from first orders."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from campaigns.models import Campaign
from groundswell.web.decorators import BrandRequest, brand_page
from tracking.actions.subscriptions import change_renewals
from tracking.forms.subscriptions import RenewalPolicyForm
from tracking.models import RenewalPolicy
from tracking.reports.renewals import apart


@brand_page("manage", writes=True)
def renewals(request: BrandRequest, code: str) -> HttpResponse:
    """First orders and renewals side by side; a POST changes the policy."""
    campaign = get_object_or_404(Campaign.objects.of(request.brand).select_related("brand"), code=code)
    form = RenewalPolicyForm(request.POST or None, initial=chosen(campaign))
    if request.method == "POST" and form.is_valid():
        change_renewals(campaign, by=request.user, **form.cleaned_data)
        messages.success(request, "Saved. It holds for renewals from now on.")
        return redirect("tracking:renewals", campaign.code)
    context = {"campaign": campaign, "form": form, "kinds": apart(campaign)}
    return render(request, "tracking/renewals.html", context, status=422 if form.errors else 200)


def chosen(campaign: Campaign) -> dict[str, Any]:
    policy = RenewalPolicy.objects.filter(campaign=campaign).first() or RenewalPolicy()
    return {"kind": policy.kind, "number": policy.number or None}
