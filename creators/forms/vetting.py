"""What a brand looks for in creators."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django import forms

from creators.importing.columns import AGES
from creators.models import (
    VettingPolicy,
)
from creators.vetting.fit import DEFAULT_WEIGHTS, PARTS
from groundswell.lib.places import countries


class VettingPolicyForm(forms.Form):
    """What a brand looks for; lists are typed with commas or line by line."""

    countries = forms.CharField(
        label="Countries of the audience", required=False, max_length=400, help_text="Two letters each: DE, FR"
    )
    languages = forms.CharField(
        label="Languages of the audience", required=False, max_length=200, help_text="Two letters each: de, fr"
    )
    ages = forms.MultipleChoiceField(
        label="Ages of the audience",
        required=False,
        choices=[(band, band) for band in AGES],
        widget=forms.CheckboxSelectMultiple,
    )
    niches = forms.CharField(label="Niches", required=False, max_length=600)
    own_names = forms.CharField(
        label="Your names and handles",
        required=False,
        max_length=1500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Looked for in captions, hashtags and mentions.",
    )
    competitors = forms.CharField(
        label="Competitors", required=False, max_length=3000, widget=forms.Textarea(attrs={"rows": 2})
    )
    category = forms.CharField(
        label="Words for your kind of product",
        required=False,
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    checklist = forms.CharField(
        label="Questions, one per line",
        required=False,
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 11}),
        help_text="A question that you take out keeps its earlier answers.",
    )

    def __init__(self, policy: VettingPolicy, questions: list[str], data: Any = None) -> None:
        lists = {name: ", ".join(getattr(policy, name)) for name in self.lists}
        super().__init__(data, initial={**lists, "ages": policy.ages, "checklist": "\n".join(questions)})
        for part, title in PARTS.items():
            weight = policy.weights.get(part, DEFAULT_WEIGHTS[part])
            self.fields[f"weight-{part}"] = forms.IntegerField(
                label=title,
                min_value=0,
                max_value=10,
                initial=weight,
                widget=forms.NumberInput(attrs={"class": "w-20"}),
            )

    lists = ("countries", "languages", "niches", "own_names", "competitors", "category")

    @property
    def weights(self) -> list[Any]:
        return [self[f"weight-{part}"] for part in PARTS]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in self.lists:
            words = [word.strip() for word in re.split(r"[,;\n]", data.get(name, ""))]
            data[name] = list(dict.fromkeys(word for word in words if word))
        data["countries"] = [word.upper() for word in data["countries"]]
        data["languages"] = [word.lower() for word in data["languages"]]
        self.check(data, "countries", lambda word: word in countries(), "is no country code.")
        self.check(data, "languages", lambda word: bool(re.fullmatch(r"[a-z]{2,3}", word)), "is no language code.")
        self.check(data, "niches", lambda word: len(word) <= 40, "is too long.")
        for name in ("own_names", "competitors", "category"):
            self.check(data, name, lambda word: len(word) <= 80, "is too long.")
        questions = [line.strip() for line in data.get("checklist", "").splitlines() if line.strip()]
        if any(len(line) > 200 for line in questions):
            self.add_error("checklist", "A question has at most 200 characters.")
        data["checklist"] = questions
        return data

    def check(self, data: dict[str, Any], name: str, holds: Callable[[str], bool], problem: str) -> None:
        wrong = next((word for word in data[name] if not holds(word)), "")
        if wrong:
            self.add_error(name, f"“{wrong[:40]}” {problem}")

    def facts(self) -> dict[str, Any]:
        """Fields of VettingPolicy."""
        data = self.cleaned_data
        weights = {part: data[f"weight-{part}"] for part in PARTS}
        return {"weights": weights, **{name: data[name] for name in (*self.lists, "ages")}}
