"""The demo world: deterministic, believable, and its figures add up with the raw rows."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from random import Random

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.models import Count, Sum
from django.test import Client

from campaigns.models import Campaign, Collaboration, Contract, Cost
from creators.connectors import http
from creators.models import Connection, Creator, Import, MergeProposal, SocialAccount, Source
from creators.tasks import keep_connections, refresh_due
from groundswell.accounts.models import Brand, User
from groundswell.demo.brands import House, make_houses
from groundswell.demo.clock import at
from groundswell.demo.connections import make_connections
from groundswell.demo.crowd import Crowd, add_creator
from groundswell.demo.files import CREATED
from groundswell.demo.report import report_of
from groundswell.demo.world import load_world
from tests import factories as make
from tracking.actions.rollups import check_rollups, rebuild
from tracking.models import Click, Credit, DailyResult, DiscountCode, Order

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def crowd(seed: int) -> list[tuple[str, str, int | None]]:
    made = Crowd(Random(seed), NOW)
    for _ in range(50):
        add_creator(made, None)
    return [(row.creator.code, row.handle, row.followers) for row in made.accounts]


def test_the_same_seed_makes_the_same_crowd() -> None:
    assert crowd(7) == crowd(7)
    assert crowd(7) != crowd(8)


def test_sizes_and_rates_are_typical(db: None) -> None:
    made = Crowd(Random(1), NOW)
    for _ in range(1500):
        add_creator(made, None)
    known = [row for row in made.accounts if row.network == "instagram" and row.followers and row.engagement_rate]
    nano = sorted(row.engagement_rate or 0 for row in known if (row.followers or 0) < 10_000)
    large = sorted(row.engagement_rate or 0 for row in known if (row.followers or 0) >= 100_000)
    assert len(nano) > 5 * len(large)
    assert nano[len(nano) // 2] > large[len(large) // 2]
    assert any(row.followers is None for row in made.accounts)
    assert any(row.engagement_rate is None for row in made.accounts)


def test_some_are_old_and_some_audiences_are() -> None:
    made = Crowd(Random(1), NOW)
    for _ in range(300):
        add_creator(made, None)
    assert any(row.birth_year and NOW.year - row.birth_year >= 65 for row in made.creators)
    ages = [row for row in made.slices if row.kind == "age"]
    assert any(row.key == "65+" and row.share > Decimal("0.1") for row in ages)
    whole: dict[int, Decimal] = {}
    for row in ages:
        whole[id(row.account)] = whole.get(id(row.account), Decimal(0)) + row.share
    assert max(whole.values()) <= 1


def test_tags_and_names_of_posts_are_those_of_their_captions() -> None:
    made = Crowd(Random(1), NOW)
    for _ in range(50):
        add_creator(made, None)
    tagged = [post for post in made.posts if post.mentions]
    assert all(
        set(post.hashtags) == {word[1:] for word in post.caption.split() if word[0] == "#"} for post in made.posts
    )
    assert tagged
    assert all(f"@{post.mentions[0]}" in post.caption for post in tagged)


def test_every_shop_signs_with_a_secret_of_its_own(db: None) -> None:
    secrets = [house.shop.secret for house in make_houses(1)]
    assert len(set(secrets)) == len(secrets) > 1


def test_the_operator_signs_in_and_belongs_to_no_brand(db: None, client: Client) -> None:
    make_houses(7)
    (told,) = report_of(7)["operators"]
    client.post("/accounts/login/", {"login": told["email"], "password": told["password"]})
    assert client.get("/operator/creators/claim/").status_code == 200
    assert not User.objects.get(email=told["email"]).memberships.exists()


@pytest.fixture
def connected(dana: User) -> House:
    """A house with its connections, one of them Dana's own."""
    house = make_houses(1)[0]
    make.creator("Pia", handle="peak_pia", network="youtube", owner=house.brand)
    make.relationship(house.brand, make.creator("Dana", handle="dana.field"), user=dana)
    make_connections(house, NOW)
    return house


