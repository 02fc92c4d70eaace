"""Creators by formats: posts under their own format, returns under the one of all posts, the unknown kept apart."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from campaigns.models import Campaign, Collaboration, Submission
from groundswell.accounts.models import Brand
from tests import factories as make
from tracking.actions.rollups import rebuild
from tracking.reports.breakdown import breakdown_of
from tracking.reports.matrix import MEASURES, matrix_of


def posted(row: Collaboration, kind: str, **figures: int) -> None:
    post = make.post(row.relationship.creator, format=kind, **figures)
    deliverable = row.campaign.deliverables.first()
    assert deliverable
    Submission.objects.create(collaboration=row, deliverable=deliverable, post=post)


@pytest.fixture
def anna(acme: Brand, campaign: Campaign) -> Collaboration:
    """Two reels (one without views) and a story; ten clicks and two orders."""
    row = make.collaboration(campaign, make.relationship(acme, make.creator("Anna")), status="posted")
    posted(row, "reel", views=1000, likes=50)
    posted(row, "reel", likes=10)
    posted(row, "story", views=200, likes=4)
    make.discount_code(row, "ANNA10")
    link = make.link(row)
    for _ in range(10):
        make.click(link)
    for _ in range(2):
        make.order(acme, "ANNA10", net="50")
    return row


@pytest.fixture
def ben(acme: Brand, campaign: Campaign, anna: Collaboration) -> Collaboration:
    """A story of which nothing is known, and three clicks."""
    row = make.collaboration(campaign, make.relationship(acme, make.creator("Ben")), status="posted")
    posted(row, "story")
    for place in range(3):
        make.click(make.link(row, placement=f"p{place}"))
    rebuild()
    return row


def table(campaign: Campaign, word: str) -> dict[str, dict[str, object]]:
    found = matrix_of(campaign, word)
    rows = {row.rank.name: row.cells for row in found.rows} | {"all": list(found.total)}
    return {
        name: {word: cell.value for word, cell in zip(found.formats, cells, strict=True) if cell}
        for name, cells in rows.items()
    }


def test_posts_count_under_their_own_format(campaign: Campaign, ben: Collaboration) -> None:
    assert table(campaign, "posts") == {
        "Anna": {"reel": 2, "story": 1},
        "Ben": {"story": 1},
        "all": {"reel": 2, "story": 2},
    }


def test_what_is_unknown_is_neither_zero_nor_nothing(campaign: Campaign, ben: Collaboration) -> None:
    views = table(campaign, "views")
    assert views == {"Anna": {"reel": 1000, "story": 200}, "Ben": {"story": None}, "all": {"reel": 1000, "story": 200}}
    assert matrix_of(campaign, "views").rows[0].cells[0].note == "known of 1 of 2 posts"  # type: ignore[union-attr]


def test_a_rate_keeps_its_denominator(campaign: Campaign, ben: Collaboration) -> None:
    assert table(campaign, "by-views")["Anna"] == {"reel": 0.05, "story": 0.02}
    assert table(campaign, "by-views")["Ben"] == {"story": None}
    assert table(campaign, "by-reach")["all"] == {"reel": None, "story": None}


def test_returns_are_those_of_the_breakdown_by_format(campaign: Campaign, ben: Collaboration) -> None:
    assert table(campaign, "orders") == {"Anna": {"several": 2}, "Ben": {"story": 0}, "all": {"story": 0, "several": 2}}
    parts = breakdown_of(campaign.brand, "format", campaigns=[campaign]).parts
    for word, name in (("clicks", "unique_clicks"), ("orders", "orders"), ("revenue", "revenue")):
        assert table(campaign, word)["all"] == {part.key: getattr(part.figures, name) for part in parts}


def test_shades_follow_the_greatest(campaign: Campaign, ben: Collaboration) -> None:
    assert [[cell and cell.step for cell in row.cells] for row in matrix_of(campaign, "views").rows] == [
        [5, 1],
        [None, 0],
    ]


@pytest.mark.parametrize("word", MEASURES)
def test_every_measure_has_a_page_and_a_file(word: str, as_bob: Client, campaign: Campaign, ben: Collaboration) -> None:
    url = f"/campaigns/{campaign.code}/results/"
    page = as_bob.get(f"{url}matrix/?measure={word}").content.decode()
    assert MEASURES[word].title in page
    assert "Anna" in page
    rows = list(csv.reader(io.StringIO(as_bob.get(f"{url[:-1]}.csv?part=matrix&measure={word}").content.decode())))
    assert rows[0] == ["creator", *matrix_of(campaign, word).formats]
    assert [row[0] for row in rows[1:]] == ["Anna", "Ben", "TOTAL"]


def test_a_campaign_without_posts_says_so(as_alice: Client, campaign: Campaign) -> None:
    assert b"No post handed in yet" in as_alice.get(f"/campaigns/{campaign.code}/results/matrix/").content
    assert b"Nobody agreed yet" in as_alice.get(f"/campaigns/{campaign.code}/results/matrix/?measure=orders").content


def test_partners_get_the_same(
    api: Callable[..., APIClient], acme: Brand, campaign: Campaign, ben: Collaboration
) -> None:
    found = api(acme, "returns:read").get(f"/api/v1/campaigns/{campaign.code}/matrix/?measure=views").json()
    assert [row["creator"] for row in found["creators"]] == ["Anna", "Ben"]
    assert found["creators"][1]["cells"] == [{"format": "story", "value": None, "note": "known of 0 of 1 posts"}]
    refused = api(acme, "returns:read").get(f"/api/v1/campaigns/{campaign.code}/matrix/?measure=luck")
    assert (refused.status_code, "by-views" in refused.content.decode()) == (400, True)


def test_another_brand_sees_nothing(
    as_charlie: Client, api: Callable[..., APIClient], globex: Brand, campaign: Campaign
) -> None:
    assert as_charlie.get(f"/campaigns/{campaign.code}/results/matrix/").status_code == 404
    assert api(globex, "returns:read").get(f"/api/v1/campaigns/{campaign.code}/matrix/").status_code == 404


def test_more_creators_cost_no_more_queries(as_alice: Client, campaign: Campaign, ben: Collaboration) -> None:
    url = f"/campaigns/{campaign.code}/results/matrix/"
    with CaptureQueriesContext(connection) as few:
        as_alice.get(url)
    for _ in range(5):
        posted(make.collaboration(campaign, status="posted"), "reel", views=10, likes=1)
    with CaptureQueriesContext(connection) as many:
        as_alice.get(url)
    assert len(many) == len(few)
