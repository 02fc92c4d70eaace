"""What creators may ask of us about their own data: a copy, silence, not being listed, and being forgotten."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core import signing
from django.db import connection, models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from creators.actions.discovery import forget_words, reindex
from creators.models import Creator, Import, Relationship, SocialAccount
from creators.models.exports import Export
from creators.models.privacy import DataRequest, OptOut, Removal
from creators.privacy import Key, account_key, address_key, digest_of, secrets
from creators.privacy.holdings import (
    FIRST,
    HOLDINGS,
    SILENCERS,
    UNSILENCERS,
    Person,
    all_rows,
    erase_unnamed,
    is_free,
)
from creators.privacy.words import Words
from groundswell.accounts.actions.letters import rewrite_letters, send_letter
from groundswell.accounts.models import Brand, Text, User
from groundswell.events.actions import record
from groundswell.lib.mailed_links import read_link

SALT = "creators.erasure"
LINK_AGE = 24 * 3600
Wish = OptOut.Wish
# Columns that name other people and things: somebody of the same name keeps theirs.
NAMES_OF_OTHERS = {
    "accounts.User", "accounts.Brand", "accounts.Invitation", "creators.Creator", "creators.SocialAccount",
    "creators.SearchRow", "creators.Token",
}  # fmt: skip
APPS = ("accounts", "events", "api", "creators", "campaigns", "outreach", "tracking", "admin")


class ErasureRefused(Exception):
    """A link that erases nothing; the message says why and what to do."""


# Who somebody is


def person_of(user: User) -> Person:
    """Everything here that is a creator's own.

    Their claimed record; brands' private records that they reached through an invitation, or that hold an account of
    the claimed one; and what any brand wrote down under a proven address. A public record that they didn't claim is
    not theirs: an address that a brand typed in proves nothing about it.
    """
    addresses = proven_addresses(user)
    own = Q(user=user) | Q(email__in=addresses)
    invited = Creator.objects.filter(owner__isnull=False, relationships__in=Relationship.objects.filter(own))
    claimed = Creator.objects.filter(user=user)
    keys = {pk for rows in (claimed, invited) for pk in rows.values_list("pk", flat=True)} | namesakes(claimed)
    return person_around(keys, own | Q(creator__in=keys), addresses, user)


def person_around(keys: set[int], own: Q, addresses: Iterable[str], user: User | None = None) -> Person:
    """Whoever has these records and is meant by these relationships, with the words that tell who they are."""
    relationships = Relationship.objects.filter(own)
    accounts = SocialAccount.objects.filter(creator__in=keys)
    names = Creator.objects.filter(pk__in=keys).values_list("name", flat=True)
    known = frozenset(relationships.exclude(email="").values_list("email", flat=True))
    return Person(
        frozenset(keys),
        frozenset(relationships.values_list("pk", flat=True)),
        frozenset(accounts.values_list("pk", flat=True)),
        frozenset([user.pk] if user else []),
        Words(
            frozenset(filter(None, [user.name if user else "", *names])),
            frozenset(accounts.values_list("handle", flat=True)),
            frozenset(map(str.lower, [*addresses, *known])),
        ),
    )


def proven_addresses(user: User) -> list[str]:
    rows = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    return sorted({user.email.lower(), *map(str.lower, rows)})


def namesakes(claimed: models.QuerySet[Creator]) -> set[int]:
    """Brands' private records with an account that is the claimed record's: the same person by another door."""
    found: set[int] = set()
    for network, handle in SocialAccount.objects.filter(creator__in=claimed).values_list("network", "handle"):
        private = SocialAccount.objects.filter(network=network, handle=handle, owner__isnull=False)
        found |= set(private.values_list("creator", flat=True))
    return found


def keys_of(person: Person) -> list[Key]:
    """What an import or a sign-up would name the person by."""
    accounts = SocialAccount.objects.filter(pk__in=person.accounts).values_list("network", "handle")
    return [*(account_key(*row) for row in accounts), *map(address_key, person.words.addresses)]


# Opting out


@transaction.atomic
def opt_out(user: User, wish: str) -> None:
    """Don't list me, or don't write to me; again changes nothing."""
    person = person_of(user)
    remember(person, wish)
    if wish == Wish.UNLISTED:
        list_records(user, is_listed=False)
    for silence in SILENCERS if wish == Wish.UNCONTACTED else []:
        silence(person.words.addresses)
    record(None, "creator.opted_out", user, by=user, wish=wish)


@transaction.atomic
def opt_in(user: User, wish: str) -> None:
    """Take it back. A record is listed again if the operator has approved it before."""
    person = person_of(user)
    digests = [digest_of(key, secret) for key in keys_of(person) for secret in secrets()]
    OptOut.objects.filter(wish=wish, digest__in=digests).exclude(wish=Wish.ERASED).delete()
    if wish == Wish.UNLISTED:
        list_records(user, is_listed=True)
    for allow in UNSILENCERS if wish == Wish.UNCONTACTED else []:
        allow(person.words.addresses)
    record(None, "creator.opted_in", user, by=user, wish=wish)


def list_records(user: User, *, is_listed: bool) -> None:
    mine = Creator.objects.filter(user=user, owner=None)
    mine = mine.filter(claims__status="approved").distinct() if is_listed else mine
    keys = list(mine.values_list("pk", flat=True))
    Creator.objects.filter(pk__in=keys).update(is_listed=is_listed)
    reindex(keys)


def wishes_of(user: User) -> set[str]:
    """What a creator opted out of."""
    digests = [digest_of(key) for key in keys_of(person_of(user))]
    return set(OptOut.objects.filter(digest__in=digests).values_list("wish", flat=True))


def remember(person: Person, wish: str) -> None:
    rows = [OptOut(digest=digest_of(key), wish=wish) for key in keys_of(person)]
    OptOut.objects.bulk_create(rows, ignore_conflicts=True)


# Being forgotten


def ask_to_erase(user: User) -> None:
    """Mail the link that confirms it: whoever borrowed the phone can't erase anything."""
    token = signing.dumps(user.pk, salt=SALT)
    url = settings.SITE_URL + reverse("creators:erase-confirm", args=[token])
    send_letter("creators/erase", user.email, {"url": url})


