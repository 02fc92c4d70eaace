"""What each table knows of a person, said once: it is what a copy of their data holds and what erasure does.

Every app names its tables in its `privacy` module; a test fails for a table about creators that nobody named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q

from creators.models import Creator, Relationship, SocialAccount
from creators.privacy.words import Words

ERASED = "Erased creator"


@dataclass(frozen=True)
class Person:
    """Keys of everything that is a person's: their records, what brands know of them, accounts, sign-ins."""

    creators: frozenset[int]
    relationships: frozenset[int]
    accounts: frozenset[int]
    users: frozenset[int]
    words: Words


Values = dict[str, Any] | Callable[[Any, Words], dict[str, Any]]
TEXTS = (models.CharField, models.TextField, models.JSONField, ArrayField, models.GenericIPAddressField)


@dataclass(frozen=True)
class Holding:
    """A table's rows about a person.

    `of` names their rows, `told` the columns that a copy of their data shows (none: a brand's own work, for which it
    answers itself). Erasure deletes the rows, except those that another kept row needs and those of a table that is
    `kept` as a whole. What stays loses every text but the columns in `keeps`, and gets the values of `left`.
    """

    model: type[models.Model]
    of: Callable[[Person], Q]
    title: str = ""
    told: tuple[str, ...] = ()
    kept: bool = False
    keeps: tuple[str, ...] = ()
    left: Values = field(default_factory=dict)
    needed_by: tuple[str, ...] = ()
    file: str = ""

    def rows(self, person: Person) -> models.QuerySet[Any]:
        return all_rows(self.model).filter(self.of(person)).order_by("pk")

    def staying(self) -> Q:
        """Rows that another one points at: through a protected key, or through one of `needed_by`."""
        found = Q(pk__in=[])
        for relation in relations_of(self.model):
            if relation.on_delete is models.PROTECT or relation.get_accessor_name() in self.needed_by:
                there = all_rows(relation.related_model).filter(**{relation.field.name: OuterRef("pk")})
                found |= Q(Exists(there))
        return found

    def erase(self, person: Person) -> None:
        """Delete the rows and their files, or strip those that stay."""
        if self.file:
            for row in self.rows(person):
                stored = getattr(row, self.file)
                stored.storage.delete(stored.name)
        if not self.kept:
            self.rows(person).exclude(self.staying()).order_by().delete()
        for row in list(self.rows(person)):
            values = self.emptied() | (self.left(row, person.words) if callable(self.left) else self.left)
            if values:
                all_rows(self.model).filter(pk=row.pk).update(**values)

    def emptied(self) -> dict[str, Any]:
        """Every column of free text without its text: one that comes to the table later is emptied, too."""
        free = [each for each in self.model._meta.concrete_fields if is_free(each)]
        return {each.name: None if each.null else each.get_default() for each in free if each.name not in self.keeps}

    def tell(self, person: Person) -> Iterator[dict[str, Any]]:
        """The rows as a copy shows them, in the order of their keys."""
        yield from self.rows(person).values(*self.told).iterator()


def all_rows(model: type[models.Model]) -> models.QuerySet[Any]:
    """Whatever a manager of its own would hide."""
    return models.QuerySet(model)


def is_free(column: models.Field[Any, Any]) -> bool:
    """Whether people write into it: no choice out of a list, no key, and of arrays only those of texts."""
    inner = column.base_field if isinstance(column, ArrayField) else column
    return isinstance(inner, TEXTS) and not (inner.choices or column.unique or column.primary_key)


def relations_of(model: type[models.Model]) -> list[models.ManyToOneRel]:
    every = model._meta.get_fields(include_hidden=True)
    return [each for each in every if isinstance(each, models.ManyToOneRel)]


HOLDINGS: list[Holding] = []
FIRST: list[Callable[[Person], None]] = []
SILENCERS: list[Callable[[frozenset[str]], None]] = []
UNSILENCERS: list[Callable[[frozenset[str]], None]] = []


def hold(*holdings: Holding) -> None:
    """An app names what it knows of people. Apps above come first when erasing: their rows stand on those below."""
    HOLDINGS[:0] = holdings


def silences(step: Callable[[frozenset[str]], None]) -> Callable[[frozenset[str]], None]:
    """An app that writes to people is told which addresses want no mail."""
    SILENCERS.append(step)
    return step


def unsilences(step: Callable[[frozenset[str]], None]) -> Callable[[frozenset[str]], None]:
    """The same for those that take it back."""
    UNSILENCERS.append(step)
    return step


def before_erasing(step: Callable[[Person], None]) -> Callable[[Person], None]:
    """Something an app has to do while the person's rows still stand."""
    FIRST.append(step)
    return step


def erase_unnamed(person: Person) -> None:
    """Rows that hang on the person's records and that nobody named go: keeping needs a word, deleting doesn't."""
    named = {holding.model for holding in HOLDINGS}
    for target, keys in ((Relationship, person.relationships), (SocialAccount, person.accounts)):
        drop_hanging(target, keys, named)
    drop_hanging(Creator, person.creators, named)


def drop_hanging(target: type[models.Model], keys: frozenset[int], named: set[type[models.Model]]) -> None:
    for relation in relations_of(target):
        model = relation.related_model
        if model not in named and relation.on_delete is models.CASCADE and model._meta.managed:
            all_rows(model).filter(**{f"{relation.field.name}__in": keys}).delete()
