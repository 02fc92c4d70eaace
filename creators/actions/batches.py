"""Writing a batch of imported rows with a constant number of SQL statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import connection, models
from django.utils import timezone

from creators.importing.rows import Row
from creators.models import Creator, FollowerSnapshot, Note, Relationship, SocialAccount, Source
from groundswell.accounts.models import Brand, User

CREATOR_FACTS = ("name", "bio", "country", "city", "language", "niches")
ACCOUNT_FACTS = (
    "url",
    "followers",
    "following",
    "posts_count",
    "engagement_rate",
    "average_likes",
    "average_comments",
    "average_shares",
    "average_views",
    "is_verified",
    "audience_country",
)
RELATIONSHIP_FACTS = ("email", "phone", "price", "price_currency", "tags")
LOCK = 0x47534352  # namespace of the advisory lock that keeps two imports of a brand from making one creator twice

type_of_row = TypeVar("type_of_row", bound=models.Model)


@dataclass
class Outcome:
    """How many rows of a batch made something new, changed something, or changed nothing."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass
class Batch:
    """The rows of a batch and the records they meet. `rows` name each account once."""

    brand: Brand
    rows: Sequence[Row]
    by: User | None
    source: str = Source.IMPORT
    at: datetime = field(default_factory=timezone.now)
    touched: set[tuple[str, str]] = field(default_factory=set)
    made: set[tuple[str, str]] = field(default_factory=set)

    def write(self) -> Outcome:
        """Inside a transaction: creators, accounts, snapshots, relationships and notes of all rows."""
        lock_imports(self.brand)
        accounts = self.known_accounts()
        new = self.create([row for row in self.rows if row.key not in accounts])
        self.update(
            [(row, accounts[row.key]) for row in self.rows if row.key in accounts and not is_public(accounts[row.key])]
        )
        self.relate({**accounts, **new})
        updated = len(self.touched - self.made)
        return Outcome(len(self.made), updated, len(self.rows) - len(self.made) - updated)

    def known_accounts(self) -> dict[tuple[str, str], SocialAccount]:
        """The brand's own accounts and public ones by network and handle; its own wins over a public one."""
        keys = {row.key for row in self.rows}
        found = (
            SocialAccount.objects.visible_to(self.brand)
            .filter(network__in={network for network, _ in keys}, handle__in={handle for _, handle in keys})
            .select_related("creator")
            .order_by(models.F("owner").desc(nulls_last=True))
        )
        known: dict[tuple[str, str], SocialAccount] = {}
        for account in found:
            known.setdefault((account.network, account.handle), account)
        return {key: account for key, account in known.items() if key in keys}

    def create(self, rows: list[Row]) -> dict[tuple[str, str], SocialAccount]:
        """Private creators with their account and first snapshot."""
        creators = Creator.objects.bulk_create(
            Creator(owner=self.brand, source=self.source, **{**creator_facts(row), "name": row.name or row.handle})
            for row in rows
        )
        accounts = SocialAccount.objects.bulk_create(
            SocialAccount(
                creator=creator,
                owner=self.brand,
                network=row.network,
                handle=row.handle,
                engagement_basis=row.engagement_basis,
                source=self.source,
                observed_at=self.at,
                **account_facts(row),
            )
            for row, creator in zip(rows, creators, strict=True)
        )
        self.snapshot(accounts)
        self.made.update(row.key for row in rows)
        return {row.key: account for row, account in zip(rows, accounts, strict=True)}

    def update(self, pairs: list[tuple[Row, SocialAccount]]) -> None:
        """The brand's own records: known facts that differ; what the row doesn't say stays as it is."""
        creators, accounts, resized = [], [], []
        for row, account in pairs:
            if take(account.creator, creator_facts(row)):
                creators.append(account.creator)
                self.touched.add(row.key)
            followers = account.followers
            if take(account, account_facts(row)) | take_basis(account, row):
                account.source, account.observed_at = self.source, self.at
                accounts.append(account)
                self.touched.add(row.key)
            if account.followers != followers:
                resized.append(account)
        overwrite(Creator.objects.all(), creators, (*CREATOR_FACTS, "updated_at"))
        overwrite(SocialAccount.objects.all(), accounts, (*ACCOUNT_FACTS, "engagement_basis", "source", "observed_at"))
        self.snapshot(resized)

    def snapshot(self, accounts: Iterable[SocialAccount]) -> None:
        """Today's number of followers, in the brand's time zone; a later one of the same day replaces it."""
        FollowerSnapshot.objects.bulk_create(
            [
                FollowerSnapshot(
                    account=account, followers=account.followers, observed_on=self.today, source=self.source
                )
                for account in accounts
                if account.followers is not None
            ],
            update_conflicts=True,
            unique_fields=["account", "observed_on"],
            update_fields=["followers", "source"],
        )

    @property
    def today(self) -> date:
        return self.brand.day(self.at)

    def relate(self, accounts: dict[tuple[str, str], SocialAccount]) -> None:
        """The brand's relationship with each creator, with contact, price, tags and note where a row has them."""
        ids = {accounts[row.key].creator_id for row in self.rows}
        known = {row.creator_id: row for row in Relationship.objects.of(self.brand).filter(creator__in=ids)}
        new: dict[int, Relationship] = {}
        changed: dict[int, Relationship] = {}
        for row in self.rows:
            creator = accounts[row.key].creator_id
            relationship = known.get(creator)
            if relationship is None:
                relationship = known[creator] = new[creator] = Relationship(brand=self.brand, creator_id=creator)
                self.made.add(row.key)
            if take(relationship, relationship_facts(row, relationship)) and creator not in new:
                changed[creator] = relationship
                self.touched.add(row.key)
        Relationship.objects.bulk_create(new.values())
        overwrite(Relationship.objects.all(), list(changed.values()), (*RELATIONSHIP_FACTS, "updated_at"))
        self.note({row.key: known[accounts[row.key].creator_id] for row in self.rows if row.note})

    def note(self, relationships: dict[tuple[str, str], Relationship]) -> None:
        """A note is written once, however often the file is imported."""
        told = set(
            Note.objects.filter(relationship__in=[row.pk for row in relationships.values()]).values_list(
                "relationship_id", "text"
            )
        )
        fresh = [row for row in self.rows if row.note and (relationships[row.key].pk, row.note) not in told]
        Note.objects.bulk_create(
            Note(relationship=relationships[row.key], author=self.by, text=row.note) for row in fresh
        )
        self.touched.update(row.key for row in fresh)


