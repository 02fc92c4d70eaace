"""Giving a creator a code, making it in the brand's shops, and ending it there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import chain, count
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Func, Value
from django.utils import timezone

from campaigns.models import Campaign, Collaboration
from creators.connectors.errors import ConnectorError
from creators.models import SocialAccount
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record
from groundswell.lib.sealing import seal
from tracking.models import (
    CodePublication,
    CodePublicationQuerySet,
    CodeRules,
    DiscountCode,
    ShopCode,
    Store,
    StoreAccess,
)
from tracking.shops.coupons import client_of
from tracking.shops.coupons.facts import Access, Coupon, CouponRefused

Status = CodePublication.Status
NO_KEY = "No key is saved for this shop."
CODE_LENGTH = 12
LONGEST = 40
LOOK_ALIKES = ("OQILSBZG", "00115826")
WORDS = ("NAME", "VALUE", "CAMPAIGN", "NETWORK")
FILLED = re.compile(r"\{(\w+)\}")


class CodeRefusedError(Exception):
    """A change to a code or its rules that is not allowed; the message says what to do."""


# Issuing


def issue_code(collaboration: Collaboration, account: SocialAccount | None, *, by: User | None = None) -> DiscountCode:
    """A code by the campaign's rules, such as DANA10; the brand's row must be locked. It is made in the shops later."""
    campaign = collaboration.campaign
    rules = CodeRules.objects.for_campaign(campaign)
    code = DiscountCode.objects.create(
        brand=campaign.brand,
        collaboration=collaboration,
        code=free_code(campaign.brand, filled(rules, collaboration, account)),
        percent=campaign.discount_percent,
        **facts_of(rules),
    )
    record(campaign.brand, "code.issued", code, by=by, code=code.code, collaboration=collaboration.code)
    if rules.pk:
        publish(code, rules.stores.all())
    return code


def facts_of(rules: CodeRules) -> dict[str, Any]:
    until = timezone.now() + timedelta(days=rules.valid_days) if rules.valid_days else None
    return {
        "kind": rules.kind,
        "amount": rules.amount,
        "gift": rules.gift,
        "valid_to": until,
        "usage_limit": rules.usage_limit,
        "once_per_customer": rules.once_per_customer,
    }


def filled(rules: CodeRules, collaboration: Collaboration, account: SocialAccount | None) -> str:
    """The rules' pattern with its words filled in: {NAME}{VALUE} → DANA10."""
    creator = collaboration.relationship.creator
    words = {
        "NAME": code_stem(creator.name, account.handle if account else "", creator.code),
        "VALUE": value_digits(rules, collaboration.campaign),
        "CAMPAIGN": code_stem(collaboration.campaign.name),
        "NETWORK": code_stem(account.network if account else "")[:2],
    }
    text = FILLED.sub(lambda found: words.get(found[1], ""), rules.pattern.upper())
    return re.sub(r"[^A-Z0-9_-]", "", text)[: LONGEST - 5] or words["NAME"]


def value_digits(rules: CodeRules, campaign: Campaign) -> str:
    """10.00 → 10; a value with a fraction, of nothing or of a gift is left out, since DANA125 would mislead."""
    values = {DiscountCode.Kind.PERCENT: campaign.discount_percent, DiscountCode.Kind.AMOUNT: rules.amount}
    value = values.get(DiscountCode.Kind(rules.kind)) or Decimal(0)
    return str(int(value)) if value and value == int(value) else ""


def code_stem(*names: str) -> str:
    """The first word of the first name that has ASCII letters: Dána Field → DANA."""
    for name in names:
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().upper()
        words = re.findall(r"[A-Z0-9]+", plain)
        if words and len(words[0]) > 1:
            return str(words[0])[:CODE_LENGTH]
    return "FRIEND"


