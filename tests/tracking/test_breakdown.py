"""Returns told apart by tier, network, format, creator, campaign, day or cohort: the parts are the whole, always."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from campaigns.models import Campaign, Collaboration, Cost, Submission
from creators.models import Post
from groundswell.accounts.models import Brand
from tests import factories as make
from tracking.actions.rollups import rebuild
from tracking.reports.breakdown import breakdown_of
from tracking.reports.campaign import report_of
from tracking.reports.dimensions import DIMENSIONS
from tracking.reports.figures import Costs, Engagement, Figures, Known, efficiency
from tracking.reports.periods import Period

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def cost(of: Campaign, kind: str, amount: str, on: Collaboration | None = None) -> None:
    Cost.objects.create(campaign=of, collaboration=on, kind=kind, amount=Decimal(amount), incurred_on=NOON.date())


def posted(on: Collaboration, format: str, **counts: Any) -> None:  # noqa: A002 - the field's name
    account = on.relationship.creator.accounts.get()
    post = Post.objects.create(
        account=account, url=f"https://x.example/{on.pk}/{format}", format=format, posted_at=NOON, **counts
    )
    Submission.objects.create(collaboration=on, deliverable=on.campaign.deliverables.get(), post=post)


@pytest.fixture
def sold(acme: Brand, campaign: Campaign) -> Campaign:
    """Anna (nano, Instagram reel, accepted in March) sold 3 × 100; Ben (micro, TikTok, April) sold 1 × 50 in June.

    100.01 of common cost for the two; a third creator was only asked.
    """
    Campaign.objects.filter(pk=campaign.pk).update(margin_percent=60)
    campaign.refresh_from_db()
    anna = make.collaboration(campaign, make.relationship(acme, make.creator("Anna")), status="posted")
    ben = make.creator("Ben", followers=50_000, network="tiktok")
    other = make.collaboration(campaign, make.relationship(acme, ben), status="posted")
    make.collaboration(campaign, make.relationship(acme, make.creator("Cem")), status="offered")
    for row, month, code in ((anna, 3, "ANNA"), (other, 4, "BEN")):
        Collaboration.objects.filter(pk=row.pk).update(
            accepted_at=datetime(2026, month, 31 if month == 3 else 2, 23, tzinfo=UTC)
        )
        make.discount_code(row, code)
        cost(campaign, "fee", "100", row)
        for _ in range(10):
            make.click(make.link(row) if not row.links.exists() else row.links.get(), NOON)
    for day in range(3):
        make.order(acme, "ANNA", net="100", placed_at=NOON + timedelta(days=day), customer_key=f"a{day}")
    make.order(acme, "BEN", net="50", placed_at=NOON + timedelta(days=30), customer_key="b")
    cost(campaign, "ads", "100.01")
    posted(anna, "reel", likes=90, comments_count=10, views=2000, reach=1000)
    posted(other, "video", likes=None, comments_count=None, views=500)
    rebuild()
    return campaign


@pytest.mark.parametrize("by", [*DIMENSIONS, "day"])
def test_the_parts_add_up_to_the_whole(sold: Campaign, by: str) -> None:
    total = report_of(sold).total
    for found in (breakdown_of(sold.brand, by), breakdown_of(sold.brand, by, campaigns=[sold])):
        for name in ("clicks", "orders", "new_customers", "revenue", "commission", "cost", "contribution"):
            assert sum(getattr(part.figures, name) for part in found.parts) == getattr(total, name), name


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("tier", ["nano", "micro"]),
        ("tier-when-posted", ["nano"]),
        ("network", ["Instagram", "TikTok"]),
        ("format", ["Reel", "Video"]),
        ("cohort", ["March 2026", "April 2026", "not accepted"]),
        ("first-order", ["May 2026", "June 2026", "no order yet"]),
        ("creator", ["Anna", "Ben", "Cem"]),
    ],
)
def test_each_dimension_names_its_parts(sold: Campaign, by: str, names: list[str]) -> None:
    Post.objects.update(followers_at_post=5_000)
    assert [part.name for part in breakdown_of(sold.brand, by).parts] == names


def test_a_cohorts_month_is_the_brands(sold: Campaign) -> None:
    Brand.objects.filter(pk=sold.brand_id).update(timezone="Europe/Berlin")  # where 31 March, 23:00 UTC is April
    sold.brand.refresh_from_db()
    names = [part.name for part in breakdown_of(sold.brand, "cohort").parts]
    assert names == ["April 2026", "not accepted"]


def test_several_posts_of_different_kinds_are_told_as_several(sold: Campaign) -> None:
    anna = sold.collaborations.get(relationship__creator__name="Anna")
    posted(anna, "story")
    assert [part.name for part in breakdown_of(sold.brand, "format").parts] == ["Reel", "Video", "several formats"]


def test_common_costs_go_to_those_who_agreed_to_the_cent(sold: Campaign) -> None:
    shares = {part.name: part.figures.shared.other for part in breakdown_of(sold.brand, "creator").parts}
    assert shares == {"Anna": Decimal("50.01"), "Ben": Decimal("50.00"), "Cem": 0}


def test_engagement_is_known_or_missing_with_its_own_denominator(sold: Campaign) -> None:
    reel, video = breakdown_of(sold.brand, "format").parts
    assert [(rate.basis, rate.engagements, rate.denominator) for rate in reel.engagement.rates] == [
        ("by reach", 100, 1000),
        ("by views", 100, 2000),
    ]
    assert (video.engagement.rates, video.engagement.viewed) == ([], Known(500, 1))
    assert video.efficiency.cpe is None


def test_what_one_of_something_costs_by_hand() -> None:
    figures = Figures(unique_clicks=40, own=Costs(fee=Decimal(80)), commission=Decimal(20))
    posts = Engagement(2, engaged=Known(250, 2), viewed=Known(5000, 1), reached=Known(4000, 1))
    assert efficiency(figures, posts) == (Decimal("2.5"), Decimal("0.4"), 20, 25, Decimal("0.02"))
    assert efficiency(Figures(), posts) == (None,) * 5


@pytest.mark.parametrize(
    ("kinds", "cost"), [((), 100), (("time",), 90), (("fee", "other"), 55), (("commission",), 95), (("product",), 60)]
)
def test_each_kind_of_cost_can_be_left_out(kinds: tuple[str, ...], cost: int) -> None:
    own = Costs(product=Decimal(40), fee=Decimal(30), time=Decimal(10), other=Decimal(15))
    figures = Figures(margin=Decimal("0.5"), credited=Decimal(400), own=own, commission=Decimal(5)).without(*kinds)
    assert (figures.cost, figures.roi) == (cost, (Decimal(200) - cost) / cost)


def test_margins_of_different_campaigns_add_up(sold: Campaign, acme: Brand) -> None:
    other = make.campaign(acme, name="Autumn", margin_percent=Decimal(20))
    row = make.collaboration(other, make.relationship(acme, make.creator("Dora")), status="accepted")
    make.discount_code(row, "DORA")
    make.order(acme, "DORA", net="200", placed_at=NOON)
    rebuild()
    wanted = sum(report_of(one).total.contribution for one in (sold, other))
    (nano, micro) = breakdown_of(acme, "tier").parts
    assert round(nano.figures.contribution + micro.figures.contribution, 9) == wanted
    assert nano.figures.margin == (Decimal("0.6") * 300 + Decimal("0.2") * 200) / 500


def test_currencies_are_never_added_up(sold: Campaign, acme: Brand) -> None:
    other = make.campaign(acme, currency="USD")
    make.collaboration(other, make.relationship(acme, make.creator("Dora")), status="accepted")
    assert [(part.name, part.currency) for part in breakdown_of(acme, "tier").parts] == [
        ("nano", "EUR"),
        ("nano", "USD"),
        ("micro", "EUR"),
    ]


def test_days_can_be_bounded(sold: Campaign) -> None:
    may = Period(date(2026, 5, 5), date(2026, 5, 31))
    for by in ("tier", "day", "campaign"):
        found = breakdown_of(sold.brand, by, period=may)
        assert sum(part.figures.orders for part in found.parts) == 2, by
        assert sum(part.figures.cost for part in found.parts) == 2 * 10, by  # the commission alone


# Pages and partners


def test_the_page_and_the_file_are_the_brands_alone(
    sold: Campaign, as_bob: Client, as_charlie: Client, as_dana: Client
) -> None:
    for by in [*DIMENSIONS, "day", "nonsense"]:
        page = as_bob.get(f"/results/by/?split={by}&without=fee")
        assert page.status_code == 200
        rows = list(csv.DictReader(io.StringIO(as_bob.get(f"/results/by.csv?split={by}").content.decode())))
        assert sum(int(row["orders"]) for row in rows) == 4, by
    assert "Anna" in as_bob.get("/results/by/?split=creator").content.decode()
    assert "Anna" not in as_charlie.get("/results/by/?split=creator").content.decode()
    assert as_dana.get("/results/by/").status_code in {302, 403}


def test_the_page_takes_the_same_number_of_queries_for_any_number_of_creators(
    sold: Campaign, as_bob: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        make.collaboration(sold, make.relationship(sold.brand, make.creator(f"C{number}")), status="accepted")
    with django_assert_max_num_queries(18):
        as_bob.get("/results/by/?split=creator")


def test_partners_read_the_same(sold: Campaign, api: Callable[..., APIClient], globex: Brand) -> None:
    mine = api(sold.brand, "returns:read")
    body = mine.get(f"/api/v1/returns/?by=network&campaign={sold.code}&without=fee&without=time").json()
    instagram, tiktok = body["parts"]
    assert (instagram["name"], instagram["figures"]["orders"], instagram["creators"]) == ("Instagram", 3, 1)
    assert instagram["figures"]["costs"]["fee"] == "0.0000"
    assert (instagram["engagements"], instagram["views"]["total"]) == ({"total": 100, "posts": 1}, 2000)
    assert (tiktok["efficiency"]["cpe"], tiktok["media_value"]) == (None, None)
    days = mine.get("/api/v1/returns/?by=day&since=2026-05-05&until=2026-05-31").json()["parts"]
    assert [day["key"] for day in days] == ["2026-05-05", "2026-05-06"]
    assert api(globex, "returns:read").get("/api/v1/returns/?by=tier").json()["parts"] == []
    assert api(globex, "returns:read").get(f"/api/v1/returns/?by=tier&campaign={sold.code}").status_code == 404
    assert api(sold.brand, "campaigns:read").get("/api/v1/returns/?by=tier").status_code == 403


@pytest.mark.parametrize(
    "query",
    ["by=nonsense", "by=day&since=yesterday", "by=day&since=2026-05-05&until=2026-05-04", "by=tier&without=x"],
)
def test_a_wish_that_makes_no_sense_is_refused(sold: Campaign, api: Callable[..., APIClient], query: str) -> None:
    assert api(sold.brand, "returns:read").get(f"/api/v1/returns/?{query}").status_code == 400
