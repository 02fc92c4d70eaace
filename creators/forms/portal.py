"""What creators say of themselves, and prove."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from creators.evidence import LARGEST, EvidenceRefused, read_shares
from creators.importing.places import languages
from creators.models import (
    Creator,
    Gender,
    Network,
    PostFormat,
    SocialAccount,
)
from groundswell.lib.money import CURRENCIES
from groundswell.lib.places import countries

FORMATS_OF: dict[str, tuple[str, ...]] = {
    Network.INSTAGRAM: (PostFormat.REEL, PostFormat.IMAGE, PostFormat.STORY),
    Network.TIKTOK: (PostFormat.VIDEO, PostFormat.LIVE),
    Network.YOUTUBE: (PostFormat.VIDEO, PostFormat.SHORT, PostFormat.LIVE),
}


class JoinForm(forms.Form):
    """Somebody who wants to be found by brands."""

    name = forms.CharField(label="Your name", max_length=120)
    email = forms.EmailField(
        label="E-mail address", max_length=254, help_text="We mail you a link; no password needed."
    )
    network = forms.ChoiceField(choices=Network.choices[:3])
    handle = forms.CharField(label="Your handle there", max_length=200, help_text="@name, or the profile's address.")


class RemovalForm(forms.Form):
    """An account whose person wants it out of here."""

    network = forms.ChoiceField(choices=Network.choices[:3])
    handle = forms.CharField(label="Your handle there", max_length=200, help_text="@name, or the profile's address.")
    email = forms.EmailField(
        label="E-mail address", max_length=254, help_text="The one on your profile proves most; we mail a link."
    )


class ClaimForm(forms.Form):
    network = forms.ChoiceField(choices=Network.choices[:3])
    handle = forms.CharField(label="Your handle there", max_length=200, help_text="@name, or the profile's address.")


class CreatorForm(forms.Form):
    """What creators say of themselves. Everything but the name is theirs to leave out."""

    name = forms.CharField(max_length=160)
    bio = forms.CharField(max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4}))
    country = forms.ChoiceField(required=False)
    city = forms.CharField(max_length=80, required=False)
    language = forms.ChoiceField(label="Language you post in", required=False)
    niches = forms.CharField(
        max_length=400,
        required=False,
        help_text="What you post about, separated by commas: hiking, family, vegan food.",
    )
    accepts_product_only = forms.ChoiceField(
        label="Work for the product alone", choices=[("", "Not said"), ("yes", "Yes, sometimes"), ("no", "No")],
        required=False,
    )  # fmt: skip
    gender = forms.ChoiceField(
        choices=[("", "Not said"), *Gender.choices],
        required=False,
        help_text="Some brands look for it. We never guess it.",
    )
    birth_year = forms.IntegerField(
        min_value=1900, required=False, help_text="For brands that may only work with adults, such as of alcohol."
    )
    email = forms.EmailField(
        label="E-mail for brands", max_length=254, required=False, help_text="Shown to every brand."
    )
    website = forms.URLField(required=False, assume_scheme="https", max_length=254)
    agent = forms.CharField(label="Agent or manager", max_length=254, required=False)
    currency = forms.ChoiceField(label="Currency of your prices", choices=[(c, c) for c in sorted(CURRENCIES)])

    def __init__(self, creator: Creator, data: Any = None) -> None:
        rates = {(row.network, row.format): row for row in creator.rates.filter(owner=None)}
        contacts = dict(creator.contacts.filter(owner=None).order_by("-pk").values_list("kind", "value"))
        product_only = {None: "", True: "yes", False: "no"}[creator.accepts_product_only]
        initial = {name: getattr(creator, name) for name in ("name", "bio", "country", "city", "language", "gender")}
        initial |= {"niches": ", ".join(creator.niches), "birth_year": creator.birth_year, **contacts}
        currency = next((row.currency for row in rates.values()), "EUR")
        super().__init__(data, initial={**initial, "accepts_product_only": product_only, "currency": currency})
        places = sorted(countries().items(), key=lambda item: item[1])
        self.fields["country"].choices = [("", "Not said"), *places]  # type: ignore[attr-defined]
        self.fields["language"].choices = [("", "Not said"), *sorted(languages().items(), key=lambda i: i[1])]  # type: ignore[attr-defined]
        self.fields["birth_year"].max_value = timezone.now().year - 13  # type: ignore[attr-defined]
        self.priced = [
            (network, kind) for network in sorted({a.network for a in creator.accounts.all()})
            for kind in FORMATS_OF.get(network, ())
        ]  # fmt: skip
        for network, kind in self.priced:
            row = rates.get((network, kind))
            self.fields[f"price-{network}-{kind}"] = forms.DecimalField(
                label=f"{PostFormat(kind).label} on {Network(network).label}", min_value=0, max_digits=12,
                decimal_places=2, required=False, initial=row.amount if row else None,
            )  # fmt: skip

    def clean_niches(self) -> list[str]:
        words = [" ".join(word.lower().split())[:40] for word in self.cleaned_data["niches"].split(",")]
        return list(dict.fromkeys(filter(None, words)))[:12]

    def clean_birth_year(self) -> int | None:
        year = cast("int | None", self.cleaned_data["birth_year"])
        if year and year > timezone.now().year - 13:
            raise forms.ValidationError("You have to be thirteen at least to be listed.")
        return year

    def facts(self) -> dict[str, Any]:
        names = ("name", "bio", "country", "city", "language", "niches", "gender", "birth_year")
        product_only = {"": None, "yes": True, "no": False}[self.cleaned_data["accepts_product_only"]]
        return {name: self.cleaned_data[name] for name in names} | {"accepts_product_only": product_only}

    def prices(self) -> dict[tuple[str, str], tuple[Decimal, str]]:
        found = {pair: self.cleaned_data[f"price-{pair[0]}-{pair[1]}"] for pair in self.priced}
        return {pair: (amount, self.cleaned_data["currency"]) for pair, amount in found.items() if amount is not None}

    def contacts(self) -> dict[str, str]:
        return {kind: self.cleaned_data[kind].strip() for kind in ("email", "website", "agent")}

    def price_fields(self) -> list[forms.BoundField]:
        return [self[f"price-{network}-{kind}"] for network, kind in self.priced]


def lines(example: str) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": 3, "placeholder": example})


class EvidenceForm(forms.Form):
    """A screenshot, and what can be read on it. What is left empty stays unknown."""

    account = forms.ModelChoiceField(SocialAccount.objects.none(), label="Account", empty_label=None)
    file = forms.FileField(
        label="Screenshot or report", help_text="PNG, JPEG, WebP or PDF, up to 8 MB. Only brands you work with see it.",
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp,application/pdf"}),
    )  # fmt: skip
    observed_on = forms.DateField(label="Day of these numbers", widget=forms.DateInput(attrs={"type": "date"}))
    followers = forms.IntegerField(min_value=0, max_value=10**10, required=False)
    reach = forms.IntegerField(label="Accounts reached, 30 days", min_value=0, max_value=10**12, required=False)
    views = forms.IntegerField(label="Views, 30 days", min_value=0, max_value=10**12, required=False)
    country = forms.CharField(label="Audience by country", required=False, widget=lines("Germany 62\nAustria 14"))
    age = forms.CharField(label="Audience by age", required=False, widget=lines("18-24 31\n25-34 44"))
    gender = forms.CharField(label="Audience by gender", required=False, widget=lines("Women 71\nMen 28"))

    def __init__(self, creator: Creator, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        self.fields["account"].queryset = creator.accounts.filter(owner=None)  # type: ignore[attr-defined]

    def clean_file(self) -> UploadedFile[Any]:
        file = cast("UploadedFile[Any]", self.cleaned_data["file"])
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError(f"This file is larger than {LARGEST // 1024**2} MB.")
        return file

    def clean_observed_on(self) -> date:
        day = cast("date", self.cleaned_data["observed_on"])
        if day > timezone.now().date():
            raise forms.ValidationError("This day is yet to come.")
        return day

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        for kind in ("country", "age", "gender"):
            try:
                data[kind] = read_shares(kind, data.get(kind, ""))
            except EvidenceRefused as problem:
                self.add_error(kind, str(problem))
        return data

    def numbers(self) -> dict[str, Any]:
        data = self.cleaned_data
        shares = {kind: data[kind] for kind in ("country", "age", "gender")}
        return {name: data[name] for name in ("observed_on", "followers", "reach", "views")} | {"shares": shares}


class KitForm(forms.Form):
    is_on = forms.BooleanField(label="My media kit is online", required=False)
    has_niche = forms.BooleanField(label="Niche", required=False)
    has_content = forms.BooleanField(label="Content", required=False)
    has_engagement = forms.BooleanField(label="Engagement", required=False)
    has_audience = forms.BooleanField(label="Audience", required=False)