def free_code(brand: Brand, wanted: str) -> str:
    """The wanted code, or with X2, X3 …: no code of the brand looks like it (O and 0, I, L and 1, S and 5 …)."""
    skeleton = Func(F("code"), Value(LOOK_ALIKES[0]), Value(LOOK_ALIKES[1]), function="translate")
    like = DiscountCode.objects.of(brand).annotate(skeleton=skeleton).filter(skeleton__startswith=skeleton_of(wanted))
    taken = set(like.values_list("skeleton", flat=True))
    numbered = (f"{wanted}X{number}" for number in count(2))
    return next(code for code in chain([wanted], numbered) if skeleton_of(code) not in taken)


def skeleton_of(code: str) -> str:
    return code.upper().translate(str.maketrans(*LOOK_ALIKES))


# Rules


@transaction.atomic
def change_code_rules(
    brand: Brand, campaign: Campaign | None, *, by: User, stores: Sequence[Store] = (), **facts: Any
) -> CodeRules:
    """What codes issued from now on look like and give; those already issued stay. Raises CodeRefusedError."""
    unknown = set(FILLED.findall(facts.get("pattern", "").upper())) - set(WORDS)
    if unknown:
        known = ", ".join(f"{{{word}}}" for word in WORDS)
        raise CodeRefusedError(f"{{{min(unknown)}}} means nothing here. You can use {known}.")
    if facts.get("kind") == DiscountCode.Kind.GIFT and stores:
        raise CodeRefusedError("Shops can't make codes for a gift from here. Make them by hand.")
    rules, _ = CodeRules.objects.update_or_create(brand=brand, campaign=campaign, defaults=facts)
    rules.stores.set(stores)
    record(brand, "code_rules.changed", campaign or brand, by=by, pattern=rules.pattern, kind=rules.kind)
    return rules


@transaction.atomic
def save_access(store: Store, key: str, *, by: User) -> None:
    """Keep the key of a shop's interface, encrypted; what the shop refused is tried again with it."""
    StoreAccess.objects.update_or_create(store=store, defaults={"sealed": seal(key)})
    refused = store.publications.filter(status=Status.FAILED)
    refused.update(status=Status.WAITING, error="")
    store.publications.filter(status=Status.ENDING).update(error="")
    record(store.brand, "store.access_changed", store, by=by)


# Making codes in shops


def publish(code: DiscountCode, stores: Iterable[Store]) -> None:
    """Have the code made in these shops, soon."""
    publish_each([code], stores)


def publish_each(codes: Iterable[DiscountCode], stores: Iterable[Store]) -> None:
    open_shops = [store for store in stores if client_of(store)]
    rows = [CodePublication(code=code, store=store) for code in codes for store in open_shops]
    CodePublication.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def publish_codes(brand: Brand, codes: Iterable[DiscountCode], stores: Sequence[Store], *, by: User | None) -> int:
    """Have codes made in shops; returns how many of them are new there or are tried again.

    Raises CodeRefusedError for a gift, and for a shop without a key.
    """
    found = list(codes)
    has_key = set(StoreAccess.objects.filter(store__in=stores).values_list("store", flat=True))
    closed = [store.name for store in stores if store.pk not in has_key]
    if closed:
        raise CodeRefusedError(f"Save a key for {', '.join(closed)} under Settings, Stores first.")
    if any(code.kind == DiscountCode.Kind.GIFT for code in found):
        raise CodeRefusedError("Shops can't make codes for a gift from here. Make them by hand.")
    before = CodePublication.objects.of(brand).waiting().count()
    publish_each(found, stores)
    refused = CodePublication.objects.filter(code__in=found, store__in=stores, status=Status.FAILED)
    refused.update(status=Status.WAITING, error="")
    wanted = CodePublication.objects.of(brand).waiting().count() - before
    record(brand, "codes.published", brand, by=by, count=wanted)
    return wanted


