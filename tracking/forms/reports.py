"""What brands type about reports: what they tell, who sees them, when they go out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from campaigns.models import Campaign
from groundswell.accounts.models import Brand, Membership, User
from tracking.models import Report, ReportSchedule

WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
TOPS = [5, 10, 25, 50, 100, 250, 1000]
USUAL_DAYS = 30


def date_field(label: str) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}))


class ReportForm(forms.Form):
    """`sections` come in the order in which the page shows them."""

    name = forms.CharField(max_length=120)
    scope = forms.ChoiceField(choices=Report.Scope.choices, label="Of", widget=forms.RadioSelect)
    campaigns = forms.ModelMultipleChoiceField(
        Campaign.objects.none(), required=False, to_field_name="code", widget=forms.CheckboxSelectMultiple
    )
    period = forms.ChoiceField(choices=Report.Period.choices, help_text="Days by your brand's clock.")
    since = date_field("From")
    until = date_field("To")
    sections = forms.MultipleChoiceField(
        choices=Report.Section.choices, error_messages={"required": "Choose at least one section."}
    )
    top = forms.TypedChoiceField(
        choices=[(number, f"{number:,}") for number in TOPS], coerce=int, initial=10, label="Creators and posts named"
    )
    text_title = forms.CharField(max_length=120, required=False, label="Title of your text")
    text = forms.CharField(
        max_length=5000, required=False, label="Text of your own", widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Plain text; shown where its section stands.",
    )  # fmt: skip

    def __init__(self, brand: Brand, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        field = self.fields["campaigns"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = Campaign.objects.of(brand).order_by("-launched_at", "-pk")

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        if found.get("scope") == Report.Scope.CAMPAIGNS and "campaigns" in found and not found["campaigns"]:
            self.add_error("campaigns", "Choose a campaign, or the whole brand.")
        if found.get("period") == Report.Period.FIXED:
            self.check_days(found)
        if "text" in found.get("sections", ()) and not found.get("text", "").strip():
            self.add_error("text", "Write the text of your own, or leave its section out.")
        return found

    def check_days(self, found: dict[str, Any]) -> None:
        for name in ("since", "until"):
            if not found.get(name) and name not in self.errors:
                self.add_error(name, "Fixed days need both ends.")
        if found.get("since") and found.get("until") and found["since"] > found["until"]:
            self.add_error("until", "This is before the first day.")

    @property
    def facts(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "campaigns"}


class ShareForm(forms.Form):
    days = forms.IntegerField(
        label="Open for days", min_value=1, max_value=366, initial=USUAL_DAYS, help_text="The link ends by itself."
    )
    password = forms.CharField(
        required=False, min_length=4, max_length=100, strip=False,
        help_text="Send it another way than the link. We keep only its hash.",
    )  # fmt: skip
    hides_names = forms.BooleanField(required=False, label="Number the creators instead of naming them")
    shows_costs = forms.BooleanField(required=False, label="Show what each creator cost and returned")
    gives_files = forms.BooleanField(required=False, initial=True, label="Let visitors take PDF and workbook")

    @property
    def facts(self) -> dict[str, Any]:
        found = self.cleaned_data
        choices = {name: found[name] for name in ("hides_names", "shows_costs", "gives_files")}
        return {"expires_at": expiry(found["days"]), "password": found["password"], **choices}


class RenewForm(forms.Form):
    days = forms.IntegerField(min_value=1, max_value=366, initial=USUAL_DAYS)


def expiry(days: int) -> datetime:
    return timezone.now() + timedelta(days=days) - timedelta(minutes=days > 365)


class ScheduleForm(forms.Form):
    every = forms.ChoiceField(choices=ReportSchedule.Every.choices, label="How often")
    weekday = forms.TypedChoiceField(choices=list(enumerate(WEEKDAYS)), coerce=int, initial=0, label="Weekly on")
    day = forms.IntegerField(
        min_value=1,
        max_value=31,
        initial=1,
        label="Monthly on day",
        help_text="The last one of shorter months.",
    )
    hour = forms.TypedChoiceField(
        choices=[(hour, f"{hour:02}:00") for hour in range(24)], coerce=int, initial=8, label="At"
    )
    stops_after = forms.IntegerField(
        min_value=0, max_value=365, initial=14, label="Stop days after the last campaign closed"
    )
    users = forms.ModelMultipleChoiceField(
        User.objects.none(), required=False, label="To your team", widget=forms.CheckboxSelectMultiple
    )
    addresses = forms.CharField(
        required=False, label="To people outside it", widget=forms.Textarea(attrs={"rows": 2}),
        help_text="E-mail addresses, one a line. They get no prices per creator, and a link to leave.",
    )  # fmt: skip

    def __init__(self, brand: Brand, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        field = self.fields["users"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = User.objects.filter(memberships__in=Membership.objects.of(brand)).order_by("name", "email")

    def clean_addresses(self) -> list[str]:
        found = str(self.cleaned_data["addresses"]).replace(",", "\n").replace(";", "\n").split()
        for address in found:
            try:
                forms.EmailField(max_length=254).clean(address)
            except ValidationError as error:
                raise ValidationError(f"“{address[:80]}” is no e-mail address.") from error
        return found
