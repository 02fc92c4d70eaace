"""What brands choose about renewals."""

from __future__ import annotations

from typing import Any

from django import forms

from tracking.models import RenewalPolicy

COUNTED = {RenewalPolicy.Kind.FIRST_N, RenewalPolicy.Kind.MONTHS}


def number_problem(kind: str, number: int | None) -> str:
    """Why a number doesn't fit the kind, or nothing."""
    if kind in COUNTED and not number:
        return "Say how many orders or months, at least one."
    return "Only a number of orders or of months is counted." if kind not in COUNTED and number else ""


class RenewalPolicyForm(forms.Form):
    kind = forms.ChoiceField(label="What earns commission", choices=RenewalPolicy.Kind.choices)
    number = forms.IntegerField(
        label="How many", required=False, min_value=0, max_value=120, help_text="Orders with the first, or months."
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        problem = number_problem(data.get("kind", ""), data.get("number"))
        if problem and not self.errors:
            self.add_error("number", problem)
        return data | {"number": data.get("number") or 0}
