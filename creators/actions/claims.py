"""Creators say that an account is theirs; a proof or the operator decides."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from creators.actions.discovery import reindex
from creators.importing.handles import fits, parse_handle
from creators.models import Claim, Connection, ContactChannel, Creator, Relationship, SocialAccount, Source
from creators.privacy import refusal
from groundswell.accounts.actions.letters import send_letter
from groundswell.accounts.actions.people import AddressTaken, create_person
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record
from groundswell.lib.mailed_links import read_link

SALT = "creators.join"
LINK_AGE = 24 * 3600
Proof, Status = Claim.Proof, Claim.Status


class ClaimRefused(Exception):
    """The account can't be claimed like this; the message says why and what to do."""


def named_account(network: str, text: str) -> str:
    """The handle that somebody typed for a network. Raises ClaimRefused."""
    try:
        found = parse_handle(text)
    except ValueError as error:
        raise ClaimRefused(str(error)) from error
    if found is None or not fits(found.name, network) or found.network not in {"", network}:
        raise ClaimRefused(f"“{text}” is not a handle on this network.")
    return found.name


# Signing up


def ask_to_join(name: str, email: str, network: str, handle: str) -> None:
    """Mail a link that proves the address. Raises ClaimRefused for what is no handle.

    What happens next tells neither whether somebody signs in with the address nor what they asked of us.
    """
    handle = named_account(network, handle)
    token = signing.dumps({"name": name, "email": email.lower(), "network": network, "handle": handle}, salt=SALT)
    url = settings.SITE_URL + reverse("creators:join-confirm", args=[token])
    send_letter("creators/join", email.lower(), {"name": name, "handle": handle, "url": url})


def read_join_link(token: str) -> dict[str, str]:
    """Name, e-mail, network and handle of somebody who wants to join. Raises ClaimRefused; writes nothing."""
    too_old = "This link is older than a day. Sign up again; it takes a minute."
    found: dict[str, str] = read_link(token, salt=SALT, refused=ClaimRefused, max_age=LINK_AGE, too_old=too_old)
    return found


@transaction.atomic
def join(token: str) -> User:
    """The creator whom the link proves, with a claim to the account they named. Raises ClaimRefused.

    Only here they learn that the account or the address may not be kept.
    """
    said = read_join_link(token)
    if reason := refusal(said["network"], said["handle"], said["email"]):
        raise ClaimRefused(reason)
    try:
        user = create_person(said["email"], kind=User.Kind.CREATOR, name=said["name"])
    except AddressTaken as taken:
        if taken.kind != User.Kind.CREATOR:
            raise ClaimRefused("You sign in for a brand with this address. Sign up with another one.") from None
        user = User.objects.get(email__iexact=said["email"])
    if not user.is_active:
        raise ClaimRefused("This sign-in was closed.")
    if not user.claims.filter(network=said["network"], handle=said["handle"]).exists():
        make_claim(user, said["network"], said["handle"])
    return user


# Claiming


@transaction.atomic
def make_claim(user: User, network: str, text: str, *, message: str = "") -> Claim:
    """Say that an account is one's own; settled at once where something proves it, else it waits for the operator.

    Raises ClaimRefused where it may not be kept, is somebody else's here, or is claimed by the person already.
    """
    handle = named_account(network, text)
    account = public_account(network, handle)
    holder = account.creator.user_id if account else None
    if holder == user.pk:
        raise ClaimRefused("This account is on your profile already.")
    if holder is not None:
        raise ClaimRefused(f"@{handle} belongs to another person's profile here. Write to us about it.")
    if reason := refusal(network, handle):
        raise ClaimRefused(reason)
    claim = Claim(user=user, network=network, handle=handle, is_taken=account is not None, message=message)
    claim.proof, claim.invited_by = proof_of(user, account, network, handle)
    try:
        with transaction.atomic():
            claim.save()
    except IntegrityError:
        raise ClaimRefused("You claimed this account already; it waits to be looked at.") from None
    record(None, "claim.made", claim, by=user, network=network, proof=claim.proof)
    if claim.proof == Proof.INVITED:
        claim.creator = take_over(claim, is_listed=False)
        claim.save(update_fields=["creator"])
    elif claim.proof != Proof.NONE:
        settle(claim, by=None)
    return claim


def public_account(network: str, handle: str) -> SocialAccount | None:
    rows = SocialAccount.objects.filter(owner=None, network=network, handle=handle)
    return rows.select_related("creator").first()


def proof_of(user: User, account: SocialAccount | None, network: str, handle: str) -> tuple[str, Brand | None]:
    """What speaks for a claim right away. A brand's invitation is enough for an account that nobody has in public."""
    own = Connection.objects.of_user(user).live().filter(network=network, name=handle)
    if own.exists():
        return Proof.CONNECTED, None
    if account is not None:
        public = ContactChannel.objects.filter(creator=account.creator, owner=None, kind="email")
        is_contact = public.filter(value__iexact=user.email).exclude(source=Source.CREATOR).exists()
        return (Proof.CONTACT if is_contact else Proof.NONE), None
    invited = Relationship.objects.filter(
        user=user, creator__accounts__network=network, creator__accounts__handle=handle
    )
    row = invited.select_related("brand").first()
    return (Proof.INVITED, row.brand) if row else (Proof.NONE, None)


