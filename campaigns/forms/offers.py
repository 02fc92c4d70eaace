"""Forms of terms and their answers."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from campaigns.models import Offer
from creators.models import Creator, CreatorQuerySet, Shortlist
from groundswell.accounts.models import Brand


def amount(label: str, help_text: str = "") -> forms.DecimalField:
    return forms.DecimalField(
        min_value=0, max_digits=12, decimal_places=2, required=False, label=label, help_text=help_text
    )


def percent(label: str, help_text: str = "") -> forms.DecimalField:
    return forms.DecimalField(
        min_value=0, max_value=100, max_digits=5, decimal_places=2, required=False, label=label, help_text=help_text
    )


class TermsForm(forms.Form):
    """The terms of an offer. An empty amount is none; at least one of fee, product and commission is needed."""

    fee = amount("Fee", "For everything that is asked for.")
    product = forms.CharField(max_length=160, required=False, label="Product", help_text="What you send as a gift.")
    product_value = amount("Retail value", "Shown to the creator.")
    product_cost = amount("Your cost", "Goods and shipping. Only your team sees it.")
    commission_percent = percent("Commission, %", "Of the net value of each order.")
    message = forms.CharField(
        required=False,
        max_length=2000,
        label="Message with the offer",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The creator reads it next to the terms.",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in ("fee", "product_value", "product_cost", "commission_percent"):
            if name in data:
                data[name] = data[name] or Decimal(0)
        if not self.errors and not self.gives(data):
            raise ValidationError("Give the creator something: a fee, a product or a commission.")
        return data

    def gives(self, data: dict[str, Any]) -> bool:
        return bool(data["fee"] or data["product"] or data["commission_percent"])

    @staticmethod
    def initial_of(offer: Offer | None) -> dict[str, Any]:
        """What the form begins with: the terms of the newest version, without its message."""
        names = ("fee", "product", "product_value", "product_cost", "commission_percent")
        return {name: getattr(offer, name) for name in names} if offer else {}


class AddForm(TermsForm):
    """Creators of a shortlist, or single ones, with the terms they all begin with and the fees of tiers that differ."""

    shortlist = forms.ModelChoiceField(
        queryset=Shortlist.objects.none(), to_field_name="code", label="Shortlist", required=False
    )
    creator = forms.ModelMultipleChoiceField(
        queryset=Creator.objects.none(),
        to_field_name="code",
        widget=forms.MultipleHiddenInput,
        required=False,
        error_messages={"invalid_choice": "One of these creators is not in your directory."},
    )

    def __init__(self, *args: Any, brand: Brand, tiers: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tiers = list(tiers)
        shortlists: Any = self.fields["shortlist"]
        shortlists.queryset = Shortlist.objects.of(brand).order_by("name")
        creators: Any = self.fields["creator"]
        creators.queryset = self.creators = Creator.objects.of(brand)
        for tier in self.tiers:
            self.fields[f"fee_{tier}"] = amount(f"Fee for {tier}")
        self.fields["fee"].help_text = "For everybody whose tier has no fee of its own below."

    @property
    def terms(self) -> dict[str, Any]:
        names = ("fee", "product", "product_value", "product_cost", "commission_percent", "message")
        return {name: self.cleaned_data[name] for name in names}

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if "shortlist" in data and "creator" in data and not (data["shortlist"] or data["creator"]):
            self.add_error("shortlist", "Choose a shortlist.")
        return data

    def chosen(self) -> CreatorQuerySet:
        """The single creators that were chosen, as far as the brand sees them; of a form with errors, too."""
        return self.creators.filter(code__in=self["creator"].value() or []).order_by("name")

    def wanted(self) -> CreatorQuerySet:
        """Whom to add. Of a valid form."""
        single: CreatorQuerySet = self.cleaned_data["creator"]
        return single or self.creators.filter(shortlists=self.cleaned_data["shortlist"])

    def tier_fields(self) -> list[Any]:
        return [self[f"fee_{tier}"] for tier in self.tiers]

    def gives(self, data: dict[str, Any]) -> bool:
        return super().gives(data) or (bool(self.tiers) and all(data.get(f"fee_{tier}") for tier in self.tiers))

    def fee_of(self, tier: str | None) -> Decimal:
        """The fee of a tier, or the general one."""
        own: Decimal | None = self.cleaned_data.get(f"fee_{tier}")
        general: Decimal = self.cleaned_data["fee"]
        return general if own is None else own


class VersionForm(forms.Form):
    """Which version somebody answers, so that terms that changed meanwhile aren't agreed to unread."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, offer: Offer | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer = offer


class CounterForm(VersionForm):
    """What a creator asks for instead; an amount left empty stays as offered."""

    fee = amount("Your fee", "Empty: as offered.")
    commission_percent = percent("Your commission, %", "Empty: as offered.")
    message = forms.CharField(
        required=False,
        max_length=2000,
        label="Why",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="A sentence helps: how long you need, what is included.",
    )

    def clean(self) -> dict[str, Any]:
        data = {name: value for name, value in (super().clean() or {}).items() if value is not None}
        if not self.errors and self.offer:
            self.require_news(self.offer, data)
        return data

    def require_news(self, offer: Offer, data: dict[str, Any]) -> None:
        asked = {name: data.get(name, getattr(offer, name)) for name in ("fee", "commission_percent")}
        if not (any(asked.values()) or offer.product):
            raise ValidationError("You would get nothing. Ask for a fee or a commission, or decline the offer.")
        if all(getattr(offer, name) == value for name, value in asked.items()) and not data["message"].strip():
            raise ValidationError("These are the terms you were offered. Change something, or accept the offer.")


class DeclineForm(VersionForm):
    reason = forms.CharField(
        required=False,
        max_length=500,
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="If you like.",
    )


class AgreeForm(forms.Form):
    name = forms.CharField(
        max_length=160, label="Your full name", widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    agree = forms.BooleanField(label="I have read the agreement and agree to it.")
