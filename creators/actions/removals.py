"""Erasing what is kept about somebody who has no profile here: asked for, proven, hidden for a while, then gone.

No answer tells a stranger whether anything is kept about an account: everybody gets the same pages and the same mails
until they have proven that it is theirs.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from creators.actions.claims import ClaimRefused, named_account
from creators.actions.discovery import reindex
from creators.actions.privacy import forget_person, keys_of, person_around, remember
from creators.models import AccountRefresh, ContactChannel, Creator, OptOut, Removal, SocialAccount, Source
from creators.privacy import account_key, digest_of, secrets
from creators.privacy.holdings import Person
from groundswell.accounts.actions.letters import send_letter
from groundswell.accounts.models import User
from groundswell.events.actions import record
from groundswell.lib.mailed_links import read_link

SALT, CANCEL_SALT = "creators.removal", "creators.removal.cancel"
LINK_AGE = timedelta(days=7)
Proof, Wish = Removal.Proof, OptOut.Wish


class RemovalRefused(Exception):
    """Nothing is erased like this; the message says why and what to do."""


# Asking


def ask_to_remove(network: str, handle: str, email: str) -> None:
    """Mail a link that proves the address, whether or not anything is kept. Raises RemovalRefused for no handle."""
    said = {"network": network, "handle": handle_of(network, handle), "email": email.strip().lower()}
    url = settings.SITE_URL + reverse("creators:remove-confirm", args=[signing.dumps(said, salt=SALT)])
    send_letter("creators/remove", said["email"], {"account": told(network, said["handle"]), "url": url})


def handle_of(network: str, text: str) -> str:
    try:
        return named_account(network, text)
    except ClaimRefused as refusal:
        raise RemovalRefused(str(refusal)) from refusal


def told(network: str, handle: str) -> str:
    return str(Removal(network=network, handle=handle))


def read_removal_link(token: str) -> dict[str, str]:
    """Network, handle and e-mail of whoever asks. Raises RemovalRefused; writes nothing."""
    too_old = "This link is older than a week. Ask again; it takes a minute."
    found: dict[str, str] = read_link(token, salt=SALT, refused=RemovalRefused, max_age=LINK_AGE, too_old=too_old)
    return found


def removal_of(said: dict[str, str]) -> Removal | None:
    return Removal.objects.filter(**said).first()


@transaction.atomic
def begin_removal(token: str) -> Removal:
    """Keep the wish, and look for a proof; again looks once more. Raises RemovalRefused."""
    said = read_removal_link(token)
    row, is_new = Removal.objects.get_or_create(network=said["network"], handle=said["handle"], email=said["email"])
    if is_new:
        record(None, "removal.asked", row, network=row.network)
    if not row.proof and (proof := proof_of(row)):
        start_leaving(row, proof)
    elif not row.proof:
        look_soon(row)
    return row


# Proving


def records_of(row: Removal) -> set[int]:
    """Records with the account that nobody has claimed: the public one, and those that brands keep for themselves."""
    accounts = SocialAccount.objects.filter(network=row.network, handle=row.handle, creator__user=None)
    return set(accounts.values_list("creator", flat=True))


def public_record(row: Removal) -> Creator | None:
    named = SocialAccount.objects.filter(network=row.network, handle=row.handle, owner=None)
    return Creator.objects.filter(accounts__in=named, user=None).first()


def proof_of(row: Removal) -> str:
    """What shows that the account is theirs; empty where nothing does. What a brand typed in proves nothing."""
    creator = public_record(row)
    if creator is None:
        return ""
    contacts = ContactChannel.objects.filter(creator=creator, owner=None, kind=ContactChannel.Kind.EMAIL)
    if contacts.filter(value__iexact=row.email).exclude(source=Source.CREATOR).exists():
        return Proof.CONTACT
    return Proof.CODE if row.proof_code in creator.bio else ""


def look_soon(row: Removal) -> None:
    """Have a connector that reaches the account read its bio next."""
    now = timezone.now()
    for account in SocialAccount.objects.filter(owner=None, network=row.network, handle=row.handle):
        AccountRefresh.objects.update_or_create(account=account, defaults={"due_at": now, "asked_at": now})


def check_words() -> int:
    """Wishes whose code a connector has found meanwhile; how many."""
    found = [(row, proof) for row in Removal.objects.waiting() if (proof := proof_of(row))]
    for row, proof in found:
        prove(row, proof)
    return len(found)


@transaction.atomic
def prove(row: Removal, proof: str, *, by: User | None = None) -> None:
    """Begin the time in which they may change their mind. Raises RemovalRefused where it has begun or ended."""
    held = Removal.objects.select_for_update().waiting().filter(pk=row.pk).first()
    if held is None:
        raise RemovalRefused("This wish has been settled already.")
    start_leaving(held, proof, by=by)


def approve_removal(row: Removal, *, by: User) -> None:
    """The operator looked: the account is theirs. Raises RemovalRefused."""
    claimed = SocialAccount.objects.filter(network=row.network, handle=row.handle, creator__user__isnull=False)
    if claimed.exists():
        raise RemovalRefused("The account is on somebody's profile, who can erase it in the portal.")
    prove(row, Proof.OPERATOR, by=by)


@transaction.atomic
def refuse_removal(row: Removal, *, by: User) -> None:
    """Not theirs. The letter is the one that everybody gets who proved nothing. Raises RemovalRefused."""
    if not Removal.objects.waiting().filter(pk=row.pk).exists():
        raise RemovalRefused("This wish has been settled already.")
    record(None, "removal.refused", row, by=by, network=row.network)
    tell("creators/removal_unproven", row)
    row.delete()


# Leaving


def start_leaving(row: Removal, proof: str, *, by: User | None = None) -> None:
    row.proof, row.decided_by, row.erase_at = proof, by, timezone.now() + Removal.GRACE
    row.save(update_fields=["proof", "decided_by", "erase_at"])
    person = person_behind(row)
    Creator.objects.filter(pk__in=person.creators).update(leaves_at=row.erase_at)
    reindex(person.creators)
    remember_leaving(row, person)
    record(None, "removal.begun", row, by=by, network=row.network, proof=proof)
    url = settings.SITE_URL + reverse("creators:remove-cancel", args=[signing.dumps(row.code, salt=CANCEL_SALT)])
    for address in {row.email, *public_addresses(person)}:
        tell("creators/removal_begun", row, address, url=url)


def person_behind(row: Removal) -> Person:
    keys = records_of(row)
    return person_around(keys, Q(creator__in=keys), [row.email])


def public_addresses(person: Person) -> list[str]:
    """Where the record itself says that its person is reached: they hear of it whoever asked."""
    rows = ContactChannel.objects.filter(creator__in=person.creators, owner=None, kind=ContactChannel.Kind.EMAIL)
    return [value.lower() for value in rows.values_list("value", flat=True)]


def remember_leaving(row: Removal, person: Person) -> None:
    """No import adds them meanwhile, also where nothing was kept under this name."""
    remember(person, Wish.LEAVING)
    digest = digest_of(account_key(row.network, row.handle))
    OptOut.objects.get_or_create(digest=digest, wish=Wish.LEAVING)


def forget_leaving(row: Removal, person: Person) -> None:
    keys = [*keys_of(person), account_key(row.network, row.handle)]
    digests = [digest_of(key, secret) for key in keys for secret in secrets()]
    OptOut.objects.filter(wish=Wish.LEAVING, digest__in=digests).delete()


def tell(letter: str, row: Removal, address: str = "", **more: str) -> None:
    context = {"account": str(row), "day": f"{row.erase_at:%-d %B %Y}" if row.erase_at else "", **more}
    send_letter(letter, address or row.email, context)


def read_cancel_link(token: str) -> Removal:
    """What the link takes back. Raises RemovalRefused; writes nothing."""
    code = read_link(token, salt=CANCEL_SALT, refused=RemovalRefused)
    row = Removal.objects.filter(code=code, erase_at__gt=timezone.now()).first()
    if row is None:
        raise RemovalRefused("There is nothing to take back: it was taken back before, or is erased already.")
    return row


@transaction.atomic
def cancel_removal(token: str) -> None:
    """Keep everything, and show it as before. Raises RemovalRefused."""
    row = Removal.objects.select_for_update().get(pk=read_cancel_link(token).pk)
    person = person_behind(row)
    Creator.objects.filter(pk__in=person.creators).update(leaves_at=None)
    reindex(person.creators)
    forget_leaving(row, person)
    record(None, "removal.cancelled", row, network=row.network)
    tell("creators/removal_cancelled", row)
    row.delete()


# Gone


def erase_due(at: datetime | None = None) -> int:
    """Erase whose time is over, and end what nobody proved; how many were erased."""
    at = at or timezone.now()
    for row in Removal.objects.stale(at):
        tell("creators/removal_unproven", row)
        row.delete()
    return sum(erase_one(row.pk) for row in Removal.objects.due(at))


@transaction.atomic
def erase_one(pk: int) -> bool:
    """Once, whoever else runs; a proof that was never taken back is the only thing asked for."""
    row = Removal.objects.select_for_update(skip_locked=True).filter(pk=pk, erase_at__isnull=False).first()
    if row is None:
        return False
    person = person_behind(row)
    forget_leaving(row, person)
    forget_person(person)
    OptOut.objects.get_or_create(digest=digest_of(account_key(row.network, row.handle)), wish=Wish.ERASED)
    record(None, "removal.finished", row, network=row.network)
    tell("creators/removal_done", row)
    row.delete()
    return True
