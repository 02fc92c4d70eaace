"""What brands type about the worth of likes and views."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from creators.models import Network
from tracking.actions.prices import THOUSAND
from tracking.models import Price


class PricesForm(forms.Form):
    starts_on = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}))
    network = forms.ChoiceField(required=False, choices=[("", "Every network"), *Network.choices])
    source = forms.CharField(
        max_length=200, help_text="Where the values come from: a rate card, a report, your own sales. Shown with them."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for metric in Price.Metric:
            unit = "for 1,000" if metric in THOUSAND else "for one"
            self.fields[metric] = forms.DecimalField(
                label=f"{metric.label}, {unit}", required=False, min_value=Decimal(0), max_digits=12, decimal_places=4
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not self.prices():
            raise forms.ValidationError("Name at least one price.")
        return cleaned

    def prices(self) -> dict[str, Decimal]:
        """Those that were typed in, by metric."""
        found = {str(metric): self.cleaned_data.get(metric) for metric in Price.Metric}
        return {metric: amount for metric, amount in found.items() if amount is not None}