def read_erasure_link(token: str) -> User:
    """Whose data the link erases. Raises ErasureRefused; writes nothing."""
    too_old = "This link is older than a day. Ask for erasure again in the portal."
    key = read_link(token, salt=SALT, refused=ErasureRefused, max_age=LINK_AGE, too_old=too_old)
    user = User.objects.filter(pk=key, is_active=True).first()
    if user is None or not user.is_creator:
        raise ErasureRefused("There is nothing left to erase.")
    return user


@transaction.atomic
def confirm_erasure(token: str) -> DataRequest:
    """Queue it, and close the sign-in at once. Raises ErasureRefused."""
    user = read_erasure_link(token)
    closed = User.objects.filter(pk=user.pk, is_active=True).update(is_active=False)
    if not closed:
        raise ErasureRefused("Your data is being erased already.")
    row = DataRequest.objects.create(user=user, kind=DataRequest.Kind.ERASURE, beat_at=timezone.now())
    record(None, "erasure.confirmed", row)
    return row


@transaction.atomic
def erase(user: User) -> None:
    """Take somebody who signs in out of every table, and close the sign-in. Safe to run again."""
    forget_person(person_of(user))
    close_sign_in(user)
    record(None, "creator.erased", user)


def forget_person(person: Person) -> None:
    """Take the person out of every table; keep that somebody was paid, and for what.

    Deletes what only describes the person, strips what the books of a brand stand on, and remembers their addresses
    and accounts as keyed hashes, so that they are not added again.
    """
    remember(person, Wish.ERASED)
    knowing = brands_knowing(person)
    Removal.objects.filter(email__in=person.words.addresses).delete()
    drop_files(knowing)
    for silence in SILENCERS:
        silence(person.words.addresses)
    for step in FIRST:
        step(person)
    erase_unnamed(person)
    for holding in HOLDINGS:
        holding.erase(person)
    scrub_events(person)
    scrub_everywhere(person.words, knowing)
    rewrite_letters(lambda text: without(person.words, text))
    reindex(person.creators)
    forget_words()


def brands_knowing(person: Person) -> list[int]:
    """Keys of the brands that have a relationship with the person or a record of their own."""
    related = Relationship.objects.filter(pk__in=person.relationships).values_list("brand", flat=True)
    owning = Creator.objects.filter(pk__in=person.creators, owner__isnull=False).values_list("owner", flat=True)
    return sorted({*related, *owning})


