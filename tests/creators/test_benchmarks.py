"""Benchmarks: sourced rows, the brand's own, and comparisons that stay within one denominator."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from creators.actions.discovery import reindex, reindex_all
from creators.actions.metrics import recompute_all
from creators.discovery import tally
from creators.metrics import peers
from creators.metrics.peers import beside
from creators.metrics.rates import RateByFollowers
from creators.models import Benchmark, Creator, SocialAccount, TierScheme
from groundswell.accounts.models import Brand
from tests import factories as make

ROOT = Path(__file__).parents[2]
OWN = {
    "metric": "engagement", "kind": "band", "network": "instagram", "tier": "nano", "low": "2", "high": "4",
    "denominator": "followers", "source": "Our own campaigns", "confidence": "high",
}  # fmt: skip


@pytest.fixture(autouse=True)
def published(db: None) -> None:
    """The rows of the migration, which a test with transactions of its own may have emptied."""
    if not Benchmark.objects.filter(owner=None).exists():
        import_module("creators.migrations.0006_published_benchmarks").publish(apps, None)


@pytest.fixture
def measured(acme: Brand) -> Creator:
    """2,000 followers, 5 % by followers, measured like 24 public peers at 1 % to 24 %."""
    creators = [make.creator(followers=2000, rate=None) for _ in range(25)]
    for rank, creator in enumerate(creators):
        likes = 100 if rank == 0 else 20 * rank
        for day in range(5):
            at = timezone.now() - timedelta(days=3 + day)
            make.post(creator, likes=likes, comments_count=0, followers_at_post=2000, posted_at=at, source="connector")
    recompute_all()
    return creators[0]


def peers_page(creator: Creator) -> str:
    return f"/creators/{creator.code}/accounts/{creator.accounts.get().pk}/peers/"


def test_sources_of_one_tier_contradict_each_other(db: None) -> None:
    rows = Benchmark.objects.filter(metric="engagement", tier="micro", kind__in=["value", "band"])
    assert {row.source for row in rows} > {"archive.com"}
    assert rows.values("low").distinct().count() > 5
    assert rows.values("denominator").distinct().count() > 1
    prodia = rows.filter(source__startswith="Prodia")
    assert sorted(prodia.values_list("low", flat=True)) == [Decimal(n) / 100 for n in ("1", "3", "8", "8.7")]
    assert all(row.is_disputed for row in prodia)


def constants() -> Iterator[tuple[Path, str, object]]:
    """Names given a number at the top of a module or class, in every app."""
    for app in ("creators", "campaigns", "tracking", "outreach", "platform"):
        for path in (ROOT / app).rglob("*.py"):
            if "migrations" in path.parts or "demo" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                    yield from ((path, ast.unparse(target).lower(), node.value.value) for target in node.targets)


def test_no_tier_has_an_engagement_rate_in_the_code() -> None:
    tiers, rates = ("nano", "micro", "macro", "mega"), ("er", "rate", "engagement")
    guilty = [
        (str(path), name)
        for path, name, number in constants()
        if isinstance(number, int | float)
        and any(tier in name for tier in tiers)
        and any(rate in name.split("_") for rate in rates)
    ]
    assert not guilty


def test_a_rate_is_compared_within_its_denominator_alone(db: None) -> None:
    account = SocialAccount(network="instagram", followers=4000)
    rows = list(Benchmark.objects.engagement_on("instagram"))
    found = beside(RateByFollowers(Decimal("0.05")), rows, account, "nano")
    assert {row.denominator for row in found.rows} == {"followers"}
    assert (found.low, found.high, found.verdict) == (Decimal("0.0178"), Decimal("0.0459"), "above")
    assert any(
        "Captiv8" in text and "by impressions, while this rate is by followers" in text for text in found.refusals
    )
    assert beside(RateByFollowers(), rows, account, "nano").verdict == ""


def test_profile_shows_the_place_among_peers(as_alice: Client, measured: Creator) -> None:
    page = as_alice.get(peers_page(measured)).content.decode()
    assert "17%" in page
    assert "24 peers" in page
    assert "Not compared with" in page


def test_peers_of_another_brand_are_not_counted(as_alice: Client, globex: Brand, measured: Creator) -> None:
    SocialAccount.objects.exclude(creator=measured).update(owner=globex)
    reindex(Creator.objects.values_list("pk", flat=True))
    assert "Only 0 peers" in as_alice.get(peers_page(measured)).content.decode()


def test_of_many_peers_some_are_drawn_and_it_is_said(
    as_alice: Client, acme: Brand, measured: Creator, monkeypatch: pytest.MonkeyPatch
) -> None:
    reindex_all()
    monkeypatch.setattr(tally, "RARE", -1)
    account = SocialAccount.objects.select_related("metrics").get(creator=measured)
    scheme = TierScheme.objects.prefetch_related("bands").get(brand=acme)
    every = peers.place(acme, account, scheme)
    assert (every.n, every.of, every.is_exact, every.margin) == (24, 24, True, None)
    monkeypatch.setattr(peers, "COMPARED", 10)
    monkeypatch.setattr(peers, "ENOUGH_PEERS", 3)
    some = peers.place(acme, account, scheme)
    assert not some.is_exact
    assert 3 <= some.n < 24
    assert some.margin is not None
    assert peers.place(acme, account, scheme) == some
    page = as_alice.get(peers_page(measured)).content.decode()
    assert "drawn at random from about" in page


def test_peers_are_asked_for_as_often_for_many_as_for_few(
    as_alice: Client, measured: Creator, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(25) as few:
        as_alice.get(peers_page(measured))
    for _ in range(10):
        make.creator(followers=3000)
    with django_assert_max_num_queries(len(few)):
        as_alice.get(peers_page(measured))


def test_unmeasured_account_has_no_place(as_alice: Client, measured: Creator) -> None:
    unknown = make.creator(followers=2000, rate="0.9")
    page = as_alice.get(peers_page(unknown)).content.decode()
    assert "unknown is neither best nor worst" in page


def test_own_benchmarks_are_seen_by_the_brand_alone(as_alice: Client, as_bob: Client, as_charlie: Client) -> None:
    assert as_bob.post("/settings/benchmarks/", OWN).status_code == 403
    assert not Benchmark.objects.exclude(owner=None).exists()
    assert as_alice.post("/settings/benchmarks/", OWN).status_code == 302
    row = Benchmark.objects.exclude(owner=None).get()
    assert (row.low, row.high) == (Decimal("0.02"), Decimal("0.04"))
    assert b"Our own campaigns" in as_bob.get("/settings/benchmarks/").content
    assert b"Our own campaigns" not in as_charlie.get("/settings/benchmarks/").content
    assert as_charlie.post(f"/settings/benchmarks/{row.code}/remove/").status_code == 404
    assert as_alice.post(f"/settings/benchmarks/{row.code}/remove/").status_code == 302
    assert not Benchmark.objects.exclude(owner=None).exists()


def test_published_rows_stay(as_alice: Client) -> None:
    row = Benchmark.objects.filter(owner=None)[0]
    assert as_alice.post(f"/settings/benchmarks/{row.code}/remove/").status_code == 404


@pytest.mark.parametrize(("name", "value"), [("high", "1"), ("low", ""), ("source", ""), ("network", "myspace")])
def test_bad_rows_are_refused(as_alice: Client, name: str, value: str) -> None:
    assert as_alice.post("/settings/benchmarks/", {**OWN, name: value}).status_code == 422
    assert not Benchmark.objects.exclude(owner=None).exists()


def test_page_needs_the_same_queries_for_any_number_of_rows(
    as_alice: Client, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    with django_assert_max_num_queries(8):  # type: ignore[attr-defined]
        assert as_alice.get("/settings/benchmarks/?metric=engagement&network=instagram").status_code == 200


def test_partners_read_rates_with_all_that_belongs_to_them(
    acme: Brand, measured: Creator, api: Callable[..., APIClient]
) -> None:
    account = api(acme, "creators:read").get(f"/api/v1/creators/{measured.code}/metrics/").json()[0]
    rate = next(rate for rate in account["rates"] if rate["denominator"] == "followers")
    assert {key: rate[key] for key in ("value", "n", "source")} == {"value": "0.050000", "n": 5, "source": "connector"}
    assert set(rate) == {"value", "denominator", "n", "source", "observed_at"}
    assert (account["main_denominator"], account["peers"]["n"]) == ("followers", 24)
    assert account["published"]["not_compared"]


def test_partners_keep_benchmarks_of_their_own(acme: Brand, globex: Brand, api: Callable[..., APIClient]) -> None:
    mine = api(acme)
    facts = {"metric": "engagement", "low": "0.03", "network": "tiktok", "denominator": "views", "source": "Ours"}
    assert mine.post("/api/v1/benchmarks/", facts, format="json").status_code == 201
    assert mine.post("/api/v1/benchmarks/", {**facts, "kind": "band", "high": "0.01"}, format="json").status_code == 400
    own = [row for row in mine.get("/api/v1/benchmarks/?network=tiktok").json() if row["is_own"]]
    assert [row["source"] for row in own] == ["Ours"]
    assert not any(row["is_own"] for row in api(globex).get("/api/v1/benchmarks/").json())
