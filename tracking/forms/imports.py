"""Uploading a file of orders, and what its columns mean."""

from __future__ import annotations

from typing import Any

from django import forms

from creators.forms.imports import ColumnsForm, UploadForm
from groundswell.accounts.models import Brand
from groundswell.lib.money import CURRENCIES
from tracking.importing.columns import FIELDS, Mapping
from tracking.models import OrderImport, Store


class OrderUploadForm(UploadForm):
    store = forms.ModelChoiceField(
        Store.objects.none(), label="Orders of", required=False, to_field_name="code", empty_label="A shop counter"
    )
    till = forms.CharField(
        label="Name of the counter",
        required=False,
        max_length=120,
        help_text="For codes noted in a shop: code, date and amount are enough.",
    )
    field_order = ("store", "till", "file")

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["store"].queryset = Store.objects.of(brand).order_by("name")  # type: ignore[attr-defined]
        self.fields["file"].label = "File of orders"

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and not data.get("store") and not data.get("till"):
            self.add_error("till", "Choose the store, or name the counter.")
        return data


class OrderMappingForm(ColumnsForm):
    """What the columns of a file of orders mean, and what the file doesn't say."""

    currency = forms.CharField(label="Currency of the amounts", max_length=3, min_length=3)
    day_first = forms.TypedChoiceField(
        label="Dates such as 04/05/2026",
        choices=[("yes", "The day comes first: 4 May"), ("no", "The month comes first: April 5")],
        coerce=lambda value: value == "yes",
    )

    def __init__(self, job: OrderImport, data: Any = None) -> None:
        self.known = Mapping.from_json(job.mapping)
        initial = {"currency": self.known.currency, "day_first": "yes" if self.known.day_first else "no"}
        super().__init__(data, initial=initial)
        self.offer(job, FIELDS.items(), self.known.columns)

    def clean_currency(self) -> str:
        currency = str(self.cleaned_data["currency"]).upper()
        if currency not in CURRENCIES:
            raise forms.ValidationError("This is no ISO 4217 currency, such as EUR.")
        return currency

    def mapping(self) -> Mapping:
        data = self.cleaned_data
        return Mapping(self.chosen(), data["currency"], data["day_first"], self.known.is_till)
