"""Which sites may use the brand's script."""

from __future__ import annotations

from django import forms

from tracking.forms.stores import DOMAIN

MOST = 20


def hosts_of(text: str) -> list[str]:
    """The bare hosts in a text, each once, also from pasted addresses. Raises ValueError naming what is none."""
    given = [word.lower() for word in text.replace(",", " ").split()]
    hosts = [word.removeprefix("https://").removeprefix("http://").split("/", 1)[0] for word in given]
    wrong = next((host for host in hosts if not DOMAIN.fullmatch(host)), None)
    if wrong is not None:
        raise ValueError(f"“{wrong[:60]}” is no domain. It looks like shop.acme.com.")
    if len(hosts) > MOST:
        raise ValueError(f"At most {MOST} domains.")
    return list(dict.fromkeys(hosts))


class SnippetForm(forms.Form):
    domains = forms.CharField(
        label="Domains of your site",
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One per line; their subdomains are meant too. Pages elsewhere are refused.",
    )

    def clean_domains(self) -> list[str]:
        try:
            return hosts_of(self.cleaned_data["domains"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