def drop_files(brands: list[int]) -> None:
    """Finished uploads and downloads of brands that knew the person; nobody needs them any more."""
    for row in [
        *Import.objects.filter(brand__in=brands, status__in=Import.ENDED),
        *Export.objects.filter(brand__in=brands, status__in=Export.ENDED),
    ]:
        if row.file:
            row.file.storage.delete(row.file.name)


def close_sign_in(user: User) -> None:
    EmailAddress.objects.filter(user=user).delete()
    user.set_unusable_password()
    user.email, user.name, user.is_active = f"erased-{user.pk}@erased.invalid", "", False
    user.save(update_fields=["email", "name", "is_active", "password"])


def scrub_events(person: Person) -> None:
    """What happened with the person stays in each brand's log, without their words."""
    if person.words.every():
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE events_event SET data = regexp_replace(data::text, %s, '[erased]', 'gi')::jsonb "
                "WHERE creator_id = ANY(%s) AND data::text ~* %s",
                [person.words.pattern(), list(person.creators), person.words.pattern()],
            )


def without(words: Words, text: Text) -> Text | None:
    """A letter that is still on its way: one to the person goes, any other loses what names them."""
    if not words.addresses.isdisjoint(map(str.lower, text.to)):
        return None
    subject, body = map(words.clean_loosely, (text.subject, text.body))
    return Text(text.to, subject, body)


def scrub_everywhere(words: Words, brands: list[int]) -> None:
    """Take addresses and @handles out of texts about anything: notes, samples of uploads, captions.

    Full names are taken out of the texts of brands that knew the person, and of tables that are no brand's.
    """
    if not words.every():
        return
    for model in apps.get_models():
        if model._meta.app_label in APPS and model._meta.managed and model._meta.label not in NAMES_OF_OTHERS:
            way = way_to_brand(model)
            theirs = all_rows(model).filter(Q(**{f"{way}__in": brands}) if way else Q())
            for column in filter(is_free, model._meta.concrete_fields):
                scrub(model, column, words.chosen_by_others(), all_rows(model))
                if brands or not way:
                    scrub(model, column, words, theirs)


def way_to_brand(model: type[models.Model]) -> str:
    """The shortest lookup from rows to their brand, rather one that always leads there; empty where there is none."""
    return walk_to_brand(model, with_null=False) or walk_to_brand(model, with_null=True)


def walk_to_brand(model: type[models.Model], *, with_null: bool) -> str:
    seen, waiting = {model}, [(model, "")]
    for here, way in waiting:
        for column in here._meta.concrete_fields:
            there = column.related_model
            if there is Brand and (with_null or not column.null):
                return f"{way}{column.name}"
            if isinstance(there, type) and there not in seen and (with_null or not column.null):
                seen.add(there)
                waiting.append((there, f"{way}{column.name}__"))
    return ""


def scrub(
    model: type[models.Model], column: models.Field[Any, Any], words: Words, rows: models.QuerySet[models.Model]
) -> None:
    table, name = model._meta.db_table, column.column
    if isinstance(column, ArrayField):
        sql = (
            f'UPDATE "{table}" SET "{name}" = ARRAY(SELECT w FROM unnest("{name}") w WHERE lower(w) <> ALL(%s)) '  # noqa: S608 - names from the models
            f'WHERE "{name}"::text[] && %s'
        )
        values: list[Any] = [list(words.handles), list(words.handles)]
    elif isinstance(column, models.GenericIPAddressField):
        return
    else:
        pattern = words.loose_pattern(in_json=isinstance(column, models.JSONField))
        kind, size = ("jsonb", 0) if isinstance(column, models.JSONField) else ("text", column.max_length)
        cleaned = f"regexp_replace(\"{name}\"::text, %s, '[erased]', 'gi')::{kind}"
        cleaned = f"left({cleaned}, {size})" if size else cleaned
        sql = f'UPDATE "{table}" SET "{name}" = {cleaned} WHERE "{name}"::text ~* %s'  # noqa: S608 - names from the models
        values = [pattern, pattern]
    keys, of_keys = rows.order_by().values("pk").query.sql_with_params()
    sql = f'{sql} AND "{model._meta.pk.column}" IN ({keys})'
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, *of_keys])
