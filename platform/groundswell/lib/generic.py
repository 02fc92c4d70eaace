"""Lets `ModelForm[Brand]` and `ModelAdmin[Brand]` run: Django's type stubs call them generic, Django doesn't."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin


def itself(cls: type, _: Any) -> type:
    return cls


def allow_subscripts() -> None:
    """Call before any form or admin module is imported."""
    for kind in (forms.BaseModelForm, forms.BaseModelFormSet, BaseModelAdmin, admin.FieldListFilter):
        if not hasattr(kind, "__class_getitem__"):
            kind.__class_getitem__ = classmethod(itself)  # type: ignore[union-attr]