def take_over(claim: Claim, *, is_listed: bool) -> Creator:
    """The account goes to the person's profile, which is made where there is none."""
    account = public_account(claim.network, claim.handle)
    mine = Creator.objects.select_for_update().filter(user=claim.user).first()
    if account is not None and account.creator.user_id not in {None, claim.user_id}:
        raise ClaimRefused(f"@{claim.handle} was given to somebody else meanwhile.")
    creator = mine or (account.creator if account else None) or new_profile(claim)
    if account is None:
        now = timezone.now()
        SocialAccount.objects.create(
            creator=creator, network=claim.network, handle=claim.handle, source=Source.CREATOR, observed_at=now
        )
    former = account.creator_id if account else creator.pk
    if account is not None and former != creator.pk:
        SocialAccount.objects.filter(pk=account.pk).update(creator=creator)
    facts: dict[str, Any] = {"user": claim.user, "is_listed": creator.is_listed if account and not mine else is_listed}
    if mine and mine.is_listed:
        facts["is_listed"] = True
    Creator.objects.filter(pk=creator.pk).update(**facts)
    reindex({creator.pk, former})
    creator.refresh_from_db()
    return creator


def new_profile(claim: Claim) -> Creator:
    return Creator.objects.create(name=claim.user.name or claim.handle, source=Source.CREATOR, is_listed=False)


@transaction.atomic
def approve_claim(claim: Claim, *, by: User) -> Claim:
    """The operator looked: the account is theirs and the profile may be listed. Raises ClaimRefused."""
    claim = locked(claim)
    if claim.proof == Proof.NONE:
        claim.proof = Proof.OPERATOR
    settle(claim, by=by)
    tell(claim, "creators/claim_approved")
    return claim


def settle(claim: Claim, *, by: User | None) -> None:
    claim.creator = take_over(claim, is_listed=True)
    claim.status, claim.decided_at, claim.decided_by = Status.APPROVED, timezone.now(), by
    claim.save(update_fields=["creator", "proof", "status", "decided_at", "decided_by"])
    refuse_others(claim)
    record(None, "claim.approved", claim, by=by, proof=claim.proof)


def refuse_others(claim: Claim) -> None:
    """Whoever claimed the same account hears that it is somebody else's."""
    same = Claim.objects.select_for_update(of=("self",)).select_related("user").pending().order_by("pk")
    for other in same.filter(network=claim.network, handle=claim.handle).exclude(pk=claim.pk):
        other.status, other.decided_at, other.decided_by = Status.REFUSED, claim.decided_at, claim.decided_by
        other.reason = "Somebody else proved that this account is theirs."
        other.save(update_fields=["status", "reason", "decided_at", "decided_by"])
        record(None, "claim.refused", other, by=claim.decided_by)
        tell(other, "creators/claim_refused")


@transaction.atomic
def refuse_claim(claim: Claim, reason: str, *, by: User) -> Claim:
    """Not theirs, or not for the directory; the creator reads why. Raises ClaimRefused."""
    if not reason.strip():
        raise ClaimRefused("Say why: the creator reads it.")
    claim = locked(claim)
    claim.status, claim.reason = Status.REFUSED, reason.strip()[:500]
    claim.decided_at, claim.decided_by = timezone.now(), by
    claim.save(update_fields=["status", "reason", "decided_at", "decided_by"])
    record(None, "claim.refused", claim, by=by)
    tell(claim, "creators/claim_refused")
    return claim


def locked(claim: Claim) -> Claim:
    """The claim while it waits, held until the end of the transaction. Raises ClaimRefused."""
    row = Claim.objects.select_for_update(of=("self",)).select_related("user").pending().filter(pk=claim.pk).first()
    if row is None:
        raise ClaimRefused("This claim has been decided already.")
    return row


def tell(claim: Claim, letter: str) -> None:
    context = {
        "account": str(claim),
        "reason": claim.reason,
        "url": settings.SITE_URL + reverse("creators:portal-profile"),
    }
    send_letter(letter, claim.user.email, context)


@transaction.atomic
def check_bio(claim: Claim) -> bool:
    """Whether the code stands in the bio that a connector read; then the claim is settled. Raises ClaimRefused."""
    claim = locked(claim)
    account = public_account(claim.network, claim.handle)
    if account is None or claim.proof_code not in account.creator.bio:
        return False
    claim.proof = Proof.CODE
    settle(claim, by=None)
    tell(claim, "creators/claim_approved")
    return True


def check_bios() -> int:
    """Claims whose code a connector has found meanwhile."""
    return sum(check_bio(claim) for claim in Claim.objects.pending().filter(is_taken=True))


@transaction.atomic
def prove_by_connection(connection: Connection) -> None:
    """A creator connected an account: a claim to it is proven, and one is made where there was none."""
    if connection.user is None or connection.account is None or connection.kind != Connection.Kind.OWN:
        return
    network, handle = connection.network, connection.account.handle
    waiting = Claim.objects.of_user(connection.user).pending().filter(network=network, handle=handle).first()
    creator = connection.account.creator
    is_mine = creator.user_id == connection.user_id
    if waiting is None and is_mine and creator.claims.filter(network=network, handle=handle).exists():
        return
    claim = locked(waiting) if waiting else Claim(user=connection.user, network=network, handle=handle)
    claim.proof = Proof.CONNECTED
    claim.save()
    settle(claim, by=None)
