"""Uploading a file of creators, and what the columns of any uploaded file mean."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile

from creators.importing.columns import FIELDS, SLICES, Mapping, is_field, label, slice_of
from creators.importing.lines import MAX_BYTES, Line
from creators.models import (
    Basis,
    Import,
    Network,
    Upload,
)

COLUMN = "column-{}"


class UploadForm(forms.Form):
    file = forms.FileField(
        label="File of creators",
        help_text="An Excel workbook, or CSV or text of any delimiter and encoding; up to 50 MB and 200,000 rows.",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xlsm,text/csv,text/plain"}),
    )

    def clean_file(self) -> UploadedFile[Any]:
        file = cast("UploadedFile[Any]", self.cleaned_data["file"])
        if (file.size or 0) > MAX_BYTES:
            raise forms.ValidationError(
                f"This file is larger than {MAX_BYTES // 1024**2} MB. Split it into smaller files."
            )
        return file


@dataclass(frozen=True)
class ColumnChoice:
    """A line of the mapping page: a column of the file, some of its values, and the control for its meaning."""

    header: str
    samples: list[str]
    control: Any


class ColumnsForm(forms.Form):
    """One select per column of an uploaded file; each kind of file adds what else it doesn't say."""

    job: Upload

    def offer(self, job: Upload, choices: Iterable[Any], known: list[str | None]) -> None:
        self.job = job
        for place, name in enumerate(job.header):
            self.fields[COLUMN.format(place)] = forms.ChoiceField(
                label=name or f"Column {place + 1} (no name)",
                choices=[("", "Leave out"), *choices],
                required=False,
                initial=known[place] or "",
                widget=forms.Select(attrs={"class": "select-sm", "aria-label": f"Read “{name or place + 1}” as"}),
            )

    def chosen(self) -> list[str | None]:
        """What each column of the file means; None for one that is left out."""
        return [self.cleaned_data[COLUMN.format(place)] or None for place in range(len(self.job.header))]

    def columns(self, sample: list[Line]) -> list[ColumnChoice]:
        """The lines of the mapping page with up to three different values each."""
        controls = [self[COLUMN.format(place)] for place in range(len(self.job.header))]
        return [ColumnChoice(str(field.label), samples(sample, place), field) for place, field in enumerate(controls)]


class MappingForm(ColumnsForm):
    """What the columns of a file of creators mean, and what the file doesn't say."""

    network = forms.ChoiceField(
        label="Network of this file",
        choices=[("", "As the file says"), *Network.choices],
        required=False,
        help_text="Used for rows that don't name one.",
    )
    rate = forms.ChoiceField(label="Engagement rates are in", choices=list(Mapping.RATES.items()))
    basis = forms.ChoiceField(
        label="Engagement rate is", choices=Basis.choices, help_text="What the engagements were divided by."
    )
    currency = forms.CharField(label="Currency of prices", max_length=3, min_length=3)
    audience = forms.ChoiceField(label="Audience shares are in", choices=list(Mapping.SHARES.items()), required=False)

    def __init__(self, job: Import, data: Any = None) -> None:
        known = Mapping.from_json(job.mapping)
        super().__init__(data, initial=known.as_json())
        choices = [*FIELDS.items(), ("Shares of the audience", slice_choices(job.header))]
        self.offer(job, choices, known.columns)

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def mapping(self) -> Mapping:
        data = self.cleaned_data
        return Mapping(
            self.chosen(), data["network"], data["rate"], data["basis"], data["currency"], data["audience"] or "percent"
        )


def slice_choices(header: list[str]) -> list[tuple[str, str]]:
    """Genders and ages, and the countries and languages that this file's header names."""
    named = [name for name in map(slice_of, header) if is_field(name)]
    return [(name, label(name)) for name in dict.fromkeys([*SLICES, *named])]


def samples(lines: list[Line], place: int) -> list[str]:
    values = (line.cells[place] for line in lines if place < len(line.cells) and line.cells[place])
    return [value[:60] for value in list(dict.fromkeys(values))[:3]]