@pytest.mark.parametrize(
    ("days", "states"),
    [
        (0, ["connected", "expired", "connected"]),
        (4, ["connected", "expired", "connected"]),
        (6, ["revoked", "expired", "revoked"]),
    ],
)
def test_no_network_is_ever_asked_through_the_connections_of_the_demo(
    connected: House, monkeypatch: pytest.MonkeyPatch, days: int, states: list[str]
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(http, "send_once", lambda *request, **_: asked.append(request))
    with at(NOW + timedelta(days=days)):
        keep_connections()
        refresh_due()
    rows = Connection.objects.order_by("pk")
    assert [row.status for row in rows] == states
    assert {row.sealed for row in rows} == {""}
    assert asked == []


def test_the_page_of_connections_shows_those_of_the_demo(connected: House, client: Client) -> None:
    client.force_login(connected.owner)
    page = client.get("/settings/connections/").content.decode()
    assert "Connected, with a problem" in page
    assert "Connect it again" in page


@pytest.fixture
def world(transactional_db: None) -> None:
    """The demo world in a database as a migration leaves it: emptying tables took the brief templates along."""
    import_module("campaigns.migrations.0002_brief_templates").add(apps, None)
    assert load_world(7, 300, NOW) == 7


@pytest.mark.services
def test_the_world_adds_up(world: None, tmp_path: Path) -> None:
    assert Brand.objects.count() == 2
    assert Creator.objects.exclude(source=Source.CREATOR).count() == 300
    assert SocialAccount.objects.values("network").distinct().count() == 3
    assert set(Campaign.objects.values_list("status", flat=True)) == {"draft", "live"}
    assert Contract.objects.filter(agreed_at=None).count() == 0
    check_sums()
    check_stories()
    check_import()
    check_loading_again(tmp_path)


def check_sums() -> None:
    days = DailyResult.objects.aggregate(clicks=Sum("clicks"), bots=Sum("bot_clicks"), revenue=Sum("revenue"))
    assert days["clicks"] + days["bots"] == Click.objects.count()
    assert days["bots"] == Click.objects.exclude(bot_reason="").count() > 0
    credited = Credit.objects.filter(refund=None).aggregate(sum=Sum("revenue"))["sum"]
    assert days["revenue"] == credited > 0
    assert check_rollups() == []
    before = list(
        DailyResult.objects.order_by("collaboration", "day").values_list("day", "clicks", "revenue", "commission")
    )
    rebuild()
    after = DailyResult.objects.order_by("collaboration", "day").values_list("day", "clicks", "revenue", "commission")
    assert list(after) == before


def check_stories() -> None:
    """A leaked code, a creator who never posted, refunds, and every accepted fee in the cost ledger."""
    leaked = DiscountCode.objects.get(leak=DiscountCode.Leak.SUSPECTED)
    assert Order.objects.filter(codes__contains=[{"code": leaked.code}], click_id="").count() > 20
    assert Collaboration.objects.filter(status="accepted", submissions=None, campaign__name="Autumn trails").exists()
    assert Credit.objects.filter(refund__isnull=False).aggregate(sum=Sum("revenue"))["sum"] < 0
    fees = Cost.objects.filter(kind=Cost.Kind.FEE).aggregate(sum=Sum("amount"))["sum"]
    accepted = Collaboration.objects.filter(offers__status="accepted").aggregate(sum=Sum("offers__fee"))["sum"]
    assert fees == accepted > Decimal(0)
    per_creator = DailyResult.objects.values("collaboration").annotate(sum=Sum("orders")).order_by("-sum")
    counts = [row["sum"] for row in per_creator]
    assert sum(counts[: len(counts) // 5]) > sum(counts) / 3
    assert Order.objects.values("currency").annotate(number=Count("pk")).count() >= 3


def check_import() -> None:
    """The file of the demo shows what a real one does: created, refused with reasons, and perhaps one person."""
    job = Import.objects.get()
    assert (job.status, job.created, job.rejected) == ("done", CREATED, 3)
    pairs = [{row.first.name, row.second.name} for row in MergeProposal.objects.all()]
    assert {"Marit Solheim", "Marit S."} in pairs


def check_loading_again(folder: Path) -> None:
    """A second load changes nothing and says how to use what is there; its links and keys work."""
    rows = Order.objects.count()
    call_command("load_demo", report=folder / "report.json")
    report = json.loads((folder / "report.json").read_text())
    assert Order.objects.count() == rows
    assert {row["role"] for row in report["accounts"]} == {"owner", "manager", "reviewer", "finance", "viewer"}
    assert report["links"][0].startswith("/r/")
    key = report["api_keys"][0]["key"]
    assert Client().get("/api/v1/campaigns/", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    portal = report["creators"][0]["portal_url"].replace("http://testserver", "")
    assert Client().get(portal).status_code == 302


def test_a_database_with_brands_is_left_alone(acme: Brand) -> None:
    assert load_world(7, 400, NOW) is None
    assert Brand.objects.count() == 1
