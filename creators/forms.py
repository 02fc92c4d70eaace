"""What people type on the creators' pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast
from urllib.parse import urlsplit

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from creators.evidence import LARGEST, EvidenceRefused, read_shares
from creators.importing.columns import AGES, FIELDS, SLICES, Mapping, is_field, label, slice_of
from creators.importing.lines import MAX_BYTES, Line
from creators.importing.places import languages
from creators.lists import SearchRefusedError, rule_of
from creators.models import (
    Basis,
    Benchmark,
    Creator,
    CustomField,
    Gender,
    Import,
    LifecycleRule,
    Network,
    PostFormat,
    Relationship,
    SharedList,
    SocialAccount,
    VettingPolicy,
)
from creators.tiers import Band, Bounds
from creators.vetting.fit import DEFAULT_WEIGHTS, PARTS
from groundswell.accounts.models import Brand, User
from groundswell.lib.money import CURRENCIES
from groundswell.lib.places import countries

COLUMN = "column-{}"
OWN = "own-{}"
FORMATS_OF: dict[str, tuple[str, ...]] = {
    Network.INSTAGRAM: (PostFormat.REEL, PostFormat.IMAGE, PostFormat.STORY),
    Network.TIKTOK: (PostFormat.VIDEO, PostFormat.LIVE),
    Network.YOUTUBE: (PostFormat.VIDEO, PostFormat.SHORT, PostFormat.LIVE),
}


def lines(example: str) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": 3, "placeholder": example})


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


class MappingForm(forms.Form):
    """One select per column of the file, and what the file doesn't say."""

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
        self.job = job
        choices = [("", "Leave out"), *FIELDS.items(), ("Shares of the audience", slice_choices(job.header))]
        for place, name in enumerate(job.header):
            self.fields[COLUMN.format(place)] = forms.ChoiceField(
                label=name or f"Column {place + 1} (no name)",
                choices=choices,
                required=False,
                initial=known.columns[place] or "",
                widget=forms.Select(attrs={"class": "select-sm", "aria-label": f"Read “{name or place + 1}” as"}),
            )

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def mapping(self) -> Mapping:
        data = self.cleaned_data
        columns = [data[COLUMN.format(place)] or None for place in range(len(self.job.header))]
        return Mapping(
            columns, data["network"], data["rate"], data["basis"], data["currency"], data["audience"] or "percent"
        )

    def columns(self, sample: list[Line]) -> list[ColumnChoice]:
        """The lines of the mapping page with up to three different values each."""
        controls = [self[COLUMN.format(place)] for place in range(len(self.job.header))]
        return [ColumnChoice(str(field.label), samples(sample, place), field) for place, field in enumerate(controls)]


def slice_choices(header: list[str]) -> list[tuple[str, str]]:
    """Genders and ages, and the countries and languages that this file's header names."""
    named = [name for name in map(slice_of, header) if is_field(name)]
    return [(name, label(name)) for name in dict.fromkeys([*SLICES, *named])]


def samples(lines: list[Line], place: int) -> list[str]:
    values = (line.cells[place] for line in lines if place < len(line.cells) and line.cells[place])
    return [value[:60] for value in list(dict.fromkeys(values))[:3]]


