"""Writing a batch of imported rows with a constant number of SQL statements, each over the whole batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from creators.actions import discovery, staging
from creators.actions.metrics import mark_stale
from creators.actions.staging import Statement, insert
from creators.actions.uploads import Outcome
from creators.discovery.planning import KEYED, planned
from creators.importing.rows import Row
from creators.models import (
    AudienceSlice,
    Creator,
    FollowerSnapshot,
    Note,
    RateCard,
    Relationship,
    SocialAccount,
    Source,
)
from groundswell.accounts.models import Brand, User

CREATOR_FACTS = (
    "name", "bio", "country", "city", "language", "niches", "gender", "birth_year", "accepts_product_only"
)  # fmt: skip
ACCOUNT_FACTS = (
    "url", "followers", "following", "posts_count", "engagement_rate", "average_likes", "average_comments",
    "average_shares", "average_views", "is_verified", "account_type", "credibility", "audience_country",
)  # fmt: skip
RELATIONSHIP_FACTS = ("email", "phone", "price", "price_currency")
LOCK = 0x47534352  # namespace of the advisory lock that keeps two imports of a brand from making one creator twice

# Parameter: the brand. Looked up by the key that makes an account unique: quick whatever is known of the table.
MATCH = """
UPDATE creators_staged s SET account_id = coalesce(
    (SELECT id FROM creators_socialaccount a
     WHERE a.owner_id = %s AND a.network = s.network AND a.handle = s.handle),
    (SELECT id FROM creators_socialaccount a
     WHERE a.owner_id IS NULL AND a.network = s.network AND a.handle = s.handle))"""
NUMBER = """
UPDATE creators_staged s SET is_new = a.id IS NULL, is_public = a.id IS NOT NULL AND a.owner_id IS NULL,
    creator_id = coalesce(a.creator_id, nextval(pg_get_serial_sequence('creators_creator', 'id'))),
    account_id = coalesce(a.id, nextval(pg_get_serial_sequence('creators_socialaccount', 'id')))
