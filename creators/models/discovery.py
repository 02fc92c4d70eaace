"""What searching creators reads instead of their records: one narrow row per account, derived and never edited."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Lookup, Q

from creators.models.creators import Creator
from groundswell.accounts.models import Brand

PUBLIC = 0


class Token(models.Model):
    """A value that rows are found by, as a number: a country, a niche, a word of a bio."""

    class Kind(models.IntegerChoices):
        """Below 100: values that facets count. From 100 on: values that are only searched for."""

        NETWORK = 1
        COUNTRY = 2
        LANGUAGE = 3
        NICHE = 4
        CITY = 5
        AUDIENCE = 6, "Country where most of the audience lives"
        ACCOUNT_TYPE = 7
        GENDER = 8
        VERIFIED = 9
        PRODUCT_ONLY = 10
        CONTACT = 11
        WORD = 100
        HASHTAG = 101
        MENTION = 102
        AUDIENCE_COUNTRY = 103
        AUDIENCE_CITY = 104
        AUDIENCE_AGE = 105
        AUDIENCE_GENDER = 106
        AUDIENCE_LANGUAGE = 107
        KNOWN = 110, "A sort key that isn't null"
        CURRENCY = 111, "Currency of the price"

    id = models.AutoField(primary_key=True)
    kind = models.SmallIntegerField(choices=Kind)
    value = models.TextField(db_collation="C")
    frequency = models.IntegerField(
        default=0, help_text="Rows that have it, estimated from every 32nd creator's; 0 for hardly any."
    )
    is_packed = models.BooleanField(default=False, help_text="Whether every block of the sieve has it.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="creators_token_once")]
        indexes = [
            GinIndex(
                fields=["value"], name="creators_token_similar", opclasses=["gin_trgm_ops"], condition=Q(kind=100)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.value}"


@models.BigIntegerField.register_lookup
class Among(Lookup):
    """One of many keys, as one parameter."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s::bigint[])", [*params, list(self.rhs)]


class SearchQuerySet(models.QuerySet[Any]):
    def visible_to(self, brand: Brand) -> SearchQuerySet:
        """Public rows and the brand's own."""
        return self.filter(owner_id__in=[PUBLIC, brand.pk])


def sort_index(field: str) -> models.Index:
    """Known values from the top; unknown ones are found by key."""
    return models.Index(
        F(field).desc(), F("id").desc(), condition=Q((f"{field}__isnull", False)), name=f"creators_row_{field}"
    )


SORTED = (
    "followers", "rate_followers", "rate_reach", "rate_views", "views", "growth_30", "growth_90", "growth_180",
    "posts_per_week", "sponsored_share", "credibility", "price", "last_post", "standing", "name",
)  # fmt: skip


class SearchRow(models.Model):
    """An account as searching sees it; a creator without accounts has one row of its own. Null is unknown.

    One index holds all values to search for, one for each number gives the order.
    """

    id = models.BigIntegerField(primary_key=True, help_text="The account's key, or the creator's negated.")
    creator = models.ForeignKey(
        Creator, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    owner_id = models.BigIntegerField(default=PUBLIC, help_text="The brand that alone sees it; 0: public.")
    place = models.SmallIntegerField(help_text="0: the creator's largest account, 1: the next …")
    network = models.CharField(max_length=10, blank=True)
    birth_year = models.SmallIntegerField(null=True)
    name = models.TextField(db_collation="C", help_text="Lower case, without accents.")
    followers = models.BigIntegerField(null=True)
    rate_followers = models.FloatField(null=True)
    rate_reach = models.FloatField(null=True)
    rate_views = models.FloatField(null=True)
    views = models.FloatField(null=True, help_text="Median of the latest posts, else the average that was imported.")
    growth_30 = models.FloatField(null=True)
    growth_90 = models.FloatField(null=True)
    growth_180 = models.FloatField(null=True)
    posts_per_week = models.FloatField(null=True)
    sponsored_share = models.FloatField(null=True)
    credibility = models.FloatField(null=True)
    price = models.FloatField(null=True, help_text="The lowest public one on this network, in the commonest currency.")
    last_post = models.DateTimeField(null=True)
    standing = models.FloatField(null=True)
    tokens = ArrayField(models.IntegerField(), default=list, help_text="Values that facets count.")
    terms = ArrayField(models.IntegerField(), default=list, help_text="Words and other values to search for.")

    objects = SearchQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["creator", "id"], name="creators_row_creator"),
            GinIndex(fields=["tokens", "terms"], name="creators_row_tokens", fastupdate=False),
            *[sort_index(field) for field in SORTED],
        ]

    def __str__(self) -> str:
        return f"row {self.id} of creator {self.creator_id}"


class BitsField(models.Field):  # type: ignore[type-arg]
    """A string of bits, as text of 0 and 1."""

    def db_type(self, connection: Any) -> str:
        return "bit varying"


class Sieve(models.Model):
    """Which rows of a block have something in common: bit n is the row with the key `block * BLOCK + n`.

    What that is, the key says; see `creators.discovery.sieve`. A block where no row has it has no row here.
    """

    BLOCK: ClassVar = 31_744  # bits: two of these rows fill a page of 8 kB

    pk = models.CompositePrimaryKey("key", "block")
    key = models.BigIntegerField()
    block = models.IntegerField()
    bits = BitsField()

    def __str__(self) -> str:
        return f"key {self.key} in block {self.block}"


class Unsieved(models.Model):
    """A creator whose rows changed since their blocks of the sieve were made; maybe several times."""

    creator_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"creator {self.creator_id}"
