"""Who belongs to a brand, and as what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from groundswell.accounts.actions.letters import write_letter
from groundswell.accounts.actions.people import create_person, verify_address
from groundswell.accounts.models import Brand, Invitation, Membership, Role, User, in_a_fortnight
from groundswell.events.actions import record
from groundswell.lib.mailed_links import read_link

SALT = "accounts.invitation"


class TeamRefusal(Exception):
    """Something about the team that can't be; the message says why."""


class AlreadyMember(TeamRefusal):
    """Somebody with this address belongs to the brand."""


class LastOwner(TeamRefusal):
    """A brand always keeps somebody who may manage it."""


class InvitationClosed(TeamRefusal):
    """Accepted, withdrawn or expired."""


class OtherAddress(TeamRefusal):
    """The invitation was sent to somebody else's address."""


class CreatorAddress(TeamRefusal):
    """The address signs in to the creators' portal; one address is either a brand's or a creator's."""


@transaction.atomic
def invite_member(brand: Brand, email: str, role: str, *, by: User) -> Invitation:
    """Ask somebody to join; whoever was asked before is asked again, with the new role. Raises AlreadyMember."""
    email = email.strip().lower()
    if Membership.objects.of(brand).filter(user__email__iexact=email).exists():
        raise AlreadyMember(f"{email} belongs to your team already.")
    Brand.objects.select_for_update().get(pk=brand.pk)
    row = Invitation.objects.of(brand).filter(email__iexact=email, accepted_at=None).first()
    if row is None:
        row = Invitation.objects.create(brand=brand, email=email, role=role, invited_by=by)
    else:
        row = renew(row, role=role, invited_by=by)
    record(brand, "member.invited", row, by=by, email=email, role=role)
    return row


def renew(row: Invitation, **facts: Any) -> Invitation:
    """Another fortnight, and the e-mail once more."""
    fresh = {**facts, "asked_at": timezone.now(), "expires_at": in_a_fortnight()}
    Invitation.objects.filter(pk=row.pk).update(**fresh)
    row.refresh_from_db()
    return row


@transaction.atomic
def resend_invitation(invitation: Invitation, *, by: User) -> None:
    """Raises InvitationClosed when it was accepted meanwhile."""
    row = Invitation.objects.select_for_update().filter(pk=invitation.pk, accepted_at=None).first()
    if row is None:
        raise InvitationClosed("This invitation was accepted or withdrawn already.")
    renew(row)
    record(row.brand, "member.invited", row, by=by, email=row.email, role=row.role, again=True)


@transaction.atomic
def revoke_invitation(invitation: Invitation, *, by: User) -> None:
    """Withdraw it; the link in the e-mail is dead from now on. Raises InvitationClosed."""
    gone, _ = Invitation.objects.filter(pk=invitation.pk, accepted_at=None).delete()
    if not gone:
        raise InvitationClosed("This invitation was accepted already. Remove the member instead.")
    record(invitation.brand, "invitation.revoked", invitation.brand, by=by, email=invitation.email)


def invitation_url(invitation: Invitation) -> str:
    token = signing.dumps(invitation.code, salt=SALT)
    return settings.SITE_URL + reverse("accounts:invitation", args=[token])


def read_invitation(token: str) -> Invitation:
    """The open invitation of a link. Raises InvitationClosed."""
    code = read_link(token, salt=SALT, refused=InvitationClosed)
    row = Invitation.objects.open().select_related("brand", "invited_by").filter(code=code).first()
    if row is None:
        raise InvitationClosed("This invitation was used, withdrawn or has expired. Ask for a new one.")
    return row


@transaction.atomic
def mail_invitation(pk: int) -> bool:
    """Send the e-mail once per time that somebody asked for it; True when it went out.

    The row is locked while the mail server is talked to, so a task that is delivered twice finds it sent or held.
    """
    row = Invitation.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
    if row is None or not row.is_open or not row.is_unsent:
        return False
    context = {"invitation": row, "url": invitation_url(row)}
    letter = write_letter("accounts/invitation", row.email, context)
    letter.extra_headers["Message-ID"] = f"<invitation-{row.code}-{row.asked_at:%Y%m%d%H%M%S%f}@groundswell>"
    letter.send()
    Invitation.objects.filter(pk=pk).update(sent_at=timezone.now())
    return True


def unsent_invitations(before: datetime) -> list[int]:
    unsent = Q(sent_at=None) | Q(sent_at__lt=F("asked_at"))
    return list(Invitation.objects.open().filter(unsent, asked_at__lt=before).values_list("pk", flat=True)[:200])


@transaction.atomic
def accept_invitation(invitation: Invitation, user: User) -> Membership:
    """Join with the address that was invited. Raises InvitationClosed, OtherAddress, CreatorAddress."""
    if user.email.lower() != invitation.email.lower():
        raise OtherAddress(f"This invitation is for {invitation.email}.")
    if user.is_creator:
        raise CreatorAddress("You use this address as a creator. Ask to be invited under another one.")
    used = Invitation.objects.open().filter(pk=invitation.pk).update(accepted_at=timezone.now())
    if not used:
        raise InvitationClosed("This invitation was used, withdrawn or has expired. Ask for a new one.")
    verify_address(user)
    member, created = Membership.objects.get_or_create(
        user=user, brand=invitation.brand, defaults={"role": invitation.role}
    )
    if created:
        record(invitation.brand, "member.joined", member, by=user, email=user.email, role=member.role)
    return member


@transaction.atomic
def join_as_new(invitation: Invitation, *, name: str, password: str) -> User:
    """Sign up and join in one go; the e-mail that brought the link proved the address.

    Raises InvitationClosed, or AddressTaken when the address signs in already.
    """
    user = create_person(invitation.email, kind=User.Kind.BRAND, name=name, password=password)
    accept_invitation(invitation, user)
    return user


@transaction.atomic
def change_role(member: Membership, role: str, *, by: User) -> None:
    """Raises LastOwner; two owners who demote each other at once leave one of them."""
    row = held(member)
    if row.role == role:
        return
    if role != Role.OWNER:
        keep_an_owner(row, "You are the only owner. Make somebody else an owner first.")
    Membership.objects.filter(pk=row.pk).update(role=role)
    record(row.brand, "role.changed", row, by=by, email=row.user.email, before=row.role, role=role)


@transaction.atomic
def remove_member(member: Membership, *, by: User) -> None:
    """Raises LastOwner."""
    row = held(member)
    keep_an_owner(row, "The only owner can't leave. Make somebody else an owner first.")
    Membership.objects.filter(pk=row.pk).delete()
    record(row.brand, "member.removed", row.brand, by=by, email=row.user.email, role=row.role)


def held(member: Membership) -> Membership:
    """The member as they are now, with the brand's owners locked in the order of their keys."""
    list(Membership.objects.filter(brand_id=member.brand_id).owners().select_for_update().order_by("pk"))
    row = Membership.objects.select_related("user", "brand").filter(pk=member.pk).first()
    if row is None:
        raise TeamRefusal("This person left the team already.")
    return row


def keep_an_owner(row: Membership, reason: str) -> None:
    others = Membership.objects.filter(brand_id=row.brand_id).owners().exclude(pk=row.pk)
    if row.role == Role.OWNER and not others.exists():
        raise LastOwner(reason)