FROM creators_staged t LEFT JOIN creators_socialaccount a ON a.id = t.account_id WHERE t.n = s.n
RETURNING s.n, s.creator_id, s.account_id, s.is_new"""


class Met(NamedTuple):
    """What a row met: the creator and account, and whether they were made for it."""

    creator: int
    account: int
    is_new: bool


@dataclass
class Batch:
    """The rows of a batch and what they met. `rows` name each account once; `made` and `touched` are their places."""

    brand: Brand
    rows: Sequence[Row]
    by: User | None
    source: str = Source.IMPORT
    at: datetime = field(default_factory=timezone.now)
    met: list[Met] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    made: set[int] = field(default_factory=set)

    def write(self) -> Outcome:
        """Inside a transaction: creators, accounts, snapshots, relationships, notes, audiences, prices of all rows."""
        if not self.rows:
            return Outcome()
        lock_imports(self.brand)
        staging.stage(self.rows)
        with planned(KEYED):
            self.meet()
            self.create()
            self.update()
            self.relate()
            self.add_slices_and_rates()
        discovery.reindex({self.met[n].creator for n in self.made | self.touched})
        self.touched -= self.made
        return Outcome(len(self.made), len(self.touched), len(self.rows) - len(self.made) - len(self.touched))

    def meet(self) -> None:
        """The brand's own accounts and public ones by network and handle; its own wins. The others get new keys."""
        Statement(MATCH, [self.brand.pk]).run()
        found = sorted(Statement(NUMBER, []).run())
        self.met = [Met(creator, account, is_new) for _, creator, account, is_new in found]
        known = [row.creator for row in self.met if not row.is_new]
        if len(known) != len(set(known)):
            settle()

    def create(self) -> None:
        """Private creators with their account."""
        self.made.update(n for n, row in enumerate(self.met) if row.is_new)
        if not self.made:
            return
        shared = {"owner_id": self.brand.pk, "source": self.source}
        creators = {
            "id": "creator_id", "code": "creator_code",
            **{name: known_or_default(Creator, name) for name in CREATOR_FACTS}, "name": "coalesce(name, handle)",
        }  # fmt: skip
        now = {"created_at": self.at, "updated_at": self.at}
        insert(Creator, creators, {**shared, **now}, "FROM creators_staged WHERE is_new").run()
        accounts = {
            "id": "account_id", "creator_id": "creator_id", "network": "network", "handle": "handle",
            **{name: known_or_default(SocialAccount, name) for name in ACCOUNT_FACTS},
            "engagement_basis": "engagement_basis",
        }  # fmt: skip
        of = {**shared, "observed_at": self.at}
        insert(SocialAccount, accounts, of, "FROM creators_staged WHERE is_new").run()
        self.snapshot("WHERE s.is_new AND s.followers IS NOT NULL").run()

    def update(self) -> None:
        """The brand's own records: known facts that differ; what the row doesn't say stays as it is.

        Metrics are computed anew where followers differ. A new account has one count and no posts: nothing to compute.
        """
        if len(self.made) == len(self.rows):
            return
        counted = self.snapshot(
            "JOIN creators_socialaccount a ON a.id = s.account_id "
            "WHERE NOT s.is_new AND NOT s.is_public AND s.followers <> coalesce(a.followers, -1)"
        )
        mark_stale(account for (account,) in Statement(counted.sql + " RETURNING account_id", counted.params).run())
        self.touch(Statement(update_creators(), [self.at]).run())
        self.touch(Statement(update_accounts(), [self.source, self.at]).run())

    def snapshot(self, which: str) -> Statement:
        """Today's number of followers, in the brand's time zone; a later one of the same day replaces it."""
        return insert(
            FollowerSnapshot,
            {"account_id": "s.account_id", "followers": "s.followers"},
            {"observed_on": self.brand.day(self.at), "source": self.source},
            f"FROM creators_staged s {which} ON CONFLICT (account_id, observed_on) "
            "DO UPDATE SET followers = excluded.followers, source = excluded.source",
        )

    def relate(self) -> None:
        """The brand's relationship with each creator, with contact, price, tags and note where a row has them."""
        new = insert(
            Relationship,
            {
                "creator_id": "creator_id", "code": "relationship_code",
                **{name: known_or_default(Relationship, name) for name in RELATIONSHIP_FACTS},
                "tags": "coalesce(tags, '{}')",
            },
            {"brand_id": self.brand.pk, "created_at": self.at, "updated_at": self.at},
            UNRELATED,
            self.brand.pk,
        )  # fmt: skip
        related = {creator for (creator,) in Statement(new.sql + " RETURNING creator_id", new.params).run()}
        self.made.update(self.first_rows(related))
        if len(related) < len(self.rows):
            self.touch(Statement(UPDATE_RELATIONSHIPS, [self.at, self.brand.pk]).run())
        if any(row.note for row in self.rows):
            self.note()

    def first_rows(self, creators: set[int]) -> Iterable[int]:
        """Of each of these creators the place of the first row about it."""
        return {row.creator: n for n, row in reversed(list(enumerate(self.met))) if row.creator in creators}.values()

    def note(self) -> None:
        """A note is written once, however often the file is imported."""
        written = insert(
            Note,
            {"relationship_id": "relationship_id", "text": "note"},
            {"author_id": self.by.pk if self.by else None, "created_at": self.at},
            "FROM fresh ORDER BY n",
        )
        sql = f"WITH fresh AS ({FRESH_NOTES}), written AS ({written.sql}) SELECT n FROM fresh"  # noqa: S608 - constants only
        self.touch(Statement(sql, [self.brand.pk, *written.params]).run())

    def add_slices_and_rates(self) -> None:
        """Shares of the audience of the brand's own accounts, and the prices it knows, per format of post."""
        if any(row.audience for row in self.rows):
            changed = {account for (account,) in self.slices().run()}
            self.touched.update(n for n, row in enumerate(self.met) if row.account in changed)
        if any(row.rates for row in self.rows):
            priced = {creator for (creator,) in self.rates().run()}
            self.touched.update(self.first_rows(priced))

    def slices(self) -> Statement:
        values = {"account_id": "account_id", "kind": "said->>0", "key": "said->>1", "share": "(said->>2)::numeric"}
        return insert(
            AudienceSlice,
            values,
            {"source": self.source, "observed_at": self.at},
            "FROM creators_staged, jsonb_array_elements(audience) said WHERE NOT is_public "
            "ON CONFLICT (account_id, kind, key, source) DO UPDATE SET share = excluded.share, "
            "observed_at = excluded.observed_at WHERE creators_audienceslice.share <> excluded.share "
            "RETURNING account_id",
        )

    def rates(self) -> Statement:
        values = {
            "creator_id": "creator_id", "network": "network", "format": "said->>0",
            "amount": "(said->>1)::numeric", "currency": "said->>2",
        }  # fmt: skip
        return insert(
            RateCard,
            values,
            {"owner_id": self.brand.pk, "source": self.source, "observed_at": self.at},
            "FROM (SELECT DISTINCT ON (creator_id, network, said->>0) creator_id, network, said "
            "FROM creators_staged, jsonb_array_elements(rates) said "
            "ORDER BY creator_id, network, said->>0, n DESC) latest "
            "ON CONFLICT (creator_id, owner_id, network, format) DO UPDATE SET amount = excluded.amount, "
            "currency = excluded.currency, source = excluded.source, observed_at = excluded.observed_at "
            "WHERE (creators_ratecard.amount, creators_ratecard.currency) <> (excluded.amount, excluded.currency) "
            "RETURNING creator_id",
        )

    def touch(self, places: list[tuple[Any, ...]]) -> None:
        self.touched.update(n for (n,) in places)


def lock_imports(brand: Brand) -> None:
    """Until the transaction ends nobody else adds creators for the brand."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, brand.pk % 2**31])


def known_or_default(model: type[Creator | SocialAccount | Relationship], name: str) -> str:
    """The staged value; for a column that can't be null its empty value."""
    field = model._meta.get_field(name)
    if field.null:
        return name
    return f"coalesce({name}, '{{}}')" if staging.SAID[name].endswith("[]") else f"coalesce({name}, '')"


