"""What people type about themselves, their brand and their team."""

from __future__ import annotations

from django import forms


class AddressForm(forms.Form):
    email = forms.EmailField(
        label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True})
    )
