"""What a campaign returned: hand-computed figures, honest order, every page and file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from campaigns.models import Campaign, Collaboration, Cost, Submission
from creators.models import Post
from groundswell.accounts.models import Brand
from tests import factories as make
from tracking.actions.orders import refund_order
from tracking.actions.rollups import rebuild
from tracking.actions.rules import activate_rule, add_rule
from tracking.models import CampaignDay, DiscountCode, Order
from tracking.reports.campaign import report_of
from tracking.reports.figures import Costs, Figures
from tracking.reports.overview import overview_of
from tracking.shops.orders import RefundData


def cost(of: Campaign, kind: str, amount: str, on: Collaboration | None = None) -> None:
    Cost.objects.create(
        campaign=of, collaboration=on, kind=kind, amount=Decimal(amount), incurred_on=timezone.localdate()
    )


@pytest.fixture
def sold(acme: Brand, campaign: Campaign) -> Campaign:
    """Anna sold 5 × 100.00 and 60.00 came back; Ben agreed and sold nothing; Cem was only selected.

    Margin 60 %. Costs: Anna 120 fee and 30 product, Ben 50 fee; 100 ads and 40 hours' worth of time for all.
    Revenue 440, commission 10 % = 44. Anna's cost 150 + 44 + 50 + 20 = 264; contribution 0.6 × 440 − 264 = 0.
    """
    anna = make.collaboration(campaign, make.relationship(acme, make.creator("Anna")), status="posted")
    ben = make.collaboration(
        campaign, make.relationship(acme, make.creator("Ben", followers=50_000)), status="accepted"
    )
    make.collaboration(campaign, make.relationship(acme, make.creator("Cem", followers=None)), status="selected")
    make.discount_code(anna, "ANNA10")
    for row, kind, amount in [(anna, "fee", "120"), (anna, "product", "30"), (ben, "fee", "50")]:
        cost(campaign, kind, amount, row)
    cost(campaign, "ads", "100")
    cost(campaign, "time", "40")
    link = make.link(anna)
    for _ in range(20):
        make.click(link)
    make.click(link, bot_reason="agent")
    make.click(link, is_duplicate=True)
    orders = [make.order(acme, "ANNA10", net="100", customer_key=f"k{place % 4}") for place in range(5)]
    refund_order(orders[0], RefundData("r", timezone.now(), Decimal(60)))
    make.order(acme, "NOBODY")
    rebuild()
    return campaign


def test_every_figure_by_hand(sold: Campaign) -> None:
    report = report_of(sold)
    anna = next(line for line in report.lines if line.name == "Anna").figures
    assert (anna.clicks, anna.unique_clicks, anna.bot_clicks) == (21, 20, 1)
    assert (anna.orders, anna.new_customers, anna.revenue, anna.commission) == (5, 4, 440, 44)
    assert anna.costs == Costs(product=Decimal(30), fee=Decimal(120), time=Decimal(20), other=Decimal(50))
    assert (anna.cost, anna.contribution, anna.roi) == (264, 0, 0)
    assert anna.roi_on_revenue == (Decimal(440) - 264) / 264
    assert anna.roas == Decimal(440) / 264
    assert (anna.cpa, anna.cac) == (Decimal("52.8"), 66)
    assert anna.conversion == 0.25
    total = report.total
    # Everything: 264 for Anna and 50 + 50 + 20 for Ben.
    assert (total.cost, total.revenue, total.orders) == (384, 440, 5)
    assert total.roi == (Decimal("0.6") * 440 - 384) / 384
    assert [count for _, count in report.funnel] == [3, 2, 2, 1, 20, 5]


def test_the_interval_of_the_return_follows_the_orders(sold: Campaign) -> None:
    anna = next(line for line in report_of(sold).lines if line.name == "Anna").figures
    # 5 orders: 1.6235 to 11.6683. An order of 88 brings 60 % margin, 8.8 goes to commission; 220 of other cost.
    assert anna.orders_interval == pytest.approx((1.6235, 11.6683), abs=1e-4)
    low, high = (0.6 * 88 * k / (220 + 8.8 * k) - 1 for k in (1.623486, 11.668332))
    assert anna.roi_interval == pytest.approx((low, high), abs=1e-6)


def test_internal_time_can_be_left_out(sold: Campaign) -> None:
    report = report_of(sold, without=("time",))
    assert (report.total.cost, report.total.costs.time) == (344, 0)


def test_the_parts_add_up_to_the_whole(sold: Campaign) -> None:
    report = report_of(sold)
    for name in ("clicks", "orders", "revenue", "commission", "cost", "contribution"):
        whole = getattr(report.total, name)
        assert sum(getattr(line.figures, name) for line in report.lines) == whole
        assert sum(getattr(tier.figures, name) for tier in report.tiers()) == whole
        assert sum(getattr(tier.figures, name) for tier in report.tiers("added")) == whole
    overview = overview_of(sold.brand)[0].figures
    assert (overview.cost, overview.revenue, overview.roi) == (384, 440, report.total.roi)


def test_tiers_are_those_of_now_and_of_then(sold: Campaign) -> None:
    report = report_of(sold)
    assert [(tier.name, tier.creators) for tier in report.tiers()] == [("nano", 1), ("micro", 1), ("size unknown", 1)]
    assert [(tier.name, tier.creators) for tier in report.tiers("added")] == [("nano", 3)]


def test_shared_costs_are_laid_on_those_who_agreed_to_the_cent(acme: Brand, campaign: Campaign) -> None:
    for _ in range(3):
        make.collaboration(campaign, status="accepted")
    make.collaboration(campaign, status="declined")
    cost(campaign, "tools", "100")
    shares = [line.figures.shared.other for line in report_of(campaign).lines]
    assert sorted(shares) == [0, Decimal("33.33"), Decimal("33.33"), Decimal("33.34")]


def test_costs_nobody_can_carry_stay_with_the_campaign(campaign: Campaign) -> None:
    make.collaboration(campaign, status="offered")
    cost(campaign, "tools", "100")
    report = report_of(campaign)
    assert (report.total.cost, report.lines[0].figures.cost) == (100, 0)
    assert "nobody" in report.shared_note


def test_missing_stays_missing() -> None:
    nothing = Figures()
    missing = ("roi", "roi_on_revenue", "roas", "cpa", "cac", "conversion", "conversion_interval", "roi_interval")
    assert [getattr(nothing, name) for name in (*missing, "order_value")] == [None] * 9
    assert nothing.orders_interval == pytest.approx((0, 3.689), abs=1e-3)
    assert Figures(orders=3, unique_clicks=2).conversion is None


def figures(orders: int, value: str, cost: str) -> Figures:
    return Figures(margin=Decimal("0.6"), orders=orders, credited=orders * Decimal(value), own=Costs(fee=Decimal(cost)))


def test_two_lucky_orders_never_lead_forty() -> None:
    lucky, steady = figures(2, "100", "40"), figures(40, "100", "1000")
    assert lucky.roi is not None
    assert steady.roi is not None
    assert lucky.roi > steady.roi
    assert steady.evidence > lucky.evidence


def test_engagement_carries_its_denominator(sold: Campaign) -> None:
    anna = Collaboration.objects.get(campaign=sold, status="posted")
    account = anna.relationship.creator.accounts.get()
    deliverable = sold.deliverables.get()
    for url, facts in [
        ("https://x.example/1", {"likes": 90, "comments_count": 10, "reach": 2000, "views": None}),
        ("https://x.example/2", {"likes": None, "comments_count": None, "reach": 9000, "views": 500}),
        ("https://x.example/3", {"likes": 50, "views": 1000, "followers_at_post": 5000}),
    ]:
        post = Post.objects.create(account=account, url=url, **facts)
        Submission.objects.create(collaboration=anna, deliverable=deliverable, post=post)
    engagement = report_of(sold).engagement
    assert engagement.posts == 3
    found = {rate.basis: (rate.engagements, rate.denominator, rate.posts) for rate in engagement.rates}
    assert found == {"by reach": (100, 2000, 1), "by views": (50, 1000, 1), "by followers": (50, 5000, 1)}


# Pages ---------------------------------------------------------------------------------------------------------------


def pages(campaign: Campaign) -> list[str]:
    anna = campaign.collaborations.first()
    assert anna
    base = f"/campaigns/{campaign.code}/results"
    return [f"{base}/", f"{base}.csv", f"{base}/panel/", f"/collaborations/{anna.code}/results/"]


def test_everybody_at_the_brand_reads_and_strangers_see_nothing(
    sold: Campaign, as_alice: Client, as_bob: Client, as_charlie: Client, as_dana: Client
) -> None:
    for url in pages(sold):
        assert [client.get(url).status_code for client in (as_alice, as_bob, as_charlie)] == [200, 200, 404], url
        assert as_dana.get(url).status_code in {302, 403}
    for url in ("/results/", "/results/home-panel/", "/orders/"):
        assert as_bob.get(url).status_code == 200
        assert b"Spring launch" not in as_charlie.get(url).content


def test_the_page_says_what_was_computed(sold: Campaign, as_bob: Client) -> None:
    page = as_bob.get(f"/campaigns/{sold.code}/results/").content.decode()
    for text in (
        "€440.00",
        "€384.00",
        "€60.00 refunded",
        "1 order",
        "shared equally by the 2 creators",
        "(1.6 to 11.7)",
    ):
        assert text in page, text


@pytest.mark.parametrize(
    "query",
    ["sort=-roi", "sort=name", "sort=x", "by=week", "split=cohort", "split=x", "without=time&without=fee", "page=9"],
)
def test_the_page_in_every_view(sold: Campaign, as_bob: Client, query: str) -> None:
    assert as_bob.get(f"/campaigns/{sold.code}/results/?{query}").status_code == 200


def test_a_long_campaign_is_shown_by_weeks_until_days_are_asked_for(sold: Campaign, as_bob: Client) -> None:
    url = f"/campaigns/{sold.code}/results/"
    assert not as_bob.get(url).context["weekly"]
    CampaignDay.objects.create(campaign=sold, day=timezone.localdate() - timedelta(days=130), unique_clicks=1)
    assert as_bob.get(url).context["weekly"]
    assert not as_bob.get(f"{url}?by=day").context["weekly"]


def test_a_campaign_without_anything_teaches(acme: Brand, campaign: Campaign, as_bob: Client) -> None:
    assert b"Nothing to measure yet" in as_bob.get(f"/campaigns/{campaign.code}/results/").content
    make.collaboration(campaign)
    page = as_bob.get(f"/campaigns/{campaign.code}/results/").content
    assert b"No click and no order yet" in page


def read(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.content.decode())))


def test_the_files_hold_the_tables(sold: Campaign, as_bob: Client) -> None:
    url = f"/campaigns/{sold.code}/results.csv?part="
    creators = {row["creator"]: row for row in read(as_bob.get(url + "creators"))}
    assert (creators["Anna"]["revenue"], creators["Anna"]["cost"], creators["Anna"]["roi"]) == (
        "440.00",
        "264.00",
        "0.0",
    )
    assert (creators["Ben"]["cpa"], creators["TOTAL"]["cost"]) == ("", "384.00")
    assert [row["tier"] for row in read(as_bob.get(url + "split"))] == ["nano", "micro", "size unknown"]
    assert sum(Decimal(row["amount"]) for row in read(as_bob.get(url + "costs"))) == 384
    (day,) = read(as_bob.get(url + "days"))
    assert (day["orders"], day["revenue"], day["unique_clicks"]) == ("5", "440.00", "20")


def test_a_name_is_never_a_formula(acme: Brand, campaign: Campaign, as_bob: Client) -> None:
    make.collaboration(campaign, make.relationship(acme, make.creator("=HYPERLINK(1)")))
    assert "'=HYPERLINK(1)" in as_bob.get(f"/campaigns/{campaign.code}/results.csv").content.decode()


def queries(client: Client, url: str) -> int:
    from django.db import connection

    with CaptureQueriesContext(
        connection,
    ) as captured:
        client.get(url)
    return len(captured)


def test_the_pages_take_the_same_number_of_queries_for_any_length(sold: Campaign, as_bob: Client) -> None:
    urls = [*pages(sold), "/results/", "/orders/", "/results/home-panel/"]
    before = {url: queries(as_bob, url) for url in urls}
    for place in range(15):
        row = make.collaboration(sold, status="accepted")
        make.discount_code(row, f"MORE{place}")
        make.click(make.link(row))
        make.order(sold.brand, f"MORE{place}", placed_at=datetime(2026, 5, 1 + place, tzinfo=UTC))
        cost(sold, "fee", "10", row)
    rebuild()
    assert {url: queries(as_bob, url) for url in urls} == before


# Orders --------------------------------------------------------------------------------------------------------------


def test_orders_are_found_by_what_became_of_them(sold: Campaign, as_bob: Client) -> None:
    def shown(query: str) -> int:
        return len(as_bob.get(f"/orders/?{query}").context["orders"])

    counts = {match: shown(f"match={match}") for match in ("", "matched", "unmatched", "refunded", "test")}
    assert counts == {"": 6, "matched": 5, "unmatched": 1, "refunded": 1, "test": 0}
    assert shown("match=unmatched&reason=unknown_code") == 1
    assert shown(f"q={Order.objects.earliest('pk').external_id}") >= 1
    assert shown("before=x&after=") == 6


def test_an_orders_page_shows_its_evidence(sold: Campaign, as_bob: Client, as_charlie: Client) -> None:
    order = Order.objects.get(refunded__gt=0)
    url = f"/orders/{order.store.code}/{order.external_id}/"
    page = as_bob.get(url).content.decode()
    for text in ("code-first/2", "ANNA10", "€100.00", "−€60.00", "Refund of the order"):
        assert text in page, text
    assert as_charlie.get(url).status_code == 404


def test_pages_of_orders_stay_right_while_orders_come_in(acme: Brand, as_alice: Client) -> None:
    for _ in range(60):
        make.order(acme)
    first = as_alice.get("/orders/")
    make.order(acme)
    second = as_alice.get(f"/orders/{first.context['next_url']}")
    seen = [row.pk for page in (first, second) for row in page.context["orders"]]
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == 60
    back = as_alice.get(f"/orders/{second.context['previous_url']}")
    assert [row.pk for row in back.context["orders"]] == [row.pk for row in first.context["orders"]]


def test_a_row_names_one_share_and_how_many_more_there_are(acme: Brand, campaign: Campaign, as_bob: Client) -> None:
    activate_rule(add_rule(acme, "shared", conflict="split"), by=None)
    anna, ben = (
        make.collaboration(campaign, make.relationship(acme, make.creator(name)), status="accepted")
        for name in ("Anna", "Ben")
    )
    make.discount_code(anna, "ANNA10")
    click = make.click(make.link(ben), timezone.now() - timedelta(days=1))
    make.order(acme, "ANNA10", net="100", click_id=click.id)
    page = as_bob.get("/orders/").content.decode()
    assert '+1<span class="sr-only"> more share it: Ben</span>' in page


# Partners ------------------------------------------------------------------------------------------------------------


def test_partners_read_the_same_figures(sold: Campaign, api: Callable[..., APIClient], globex: Brand) -> None:
    url = f"/api/v1/campaigns/{sold.code}/returns/"
    body = api(sold.brand, "returns:read").get(url).json()
    assert (body["totals"]["revenue"], body["totals"]["costs"]["total"]) == ("440.0000", "384.0000")
    assert body["totals"]["roi"] == pytest.approx((0.6 * 440 - 384) / 384)
    anna = next(row for row in body["creators"] if row["creator"] == "Anna")
    assert (anna["figures"]["orders"], anna["figures"]["roi"], anna["tier"]) == (5, 0, "nano")
    assert [tier["tier"] for tier in body["tiers"]] == ["nano", "micro", "size unknown"]
    assert api(globex).get(url).status_code == 404
    assert api(sold.brand, "campaigns:read").get(url).status_code == 403


def test_partners_read_links(sold: Campaign, api: Callable[..., APIClient], globex: Brand) -> None:
    (link,) = api(sold.brand, "returns:read").get("/api/v1/links/").json()["results"]
    assert link["url"].endswith(f"/r/{link['slug']}")
    assert link["creator"] == "Anna"
    codes = DiscountCode.objects.filter(collaboration__code=link["collaboration"])
    assert link["codes"] == sorted(code.code for code in codes) != []
    assert api(globex).get("/api/v1/links/").json()["results"] == []


def test_a_campaign_counts_from_its_launch(acme: Brand, sold: Campaign) -> None:
    from tracking.reports.campaign import unmatched_in

    make.order(acme, placed_at=timezone.now() - timedelta(days=400))
    assert unmatched_in([sold]) in ([("The code belongs to no creator", 1)], [])
