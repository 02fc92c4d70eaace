"""How a brand works with creators: its own fields, lifecycle, tiers, benchmarks and key."""

from __future__ import annotations

from typing import Any

from django import forms

from creators.models import (
    Benchmark,
    CustomField,
    LifecycleRule,
    Network,
)
from creators.tiers import Band, Bounds


class FieldForm(forms.Form):
    name = forms.CharField(label="Name", max_length=60)
    kind = forms.ChoiceField(label="Kind", choices=CustomField.Kind.choices)
    choices = forms.CharField(
        label="Choices",
        required=False,
        max_length=2000,
        help_text="Of a choice: one on each line.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean_choices(self) -> list[str]:
        return str(self.cleaned_data["choices"]).splitlines()


class LifecycleForm(forms.ModelForm[LifecycleRule]):
    class Meta:
        model = LifecycleRule
        fields = ["trial_from", "repeat_from", "ambassador_from", "ambassador_days", "dormant_days"]
        help_texts = {
            "trial_from": "accepted collaborations",
            "repeat_from": "accepted collaborations",
            "ambassador_from": "accepted collaborations",
            "ambassador_days": "in which an ambassador has that many",
            "dormant_days": "without an acceptance or a post handed in",
        }

    def _post_clean(self) -> None:
        """The row is written by an action."""


class SchemeForm(forms.Form):
    name = forms.CharField(label="Name of the scheme", max_length=80)


class BandForm(forms.Form):
    """One tier. An empty bound is open; an empty network is every network without rows of its own."""

    name = forms.CharField(max_length=30)
    lower = forms.IntegerField(label="From", required=False, min_value=0, max_value=10**12, help_text="inclusive")
    upper = forms.IntegerField(label="Up to", required=False, min_value=0, max_value=10**12, help_text="exclusive")
    network = forms.ChoiceField(choices=[("", "All networks"), *Network.choices], required=False)

    @staticmethod
    def initial_of(band: Band) -> dict[str, Any]:
        return {"name": band.name, "lower": band.lower, "upper": band.upper, "network": band.network}

    def band(self) -> Bounds:
        data = self.cleaned_data
        return Bounds(data["name"].strip().lower(), data["lower"], data["upper"], data["network"])


BandFormSet = forms.formset_factory(BandForm, extra=2, can_delete=True, max_num=40)


class BenchmarkForm(forms.ModelForm[Benchmark]):
    """A figure of the brand's own; rates are typed in per cent."""

    low = forms.DecimalField(label="Value, or from", min_value=0, max_value=10**7, help_text="Rates in per cent: 3.2")
    high = forms.DecimalField(label="To", required=False, min_value=0, max_value=10**7, help_text="Of a band.")
    url = forms.URLField(label="Address", required=False, max_length=300, assume_scheme="https")

    class Meta:
        model = Benchmark
        fields = ["metric", "kind", "network", "tier", "low", "high", "currency", "denominator", "period", "source",
                  "url", "confidence", "note"]  # fmt: skip
        widgets = {"note": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = Benchmark.Kind.choices[:2]  # type: ignore[attr-defined]
        self.fields["metric"].choices = [("", "Choose a metric"), *Benchmark.Metric.choices]  # type: ignore[attr-defined]
        self.fields["network"].choices = [("", "Any network"), *Network.choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        low, high = data.get("low"), data.get("high")
        if data.get("kind") == Benchmark.Kind.VALUE and high is not None:
            self.add_error("high", "A value has no end. Choose “Band”.")
        if low is not None and high is not None and high < low:
            self.add_error("high", "The band ends below its start.")
        return data

    def facts(self) -> dict[str, Any]:
        """Fields of Benchmark, per cent as fractions."""
        data = dict(self.cleaned_data)
        if Benchmark(metric=data["metric"]).is_relative:
            data.update({name: data[name] / 100 for name in ("low", "high") if data[name] is not None})
        return data

    def _post_clean(self) -> None:
        """The row is written by an action."""


class KeyForm(forms.Form):
    key = forms.RegexField(
        r"^[\w\-]{20,200}$",
        label="YouTube API key",
        help_text="Made in the Google Cloud console for the YouTube Data API v3. Kept encrypted and not shown again.",
        error_messages={"invalid": "An API key has 20 signs or more: letters, digits, - and _."},
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
