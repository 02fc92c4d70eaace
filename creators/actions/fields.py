"""Fields of a brand's own on its relationships."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import IntegrityError, connection, transaction

from creators.models import CustomField
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record

MOST = 40


class FieldRefusedError(Exception):
    """A field that can't be made or changed so; the message says why."""


def create_field(brand: Brand, name: str, kind: str, *, choices: Iterable[str] = (), by: User | None) -> CustomField:
    """Raises FieldRefusedError: a name that is taken, a choice without choices, or more than 40 fields."""
    if CustomField.objects.of(brand).count() >= MOST:
        raise FieldRefusedError(f"{MOST} fields are the most. Delete one that nobody uses.")
    return saved(CustomField(brand=brand, name=name, kind=kind, choices=checked(kind, choices)), by)


def change_field(
    field: CustomField, *, name: str, choices: Iterable[str] | None = None, by: User | None
) -> CustomField:
    """Another name, other choices; values that were given stay as they are. Raises FieldRefusedError."""
    field.name = name
    if choices is not None:
        field.choices = checked(field.kind, choices)
    return saved(field, by)


def checked(kind: str, choices: Iterable[str]) -> list[str]:
    found = list(dict.fromkeys(" ".join(choice.split())[:60] for choice in choices if choice.strip()))
    if kind != CustomField.Kind.CHOICE:
        return []
    if not 2 <= len(found) <= 50:
        raise FieldRefusedError("Give between 2 and 50 different choices.")
    return found


def saved(field: CustomField, by: User | None) -> CustomField:
    try:
        with transaction.atomic():
            field.save()
            record(field.brand, "custom-fields.changed", field, by=by, title=field.name)
    except IntegrityError as error:
        raise FieldRefusedError(f"You have a field “{field.name}” already. Choose another name.") from error
    return field


@transaction.atomic
def delete_field(field: CustomField, *, by: User | None) -> None:
    """The field and every value of it."""
    record(field.brand, "custom-fields.changed", field, by=by, title=field.name)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE creators_relationship SET custom = custom - %s WHERE brand_id = %s AND custom ? %s",
            [field.code, field.brand_id, field.code],
        )
    field.delete()
