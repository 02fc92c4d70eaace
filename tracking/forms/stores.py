"""What brands type about their stores."""

from __future__ import annotations

import re

from django import forms
from django.core.exceptions import ValidationError

DOMAIN = re.compile(r"(?=.{4,200}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}")
hidden = forms.PasswordInput(attrs={"autocomplete": "off"})


class SecretForm(forms.Form):
    secret = forms.CharField(
        label="Signing secret",
        max_length=200,
        widget=hidden,
        help_text="In Shopify below the list of webhooks: “Your webhooks will be signed with …”. Not shown again.",
    )


class NewSecretForm(SecretForm):
    is_leaked = forms.BooleanField(required=False, label="The old one has leaked: refuse it at once")


class StoreForm(SecretForm):
    domain = forms.CharField(
        label="Shop domain", max_length=220, help_text="Such as acme.myshopify.com.", empty_value=""
    )
    field_order = ("domain", "secret")

    def clean_domain(self) -> str:
        """The bare domain, also from a pasted address."""
        given = str(self.cleaned_data["domain"]).strip().lower()
        domain = given.removeprefix("https://").removeprefix("http://").split("/", 1)[0]
        if not DOMAIN.fullmatch(domain):
            raise ValidationError("This is no domain. It looks like acme.myshopify.com.")
        return domain
