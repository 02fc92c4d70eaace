"""The creator's way into the portal: links in e-mail that prove the address they were sent to."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse

from creators.models import Relationship
from groundswell.accounts.actions.letters import send_letter
from groundswell.accounts.actions.people import AddressTaken, create_person
from groundswell.accounts.models import User
from groundswell.events.actions import record

SALT = "creators.portal"
INVITATION_AGE = timedelta(days=30)
SIGN_IN_AGE = timedelta(hours=1)
LINK = re.compile(r"/portal/enter/[^\s/\"'<>]+/")


class PortalRefusal(Exception):
    """A link that opens no door; the message tells the creator why and what to do."""


class NoAddress(PortalRefusal):
    """The relationship has no e-mail, so there is nobody whom a link could prove."""


class LinkBroken(PortalRefusal):
    """Not a link of ours, cut short on its way, or of a relationship that is gone."""


class LinkExpired(PortalRefusal):
    """Older than 30 days, or than an hour for a link that was asked for on the sign-in page."""


class AddressChanged(PortalRefusal):
    """The brand writes to another address by now."""


class BrandAddress(PortalRefusal):
    """The address signs in for a brand; one address is either a brand's or a creator's."""


class AccountClosed(PortalRefusal):
    """An operator closed the creator's sign-in."""


@dataclass(frozen=True)
class Entry:
    """What a link proves: an address, and the relationship it was sent for if it was for one."""

    address: str
    relationship: Relationship | None


def portal_url(relationship: Relationship, to: str = "") -> str:
    """Absolute link that signs the creator in, good for 30 days and while the relationship's e-mail stays as it is.

    `to` is the portal's page it leads to.

    Whoever holds the link is the creator: write it to their address only, and show it to nobody at the brand
    (`without_links` cleans a text for their eyes). Raises NoAddress.
    """
    if not relationship.email:
        raise NoAddress("Enter the creator's e-mail address first.")
    return leading(link_to({"relationship": relationship.code, "address": digest(relationship.email)}), to)


def sign_in_url(address: str, to: str = "") -> str:
    """Absolute link for a creator who asked for one, good for an hour; `to` is the portal's page it leads to."""
    return leading(link_to({"for": address.lower()}), to)


def leading(link: str, to: str) -> str:
    return f"{link}?{urlencode({'next': to})}" if to else link


def link_to(claim: dict[str, str]) -> str:
    return settings.SITE_URL + reverse("creators:portal-enter", args=[signing.dumps(claim, salt=SALT)])


def digest(address: str) -> str:
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()[:20]


def without_links(text: str) -> str:
    """The text with every sign-in link replaced by the portal's plain address, for readers at the brand."""
    return LINK.sub("/portal/", text)


def read_link(token: str) -> Entry:
    """What the link proves. Raises LinkBroken, LinkExpired, AddressChanged; writes nothing."""
    claim = unsigned(token, INVITATION_AGE)
    if "for" in claim:
        return Entry(str(unsigned(token, SIGN_IN_AGE)["for"]), None)
    relationship = Relationship.objects.select_related("brand", "creator", "user").filter(
        code=claim.get("relationship", "")
    )
    row = relationship.first()
    if row is None:
        raise LinkBroken("This link no longer leads anywhere. Ask the brand to send you a new one.")
    if digest(row.email) != claim.get("address"):
        raise AddressChanged("The brand writes to another address of yours by now. Use the link sent to that one.")
    return Entry(row.email.lower(), row)


def unsigned(token: str, age: timedelta) -> dict[str, Any]:
    try:
        claim = signing.loads(token, salt=SALT, max_age=age)
    except signing.SignatureExpired:
        raise LinkExpired("This link has expired. Get a fresh one by e-mail; it takes a minute.") from None
    except signing.BadSignature:
        raise LinkBroken("This link is incomplete. Copy the whole link from the e-mail, or get a new one.") from None
    if not isinstance(claim, dict):
        raise LinkBroken("This is not a link into the portal.")
    return claim


@transaction.atomic
def enter_portal(token: str) -> User:
    """The creator whom the link proves, created when new, holding every relationship under the proven address.

    Raises LinkBroken, LinkExpired, AddressChanged, BrandAddress or AccountClosed, all of them PortalRefusal.
    """
    entry = read_link(token)
    user = creator_at(entry)
    if not user.is_active:
        raise AccountClosed("This sign-in was closed. Write to the brand that invited you.")
    take_relationships(user, entry)
    return user


def creator_at(entry: Entry) -> User:
    """The creator of the address. Raises BrandAddress."""
    user = User.objects.filter(email__iexact=entry.address).first()
    if user is None:
        user = new_creator(entry)
    if not user.is_creator:
        raise BrandAddress(
            "You sign in for a brand with this address. Ask the brand that invited you to write to another one."
        )
    return user


def new_creator(entry: Entry) -> User:
    name = entry.relationship.creator.name if entry.relationship else ""
    try:
        return create_person(entry.address, kind=User.Kind.CREATOR, name=name)
    except AddressTaken:  # by the same link opened twice at once
        return User.objects.get(email__iexact=entry.address)


def take_relationships(user: User, entry: Entry) -> None:
    """Give the user the link's relationship, and those of other brands that write to the same address."""
    free = Relationship.objects.filter(email__iexact=entry.address, user=None)
    ids = set(free.values_list("pk", flat=True)) | ({entry.relationship.pk} if entry.relationship else set())
    rows = Relationship.objects.filter(pk__in=ids).exclude(user=user).select_related("brand").order_by("pk")
    for row in rows.select_for_update(of=("self",)):
        Relationship.objects.filter(pk=row.pk).update(user=user)
        record(row.brand, "creator.entered", row, by=user)


def request_link(address: str, to: str = "") -> None:
    """Mail a sign-in link to a creator we know by this address; do nothing, silently, for anybody else.

    `to` is the portal's page the link leads to.
    """
    if knows_creator(address):
        send_letter("creators/portal_link", address.lower(), {"url": sign_in_url(address, to)})


def knows_creator(address: str) -> bool:
    user = User.objects.filter(email__iexact=address).first()
    if user is not None:
        return user.is_creator and user.is_active
    return Relationship.objects.filter(email__iexact=address).exists()
