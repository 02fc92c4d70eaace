"""The brand's script for its own site."""

from __future__ import annotations

from django.db import transaction

from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record
from tracking.models import Snippet


def snippet_of(brand: Brand) -> Snippet:
    """The brand's; one that no site may use yet when it has none. Not saved here."""
    return Snippet.objects.filter(brand=brand).first() or Snippet(brand=brand)


@transaction.atomic
def change_snippet(brand: Brand, domains: list[str], *, by: User | None = None) -> Snippet:
    """Choose the hosts whose pages may use the script; made with the first choice, so that its key stays."""
    snippet, _ = Snippet.objects.update_or_create(brand=brand, defaults={"domains": domains})
    record(brand, "snippet.changed", snippet, by=by, domains=", ".join(domains))
    return snippet
