"""One creator's thread, the reply box, and what people decide about single messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from campaigns.models import Collaboration
from creators.models import Relationship
from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.htmx import render_page
from groundswell.web.paging import key_of
from outreach.actions.messages import (
    CannotReply,
    NotPossible,
    cancel_message,
    confirm_message,
    log_message,
    read_conversation,
    reply_to,
    retry_message,
)
from outreach.forms import LogForm, ReplyForm
from outreach.models import Conversation, Message, Suppression

PAGE = 50


@brand_page("manage", writes=True)
def conversation(request: BrandRequest, code: str) -> HttpResponse:
    """The thread; POST replies. `?before=` shows older messages."""
    relationship = relationship_of(request, code)
    form = ReplyForm(request.POST or None, initial=first_choice(relationship))
    if request.method == "POST" and form.is_valid() and replied(request, relationship, form):
        return redirect("outreach:conversation", code)
    status = 422 if form.is_bound else 200
    context = context_of(request, relationship, form, LogForm(prefix="log"))
    return render_page(request, "outreach/conversation.html", context, part="thread", status=status)


def replied(request: BrandRequest, relationship: Relationship, form: ReplyForm) -> bool:
    """Whether the reply went in; otherwise the form says why not."""
    fields = form.cleaned_data
    try:
        message = reply_to(begun(relationship), fields["body"], by=request.user, **pick(fields, "channel", "batch"))
    except CannotReply as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, "Queued. It leaves in a moment." if message.is_mail else "It is in the portal now.")
    return True


def pick(fields: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: fields[name] for name in names}


@require_POST
@brand_page("manage")
def log(request: BrandRequest, code: str) -> HttpResponse:
    """Note a direct message that was written on a network."""
    relationship = relationship_of(request, code)
    form = LogForm(request.POST, prefix="log")
    if form.is_valid():
        log_message(
            begun(relationship), form.cleaned_data["body"], by=request.user, **pick(form.cleaned_data, "direction")
        )
        messages.success(request, "Noted in the conversation.")
        return redirect("outreach:conversation", code)
    context = context_of(request, relationship, ReplyForm(initial=first_choice(relationship)), form)
    return render_page(request, "outreach/conversation.html", context, part="thread", status=422)


@require_POST
@brand_page("manage")
def read(request: BrandRequest, code: str) -> HttpResponse:
    """The team has seen the creator's messages; opening the page posts here."""
    row = get_object_or_404(Conversation.objects.of(request.brand), relationship__code=code)
    read_conversation(row, by=request.user)
    return HttpResponse(status=204) if request.headers.get("HX-Request") else redirect("outreach:conversation", code)


@require_POST
@brand_page("manage")
def cancel(request: BrandRequest, code: str) -> HttpResponse:
    return settled(request, code, cancel_message, "Cancelled. It won't be sent.")


@require_POST
@brand_page("manage")
def retry(request: BrandRequest, code: str) -> HttpResponse:
    return settled(request, code, retry_message, "Queued again.")


@require_POST
@brand_page("manage")
def confirm(request: BrandRequest, code: str) -> HttpResponse:
    return settled(request, code, confirm_message, "Noted as sent.")


def settled(request: BrandRequest, code: str, action: Callable[..., None], done: str) -> HttpResponse:
    message = get_object_or_404(Message.objects.of(request.brand).with_people(), code=code)
    try:
        action(message, by=request.user)
        messages.success(request, done)
    except NotPossible as error:
        messages.error(request, str(error))
    return redirect("outreach:conversation", message.conversation.relationship.code)


def relationship_of(request: BrandRequest, code: str) -> Relationship:
    rows = Relationship.objects.of(request.brand).select_related("creator", "brand", "conversation")
    return get_object_or_404(rows, code=code)


def begun(relationship: Relationship) -> Conversation:
    row, _ = Conversation.objects.get_or_create(relationship=relationship)
    row.relationship = relationship
    return row


def first_choice(relationship: Relationship) -> dict[str, str]:
    """Where mail can't go, the portal is offered first."""
    return {} if can_mail(relationship) else {"channel": Message.Channel.PORTAL}


def can_mail(relationship: Relationship) -> bool:
    silent = Suppression.objects.of(relationship.brand).holding(relationship.email)
    return bool(relationship.email) and not silent.exists()


def context_of(request: BrandRequest, relationship: Relationship, form: ReplyForm, log_form: LogForm) -> dict[str, Any]:
    thread = Message.objects.filter(conversation__relationship=relationship)
    before = key_of(request.GET.get("before"))
    older = thread if before is None else thread.filter(pk__lt=before)
    rows = list(older.select_related("author", "collaboration__campaign").order_by("-pk")[: PAGE + 1])
    shown = rows[:PAGE][::-1]
    return {
        "relationship": relationship,
        "thread": shown,
        "older": shown[0].pk if len(rows) > PAGE else None,
        "is_moving": any(row.is_waiting for row in shown),
        "is_unread": any(row.is_incoming and row.read_at is None for row in shown),
        "form": form,
        "log_form": log_form,
        "here": reverse("outreach:conversation", args=[relationship.code]),
        "can_mail": can_mail(relationship),
        "collaborations": Collaboration.objects.filter(relationship=relationship).select_related("campaign"),
    }
