"""A brand's e-mail templates."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record
from outreach.models import EmailTemplate
from outreach.rendering import check
from outreach.starters import STARTERS


class NameTaken(Exception):
    """Another template of the brand has this name."""


@transaction.atomic
def create_template(brand: Brand, *, by: User | None, name: str, subject: str, body: str) -> EmailTemplate:
    """Raises TemplateProblem for unknown or broken variables, NameTaken."""
    return save(EmailTemplate(brand=brand), "template.created", by, name=name, subject=subject, body=body)


@transaction.atomic
def change_template(template: EmailTemplate, *, by: User | None, **fields: str) -> EmailTemplate:
    """`fields`: name, subject, body. Raises as create_template. Queued messages keep their text."""
    return save(template, "template.changed", by, **fields)


@transaction.atomic
def delete_template(template: EmailTemplate, *, by: User | None) -> None:
    """Messages written with it stay."""
    record(template.brand, "template.deleted", template, by=by, title=template.name)
    template.delete()


@transaction.atomic
def add_starters(brand: Brand, *, by: User | None = None) -> int:
    """Give the brand the starter templates it doesn't have by name; returns how many are new."""
    there = set(EmailTemplate.objects.of(brand).values_list("name", flat=True))
    missing = [EmailTemplate(brand=brand, **starter) for starter in STARTERS if starter["name"] not in there]
    EmailTemplate.objects.bulk_create(missing, ignore_conflicts=True)
    return len(missing)


def save(template: EmailTemplate, event: str, by: User | None, **fields: Any) -> EmailTemplate:
    for name, value in fields.items():
        setattr(template, name, value)
    check(template.subject)
    check(template.body)
    try:
        with transaction.atomic():
            template.save()
    except IntegrityError as error:
        raise NameTaken("You already have a template with this name.") from error
    record(template.brand, event, template, by=by)
    return template
