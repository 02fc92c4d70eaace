"""What a brand decides about its relationships: fields of its own, and the rule of the lifecycle."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from creators.actions.fields import FieldRefusedError, change_field, create_field, delete_field
from creators.actions.lifecycle import RuleRefusedError, set_lifecycle
from creators.forms.settings import FieldForm, LifecycleForm
from creators.models import CustomField, Lifecycle, LifecycleRule
from groundswell.web.decorators import BrandRequest, brand_page


@brand_page("manage", writes=True)
def custom_fields(request: BrandRequest) -> HttpResponse:
    """All fields; a POST makes a new one."""
    form = FieldForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and made(request, form):
        return redirect("creators:custom-fields")
    status = 422 if request.method == "POST" else 200
    context = {"fields": CustomField.objects.of(request.brand), "form": form}
    return render(request, "creators/custom_fields.html", context, status=status)


def made(request: BrandRequest, form: FieldForm) -> bool:
    try:
        field = create_field(request.brand, by=request.user, **form.cleaned_data)
    except FieldRefusedError as problem:
        form.add_error(None, str(problem))
        return False
    messages.success(request, f"“{field}” stands on every profile now.")
    return True


@require_POST
@brand_page("manage")
def change_custom_field(request: BrandRequest, code: str) -> HttpResponse:
    """Another name or other choices; with `delete` the field and its values go."""
    field = get_object_or_404(CustomField.objects.of(request.brand), code=code)
    if "delete" in request.POST:
        delete_field(field, by=request.user)
        messages.success(request, f"“{field}” and its values are deleted.")
        return redirect("creators:custom-fields")
    form = FieldForm({"name": field.name, "kind": field.kind, **request.POST.dict()})
    try:
        if form.is_valid():
            change_field(field, name=form.cleaned_data["name"], choices=form.cleaned_data["choices"], by=request.user)
            messages.success(request, "Saved.")
        else:
            messages.error(request, "Give the field a name of up to 60 characters.")
    except FieldRefusedError as problem:
        messages.error(request, str(problem))
    return redirect("creators:custom-fields")


@brand_page("manage", writes=True)
def lifecycle(request: BrandRequest) -> HttpResponse:
    """The thresholds, and what they mean in words."""
    rule = LifecycleRule.objects.holding(request.brand)
    words = [(stage, stage.label, rule.words[stage]) for stage in Lifecycle]
    form = LifecycleForm(request.POST or None, instance=rule)
    if request.method == "POST" and form.is_valid():
        try:
            set_lifecycle(request.brand, by=request.user, **form.cleaned_data)
        except RuleRefusedError as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, "The lifecycle follows the new rule.")
            return redirect("creators:lifecycle")
    status = 422 if request.method == "POST" else 200
    return render(request, "creators/lifecycle.html", {"form": form, "words": words}, status=status)
