"""The sieve lets every row through that fits, whatever changed since it was made."""

from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from creators.actions import discovery
from creators.actions.discovery import reindex, reindex_all, sieve_changed
from creators.discovery import tally
from creators.discovery.ladders import LADDERS, number, reached, step_key, steps, unreached
from creators.discovery.sieve import DRAW, DRAWS, Mesh, draw, named, owner_key, reaching, sift
from creators.models import Creator, SearchRow, Sieve, Token, Unsieved
from groundswell.accounts.models import Brand
from tests import factories as make
from tests.creators.test_discovery import names

BLOCK = Sieve.BLOCK


@pytest.fixture
def sieved(acme: Brand, globex: Brand, monkeypatch: pytest.MonkeyPatch) -> list[Creator]:
    """Creators whose values are all in the sieve, and searches that ask nothing else."""
    found = [
        make.creator(f"C{n}", bio="vegan", niches=["food"], followers=1_000 * n, owner=[None, acme, globex][n % 3])
        for n in range(1, 7)
    ]
    found.append(Creator.objects.create(name="Nobody", bio="vegan"))
    reindex([creator.pk for creator in found])
    Token.objects.update(is_packed=True)
    sieve_changed(least=0)
    monkeypatch.setattr(tally, "RARE", -1)
    return found


def rows_with(key: int) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT block, varbit_send(bits) FROM creators_sieve WHERE key = %s", [key])
        return {row for block, bits in cursor.fetchall() for row in named(block, bits)}


@pytest.mark.usefixtures("sieved")
def test_a_bit_is_a_row_that_has_the_value(acme: Brand) -> None:
    rows = list(SearchRow.objects.all())
    assert min(row.pk for row in rows) < 0 < max(row.pk for row in rows)
    for token in Token.objects.all():
        assert rows_with(token.pk) == {row.pk for row in rows if token.pk in {*row.tokens, *row.terms}}
    assert rows_with(owner_key(acme.pk)) == {row.pk for row in rows if row.owner_id == acme.pk}
    for place, step in enumerate(LADDERS["followers"]):
        wanted = {row.pk for row in rows if row.followers is not None and row.followers >= step}
        assert rows_with(step_key("followers", place)) == wanted
    assert not Unsieved.objects.exists()


def test_a_change_is_found_before_the_sieve_is_made_anew(acme: Brand, sieved: list[Creator]) -> None:
    public = [creator.name for creator in sieved if creator.owner in {None, acme}]
    assert sorted(names(acme, "q=vegan")) == sorted(public)
    Creator.objects.filter(name="C3").update(bio="meat")
    later = make.creator("Later", bio="vegan", followers=9)
    reindex([sieved[2].pk, later.pk])
    assert sorted(names(acme, "q=vegan")) == sorted({*public, "Later"} - {"C3"})
    assert names(acme, "q=meat&followers_from=2k") == ["C3"]
    assert "Later" not in names(acme, "q=vegan&followers_from=2k")
    Creator.objects.filter(name="C6").delete()
    assert "C6" not in names(acme, "q=vegan")
    assert sieve_changed(least=3) == 0
    assert sieve_changed(least=2) > 0
    assert not Unsieved.objects.exists()


def test_a_record_that_becomes_anothers_is_gone_at_once(acme: Brand, globex: Brand, sieved: list[Creator]) -> None:
    assert "C3" in names(acme, "q=vegan")
    Creator.objects.filter(name="C3").update(owner=globex)
    reindex([sieved[2].pk])
    assert "C3" not in names(acme, "q=vegan")
    assert "C3" in names(globex, "q=vegan")


def test_a_change_while_the_sieve_is_made_stays_marked(sieved: list[Creator], monkeypatch: pytest.MonkeyPatch) -> None:
    pack = discovery.pack

    def changed_meanwhile(block: int) -> None:
        pack(block)
        Unsieved.objects.create(creator_id=sieved[0].pk)

    monkeypatch.setattr(discovery, "pack", changed_meanwhile)
    reindex_all()
    assert set(Unsieved.objects.values_list("creator_id", flat=True)) == {sieved[0].pk}


def test_parts_are_left_out_one_at_a_time(acme: Brand, sieved: list[Creator]) -> None:
    food, vegan = (Token.objects.get(value=value, kind=kind).pk for value, kind in (("food", 4), ("vegan", 100)))
    base = Mesh(((owner_key(0), owner_key(acme.pk)),))
    parts = [
        Mesh(((food,),)),
        Mesh(((vegan,),)),
        Mesh(ranges=((reached("followers", 3000), unreached("followers", 4999) or 0),)),
    ]
    every, *without = sift(base, parts, [99] * 4, [9] * 4)
    size = {row.pk: row.followers for row in SearchRow.objects.visible_to(acme)}
    fed = {key for key, followers in size.items() if followers}
    between = {key for key in fed if 3000 <= (size[key] or 0) < 5000}
    assert [set(one.keys) for one in (every, *without)] == [between, between, between, fed]
    assert without[2].total == len(fed)
    key = step_key("followers", 0)
    assert reaching(base, [key])[key] == (len(fed), SearchRow.objects.filter(followers__isnull=False).count())


@pytest.mark.usefixtures("sieved")
def test_of_many_a_random_part_is_named(acme: Brand) -> None:
    base = Mesh(((owner_key(0), owner_key(acme.pk)),))
    found = sift(base, [], [2], [2])[0]
    rows = SearchRow.objects.visible_to(acme)
    assert (found.total, found.halves > 0) == (rows.count(), True)
    assert set(found.keys) == {row.pk for row in rows if draw(row.creator_id) < DRAWS >> found.halves}


@pytest.mark.django_db
@pytest.mark.parametrize("creator", [1, 2, 77, 10**6, 2**31 + 5, 2**40])
def test_the_draw_is_the_same_on_both_sides(creator: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + DRAW.format("%s::bigint"), [creator])
        assert cursor.fetchone()[0] == draw(creator) < DRAWS


@given(
    column=st.sampled_from([*LADDERS]),
    value=st.floats(-10, 10**8),
    low=st.none() | st.floats(-10, 10**8),
    high=st.none() | st.floats(-10, 10**8),
)
def test_no_step_keeps_a_number_between_the_bounds_out(
    column: str, value: float, low: float | None, high: float | None
) -> None:
    if (low is not None and value < low) or (high is not None and value > high):
        return
    keys = {step_key(column, place): step for place, step in enumerate(LADDERS[column])}
    assert value >= keys[reached(column, low)]
    beyond = None if high is None else unreached(column, high)
    assert beyond is None or value < keys[beyond]
    assert all(low is None or LADDERS[column][place] > number(low) for place in steps(column, low, high))


def test_every_key_means_one_thing() -> None:
    keys = [step_key(column, place) for column, ladder in LADDERS.items() for place in range(len(ladder))]
    assert len(set(keys)) == len(keys)
    assert max(keys) < -10
    assert all(ladder == sorted(set(ladder)) for ladder in LADDERS.values())
