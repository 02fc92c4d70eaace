"""Forms of posts and costs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from campaigns.forms.campaigns import date_input
from campaigns.models import Campaign, Collaboration, Cost
from creators.importing.handles import parse_handle


class PostForm(forms.Form):
    url = forms.CharField(
        max_length=400,
        label="Address of your post",
        widget=forms.URLInput(attrs={"placeholder": "https://…", "inputmode": "url"}),
        help_text="Open the post, tap “Share”, then “Copy link”.",
    )
    handle = forms.CharField(max_length=80, required=False, label="Your handle there")

    def __init__(self, *args: Any, needs_handle: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not needs_handle:
            del self.fields["handle"]

    def clean_handle(self) -> str:
        """However it is written: plain, with @, or the profile's address."""
        try:
            found = parse_handle(self.cleaned_data["handle"])
        except ValueError:
            raise ValidationError("This isn't a handle. It looks like @dana.field.") from None
        return found.name if found else ""


class ChangesForm(forms.Form):
    note = forms.CharField(
        max_length=2000,
        label="What should change?",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The creator reads this.",
    )


class MetricsForm(forms.Form):
    """Figures read from the network. A field left empty is unknown, not zero."""

    likes = forms.IntegerField(min_value=0, required=False)
    comments_count = forms.IntegerField(min_value=0, required=False, label="Comments")
    shares = forms.IntegerField(min_value=0, required=False)
    saves = forms.IntegerField(min_value=0, required=False)
    views = forms.IntegerField(min_value=0, required=False)
    reach = forms.IntegerField(min_value=0, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and all(value is None for value in data.values()):
            raise ValidationError("Enter at least one figure. Leave the ones you don't know empty.")
        if any((value or 0) > 2**62 for value in data.values()):
            raise ValidationError("That figure is too large.")
        return data


class LineForm(forms.Form):
    """What every line of the ledger has: the day, perhaps the creator, a note."""

    collaboration = forms.ModelChoiceField(
        queryset=Collaboration.objects.none(),
        to_field_name="code",
        required=False,
        label="Creator",
        empty_label="Whole campaign",
    )
    incurred_on = forms.DateField(required=False, label="Day", widget=date_input())
    note = forms.CharField(max_length=200, required=False)

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows: Any = self.fields["collaboration"]
        rows.queryset = campaign.collaborations.select_related("relationship__creator").order_by("pk")
        rows.label_from_instance = lambda row: row.relationship.creator.name


class CostForm(LineForm):
    kind = forms.ChoiceField(choices=Cost.Kind.choices, initial=Cost.Kind.ADS)
    amount = forms.DecimalField(min_value=0, max_digits=12, decimal_places=2)
    field_order = ("kind", "amount", "collaboration", "incurred_on", "note")


class TimeForm(LineForm):
    hours = forms.DecimalField(min_value=0, max_value=1000, max_digits=7, decimal_places=2)
    field_order = ("hours", "collaboration", "incurred_on", "note")
