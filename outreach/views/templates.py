"""The brand's e-mail templates, with a live preview."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from groundswell.web.decorators import BrandRequest, brand_page
from outreach.actions.templates import (
    NameTaken,
    add_starters,
    change_template,
    create_template,
    delete_template,
)
from outreach.addressees import sender_name
from outreach.forms import TemplateForm
from outreach.models import EmailTemplate
from outreach.rendering import VARIABLES, TemplateProblem, render_subject, uses
from outreach.rendering import render as fill


@brand_page()
def templates(request: BrandRequest) -> HttpResponse:
    rows = [(row, uses(row.body, "referenced_post")) for row in EmailTemplate.objects.of(request.brand)]
    return render(request, "outreach/templates.html", {"rows": rows})


@brand_page("manage")
def new(request: BrandRequest) -> HttpResponse:
    return edited(request, EmailTemplate(brand=request.brand))


@brand_page("manage", writes=True)
def template(request: BrandRequest, code: str) -> HttpResponse:
    return edited(request, get_object_or_404(EmailTemplate.objects.of(request.brand), code=code))


@require_POST
@brand_page("manage")
def delete(request: BrandRequest, code: str) -> HttpResponse:
    row = get_object_or_404(EmailTemplate.objects.of(request.brand), code=code)
    delete_template(row, by=request.user)
    messages.success(request, f"Deleted “{row.name}”. What was written with it stays.")
    return redirect("outreach:templates")


@require_POST
@brand_page("manage")
def preview(request: BrandRequest) -> HttpResponse:
    """The typed text as a made-up creator would get it; writes nothing."""
    context = sample(request, request.POST.get("subject", ""), request.POST.get("body", ""))
    return render(request, "outreach/template.html#preview", context)


@require_POST
@brand_page("manage")
def starters(request: BrandRequest) -> HttpResponse:
    number = add_starters(request.brand, by=request.user)
    messages.success(request, f"Added {number} templates." if number else "You have them already.")
    return redirect("outreach:templates")


def edited(request: BrandRequest, row: EmailTemplate) -> HttpResponse:
    """The editor, and what saving it does."""
    form = TemplateForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid() and saved(request, row, form):
        messages.success(request, "Saved.")
        return redirect("outreach:templates")
    subject, body = (str(form[name].value() or "") for name in ("subject", "body"))
    context = {"form": form, "row": row, "variables": VARIABLES, **sample(request, subject, body)}
    return render(request, "outreach/template.html", context, status=422 if form.is_bound else 200)


def saved(request: BrandRequest, row: EmailTemplate, form: TemplateForm) -> bool:
    fields = form.cleaned_data
    try:
        if row.pk:
            change_template(row, by=request.user, **fields)
        else:
            create_template(request.brand, by=request.user, **fields)
    except NameTaken as error:
        form.add_error("name", str(error))
        return False
    return True


def sample(request: BrandRequest, subject: str, body: str) -> dict[str, Any]:
    """Subject and body filled for a made-up creator, or the problem; and whether it can be a first message."""
    values = {
        "first_name": "Mara",
        "name": "Mara Lindqvist",
        "handle": "@mara.outdoors",
        "network": "Instagram",
        "referenced_post": "https://www.instagram.com/p/C8xYz12/",
        "campaign": "Spring launch",
        "brand": request.brand.name,
        "offer": f"120.00 {request.brand.currency} and 10% of the sales you bring",
        "portal_link": "[their personal link]",
        "profile_link": "[their personal link to the profile]",
        "sender_name": sender_name(request.brand, request.user),
    }
    try:
        filled = {"subject": render_subject(subject, values), "body": fill(body, values), "problem": ""}
    except TemplateProblem as error:
        filled = {"subject": "", "body": "", "problem": str(error)}
    return {"sample": filled, "is_first": uses(body, "referenced_post")}