def make(publication: CodePublication) -> bool:
    """Make the code in the shop; True when it is there. A refusal is kept; a pause is the caller's to wait out."""
    store, client = publication.store, client_of(publication.store)
    access = access_to(store)
    if client is None or access is None:
        return settle(publication, Status.FAILED, error=NO_KEY)
    try:
        external_id = client.create(access, coupon_of(publication.code))
    except CouponRefused as error:
        return settle(publication, Status.FAILED, error=str(error))
    if store.kind == Store.Kind.STRIPE:
        name = {"code": publication.code.code}
        ShopCode.objects.update_or_create(store=store, external_id=external_id, defaults=name)
    return settle(publication, Status.MADE, external_id=external_id)


def settle(publication: CodePublication, status: str, **facts: str) -> bool:
    """Note what became of a waiting publication; True where it was made.

    A code that was ended while the shop made it is ended there next.
    """
    facts = {name: fact[:300] for name, fact in facts.items()}
    row = CodePublication.objects.filter(pk=publication.pk)
    is_made = status == Status.MADE
    if not change(row.waiting(), status, **facts) and is_made:
        change(row.filter(status=Status.ENDED, external_id=""), Status.ENDING, **facts)
    return is_made


def change(rows: CodePublicationQuerySet, status: str, **facts: str) -> int:
    return rows.update(status=status, changed_at=timezone.now(), **facts)


def access_to(store: Store) -> Access | None:
    """None without a key that can be read; with `with_shop` it takes no query."""
    row = getattr(store, "access", None)
    url = settings.SHOP_ADDRESSES.get(store.kind) or f"https://{store.domain}"
    return Access(url, row.key) if row and row.key else None


def coupon_of(code: DiscountCode) -> Coupon:
    campaign = code.collaboration.campaign
    is_amount = code.kind == DiscountCode.Kind.AMOUNT
    return Coupon(
        reference=f"{code.brand.code}-{code.pk}",
        code=code.code,
        title=f"{campaign.name}: {code.code}",
        value=(code.amount or Decimal(0)) if is_amount else code.percent,
        currency=campaign.currency if is_amount else "",
        starts_at=code.valid_from,
        ends_at=code.valid_to,
        usage_limit=code.usage_limit,
        once_per_customer=code.once_per_customer,
    )


# Ending


def end_code(code: DiscountCode, *, by: User | None) -> list[str]:
    """End a code now, in the shops too; returns the shops that would not yet, with their words.

    That the shops have to end it is written with the end itself: what a crash or a silent shop leaves behind is tried
    again. Raises CodeRefusedError where it has ended already.
    """
    now = timezone.now()
    open_still = DiscountCode.objects.filter(pk=code.pk).exclude(valid_to__lte=now)
    with transaction.atomic():
        if not open_still.update(valid_to=now):
            raise CodeRefusedError(f"{code.code} has ended already.")
        change(code.publications.filter(status__in=[Status.WAITING, Status.FAILED]), Status.ENDED, error="")
        change(code.publications.filter(status=Status.MADE), Status.ENDING)
        record(code.brand, "code.ended", code, by=by, code=code.code)
    return [problem for row in code.publications.to_end().with_shop() if (problem := try_to_end(row))]


def try_to_end(publication: CodePublication) -> str:
    """End the code in the shop, or say why not; a shop that doesn't answer is asked again later."""
    try:
        problem = end_in_shop(publication)
    except ConnectorError as error:
        problem = f"{error} It is asked again."
    return problem and f"{publication.store.name}: {problem}"


def end_in_shop(publication: CodePublication) -> str:
    """End the code in the shop; returns its refusal, which is kept, or nothing when it is ended.

    Raises ConnectorError where the shop doesn't answer or asks for a pause.
    """
    client, access = client_of(publication.store), access_to(publication.store)
    if client is None or access is None:
        return refused_to_end(publication, NO_KEY)
    try:
        client.withdraw(access, publication.external_id)
    except CouponRefused as error:
        return refused_to_end(publication, str(error))
    change(CodePublication.objects.to_end().filter(pk=publication.pk), Status.ENDED)
    return ""


def refused_to_end(publication: CodePublication, error: str) -> str:
    change(CodePublication.objects.to_end().filter(pk=publication.pk), Status.ENDING, error=error[:300])
    return error
