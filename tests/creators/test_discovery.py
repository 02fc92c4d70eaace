"""Searching creators finds who a plain reading of the filters finds, in that order, and nobody a brand may not see."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.db.models import F, QuerySet
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creators.actions.discovery import reindex, reindex_all, sieve_changed
from creators.actions.relationships import relate
from creators.discovery import search as search_module
from creators.discovery import tally, ways
from creators.discovery.address import address
from creators.discovery.facets import KINDS
from creators.discovery.filters import SORTS, Filters
from creators.discovery.search import Page, Search
from creators.discovery.words import suggest
from creators.models import AudienceSlice, Creator, RateCard, Relationship, SearchRow, SocialAccount, Token, Unsieved
from creators.tiers import tier_of
from groundswell.accounts.models import Brand
from tests import factories as make

NETWORKS = ["instagram", "tiktok", "youtube"]
COUNTRIES = ["DE", "FR", ""]
NICHES = ["food", "beauty", "travel"]
WORDS = ["vegan", "vegetarian", "berlin", "runner", "coffee"]
STAGES = ["prospect", "active", "blocked"]
plenty = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def search(brand: Brand, query: str = "", **fields: Any) -> Search:
    return Search(brand, Filters.parse(QueryDict(query)))


def names(brand: Brand, query: str = "") -> list[str]:
    return [entry.creator.name for entry in search(brand, query).page().entries]


@dataclass(frozen=True)
class Plain:
    """A row as a person would read it from the records."""

    key: int
    creator: Creator
    account: SocialAccount | None
    place: int
    stage: str
    tags: tuple[str, ...]
    words: frozenset[str]
    shares: frozenset[str]
    values: dict[str, Any] = field(default_factory=dict)


def invented(dice: random.Random, owners: list[Brand | None]) -> None:
    """A creator with none to three accounts, some numbers missing, maybe private, maybe known to the brands."""
    creator = Creator.objects.create(
        name=f"{dice.choice('ABC')}{dice.randrange(9)}",
        owner=dice.choice(owners),
        bio=" ".join(dice.sample(WORDS, dice.randrange(3))),
        country=dice.choice(COUNTRIES),
        niches=dice.sample(NICHES, dice.randrange(3)),
        birth_year=dice.choice([None, 1990, 2000]),
    )
    for network in dice.sample(NETWORKS, dice.choice([0, 1, 1, 2, 3])):
        account = make.account(
            creator,
            network=network,
            followers=dice.choice([None, 500, 5_000, 9_999, 10_000, 70_000]),
            engagement_rate=dice.choice([None, Decimal("0.01"), Decimal("0.05"), Decimal("0.2")]),
            engagement_basis=dice.choice(["followers", "views"]),
            average_views=dice.choice([None, 100, 2_000]),
            is_verified=dice.choice([None, True, False]),
        )
        if dice.random() < 0.5:
            share = dice.choice(["0.05", "0.3", "0.6"])
            AudienceSlice.objects.create(account=account, kind="country", key=dice.choice(["DE", "FR"]), share=share)
    for brand in filter(None, owners):
        if creator.owner in {None, brand} and dice.random() < 0.4:
            make.relationship(brand, creator, stage=dice.choice(STAGES), tags=dice.sample(["vip", "new"], 1))


@pytest.fixture(params=["looked up", "sieved", "sieved in part"])
def world(request: pytest.FixtureRequest, acme: Brand, globex: Brand, monkeypatch: pytest.MonkeyPatch) -> list[Plain]:
    """Found through the index of values; through the sieve; with half of the values and creators not in it."""
    dice = random.Random(request.param)
    for _ in range(15):
        invented(dice, [None, None, acme, globex])
    reindex_all()
    if request.param == "sieved in part":
        put_into_sieve(Token.objects.annotate(odd=F("pk") % 2).filter(odd=1))
    for _ in range(15):
        invented(dice, [None, None, acme, globex])
    reindex(Creator.objects.values_list("pk", flat=True))
    if request.param == "sieved":
        put_into_sieve(Token.objects.all())
    if request.param != "looked up":
        monkeypatch.setattr(tally, "RARE", -1)
    return plain_rows(acme)


def put_into_sieve(values: QuerySet[Token]) -> None:
    values.update(is_packed=True)
    Unsieved.objects.bulk_create(Unsieved(creator_id=pk) for pk in Creator.objects.values_list("pk", flat=True))
    sieve_changed(least=0)


def plain_rows(brand: Brand) -> list[Plain]:
    found = []
    for creator in Creator.objects.of(brand):
        accounts: list[SocialAccount | None] = list(
            creator.accounts.order_by("-followers", "pk").filter(followers__isnull=False)
        )
        accounts += list(creator.accounts.filter(followers=None).order_by("pk"))
        relationship = Relationship.objects.filter(brand=brand, creator=creator).first()
        for place, account in enumerate(accounts or [None]):
            text = f"{account.handle if account else ''} {creator.name} {creator.bio}".lower()
            shares = {
                f"{one.key}:{step}"
                for one in (account.audience.all() if account else [])
                for step in (10, 20, 30, 50)
                if one.share * 100 >= step
            }
            rate = account.engagement_rate if account else None
            found.append(
                Plain(
                    account.pk if account else -creator.pk,
                    creator,
                    account,
                    place,
                    relationship.stage if relationship else "none",
                    tuple(relationship.tags) if relationship else (),
                    frozenset(re.findall(r"[a-z0-9]+", text)),
                    frozenset(shares),
                    {
                        "followers": account.followers if account else None,
                        "views": account.average_views if account else None,
                        "engagement": rate if account and account.engagement_basis == "followers" else None,
                        "name": creator.name.lower(),
                        "added": creator.pk,
                        "standing": None,
                    },
                )
            )
    return found


def fits(row: Plain, filters: Filters, tier: Callable[[Plain], str | None]) -> bool:
    account, creator = row.account, row.creator
    lists = {
        "network": [account.network] if account else [],
        "country": [creator.country or "unknown"],
        "niche": creator.niches,
        "verified": ["yes" if account.is_verified else "no"] if account and account.is_verified is not None else [],
        "audience_country": row.shares,
        "tier": [tier(row)],
        "stage": [row.stage],
        "tag": row.tags,
    }
    for name, choice in filters.lists.items():
        has = set(lists[name])
        if (choice.any and not has & set(choice.any)) or not set(choice.all) <= has or has & set(choice.none):
            return False
    age = None if creator.birth_year is None else timezone.now().year - creator.birth_year
    numbers = {**row.values, "er": row.values["engagement"], "age": age}
    for name, bounds in filters.bounds.items():
        number = numbers[name]
        low, high = bounds.low, bounds.high
        if number is None or (low is not None and number < low) or (high is not None and number > high):
            return False

    def has_word(typed: str) -> bool:
        return any(word.startswith(typed) for word in row.words)

    return (
        all(has_word(word) for word in filters.text.split())
        and (not filters.text_any or any(has_word(word) for word in filters.text_any.split()))
        and not set(filters.text_none.split()) & row.words
    )


def expected(rows: list[Plain], filters: Filters, brand: Brand) -> list[Plain]:
    """One row a creator, in order, unknown values last."""
    scheme = search(brand).scheme

    def tier(row: Plain) -> str | None:
        return tier_of(scheme, row.account.network, row.account.followers) if row.account else None

    best: dict[int, Plain] = {}
    for row in sorted(rows, key=lambda row: row.place):
        if fits(row, filters, tier):
            best.setdefault(row.creator.pk, row)
    known = [row for row in best.values() if row.values[filters.sort_key] is not None]
    unknown = [row for row in best.values() if row.values[filters.sort_key] is None]
    known.sort(key=lambda row: (row.values[filters.sort_key], row.key), reverse=filters.is_descending)
    return known + sorted(unknown, key=lambda row: row.key, reverse=filters.is_descending)


def parameter(name: str, values: list[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda suffix, chosen: "&".join(f"{name}{suffix}={value}" for value in chosen),
        st.sampled_from(["", "", "_all", "_not"]),
        st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True),
    )


def bound(name: str, values: list[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda end, value: f"{name}_{end}={value}", st.sampled_from(["from", "to"]), st.sampled_from(values)
    )


ANY_FILTERS = st.lists(
    st.one_of(
        parameter("network", NETWORKS),
        parameter("country", ["DE", "FR", "unknown", "XX"]),
        parameter("niche", [*NICHES, "unheard"]),
        parameter("tier", ["nano", "micro"]),
        parameter("stage", [*STAGES, "none"]),
        parameter("tag", ["vip", "new"]),
        parameter("verified", ["yes", "no"]),
        parameter("audience_country", ["DE:10", "DE:50", "FR:30"]),
        bound("followers", ["500", "5k", "9999", "10k"]),
        bound("views", ["100", "150", "2k"]),
        bound("er", ["1", "5", "20", "0"]),
        bound("age", ["26", "36", "30"]),
        st.sampled_from(["q=vegan", "q=veg", "q=vegan+b", "q_any=berlin+runner", "q_not=coffee", "q=a"]),
    ),
    max_size=4,
).map("&".join)
ANY_SORT = st.builds(
    lambda sign, key: f"&sort={sign}{key}",
    st.sampled_from(["", "-"]),
    st.sampled_from(["followers", "views", "engagement", "name", "added", "standing"]),
)


@contextmanager
def led(look: Search, way: str) -> Iterator[None]:
    """Pages of so many creators that not all are looked at: out of the sieve, or along the index of the order."""
    if way != "counted":
        look.__dict__["tally"] = replace(look.tally, is_exact=False)
    walks = patch.multiple(ways.Way, stretches=lambda self: iter(()), rest=lambda self: iter(()))
    with walks if way == "walked" else nullcontext():
        yield


@plenty
@given(
    filters=ANY_FILTERS,
    sort=ANY_SORT,
    way=st.sampled_from(["counted", "sieved", "walked"]),
    size=st.sampled_from([3, 50]),
)
def test_whoever_fits_is_found_once_and_in_order(
    acme: Brand, world: list[Plain], filters: str, sort: str, *, way: str, size: int
) -> None:
    look = search(acme, filters + sort)
    wanted = expected(world, look.filters, acme)
    assert (look.count(), look.is_exact) == (len(wanted), True)
    with led(look, way):
        seen, pages = every_page(look, size)
        assert seen == [row.key for row in wanted]
        if len(pages) > 2:
            back = look.page(before=pages[2].previous, size=size).entries
            assert [entry.row.pk for entry in back if entry.row] == seen[size : 2 * size]


def every_page(look: Search, size: int) -> tuple[list[int], list[Page]]:
    seen, after, pages = list[int](), "", list[Page]()
    while True:
        page = look.page(after=after, size=size)
        pages.append(page)
        seen += [entry.row.pk for entry in page.entries if entry.row]
        if not page.next:
            return seen, pages
        after = page.next


@plenty
@given(filters=ANY_FILTERS)
def test_a_facet_counts_what_choosing_it_would_leave(acme: Brand, world: list[Plain], filters: str) -> None:
    look = search(acme, filters)
    for facet in look.facets():
        if facet.name not in {"network", "tier", "country", "niche", "stage", "verified"}:
            continue
        for option in facet.options[:3]:
            others = {name: choice for name, choice in look.filters.lists.items() if name != facet.name}
            kept = look.filters.choice(facet.name)
            lists = {**others, facet.name: type(kept)((option.value,), kept.all, kept.none)}
            chosen = Filters(**{**look.filters.__dict__, "lists": lists})
            assert option.count == len(expected(world, chosen, acme)), (facet.name, option.value)


def test_estimates_are_said_to_be_such_and_are_near(
    acme: Brand, globex: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(600):
        make.creator(niches=[NICHES[number % 3]], owner=None if number % 4 else globex)
    reindex_all()
    for module, name, value in ((search_module, "EXACT", 40), (search_module, "SOME", 100), (tally, "FEW_ENOUGH", 20)):
        monkeypatch.setattr(module, name, value)
    look = search(acme)
    assert not look.is_exact
    assert look.count() == 450  # of those that the brand may see: the sieve knows how many there are
    niches = next(facet for facet in look.facets() if facet.name == "niche")
    assert not niches.is_exact
    assert sum(option.count for option in niches.options) == pytest.approx(look.count(), rel=0.01)
    assert len(look.page().entries) == 50
    assert search(acme, "niche=food").count() == 150


# ---- words ----------------------------------------------------------------------------------------------------------
def test_a_word_finds_longer_and_misspelt_ones(acme: Brand) -> None:
    make.creator("Ann", handle="x1", bio="Vegan baker")
    make.creator("Bea", handle="x2", bio="Veganuary all year")
    make.creator("Möller", handle="the_bee_keeper", bio="Honey")
    reindex_all()
    assert names(acme, "q=vegan&sort=name") == ["Ann", "Bea"]
    assert names(acme, "q=vegna") == ["Ann"]
    assert search(acme, "q=vegna").taken_for == {"vegna": ("vegan",)}
    assert names(acme, "q=moller") == names(acme, "q=MÖLLER") == names(acme, "q=@the_bee_k") == ["Möller"]
    assert names(acme, "q=vegan&q_not=baker") == ["Bea"]
    assert names(acme, "q_any=honey+baker&sort=name") == ["Ann", "Möller"]
    assert names(acme, "q=zzzzzz") == []
    assert sorted(suggest(acme, Token.Kind.WORD, "Veg")) == ["vegan", "veganuary"]


# ---- what other brands know -----------------------------------------------------------------------------------------
def test_other_brands_creators_are_nowhere(acme: Brand, globex: Brand) -> None:
    secret = make.creator("Quixote", handle="quixote", owner=globex, niches=["windmills"], country="ES")
    make.creator("Ann", handle="ann", niches=["food"])
    relate(globex, secret, stage="active", tags=["vip"])
    reindex_all()
    look = search(acme)
    assert [entry.creator.name for entry in look.page().entries] == ["Ann"]
    assert (look.count(), look.rows().count(), look.creators().count()) == (1, 1, 1)
    shown = {option.value for facet in look.facets() for option in facet.options}
    assert not shown & {"windmills", "ES", "active"}
    for query in ("q=quixote", "niche=windmills", "country=ES", "stage=active", "tag=vip"):
        assert names(acme, query) == [], query
        assert search(acme, query).count() == 0, query
    assert names(acme, "q=quixoet") == []
    assert search(acme, "q=quixoet").taken_for == {}
    assert suggest(acme, Token.Kind.WORD, "quix") == suggest(acme, Token.Kind.NICHE, "wind") == []
    assert suggest(globex, Token.Kind.WORD, "quix") == ["quixote"]
    assert names(globex, "niche=windmills") == ["Quixote"]


def test_relationships_of_another_brand_change_nothing(acme: Brand, globex: Brand) -> None:
    ann = make.creator("Ann")
    relate(globex, ann, stage="blocked", tags=["vip"], price=Decimal(50), price_currency="EUR", email="a@b.example")
    reindex_all()
    for query in ("stage=blocked", "tag=vip", "own_price_to=60&currency=EUR", "known_contact=yes"):
        assert names(acme, query) == [], query
        assert names(globex, query) == ["Ann"], query
    assert names(acme, "known_contact=no&stage=none&tag_not=vip") == ["Ann"]


# ---- order and numbers ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("key", [*SORTS])
def test_every_order_puts_unknown_values_last(acme: Brand, key: str) -> None:
    for _ in range(6):
        make.creator(rate=None, followers=None)
    reindex_all()
    column = search(acme, f"sort={key}").conditions.sort_column
    rows = list(SearchRow.objects.order_by("pk"))
    known = Token.objects.create(kind=Token.Kind.KNOWN, value=column)
    currency = Token.objects.create(kind=Token.Kind.CURRENCY, value=acme.currency)
    for place, row in enumerate(rows[2:4]):
        if column not in {"name", "creator_id"}:
            value = timezone.now() if column == "last_post" else place + 1
            SearchRow.objects.filter(pk=row.pk).update(**{column: value, "terms": [known.pk, currency.pk]})
    up = [entry.row.pk for entry in search(acme, f"sort={key}").page().entries if entry.row]
    down = [entry.row.pk for entry in search(acme, f"sort=-{key}").page().entries if entry.row]
    if column in {"name", "creator_id"}:
        assert down == up[::-1]
    else:
        assert set(up[:2]) == set(down[:2]) == {row.pk for row in rows[2:4]}


def test_prices_of_another_currency_are_neither_found_nor_ranked(acme: Brand) -> None:
    for name, amount, currency in (("Dear", 90, "EUR"), ("Cheap", 10, "EUR"), ("Foreign", 5, "USD")):
        RateCard.objects.create(creator=make.creator(name), network="instagram", amount=amount, currency=currency)
    reindex_all()
    assert names(acme, "currency=EUR&price_to=95&sort=price") == ["Cheap", "Dear"]
    assert names(acme, "currency=EUR&sort=price") == ["Cheap", "Dear", "Foreign"]
    assert names(acme, "currency=USD&price_from=1") == ["Foreign"]


def test_rows_that_come_and_go_leave_the_pages_right(acme: Brand) -> None:
    for number in range(9):
        make.creator(followers=None if number > 6 else 1_000 * number)
    reindex_all()
    look = search(acme, "sort=-followers")
    first = look.page(size=3)
    before = [entry.creator.pk for entry in look.page(size=50).entries]
    make_way = make.creator(followers=10**6)
    reindex([make_way.pk])
    Creator.objects.filter(pk=before[2]).delete()
    assert [entry.creator.pk for entry in look.page(after=first.next, size=3).entries] == before[3:6]


@pytest.mark.parametrize("query", ["", "country=DE&niche=food&q=vegan&sort=-followers"])
def test_the_number_of_queries_does_not_grow(acme: Brand, query: str) -> None:
    def queries() -> int:
        reindex_all()
        with CaptureQueriesContext(connection) as captured:
            look = search(acme, query)
            look.page()
            look.facets()
        return len(captured)

    for _ in range(3):
        make.relationship(acme, make.creator(bio="vegan", niches=["food"]))
    few = queries()
    for _ in range(30):
        make.relationship(acme, make.creator(bio="vegan", niches=["food"]))
        make.account(Creator.objects.latest("pk"), network="tiktok")
    assert queries() == few


def test_what_cannot_be_read_is_named_and_left_out() -> None:
    wrong = "followers_from=lots&er_to=many&audience_country=DE:33&posted_within=soon&price_from=NaN&sort=nonsense"
    fixed = "basis=likes&currency=EURO&known_contact=maybe&network=myspace&country=Atlantis&views_from=9&views_to=5"
    filters = Filters.parse(QueryDict(f"{wrong}&{fixed}"))
    assert len(filters.problems) == 12
    assert all(text.endswith("left out.") for text in filters.problems)
    assert (filters.sort, filters.basis, filters.is_empty) == ("-standing", "followers", True)


def test_every_facet_is_a_filter() -> None:
    values = {"network": "tiktok", "stage": "active", "country": "FR", "language": "fr", "audience": "FR"}
    yes_no = dict.fromkeys(("verified", "product_only"), "yes")
    given = {**dict.fromkeys(KINDS, "x"), **values, **yes_no, "contact": "email", "account_type": "creator"}
    filters = Filters.parse(
        QueryDict("&".join(f"{name}={value}" for name, value in {**given, "gender": "female"}.items()))
    )
    assert not filters.problems
    assert {*KINDS} <= {*filters.lists}


def test_places_are_named_by_word_or_code() -> None:
    filters = Filters.parse(
        QueryDict("country=Germany&audience_country=France&audience_country_share=30&language=Deutsch")
    )
    assert filters.choice("country").any == ("DE",)
    assert filters.choice("audience_country").any == ("FR:30",)
    assert filters.choice("language").any == ("de",)


@plenty
@given(query=ANY_FILTERS)
def test_the_address_of_filters_reads_back_as_the_same_filters(query: str) -> None:
    filters = Filters.parse(QueryDict(query))
    assert Filters.parse(QueryDict(address(filters))) == replace(filters, problems=())
    assert address(Filters.parse(QueryDict(address(filters)))) == address(filters)


def test_a_beginning_of_too_many_words_says_that_it_is_cut(as_alice: Client, acme: Brand) -> None:
    made = [make.creator(f"zanzib{number:02}er", followers=2000) for number in range(52)]
    reindex([row.pk for row in made])
    look = search(acme, "q=zanzib")
    assert (look.count(), look.cut) == (50, ["zanzib"])
    assert "Many words begin with “zanzib”" in as_alice.get("/creators/?q=zanzib").content.decode()
    assert search(acme, "q=zanzib07er").cut == []