class RelationshipForm(forms.ModelForm[Relationship]):
    tags = forms.CharField(required=False, max_length=400, help_text="Separated by commas.")

    class Meta:
        model = Relationship
        fields = [
            "stage", "owner", "email", "phone", "price", "price_currency", "tags", "next_step", "next_step_on",
        ]  # fmt: skip
        widgets = {"next_step_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}
        labels = {
            "email": "E-mail",
            "next_step_on": "By",
            "price": "Price per post",
            "price_currency": "Currency",
            "owner": "In charge",
        }
        help_texts = {"price": "", "email": "", "phone": ""}

    def __init__(self, brand: Brand, data: Any = None, *, instance: Relationship | None = None) -> None:
        initial = {"tags": ", ".join(instance.tags)} if instance else {"tags": "", "price_currency": brand.currency}
        super().__init__(data, instance=instance or Relationship(brand=brand), initial=initial)
        owner = cast("forms.ModelChoiceField[User]", self.fields["owner"])
        owner.queryset = User.objects.filter(memberships__brand=brand).order_by("name")
        owner.empty_label = "Nobody yet"
        if not (instance and instance.is_blocked):
            stage = cast("forms.ChoiceField", self.fields["stage"])
            stage.choices = [choice for choice in Relationship.Stage.choices if choice[0] != Relationship.Stage.BLOCKED]
        self.own = {OWN.format(field.code): field for field in CustomField.objects.of(brand)}
        for name, field in self.own.items():
            self.fields[name] = own_control(field)
            self.initial[name] = self.instance.custom.get(field.code, "")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name, field in self.own.items():
            try:
                data[name] = field.cleaned(data.get(name))
            except ValueError as problem:
                self.add_error(name, str(problem))
        return data

    def clean_tags(self) -> list[str]:
        return tags_in(self.cleaned_data["tags"])

    def clean_price_currency(self) -> str:
        return str(self.cleaned_data["price_currency"]).upper()

    def clean_price(self) -> Any:
        price = self.cleaned_data["price"]
        if price is not None and price < 0:
            raise forms.ValidationError("A price can't be below zero.")
        return price

    def facts(self) -> dict[str, Any]:
        """The facts for `relate`; values of own fields that nobody asks for any more stay as they are."""
        own = {field.code: self.cleaned_data[name] for name, field in self.own.items()}
        merged = {code: value for code, value in {**self.instance.custom, **own}.items() if value}
        return {name: self.cleaned_data[name] for name in self.Meta.fields} | {"custom": merged}

    def _post_clean(self) -> None:
        """The row is written by an action and stays as it is here."""


def own_control(field: CustomField) -> forms.Field:
    """The control of a field of the brand's own; what it takes is decided by the field itself."""
    if field.kind == CustomField.Kind.CHOICE:
        choices = [("", "Not known"), *((choice, choice) for choice in field.choices)]
        return forms.CharField(label=field.name, required=False, widget=forms.Select(choices=choices))
    attrs = {"date": {"type": "date"}, "number": {"inputmode": "decimal"}}.get(field.kind, {})
    return forms.CharField(label=field.name, required=False, widget=forms.TextInput(attrs=attrs))


class NoteForm(forms.Form):
    text = forms.CharField(
        label="New note",
        max_length=4000,
        help_text="Only your team sees it. @name writes to a colleague.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    tell = forms.ModelMultipleChoiceField(
        label="Tell",
        queryset=User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, brand: Brand, data: Any = None) -> None:
        super().__init__(data)
        tell = cast("forms.ModelMultipleChoiceField[User]", self.fields["tell"])
        tell.queryset = User.objects.filter(memberships__brand=brand, is_active=True).order_by("name", "pk")


class BlockForm(forms.Form):
    reason = forms.CharField(
        label="Why", max_length=300, required=False, help_text="Your team reads it on the blocklist."
    )


def tags_in(text: str) -> list[str]:
    """Tags separated by commas, in lower case, each once."""
    parts = [part.strip(" #").lower()[:40] for part in text.split(",")]
    return list(dict.fromkeys(part for part in parts if part))


class BulkForm(forms.Form):
    """What to change of the chosen creators; what is empty stays as it is."""

    NOBODY = "nobody"

    stage = forms.ChoiceField(required=False)
    owner = forms.ChoiceField(required=False)
    add_tags = forms.CharField(required=False, max_length=400)
    remove_tags = forms.CharField(required=False, max_length=400)

    def __init__(self, brand: Brand, data: Any = None) -> None:
        super().__init__(data)
        team = User.objects.filter(memberships__brand=brand, is_active=True).order_by("name", "pk")
        self.team = {str(user.pk): user for user in team}
        stages = [choice for choice in Relationship.Stage.choices if choice[0] != Relationship.Stage.BLOCKED]
        cast("forms.ChoiceField", self.fields["stage"]).choices = [("", "Stage …"), *stages]
        people = [(pk, str(user)) for pk, user in self.team.items()]
        owner = cast("forms.ChoiceField", self.fields["owner"])
        owner.choices = [("", "In charge …"), *people, (self.NOBODY, "Nobody")]

    def changes(self) -> dict[str, Any]:
        """Arguments for `change_many`; empty when nothing was asked for."""
        data = self.cleaned_data
        found: dict[str, Any] = {"stage": data["stage"]} if data["stage"] else {}
        if data["owner"]:
            found["owner"] = self.team.get(data["owner"])
        for name in ("add_tags", "remove_tags"):
            if tags := tags_in(data[name]):
                found[name] = tags
        return found


class FieldForm(forms.Form):
    name = forms.CharField(label="Name", max_length=60)
    kind = forms.ChoiceField(label="Kind", choices=CustomField.Kind.choices)
    choices = forms.CharField(
        label="Choices",
        required=False,
        max_length=2000,
        help_text="Of a choice: one on each line.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean_choices(self) -> list[str]:
        return str(self.cleaned_data["choices"]).splitlines()


class LifecycleForm(forms.ModelForm[LifecycleRule]):
    class Meta:
        model = LifecycleRule
        fields = ["trial_from", "repeat_from", "ambassador_from", "ambassador_days", "dormant_days"]
        help_texts = {
            "trial_from": "accepted collaborations",
            "repeat_from": "accepted collaborations",
            "ambassador_from": "accepted collaborations",
            "ambassador_days": "in which an ambassador has that many",
            "dormant_days": "without an acceptance or a post handed in",
        }

    def _post_clean(self) -> None:
        """The row is written by an action."""


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


class SchemeForm(forms.Form):
    name = forms.CharField(label="Name of the scheme", max_length=80)


class BandForm(forms.Form):
    """One tier. An empty bound is open; an empty network is every network without rows of its own."""

    name = forms.CharField(max_length=30)
    lower = forms.IntegerField(label="From", required=False, min_value=0, max_value=10**12, help_text="inclusive")
    upper = forms.IntegerField(label="Up to", required=False, min_value=0, max_value=10**12, help_text="exclusive")
    network = forms.ChoiceField(choices=[("", "All networks"), *Network.choices], required=False)

    @staticmethod
    def initial_of(band: Band) -> dict[str, Any]:
        return {"name": band.name, "lower": band.lower, "upper": band.upper, "network": band.network}

    def band(self) -> Bounds:
        data = self.cleaned_data
        return Bounds(data["name"].strip().lower(), data["lower"], data["upper"], data["network"])


BandFormSet = forms.formset_factory(BandForm, extra=2, can_delete=True, max_num=40)


class BenchmarkForm(forms.ModelForm[Benchmark]):
    """A figure of the brand's own; rates are typed in per cent."""

    low = forms.DecimalField(label="Value, or from", min_value=0, max_value=10**7, help_text="Rates in per cent: 3.2")
    high = forms.DecimalField(label="To", required=False, min_value=0, max_value=10**7, help_text="Of a band.")
    url = forms.URLField(label="Address", required=False, max_length=300, assume_scheme="https")

    class Meta:
        model = Benchmark
        fields = ["metric", "kind", "network", "tier", "low", "high", "currency", "denominator", "period", "source",
                  "url", "confidence", "note"]  # fmt: skip
        widgets = {"note": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = Benchmark.Kind.choices[:2]  # type: ignore[attr-defined]
        self.fields["metric"].choices = [("", "Choose a metric"), *Benchmark.Metric.choices]  # type: ignore[attr-defined]
        self.fields["network"].choices = [("", "Any network"), *Network.choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        low, high = data.get("low"), data.get("high")
        if data.get("kind") == Benchmark.Kind.VALUE and high is not None:
            self.add_error("high", "A value has no end. Choose “Band”.")
        if low is not None and high is not None and high < low:
            self.add_error("high", "The band ends below its start.")
        return data

    def facts(self) -> dict[str, Any]:
        """Fields of Benchmark, per cent as fractions."""
        data = dict(self.cleaned_data)
        if Benchmark(metric=data["metric"]).is_relative:
            data.update({name: data[name] / 100 for name in ("low", "high") if data[name] is not None})
        return data

    def _post_clean(self) -> None:
        """The row is written by an action."""


class KeyForm(forms.Form):
    key = forms.RegexField(
        r"^[\w\-]{20,200}$",
        label="YouTube API key",
        help_text="Made in the Google Cloud console for the YouTube Data API v3. Kept encrypted and not shown again.",
        error_messages={"invalid": "An API key has 20 signs or more: letters, digits, - and _."},
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )


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


class JoinForm(forms.Form):
    """Somebody who wants to be found by brands."""

    name = forms.CharField(label="Your name", max_length=120)
    email = forms.EmailField(label="E-mail address", help_text="We mail you a link; no password needed.")
    network = forms.ChoiceField(choices=Network.choices[:3])
    handle = forms.CharField(label="Your handle there", max_length=200, help_text="@name, or the profile's address.")


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
    email = forms.EmailField(label="E-mail for brands", required=False, help_text="Shown to every brand.")
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
