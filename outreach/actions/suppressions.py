"""Addresses that must not be written to."""

from __future__ import annotations

from django.core.signing import BadSignature
from django.db import transaction

from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record
from outreach.addresses import digest_of, read_unsubscribe_token
from outreach.models import Suppression


class UnknownLink(Exception):
    """Not an unsubscribe link of ours, or of a brand that is gone."""


def read_link(token: str) -> tuple[Brand, str]:
    """The brand and the digest of the address. Raises UnknownLink; writes nothing."""
    try:
        brand_pk, digest = read_unsubscribe_token(token)
        return Brand.objects.get(pk=brand_pk), digest
    except (BadSignature, Brand.DoesNotExist) as error:
        raise UnknownLink("This link is incomplete. Copy the whole link from the e-mail.") from error


@transaction.atomic
def unsubscribe(token: str) -> Brand:
    """Silence the brand towards the address of the link; a second call changes nothing. Raises UnknownLink."""
    brand, digest = read_link(token)
    return suppress_digest(brand, digest, Suppression.Reason.UNSUBSCRIBED, by=None)


@transaction.atomic
def suppress(brand: Brand, email: str, *, by: User | None, reason: str = Suppression.Reason.MANUAL) -> Brand:
    """Put an address on the brand's list by hand."""
    return suppress_digest(brand, digest_of(email), reason, by=by)


def suppress_digest(brand: Brand, digest: str, reason: str, *, by: User | None) -> Brand:
    row, created = Suppression.objects.get_or_create(brand=brand, digest=digest, defaults={"reason": reason})
    if created:
        record(brand, "address.suppressed", row, by=by, reason=reason)
    return brand
