"""Earned media value: the published example, the brand's own dated prices, off by default and in no return."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.test import Client
from rest_framework.test import APIClient

from campaigns.models import Campaign, Submission
from creators.models import Post
from groundswell.accounts.models import Brand, User
from groundswell.events.models import Event
from tests import factories as make
from tracking.actions.prices import set_prices, show_media_value
from tracking.models import Price, PriceList
from tracking.reports.breakdown import breakdown_of
from tracking.reports.figures import Worth
from tracking.reports.worth import value_of

URL = "/settings/media-value/"
PRICES = {"likes": Decimal("0.30"), "comments": Decimal("0.50"), "views": Decimal("0.05")}


def test_the_published_example() -> None:
    prices = [
        Price(metric="likes", amount=Decimal("0.30")),
        Price(metric="comments", amount=Decimal("0.50")),
        Price(metric="views", amount=Decimal("0.05"), per=1000),
    ]
    assert value_of({"likes": 5000, "comments": 500, "views": 50_000}, prices) == Decimal("1752.50")
    assert value_of({"likes": None, "comments": 500}, prices) == 250


@pytest.fixture
def priced(acme: Brand, campaign: Campaign, alice: User) -> Campaign:
    """A post of the published example on Instagram, handed in; prices from May on, dearer from July on."""
    row = make.collaboration(campaign, status="posted")
    post = Post.objects.create(
        account=row.relationship.creator.accounts.get(), url="https://x.example/1", format="reel", likes=5000,
        comments_count=500, views=50_000, posted_at=datetime(2026, 6, 15, tzinfo=UTC),
    )  # fmt: skip
    Submission.objects.create(collaboration=row, deliverable=campaign.deliverables.get(), post=post)
    set_prices(acme, date(2026, 5, 1), PRICES, source="Our rate card", by=alice)
    set_prices(acme, date(2026, 7, 1), {"likes": Decimal(1)}, source="Our rate card", by=alice)
    return campaign


def worth(brand: Brand) -> list[Worth | None]:
    return [part.worth for part in breakdown_of(brand, "tier").parts]


def test_it_is_off_until_somebody_wants_it(acme: Brand, priced: Campaign, alice: User) -> None:
    assert worth(acme) == [None]
    show_media_value(acme, is_shown=True, by=alice)
    assert worth(acme) == [Worth(Decimal("1752.50"), "EUR", 1)]
    show_media_value(acme, is_shown=False, by=alice)
    assert worth(acme) == [None]


@pytest.mark.parametrize(
    ("day", "amount"),
    [((2026, 4, 30), None), ((2026, 5, 1), "1752.50"), ((2026, 6, 30), "1752.50"), ((2026, 7, 1), 5000)],
)
def test_the_list_of_the_posts_day_holds(
    acme: Brand, priced: Campaign, alice: User, day: tuple[int, int, int], amount: str | int | None
) -> None:
    show_media_value(acme, is_shown=True, by=alice)
    Post.objects.update(posted_at=datetime(*day, 12, tzinfo=UTC))
    assert worth(acme) == [None if amount is None else Worth(Decimal(amount), "EUR", 1)]


def test_a_networks_own_price_comes_before_that_of_every_network(acme: Brand, priced: Campaign, alice: User) -> None:
    show_media_value(acme, is_shown=True, by=alice)
    set_prices(acme, date(2026, 5, 1), {"likes": Decimal(2)}, source="Report", network="instagram", by=alice)
    set_prices(acme, date(2026, 5, 1), {"likes": Decimal(9)}, source="Report", network="tiktok", by=alice)
    assert worth(acme) == [Worth(Decimal(5000 * 2 + 250) + Decimal("2.50"), "EUR", 1)]


def test_no_return_contains_it(acme: Brand, priced: Campaign, alice: User) -> None:
    before = [part.figures for part in breakdown_of(acme, "tier").parts]
    show_media_value(acme, is_shown=True, by=alice)
    assert [part.figures for part in breakdown_of(acme, "tier").parts] == before


def test_the_page_sets_and_forgets(acme: Brand, as_alice: Client, as_bob: Client, as_charlie: Client) -> None:
    given = {"starts_on": "2026-05-01", "network": "", "source": "Our rate card", "likes": "0.3", "views": "0.05"}
    assert as_alice.post(URL, given).status_code == 302
    held = PriceList.objects.get()
    assert {(price.metric, price.amount, price.per) for price in held.prices.all()} == {
        ("likes", Decimal("0.3"), 1),
        ("views", Decimal("0.05"), 1000),
    }
    assert "0.05 EUR" in as_bob.get(URL).content.decode()
    assert "Our rate card" not in as_charlie.get(URL).content.decode()
    assert (as_bob.post(URL, given).status_code, as_bob.post(f"{URL}show/", {"shown": "yes"}).status_code) == (403, 403)
    assert as_bob.post(f"{URL}{held.pk}/drop/").status_code == 403
    assert as_charlie.post(f"{URL}{held.pk}/drop/").status_code == 404
    assert as_alice.post(f"{URL}show/", {"shown": "yes"}).status_code == 302
    assert as_alice.post(f"{URL}{held.pk}/drop/").status_code == 302
    assert not PriceList.objects.exists()
    names = Event.objects.of(acme).order_by("pk").values_list("name", flat=True)
    assert list(names) == ["prices.set", "media_value.shown", "prices.dropped"]


@pytest.mark.parametrize(
    "wrong", [{}, {"likes": "-1"}, {"likes": "many"}, {"starts_on": "", "likes": "1"}, {"network": "fax", "likes": "1"}]
)
def test_what_is_no_price_list_changes_nothing(acme: Brand, as_alice: Client, wrong: dict[str, str]) -> None:
    answer = as_alice.post(URL, {"starts_on": "2026-05-01", "network": "", "source": "Ours", **wrong})
    assert (answer.status_code, PriceList.objects.count()) == (422, 0)


def test_partners_set_and_read_prices(acme: Brand, globex: Brand, api: Callable[..., APIClient]) -> None:
    partner, given = (
        api(acme, "returns:read", "campaigns:write"),
        {"starts_on": "2026-05-01", "source": "Ours", "prices": {"likes": "0.3"}},
    )
    assert partner.post("/api/v1/price-lists/", given, format="json").status_code == 201
    (held,) = partner.get("/api/v1/price-lists/").json()["results"]
    assert (held["starts_on"], held["prices"][0]["amount"]) == ("2026-05-01", "0.3000")
    assert api(globex, "returns:read").get("/api/v1/price-lists/").json()["results"] == []
    assert api(acme, "returns:read").post("/api/v1/price-lists/", given, format="json").status_code == 403
    for wrong in ({"prices": {}}, {"prices": {"stars": "1"}}, {"starts_on": "soon"}, {"network": "fax"}):
        assert partner.post("/api/v1/price-lists/", {**given, **wrong}, format="json").status_code == 400
    assert PriceList.objects.count() == 1