def lock_imports(brand: Brand) -> None:
    """Until the transaction ends nobody else adds creators for the brand."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, brand.pk % 2**31])


def is_public(account: SocialAccount) -> bool:
    return account.owner_id is None


def creator_facts(row: Row) -> dict[str, Any]:
    return {name: list(row.niches) if name == "niches" else getattr(row, name) for name in CREATOR_FACTS}


def account_facts(row: Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ACCOUNT_FACTS}


def relationship_facts(row: Row, known: Relationship) -> dict[str, Any]:
    """Contact and price as the row says; tags are added to those the brand has set."""
    tags = list(dict.fromkeys([*known.tags, *row.tags]))
    price = {"price": row.price, "price_currency": row.price_currency}
    return {"email": row.email, "phone": row.phone, "tags": tags, **price}


def take(record: models.Model, facts: dict[str, Any]) -> bool:
    """Set the facts that are known and differ; returns whether there was one."""
    differing = {name: value for name, value in facts.items() if is_known(value) and getattr(record, name) != value}
    for name, value in differing.items():
        setattr(record, name, value)
    return bool(differing)


def take_basis(account: SocialAccount, row: Row) -> bool:
    """The basis belongs to the rate: it changes only with one."""
    return row.engagement_rate is not None and take(account, {"engagement_basis": row.engagement_basis})


def is_known(value: Any) -> bool:
    return value is not None and value not in ("", [], ())


def overwrite(table: models.QuerySet[type_of_row], rows: list[type_of_row], fields: tuple[str, ...]) -> None:
    """Write these columns of many existing rows in one statement."""
    table.bulk_create(rows, update_conflicts=True, unique_fields=["pk"], update_fields=list(fields))
