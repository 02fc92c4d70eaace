"""Our rules on top of allauth."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url

from groundswell.accounts.actions.letters import post
from groundswell.accounts.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Creators go to their portal, everybody else to the brand's first page."""
        creator = isinstance(request.user, User) and request.user.is_creator
        return resolve_url("campaigns:portal" if creator else settings.LOGIN_REDIRECT_URL)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        creator = isinstance(request.user, User) and request.user.is_creator
        return resolve_url("campaigns:portal" if creator else "accounts:profile")

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        user.name = form.cleaned_data.get("name", "")
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def send_mail(self, template_prefix: str, email: str, context_: dict[str, Any]) -> None:
        """Write the e-mail now, and let a worker send it, so that no page waits for a mail server."""
        about = {"request": context.request, "email": email, **context_}
        post(template_prefix, self.render_mail(template_prefix, email, about))
