"""What people type about themselves, their brand and their team."""

from __future__ import annotations

from typing import Any, ClassVar
from zoneinfo import available_timezones

from allauth.account.forms import AddEmailForm, LoginForm, ResetPasswordForm, ResetPasswordKeyForm, SignupForm
from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from django import forms
from django.contrib.auth.password_validation import validate_password

from groundswell.accounts.models import Brand, Role, Scope, User
from groundswell.lib.money import CURRENCIES
from groundswell.lib.places import countries

COMMON_CURRENCIES = ["EUR", "USD", "GBP", "CHF", "SEK", "DKK", "NOK", "PLN"]
THREE_WORDS = "Eight characters or more; three random words are best."


class AddressForm(forms.Form):
    email = forms.EmailField(
        label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True})
    )


class Worded(forms.Form):
    """Puts our words above the fields of allauth's forms, and none into them."""

    words: ClassVar[dict[str, str]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in self.words.items():
            self.fields[name].label = label
            self.fields[name].widget.attrs.pop("placeholder", None)


class SignInForm(Worded, LoginForm):  # type: ignore[misc]
    words: ClassVar = {"login": "E-mail", "password": "Password"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""  # the page has its own link for a forgotten one


class SignUpForm(Worded, SignupForm):  # type: ignore[misc]
    words: ClassVar = {"email": "E-mail", "password1": "Password"}
    name = forms.CharField(label="Your name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    field_order = ["name", "email", "password1"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = THREE_WORDS


class NewAddressForm(Worded, AddEmailForm):  # type: ignore[misc]
    words: ClassVar = {"email": "New e-mail"}


class ForgottenPasswordForm(Worded, ResetPasswordForm):  # type: ignore[misc]
    words: ClassVar = {"email": "E-mail"}


class NewPasswordForm(Worded, ResetPasswordKeyForm):  # type: ignore[misc]
    words: ClassVar = {"password1": "New password", "password2": "New password, again"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = THREE_WORDS


class ChangePasswordForm(Worded, AllauthChangePasswordForm):  # type: ignore[misc]
    words: ClassVar = {
        "oldpassword": "Password until now",
        "password1": "New password",
        "password2": "New password, again",
    }


class JoinForm(forms.Form):
    """For somebody new who follows an invitation."""

    name = forms.CharField(label="Your name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=THREE_WORDS,
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, User(email=self.email, name=self.cleaned_data.get("name", "")))
        return password


def currency_choices() -> list[tuple[str, Any]]:
    rest = sorted(CURRENCIES - set(COMMON_CURRENCIES))
    groups = {"Common": COMMON_CURRENCIES, "All others": rest}
    return [(label, [(code, code) for code in codes]) for label, codes in groups.items()]


def country_choices() -> list[tuple[str, str]]:
    return [("", "Choose a country"), *sorted(countries().items(), key=lambda entry: entry[1])]


def timezone_choices() -> list[tuple[str, str]]:
    """Zones named after a place, and UTC; without the historic abbreviations."""
    named = (zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/")))
    return [(zone, zone.replace("_", " ")) for zone in ["UTC", *sorted(named)]]


class WelcomeForm(forms.ModelForm[Brand]):
    """The few facts that a brand needs on its first day."""

    country = forms.ChoiceField(choices=country_choices)
    currency = forms.ChoiceField(choices=currency_choices, help_text="Budgets, fees and returns are counted in it.")
    timezone = forms.ChoiceField(
        label="Time zone", choices=timezone_choices, help_text="A day in your reports begins and ends here."
    )

    class Meta:
        model = Brand
        fields = ["name", "country", "currency", "timezone"]
        labels = {"name": "Name of the brand"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound and self.instance.pk is None:
            self.fields["timezone"].widget.attrs["data-own-zone"] = True


class BrandForm(WelcomeForm):
    website = forms.URLField(required=False, assume_scheme="https")

    class Meta(WelcomeForm.Meta):
        fields = [
            "name",
            "website",
            "country",
            "currency",
            "timezone",
            "hour_rate",
            "sender_name",
            "postal_address",
        ]
        labels = {**WelcomeForm.Meta.labels, "hour_rate": "Internal hour", "sender_name": "Sender's name"}
        widgets = {"postal_address": forms.Textarea(attrs={"rows": 3})}


class InviteForm(forms.Form):
    email = forms.EmailField(
        label="E-mail", max_length=254, widget=forms.EmailInput(attrs={"placeholder": "name@company.com"})
    )
    role = forms.ChoiceField(choices=Role.choices, initial=Role.MANAGER)


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Role.choices)


class KeyForm(forms.Form):
    name = forms.CharField(
        max_length=80, help_text="What will use the key, such as “Shop in Berlin”.", label="Name of the key"
    )
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices, widget=forms.CheckboxSelectMultiple, help_text="Give it only what it needs."
    )


class ProfileForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields = ["name"]
        labels = {"name": "Your name"}
