"""What a brand wants to know of its creators beyond what we thought of."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower

from groundswell.accounts.models import Brand
from groundswell.lib.codes import short_code

LONGEST = 500


class CustomFieldQuerySet(models.QuerySet["CustomField"]):
    def of(self, brand: Brand) -> CustomFieldQuerySet:
        return self.filter(brand=brand)


class CustomField(models.Model):
    """A field of a brand's own; its values are texts on each Relationship, under the field's code."""

    class Kind(models.TextChoices):
        TEXT = "text", "Text"
        NUMBER = "number", "Number"
        DATE = "date", "Date"
        CHOICE = "choice", "Choice"

    code = models.CharField(max_length=12, unique=True, default=short_code)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="custom_fields")
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.TEXT)
    choices = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CustomFieldQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint("brand", Lower("name"), name="creators_customfield_name_once")]

    def __str__(self) -> str:
        return self.name

    def cleaned(self, value: object) -> str:
        """The value as it is stored: numbers without an exponent, days as 2026-03-01; empty for none.

        Raises ValueError with what is wrong in words.
        """
        text = " ".join(str("" if value is None else value).replace("\x00", "").split())
        if not text:
            return ""
        if self.kind == self.Kind.NUMBER:
            return number_in(text, self.name)
        if self.kind == self.Kind.DATE:
            return day_in(text, self.name)
        if self.kind == self.Kind.CHOICE and text not in self.choices:
            raise ValueError(f"{self.name}: “{text[:40]}” is not one of {', '.join(self.choices)}.")
        if len(text) > LONGEST:
            raise ValueError(f"{self.name}: at most {LONGEST} characters.")
        return text


def number_in(text: str, name: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("nan")
    if not (number.is_finite() and abs(number) < 10**15 and number == round(number, 6)):
        raise ValueError(f"{name}: “{text[:40]}” is not a number such as 12 or 0.5.")
    return f"{number.normalize():f}"


def day_in(text: str, name: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(f"{name}: “{text[:40]}” is not a day such as 2026-03-01.") from None
