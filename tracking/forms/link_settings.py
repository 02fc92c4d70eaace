"""What brands type about all their links: the template, allowed sites and apps, domains."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from groundswell.accounts.models import Brand
from tracking.actions.destinations import is_scheme
from tracking.forms.links import give_domains, lines, placements_of
from tracking.forms.stores import DOMAIN
from tracking.models import LinkRules, LinkTemplate
from tracking.utm import NAMES, problem_of

HOSTS, SCHEMES = 50, 20


class LinesField(forms.CharField):
    """A list, one item a line."""

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value


class TemplateForm(forms.ModelForm[LinkTemplate]):
    placements = LinesField(
        label="Placements made on acceptance",
        required=False,
        widget=lines,
        help_text="One a line, beside the link for everywhere.",
    )

    class Meta:
        model = LinkTemplate
        fields = (*NAMES, "placements", "domain", "has_page")

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        give_domains(self, brand)
        for name in NAMES:
            self.fields[name].widget.attrs.update(spellcheck="false", autocapitalize="none", autocomplete="off")

    def clean_placements(self) -> list[str]:
        return placements_of(self.cleaned_data["placements"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name in NAMES:
            if problem := problem_of(data.get(name) or ""):
                self.add_error(name, problem)
        return data


class RulesForm(forms.ModelForm[LinkRules]):
    hosts = LinesField(
        label="More sites of yours",
        required=False,
        widget=lines,
        help_text="One host a line. Your website and each campaign's landing page are allowed anyway.",
    )
    app_schemes = LinesField(
        label="Your apps",
        required=False,
        widget=lines,
        help_text="One scheme a line, such as acme-shop for acme-shop://.",
    )

    class Meta:
        model = LinkRules
        fields = ("hosts", "app_schemes", "consent", "consent_cookie")
        labels = {"consent_cookie": "Cookie that says they agreed"}
        help_texts = {
            "consent_cookie": "Name and value as your consent tool writes them, such as analytics=yes. "
            "Seen on links of your own domains only."
        }

    def clean_hosts(self) -> list[str]:
        found = split(self.cleaned_data["hosts"])
        if len(found) > HOSTS:
            raise ValidationError(f"At most {HOSTS} sites.")
        return each(found, DOMAIN.fullmatch, "is no domain. It looks like shop.acme.example.")

    def clean_app_schemes(self) -> list[str]:
        found = [one.removesuffix("://").removesuffix(":") for one in split(self.cleaned_data["app_schemes"])]
        if len(found) > SCHEMES:
            raise ValidationError(f"At most {SCHEMES} apps.")
        return each(found, is_scheme, "is no scheme of an app.")

    def clean_consent_cookie(self) -> str:
        given = str(self.cleaned_data["consent_cookie"]).strip()
        if given and (given.count("=") < 1 or any(sign in given for sign in '; ,"\\') or not given.isascii()):
            raise ValidationError("Write it as name=value.")
        return given

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("consent") == LinkRules.Consent.COOKIE and data.get("consent_cookie") == "":
            self.add_error("consent_cookie", "Name the cookie by which you know that they agreed.")
        return data


def split(text: str) -> list[str]:
    """Lower-case lines, each once; a pasted address gives its host."""
    found = (line.strip().lower().removeprefix("https://").removeprefix("http://") for line in text.splitlines())
    return list(dict.fromkeys(line.partition("/")[0] if "://" not in line else line for line in found if line))


def each(found: list[str], fits: Any, problem: str) -> list[str]:
    for one in found:
        if not fits(one):
            raise ValidationError(f"“{one[:80]}” {problem}")
    return found


class DomainForm(forms.Form):
    host = forms.CharField(label="Domain", max_length=253, help_text="Such as go.acme.example.")

    def clean_host(self) -> str:
        given = "".join(split(self.cleaned_data["host"]))
        if not DOMAIN.fullmatch(given):
            raise ValidationError("This is no domain. It looks like go.acme.example.")
        return given
