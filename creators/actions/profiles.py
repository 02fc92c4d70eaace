"""What creators say of themselves: profile, prices, contacts, evidence, media kit."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from creators.actions.discovery import reindex
from creators.actions.metrics import recompute
from creators.evidence import ENDINGS, LARGEST, EvidenceRefused, media_type
from creators.models import (
    AudienceSlice,
    ContactChannel,
    Creator,
    Evidence,
    FollowerSnapshot,
    MediaKit,
    RateCard,
    SocialAccount,
    Source,
)
from groundswell.accounts.models import User
from groundswell.events.actions import record

MOST_EVIDENCE = 50
Prices = dict[tuple[str, str], tuple[Decimal, str]]


@transaction.atomic
def save_profile(
    creator: Creator, facts: dict[str, Any], prices: Prices, contacts: dict[str, str], *, by: User
) -> Creator:
    """Write what differs; prices by (network, format) and contacts by kind replace the creator's own earlier ones."""
    changed = [name for name, value in facts.items() if getattr(creator, name) != value]
    for name in changed:
        setattr(creator, name, facts[name])
    if changed:
        creator.save(update_fields=[*changed, "updated_at"])
    save_prices(creator, prices)
    save_contacts(creator, contacts)
    reindex([creator.pk])
    record(None, "profile.changed", creator, by=by, changed=sorted(changed))
    return creator


def save_prices(creator: Creator, prices: Prices) -> None:
    now, mine = timezone.now(), RateCard.objects.filter(creator=creator, owner=None)
    for row in mine.filter(source=Source.CREATOR):
        if (row.network, row.format) not in prices:
            row.delete()
    for (network, kind), (amount, currency) in prices.items():
        same = mine.filter(network=network, format=kind, amount=amount, currency=currency, source=Source.CREATOR)
        if not same.exists():
            mine.update_or_create(
                creator=creator, owner=None, network=network, format=kind,
                defaults={"amount": amount, "currency": currency, "source": Source.CREATOR, "observed_at": now},
            )  # fmt: skip


def save_contacts(creator: Creator, contacts: dict[str, str]) -> None:
    now, mine = timezone.now(), ContactChannel.objects.filter(creator=creator, owner=None)
    for kind, value in contacts.items():
        mine.filter(kind=kind).exclude(value=value).delete()
        if value:
            mine.get_or_create(
                creator=creator, owner=None, kind=kind, value=value,
                defaults={"source": Source.CREATOR, "observed_at": now},
            )  # fmt: skip


@transaction.atomic
def add_evidence(
    account: SocialAccount, content: bytes, filename: str, *, by: User, observed_on: date, followers: int | None = None,
    reach: int | None = None, views: int | None = None, shares: dict[str, dict[str, Decimal]] | None = None,
) -> Evidence:  # fmt: skip
    """Keep a file and the numbers it proves, each with the creator as its source and that day.

    `shares` are by kind of slice, then by key; a kind replaces what the creator said of it before. Raises
    EvidenceRefused for a file that is too large or of another sort, or that proves nothing.
    """
    if len(content) > LARGEST:
        raise EvidenceRefused(f"This file is larger than {LARGEST // 1024**2} MB.")
    if Evidence.objects.filter(account__creator=account.creator_id).count() >= MOST_EVIDENCE:
        raise EvidenceRefused("That is a lot of files. Delete old ones first.")
    known = {kind: found for kind, found in (shares or {}).items() if found}
    if reach is None and views is None and followers is None and not known:
        raise EvidenceRefused("Say which numbers it proves.")
    kind = media_type(content)
    row = Evidence(
        account=account, filename=filename[-120:] or f"file.{ENDINGS[kind]}", kind=kind, observed_on=observed_on,
        reach=reach, views=views,
    )  # fmt: skip
    row.file.save(f"{row.code}.{ENDINGS[kind]}", ContentFile(content), save=False)
    row.save()
    at = moment(observed_on)
    save_slices(account, known, at)
    note_followers(account, followers, observed_on, at)
    recompute([account.pk])
    record(None, "evidence.added", row, by=by)
    return row


def moment(day: date) -> datetime:
    """When what is proven for a day counts as seen."""
    return datetime.combine(day, time(12), UTC)


def save_slices(account: SocialAccount, shares: dict[str, dict[str, Decimal]], at: datetime) -> None:
    own = AudienceSlice.objects.filter(account=account, source=Source.CREATOR)
    for kind, found in shares.items():
        own.filter(kind=kind).delete()
        AudienceSlice.objects.bulk_create(
            AudienceSlice(account=account, kind=kind, key=key, share=share, source=Source.CREATOR, observed_at=at)
            for key, share in found.items()
        )


def note_followers(account: SocialAccount, followers: int | None, day: date, at: datetime) -> None:
    """What a network tells us itself is not overwritten by a screenshot, nor is a later number by an earlier one."""
    if followers is None:
        return
    FollowerSnapshot.objects.get_or_create(
        account=account, observed_on=day, defaults={"followers": followers, "source": Source.CREATOR}
    )
    source, seen = account.source_of("followers")
    if account.followers is None or (source != Source.CONNECTOR and (seen is None or seen < at)):
        account.followers = followers
        account.provenance = {**account.provenance, "followers": [Source.CREATOR, at.isoformat()]}
        account.save(update_fields=["followers", "provenance"])


@transaction.atomic
def remove_evidence(evidence: Evidence, *, by: User) -> None:
    """The file goes, and with it the audience that no other file of its day proves."""
    record(None, "evidence.removed", evidence, by=by)
    account = evidence.account
    evidence.file.delete(save=False)
    evidence.delete()
    proven = [moment(day) for day in account.evidence.values_list("observed_on", flat=True)]
    AudienceSlice.objects.filter(account=account, source=Source.CREATOR).exclude(observed_at__in=proven).delete()
    recompute([account.pk])


@transaction.atomic
def set_kit(creator: Creator, blocks: dict[str, bool], *, by: User) -> MediaKit:
    """Turn the page and its blocks (`is_on`, `has_niche` …) on or off; the address stays once it is given."""
    kit, _ = MediaKit.objects.get_or_create(creator=creator, defaults={"slug": free_slug(creator)})
    for name, value in blocks.items():
        setattr(kit, name, value)
    kit.save()
    record(None, "kit.changed", kit, by=by, **blocks)
    return kit


def free_slug(creator: Creator) -> str:
    """The name, else the code; numbered where somebody else has it."""
    base = slugify(creator.name)[:50] or creator.code
    taken = set(MediaKit.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for slug in [base, *(f"{base}-{n}" for n in range(2, 10_000))] if slug not in taken)
