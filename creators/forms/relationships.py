"""What a brand notes about its creators."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from creators.models import (
    CustomField,
    Relationship,
)
from groundswell.accounts.models import Brand, User

OWN = "own-{}"


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
