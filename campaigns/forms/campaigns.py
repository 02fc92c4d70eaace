"""Forms of the campaign itself, its brief and what is to be made."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from campaigns.models import Brief, Campaign, Deliverable
from groundswell.accounts.models import Brand

CURRENCIES = ["EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "CAD", "AUD", "JPY", "INR", "BRL"]


def date_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class CountriesField(forms.CharField):
    """Two-letter country codes with commas or spaces between them, as a list."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        codes = [code.upper() for code in re.split(r"[\s,;]+", str(value or "")) if code]
        if wrong := [code for code in codes if not re.fullmatch(r"[A-Z]{2}", code)]:
            raise ValidationError(f"“{wrong[0][:20]}” is no two-letter country code. Write them like DE, AT, FR.")
        return list(dict.fromkeys(codes))


class CampaignForm(forms.ModelForm[Campaign]):
    markets = CountriesField(
        required=False, label="Markets", help_text="Country codes of the people you want to reach: DE, AT, FR."
    )
    landing_url = forms.URLField(
        label="Landing page",
        max_length=400,
        assume_scheme="https",
        help_text="Each creator's personal link leads here. It has to begin with https://.",
        widget=forms.URLInput(attrs={"placeholder": "https://shop.example/spring"}),
    )

    class Meta:
        model = Campaign
        fields = Campaign.PLAN
        labels = {
            "starts_on": "First day",
            "ends_on": "Last day",
            "discount_percent": "Discount of the codes, %",
            "margin_percent": "Gross margin, %",
        }
        help_texts = {
            "budget": "Everything you want to spend: fees, products, commission, your time.",
            "discount_percent": "What a creator's personal code takes off an order.",
            "margin_percent": "What is left of a sale after the cost of goods. The return is reckoned with it.",
        }
        widgets = {"starts_on": date_input(), "ends_on": date_input()}

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["currency"].widget = forms.Select(
            choices=[(code, code) for code in dict.fromkeys([brand.currency, self.instance.currency, *CURRENCIES])]
        )
        if self.instance.pk is None:
            self.initial.setdefault("currency", brand.currency)
        for name, highest in {"discount_percent": 100, "margin_percent": 100}.items():
            self.fields[name] = forms.DecimalField(
                min_value=0,
                max_value=highest,
                max_digits=5,
                decimal_places=2,
                initial=self.fields[name].initial,
                label=self.fields[name].label,
                help_text=self.fields[name].help_text,
            )

    def clean_landing_url(self) -> str:
        url = str(self.cleaned_data["landing_url"])
        if not url.startswith("https://"):
            raise ValidationError("The landing page has to begin with https://.")
        return url

    def clean_budget(self) -> Any:
        budget = self.cleaned_data["budget"]
        if budget is not None and budget < 0:
            raise ValidationError("A budget can't be below zero.")
        return budget

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("starts_on"), data.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", "The last day is before the first.")
        return data


class BriefForm(forms.ModelForm[Brief]):
    class Meta:
        model = Brief
        fields = [
            "benefits",
            "must_mention",
            "dos",
            "donts",
            "disclosure",
            "usage_rights",
            "draft_due_on",
            "post_due_on",
        ]
        labels = {
            "benefits": "Benefits of the product",
            "must_mention": "Must be mentioned",
            "dos": "Do",
            "donts": "Don't",
            "disclosure": "Marking as advertising",
            "usage_rights": "Usage rights",
            "draft_due_on": "Draft by",
            "post_due_on": "Online by",
        }
        help_texts = {
            "benefits": "Needed for the launch. What the product does for people, one point per line.",
            "disclosure": "Needed for the launch. How the post must be marked, in the words creators shall use.",
            "usage_rights": "Needed for the launch. Where you may use the content, and until when.",
            "must_mention": "Points, not a script: creators say them in their own words. One per line.",
            "dos": "One per line.",
            "donts": "One per line.",
        }
        widgets = {
            **{
                name: forms.Textarea(attrs={"rows": 4})
                for name in ("benefits", "must_mention", "dos", "donts", "disclosure", "usage_rights")
            },
            "draft_due_on": date_input(),
            "post_due_on": date_input(),
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        draft, post = data.get("draft_due_on"), data.get("post_due_on")
        if draft and post and post < draft:
            self.add_error("post_due_on", "The post would be due before the draft.")
        return data


class TemplateNameForm(forms.Form):
    name = forms.CharField(max_length=80, label="Name of the template")


class DeliverableForm(forms.ModelForm[Deliverable]):
    pk = forms.IntegerField(required=False, widget=forms.HiddenInput)
    quantity = forms.IntegerField(min_value=1, max_value=50, initial=1, label="How many")

    class Meta:
        model = Deliverable
        fields = ["quantity", "format", "network", "due_on"]
        labels = {"due_on": "Online by"}
        widgets = {"due_on": date_input()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("format", "network"):
            self.fields[name].choices = [("", "Choose"), *self.fields[name].choices[1:]]  # type: ignore[attr-defined]


DeliverableFormSet = forms.formset_factory(DeliverableForm, extra=1, can_delete=True, max_num=20, validate_max=True)


def deliverable_rows(formset: Any) -> list[dict[str, Any]]:
    """The rows to keep; the empty extra row and those ticked for removal are left out."""
    return [
        {name: form.cleaned_data.get(name) for name in ("pk", "quantity", "format", "network", "due_on")}
        for form in formset
        if form.cleaned_data and not form.cleaned_data.get("DELETE")
    ]