def settle() -> None:
    """Where several rows are about one creator, the last known value of each fact holds, whichever row says it."""
    facts = (*CREATOR_FACTS, *RELATIONSHIP_FACTS)
    latest = ", ".join(
        f"first_value({name}) OVER (PARTITION BY creator_id ORDER BY {name} IS NULL, n DESC) AS {name}"
        for name in facts
    )
    assigned = ", ".join(f"{name} = latest.{name}" for name in facts)
    tags = (
        "(SELECT array_agg(DISTINCT tag) FROM creators_staged o, unnest(o.tags) tag "
        "WHERE o.creator_id = creators_staged.creator_id)"
    )
    Statement(
        f"UPDATE creators_staged SET tags = {tags}, {assigned} "  # noqa: S608 - constants only
        f"FROM (SELECT n, {latest} FROM creators_staged "
        "WHERE creator_id IN (SELECT creator_id FROM creators_staged GROUP BY creator_id HAVING count(*) > 1)) latest "
        "WHERE creators_staged.n = latest.n",
        [],
    ).run()


def update_creators() -> str:
    """Parameter: the time. Returns the places of the rows that changed something."""
    after = {name: f"coalesce(s.{name}, c.{name})" for name in CREATOR_FACTS}
    return (
        f"UPDATE creators_creator c SET updated_at = %s, {assignments(after)} "  # noqa: S608 - constants only
        "FROM (SELECT DISTINCT ON (creator_id) * FROM creators_staged WHERE NOT is_new AND NOT is_public "
        "ORDER BY creator_id, n) s "
        f"WHERE c.id = s.creator_id AND {differs(after, 'c')} RETURNING s.n"
    )


def update_accounts() -> str:
    """Parameters: source and time. Returns the places of the rows that changed something.

    Numbers that the row doesn't say keep the source and time they had, in `provenance`.
    """
    after = {name: f"coalesce(s.{name}, a.{name})" for name in ACCOUNT_FACTS}
    after["engagement_basis"] = (
        "CASE WHEN s.engagement_rate IS NULL THEN a.engagement_basis ELSE s.engagement_basis END"
    )
    unsaid = [name for name in ACCOUNT_FACTS if name != "url"]
    older = ", ".join(
        f"'{name}', CASE WHEN s.{name} IS NULL AND nullif(a.{name}::text, '') IS NOT NULL "
        "THEN jsonb_build_array(a.source, a.observed_at) END"
        for name in unsaid
    )
    said = ", ".join(f"CASE WHEN s.{name} IS NOT NULL THEN '{name}' END" for name in unsaid)
    provenance = f"jsonb_strip_nulls(jsonb_build_object({older})) || (a.provenance - array_remove(ARRAY[{said}], NULL))"
    return (
        "UPDATE creators_socialaccount a SET source = %s, observed_at = %s, "  # noqa: S608 - constants only
        f"provenance = {provenance}, {assignments(after)} "
        "FROM creators_staged s "
        f"WHERE a.id = s.account_id AND NOT s.is_new AND NOT s.is_public AND {differs(after, 'a')} RETURNING s.n"
    )


def assignments(after: dict[str, str]) -> str:
    return ", ".join(f"{name} = {expression}" for name, expression in after.items())


def differs(after: dict[str, str], table: str) -> str:
    return f"({', '.join(after.values())}) IS DISTINCT FROM ({', '.join(f'{table}.{name}' for name in after)})"


# Parameter: the brand. A value of its own for each row: as a join it would read all that the brand has.
RELATED = "(SELECT k.id FROM creators_relationship k WHERE k.brand_id = %s AND k.creator_id = s.creator_id)"
UNRELATED = f"""
FROM (SELECT DISTINCT ON (creator_id) * FROM creators_staged ORDER BY creator_id, n) s
WHERE s.is_new OR {RELATED} IS NULL"""  # noqa: S608 - constants only
AFTER = {name: f"coalesce(s.{name}, r.{name})" for name in RELATIONSHIP_FACTS}
# Tags are added to those the brand has set. Parameters: the time, the brand.
UPDATE_RELATIONSHIPS = f"""
UPDATE creators_relationship r SET updated_at = %s, {assignments(AFTER)},
    tags = r.tags || ARRAY(SELECT tag FROM unnest(s.tags) tag WHERE tag <> ALL (r.tags))
FROM (SELECT DISTINCT ON (creator_id) * FROM creators_staged ORDER BY creator_id, n) s
WHERE r.id = {RELATED}
    AND ({differs(AFTER, "r")} OR NOT coalesce(s.tags, '{{}}') <@ r.tags)
RETURNING s.n"""  # noqa: S608 - constants only
FRESH_NOTES = f"""
SELECT DISTINCT ON (s.relationship_id, s.note) s.n, s.note, s.relationship_id
FROM (SELECT n, note, {RELATED} AS relationship_id FROM creators_staged s WHERE note IS NOT NULL) s
WHERE NOT EXISTS (SELECT FROM creators_note k WHERE k.relationship_id = s.relationship_id AND k.text = s.note)
ORDER BY s.relationship_id, s.note, s.n"""  # noqa: S608 - constants only
