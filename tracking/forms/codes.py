"""What brands type about codes."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from groundswell.accounts.models import Brand
from tracking.actions.codes import WORDS
from tracking.forms.filters import FilterForm
from tracking.models import CodeRules, DiscountCode, Store
from tracking.shops.coupons import CLIENTS

STATES = [("", "All codes"), ("doubtful", "May have leaked"), ("refused", "Refused by a shop"), ("ended", "Ended")]


class CodeFilterForm(FilterForm):
    state = forms.ChoiceField(label="State", choices=STATES, required=False)


class CodeRulesForm(forms.ModelForm[CodeRules]):
    """How new codes look, what they give, and in which shops they are made."""

    class Meta:
        model = CodeRules
        fields = ("pattern", "kind", "amount", "gift", "valid_days", "usage_limit", "once_per_customer", "stores")
        labels = {
            "kind": "Gives",
            "amount": "Amount off",
            "gift": "Gift",
            "valid_days": "Valid for, days",
            "usage_limit": "Uses in all",
            "once_per_customer": "Once per customer",
            "stores": "Make them in",
        }
        help_texts = {
            "pattern": "Of letters, digits, - and _ with " + ", ".join(f"{{{word}}}" for word in WORDS) + ".",
            "amount": "In the campaign's currency. A percentage is set with the campaign.",
            "gift": "Such as “a free tote bag”. Made by hand in the shop.",
            "valid_days": "From the day a creator accepts. Empty: without end.",
            "usage_limit": "Empty: without limit.",
            "stores": "Shops with a saved key. Leave out to make codes by hand from the CSV.",
        }
        widgets = {"stores": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shops = Store.objects.of(brand).filter(kind__in=CLIENTS, access__isnull=False).order_by("pk")
        self.fields["stores"].queryset = shops  # type: ignore[attr-defined]
        self.fields["pattern"].required = True

    def clean(self) -> dict[str, Any]:
        """An amount or a gift is named when that is what the code gives; else it is none."""
        data = cast("dict[str, Any]", super().clean())
        kind, amount = data.get("kind"), data.get("amount")
        if kind == DiscountCode.Kind.AMOUNT and (amount is None or amount <= 0):
            self.add_error("amount", "Say how much it takes off, above zero.")
        if kind == DiscountCode.Kind.GIFT and not data.get("gift"):
            self.add_error("gift", "Say what comes on top.")
        data["amount"] = amount if kind == DiscountCode.Kind.AMOUNT else None
        data["gift"] = data.get("gift", "") if kind == DiscountCode.Kind.GIFT else ""
        return data


class AccessForm(forms.Form):
    key = forms.CharField(label="Key", max_length=300, widget=forms.PasswordInput(attrs={"autocomplete": "off"}))

    def clean_key(self) -> str:
        return str(self.cleaned_data["key"]).strip()
