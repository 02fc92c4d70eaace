"""Tiers side by side: the brand's programme, its directory, and what is published."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from creators.actions.discovery import reindex_all
from creators.actions.metrics import recompute_all
from creators.discovery import tally
from creators.metrics import profiles
from creators.models import Creator, TierScheme
from groundswell.accounts.models import Brand
from tests import factories as make

Api = Callable[..., APIClient]
PAGE = "/tiers/"
TWIN = "/api/v1/tier-profiles/"


@pytest.fixture
def people(acme: Brand, globex: Brand) -> list[Creator]:
    """Six nano creators at 1 % to 6 %, three of whom the brand knows, one micro, and one that is another brand's."""
    found = [make.creator(followers=2000, rate=None, accepts_product_only=n < 3) for n in range(6)]
    for rank, creator in enumerate(found, 1):
        measure(creator, 20 * rank)
    for creator in found[:3]:
        make.relationship(acme, creator, price=100, price_currency=acme.currency, worked_at=[timezone.now()])
    make.creator(followers=20_000)
    measure(make.creator(followers=2000, owner=globex, rate=None), 2000)
    recompute_all()
    reindex_all()
    return found


def measure(creator: Creator, likes: int) -> None:
    for day in range(5):
        at = timezone.now() - timedelta(days=3 + day)
        make.post(creator, likes=likes, comments_count=0, followers_at_post=2000, posted_at=at, source="connector")


def nano(brand: Brand) -> profiles.TierProfile:
    scheme = TierScheme.objects.of(brand).prefetch_related("bands").first()
    return profiles.profiles_of(brand, "instagram", scheme).tiers[0]


def test_a_tier_is_told_with_how_many_are_known(acme: Brand, people: list[Creator]) -> None:
    found = nano(acme)
    assert (found.directory.of, found.directory.is_exact, found.directory.rate.n) == (6, True, 6)
    assert found.directory.rate.middle == pytest.approx(0.035)
    assert (found.directory.rate.low, found.directory.rate.high) == pytest.approx((0.0225, 0.0475))
    assert (found.directory.product_only.n, found.directory.product_only.of) == (3, 6)
    assert (found.programme.of, found.programme.worked.n) == (3, 3)
    assert found.programme.price == profiles.Spread(3)  # known of fewer than five: nothing is told
    assert found.published.low is not None
    assert {row.denominator for row in found.published.rows} == {"followers"}


def test_another_brands_creators_are_in_no_figure(acme: Brand, globex: Brand, people: list[Creator]) -> None:
    assert nano(globex).directory.of == 7
    assert nano(globex).programme.of == 0
    assert nano(acme).directory.of == 6


def test_of_many_some_are_drawn_and_it_is_said(
    acme: Brand, people: list[Creator], as_alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally, "RARE", -1)
    monkeypatch.setattr(profiles, "DRAWN", 2)
    found = nano(acme).directory
    assert not found.is_exact
    assert found.n < 6
    assert "drawn at random" in as_alice.get(PAGE).content.decode()
    assert nano(acme).directory == found  # the same ones each time


def test_page_and_twin_tell_the_same(as_bob: Client, acme: Brand, api: Api, people: list[Creator]) -> None:
    page = as_bob.get(PAGE).content.decode()
    assert "3.50%" in page.replace("\N{NO-BREAK SPACE}", "")
    twin = api(acme).get(TWIN).data
    assert (twin["network"], twin["denominator"]) == ("instagram", "followers")
    assert twin["tiers"][0]["tier"] == "nano"
    assert twin["tiers"][0]["directory"]["rate"]["middle"] == pytest.approx(0.035)
    assert twin["tiers"][0]["published"]["not_compared"] > 0
    assert api(acme).get(f"{TWIN}?network=tiktok").data["denominator"] == "views"
    assert api(acme).get(f"{TWIN}?network=myspace").status_code == 400
    assert "by views" in as_bob.get(f"{PAGE}?network=youtube").content.decode()


def test_statements_dont_grow_with_the_creators(
    as_alice: Client, acme: Brand, people: list[Creator], django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(80) as few:
        as_alice.get(PAGE)
    for _ in range(20):
        make.relationship(acme, make.creator(followers=3000))
    with django_assert_max_num_queries(len(few)):
        as_alice.get(PAGE)


def test_brand_without_tiers_is_told_where_to_begin(as_alice: Client, acme: Brand) -> None:
    TierScheme.objects.all().delete()
    assert "No tiers yet" in as_alice.get(PAGE).content.decode()
