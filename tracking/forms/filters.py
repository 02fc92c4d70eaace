"""What lists of links and codes are narrowed by."""

from __future__ import annotations

from typing import Any

from django import forms

from campaigns.models import Campaign
from groundswell.accounts.models import Brand


class FilterForm(forms.Form):
    """A word to look for and one of the brand's campaigns; a list adds its states."""

    q = forms.CharField(label="Search", required=False, max_length=80)
    campaign = forms.ModelChoiceField(
        Campaign.objects.none(), required=False, to_field_name="code", empty_label="All campaigns"
    )

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        campaign: Any = self.fields["campaign"]
        campaign.queryset = Campaign.objects.of(brand).order_by("-pk")
