"""API keys of partners."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from groundswell.accounts.actions.keys import AlreadyRevoked, create_key, revoke_key
from groundswell.accounts.forms import KeyForm
from groundswell.accounts.models import ApiKey
from groundswell.web.attempts import attempt
from groundswell.web.decorators import BrandRequest, brand_page


@never_cache
@brand_page("own")
def api_keys(request: BrandRequest) -> HttpResponse:
    """The keys; a POST creates one and answers with it, the only time it is ever shown."""
    form = KeyForm(request.POST or None)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        row, key = create_key(request.brand, by=request.user, **form.cleaned_data)
        context = {"form": KeyForm(), "created": row, "key": key}
        messages.success(request, "The key is ready. Copy it now.")
    context["keys"] = ApiKey.objects.of(request.brand).select_related("created_by").order_by("revoked_at", "-pk")
    status = 422 if request.method == "POST" and "key" not in context else 200
    return render(request, "accounts/api_keys.html", context, status=status)


@require_POST
@brand_page("own")
def revoke_api_key(request: BrandRequest, prefix: str) -> HttpResponse:
    row = get_object_or_404(ApiKey.objects.of(request.brand), prefix=prefix)
    return attempt(
        request,
        lambda: revoke_key(row, by=request.user),
        to="accounts:api-keys",
        done=f"“{row.name}” opens nothing any more.",
        refusal=AlreadyRevoked,
    )
