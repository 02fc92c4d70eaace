"""What brands type about links."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from campaigns.models import Campaign
from groundswell.accounts.models import Brand
from tracking.actions.links import ForeignDestinationError, check_destination
from tracking.models import TrackingLink

STATES = [("", "All links"), ("active", "Active"), ("paused", "Paused")]


class LinkFilterForm(forms.Form):
    q = forms.CharField(label="Search", required=False, max_length=80)
    campaign = forms.ModelChoiceField(
        Campaign.objects.none(), required=False, to_field_name="code", empty_label="All campaigns"
    )
    state = forms.ChoiceField(label="State", choices=STATES, required=False)

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        campaign = self.fields["campaign"]
        campaign.queryset = Campaign.objects.of(brand).order_by("-pk")  # type: ignore[attr-defined]


class DestinationForm(forms.Form):
    destination = forms.URLField(
        label="Leads to", max_length=600, assume_scheme="https", help_text="A page of the campaign's own site."
    )

    def __init__(self, *args: Any, link: TrackingLink, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["destination"] = link.destination
        self.link = link

    def clean_destination(self) -> str:
        url: str = self.cleaned_data["destination"]
        try:
            check_destination(self.link, url)
        except ForeignDestinationError as error:
            raise ValidationError(str(error)) from error
        return url


class PlacementForm(forms.Form):
    placement = forms.CharField(
        label="Where it will stand", max_length=40, help_text="Such as Story, Bio or Newsletter."
    )
