"""Lists, saved searches, and links to lists."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.utils import timezone

from creators.lists import SearchRefusedError, rule_of
from creators.models import (
    SharedList,
)


class ShortlistForm(forms.Form):
    name = forms.CharField(label="Name", max_length=80)


class SearchForm(forms.Form):
    """What changes about a saved search: whichever field is sent."""

    name = forms.CharField(max_length=80, required=False)
    query = forms.CharField(max_length=4000, required=False)
    alerts = forms.ChoiceField(choices=[("on", "on"), ("off", "off")], required=False)

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if "name" in self.data and not name:
            raise forms.ValidationError("Give the search a name.")
        return name

    def changes(self) -> dict[str, Any]:
        alerts = self.cleaned_data["alerts"]
        changed = {name: self.cleaned_data[name] for name in ("name", "query") if name in self.data}
        return {**changed, **({"alerts": alerts == "on"} if alerts else {})}


class NewListForm(ShortlistForm):
    query = forms.CharField(
        label="Rule",
        required=False,
        max_length=4000,
        help_text="Paste the address of a search in the directory: the list then holds whoever it finds. "
        "Empty: a list that you fill by hand.",
    )

    def clean_query(self) -> str:
        text = str(self.cleaned_data["query"]).strip()
        if not text:
            return ""
        try:
            return rule_of(urlsplit(text).query or text)
        except SearchRefusedError as problem:
            raise forms.ValidationError(str(problem)) from problem


class ShareForm(forms.Form):
    """A link to a list for somebody without a sign-in."""

    title = forms.CharField(label="Heading", max_length=80)
    message = forms.CharField(label="A line to the reader", max_length=500, required=False)
    facts = forms.MultipleChoiceField(
        label="What they see beside name and handle",
        choices=SharedList.Fact.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Never contacts and notes. A price only where you tick it.",
    )
    days = forms.IntegerField(label="Open for days", min_value=1, max_value=365, initial=14)
    password = forms.CharField(
        label="Password", max_length=100, required=False, help_text="Tell it on another way than the link."
    )

    def share(self) -> dict[str, Any]:
        """Arguments for `share_list`."""
        data = dict(self.cleaned_data)
        expires_at = timezone.now() + timedelta(days=data.pop("days"))
        return {**data, "expires_at": expires_at}


class VerdictForm(forms.Form):
    reviewer = forms.CharField(label="Your name", max_length=80)
    answer = forms.ChoiceField(choices=[("approve", "Approve"), ("reject", "Reject")])
    comment = forms.CharField(label="Comment", max_length=1000, required=False)

    def clean_reviewer(self) -> str:
        name = " ".join(str(self.cleaned_data["reviewer"]).split())
        if not name:
            raise forms.ValidationError("Say who you are.")
        return name
