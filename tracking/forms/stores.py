"""What brands type about their stores."""

from __future__ import annotations

import re

from django import forms
from django.core.exceptions import ValidationError

from tracking.models import Store

DOMAIN = re.compile(r"(?=.{4,200}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}")
hidden = forms.PasswordInput(attrs={"autocomplete": "off"})


class SecretForm(forms.Form):
    secret = forms.CharField(
        label="Signing secret",
        max_length=200,
        widget=hidden,
        help_text="Shopify shows it below the list of webhooks, Stripe as the endpoint's signing secret (whsec_…); "
        "for WooCommerce make one up and enter it there too. Not shown again.",
    )


class NewSecretForm(SecretForm):
    is_leaked = forms.BooleanField(required=False, label="The old one has leaked: refuse it at once")


class StoreForm(SecretForm):
    kind = forms.ChoiceField(
        label="Kind", choices=[(kind, Store.Kind(kind).label) for kind in Store.DELIVERING], initial=Store.Kind.SHOPIFY
    )
    domain = forms.CharField(
        label="Shop domain",
        max_length=220,
        help_text="Such as acme.myshopify.com; for Stripe the site it takes payments for.",
        empty_value="",
    )
    field_order = ("kind", "domain", "secret")

    def clean_domain(self) -> str:
        """The bare domain, also from a pasted address."""
        given = str(self.cleaned_data["domain"]).strip().lower()
        domain = given.removeprefix("https://").removeprefix("http://").split("/", 1)[0]
        if not DOMAIN.fullmatch(domain):
            raise ValidationError("This is no domain. It looks like acme.myshopify.com.")
        return domain
