"""What brands type about links."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from campaigns.models import Campaign
from groundswell.accounts.models import Brand
from tracking.actions.destinations import Allowed, ForeignDestinationError
from tracking.forms.filters import FilterForm
from tracking.models import LinkDomain, TrackingLink

STATES = [("", "All links"), ("active", "Active"), ("paused", "Paused"), ("broken", "Broken page")]
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
RESERVED = {"new"}  # a page of ours at /links/new/
PLACEMENTS = 20
lines = forms.Textarea(attrs={"rows": 3})


class LinkFilterForm(FilterForm):
    state = forms.ChoiceField(label="State", choices=STATES, required=False)


class DestinationForm(forms.Form):
    destination = forms.URLField(
        label="Leads to", max_length=600, assume_scheme="https", help_text="A page of your own sites."
    )
    ios_destination = forms.CharField(
        label="On iPhones and iPads", max_length=600, required=False, help_text="Empty: the same page."
    )
    android_destination = forms.CharField(
        label="On Android", max_length=600, required=False, help_text="Empty: the same page."
    )
    expires_at = forms.DateTimeField(
        label="Until",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text="Empty: for good.",
    )
    fallback = forms.URLField(
        label="Afterwards, or when paused",
        max_length=600,
        required=False,
        assume_scheme="https",
        help_text="Empty: your website.",
    )
    has_page = forms.BooleanField(label="Show a page of the creator first, with one button", required=False)

    def __init__(self, *args: Any, link: TrackingLink, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.allowed = Allowed(link.collaboration.campaign)
        for name in self.fields:
            self.initial[name] = getattr(link, name)

    def clean_destination(self) -> str:
        return allowed(self.allowed.check, self.cleaned_data["destination"])

    def clean_fallback(self) -> str:
        return allowed(self.allowed.check, self.cleaned_data["fallback"])

    def clean_ios_destination(self) -> str:
        return allowed(self.allowed.check_app, self.cleaned_data["ios_destination"])

    def clean_android_destination(self) -> str:
        return allowed(self.allowed.check_app, self.cleaned_data["android_destination"])

    def clean_expires_at(self) -> Any:
        """A new date lies ahead; one that has passed may stay."""
        given = self.cleaned_data["expires_at"]
        if given and given <= timezone.now() and "expires_at" in self.changed_data:
            raise ValidationError("This time has passed. To stop the link now, pause it.")
        return given


def allowed(check: Callable[[str], None], url: str) -> str:
    try:
        if url:
            check(url)
    except ForeignDestinationError as error:
        raise ValidationError(str(error)) from error
    return url


class AddressForm(forms.Form):
    slug = forms.CharField(
        label="Words",
        max_length=60,
        help_text="Lower-case letters, digits and hyphens. The old address goes on working.",
    )
    domain = forms.ModelChoiceField(LinkDomain.objects.none(), required=False, label="Domain")

    def __init__(self, *args: Any, link: TrackingLink, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update(slug=link.slug, domain=link.domain)
        give_domains(self, link.collaboration.campaign.brand)

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"]).lower()
        if not SLUG.fullmatch(slug) or slug in RESERVED:
            raise ValidationError("Use lower-case letters, digits and hyphens, such as dana-spring.")
        return slug


def give_domains(form: forms.BaseForm, brand: Brand) -> None:
    """Offer the brand's verified domains."""
    field: Any = form.fields["domain"]
    field.queryset = LinkDomain.objects.of(brand).verified().order_by("host")
    field.empty_label = "Ours"


class PlacementForm(forms.Form):
    placement = forms.CharField(
        label="Where it will stand", max_length=40, help_text="Such as Story, Bio or Newsletter."
    )


class LinksForm(forms.Form):
    """Links for several placements, to everyone in a campaign who agreed."""

    campaign = forms.ModelChoiceField(Campaign.objects.none(), to_field_name="code", empty_label=None)
    placements = forms.CharField(label="Where they will stand", widget=lines, help_text="One a line: Story, Bio …")

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        campaign: Any = self.fields["campaign"]
        campaign.queryset = Campaign.objects.of(brand).select_related("brand").order_by("-pk")

    def clean_placements(self) -> list[str]:
        return placements_of(self.cleaned_data["placements"])


def placements_of(text: str) -> list[str]:
    """One placement a line, each once. Raises ValidationError."""
    found = list(dict.fromkeys(" ".join(line.split()) for line in text.splitlines() if line.strip()))
    if len(found) > PLACEMENTS:
        raise ValidationError(f"At most {PLACEMENTS} at once.")
    if any(len(one) > 40 or "\0" in one for one in found):
        raise ValidationError("Each has at most 40 letters.")
    return found
