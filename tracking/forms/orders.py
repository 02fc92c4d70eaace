"""Giving an unknown code to a creator."""

from __future__ import annotations

from django import forms


class AdoptForm(forms.Form):
    code = forms.CharField(max_length=40)
    collaboration = forms.CharField(max_length=40)
    percent = forms.DecimalField(min_value=0, max_value=100, decimal_places=2, required=False)
