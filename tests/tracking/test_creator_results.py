"""One creator over all campaigns of a brand: the page, its files, the panel on the profile, and the API."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from campaigns.models import Campaign, Collaboration, Cost
from creators.models import Creator
from groundswell.accounts.models import Brand
from tests import factories as make
from tracking.actions.outlooks import refresh_outlooks
from tracking.actions.rollups import rebuild
from tracking.models import DiscountCode
from tracking.reports.creator import creator_report

NOW = timezone.now()


def sells(row: Collaboration, code: str, orders: int, net: str = "100") -> None:
    make.discount_code(row, code)
    link = make.link(row)
    for _ in range(10):
        make.click(link)
    for _ in range(orders):
        make.order(row.campaign.brand, code, net=net)


@pytest.fixture
def anna(acme: Brand) -> Creator:
    """Anna sold 4 × 100 in spring and 2 × 50 in summer; 100 fee and 20 time in spring, nothing written in summer.

    Ads of 60 in spring are shared with Ben, who agreed too. Margin 60 %, commission 10 %.
    """
    spring, summer = (make.campaign(acme, name=name, launched_at=NOW) for name in ("Spring", "Summer"))
    creator = make.creator("Anna")
    bond = make.relationship(acme, creator)
    first, second = (make.collaboration(one, bond, status="posted") for one in (spring, summer))
    for name in ("Ben", "Cem"):
        row = make.collaboration(spring, make.relationship(acme, make.creator(name)), status="posted")
        sells(row, f"{name.upper()}10", 1)
    sells(first, "ANNA10", 4)
    sells(second, "ANNA20", 2, net="50")
    for kind, amount, on in [("fee", "100", first), ("time", "20", first), ("ads", "60", None)]:
        Cost.objects.create(
            campaign=spring, collaboration=on, kind=kind, amount=Decimal(amount), incurred_on=timezone.localdate()
        )
    rebuild()
    refresh_outlooks()
    return creator


def test_every_figure_by_hand(acme: Brand, anna: Creator) -> None:
    (total,) = creator_report(acme, anna).totals
    figures = total.figures
    assert (figures.orders, figures.revenue, figures.commission, figures.unique_clicks) == (6, 500, 50, 20)
    assert (figures.costs.fee, figures.costs.time, figures.costs.other) == (100, 20, 20)
    # 60 % of 500 are 300, less 100 + 20 + 20 + 50 is 110; without the team's time 130.
    assert (figures.contribution, total.without_time.contribution) == (110, 130)
    assert creator_report(acme, anna, without=("time",)).totals[0].figures.contribution == 130


def test_currencies_stay_apart(acme: Brand, anna: Creator) -> None:
    abroad = make.campaign(acme, name="Abroad", currency="USD", launched_at=NOW)
    make.collaboration(abroad, anna.relationships.get(brand=acme), status="accepted")
    assert {total.currency for total in creator_report(acme, anna).totals} == {"EUR", "USD"}


def test_it_says_what_is_missing(acme: Brand, anna: Creator) -> None:
    gaps = creator_report(acme, anna).gaps
    assert "Summer: nothing is written down as cost, so there is no return on it." in gaps
    assert not [gap for gap in gaps if gap.startswith("Spring: nothing is written down")]
    DiscountCode.objects.filter(code="ANNA10").update(leak=DiscountCode.Leak.SUSPECTED)
    report = creator_report(acme, anna)
    assert any("Spring: a code may have leaked" in gap for gap in report.gaps)
    assert {line.part.name: line.hint and line.hint.word for line in report.lines}["Spring"] == "leak"


def test_only_campaigns_of_the_brand_count(acme: Brand, globex: Brand, anna: Creator) -> None:
    theirs = make.collaboration(
        make.campaign(globex, launched_at=NOW), make.relationship(globex, anna), status="posted"
    )
    sells(theirs, "GLOBEX10", 3)
    rebuild()
    assert creator_report(acme, anna).totals[0].figures.orders == 6
    assert creator_report(globex, anna).totals[0].figures.orders == 3


def pages(creator: Creator) -> list[str]:
    base = f"/creators/{creator.code}/results"
    return [f"{base}/", f"{base}/?by=week&without=time", f"{base}/panel/", f"{base}.csv", f"{base}.csv?part=days"]


def test_everybody_at_the_brand_reads_and_strangers_learn_nothing(
    anna: Creator, as_alice: Client, as_bob: Client, as_charlie: Client
) -> None:
    for url in pages(anna):
        assert [client.get(url).status_code for client in (as_alice, as_bob)] == [200, 200], url
        assert b"Spring" not in as_charlie.get(url).content, url
    Creator.objects.filter(pk=anna.pk).update(owner=Brand.objects.get(code=anna.relationships.get().brand.code))
    assert {as_charlie.get(url).status_code for url in pages(anna)} == {404}


def test_the_page_says_what_was_computed(anna: Creator, as_bob: Client) -> None:
    page = as_bob.get(pages(anna)[0]).content.decode()
    for text in ("€500.00", "€190.00", "€110.00", "€130.00", "Spring", "Summer", "ANNA10", "What is missing"):
        assert text in page, text


def test_a_creator_without_a_campaign_teaches(acme: Brand, as_bob: Client) -> None:
    creator = make.creator("Nobody yet")
    make.relationship(acme, creator)
    assert b"No campaign together yet" in as_bob.get(pages(creator)[0]).content
    assert as_bob.get(pages(creator)[2]).content.strip() == b""


def test_files_hold_the_tables(anna: Creator, as_bob: Client) -> None:
    def read(part: str) -> list[dict[str, str]]:
        text = as_bob.get(f"/creators/{anna.code}/results.csv?part={part}").content.decode()
        return list(csv.DictReader(io.StringIO(text)))

    rows = {row["campaign"]: row for row in read("campaigns")}
    assert (rows["Spring"]["orders"], rows["Spring"]["revenue"], rows["Summer"]["roi"]) == ("4", "400.00", "5.0")
    assert sum(int(row["orders"]) for row in read("days")) == 6
    assert [row["network"] for row in read("network")] != []


def test_the_number_of_queries_does_not_follow_the_campaigns(acme: Brand, anna: Creator, as_bob: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            as_bob.get(pages(anna)[0])
        return len(captured)

    before = queries()
    for place in range(5):
        another = make.campaign(acme, name=f"More {place}", launched_at=NOW)
        sells(make.collaboration(another, anna.relationships.get(brand=acme), status="posted"), f"MORE{place}", 1)
    rebuild()
    assert queries() == before <= 32


def test_partners_read_the_same(acme: Brand, globex: Brand, anna: Creator, api: Callable[..., APIClient]) -> None:
    url = f"/api/v1/creators/{anna.code}/returns/"
    body = api(acme, "returns:read").get(url).json()
    assert body["totals"][0]["figures"]["contribution"] == "110.0000"
    assert body["totals"][0]["figures_without_time"]["contribution"] == "130.0000"
    assert {row["name"]: row["figures"]["orders"] for row in body["campaigns"]} == {"Spring": 4, "Summer": 2}
    assert body["gaps"]
    assert api(acme, "campaigns:read").get(url).status_code == 403
    assert api(globex, "returns:read").get(url).json()["campaigns"] == []


def test_a_campaign_is_compared_with_its_own_rate(acme: Brand, anna: Creator) -> None:
    peers = {line.part.name: line.peers for line in creator_report(acme, anna).lines}
    assert peers == {"Spring": pytest.approx(6 / 30), "Summer": pytest.approx(2 / 10)}
    assert Campaign.objects.count() == 2
