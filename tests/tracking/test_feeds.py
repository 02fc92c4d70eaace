"""Clicks of a link and orders of a code as they come: cheap while nothing is new, people and machines apart."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.models import Collaboration
from groundswell.accounts.models import Brand
from tests import factories as make
from tracking.models import Order, TrackingLink


@pytest.fixture
def link(collaboration: Collaboration) -> TrackingLink:
    return make.link(collaboration)


def test_a_feed_answers_in_full_only_when_something_is_new(link: TrackingLink, as_bob: Client) -> None:
    url = f"/links/{link.slug}/clicks/"
    first = make.click(link, timezone.now() - timedelta(minutes=5), country="DE", app="Instagram", device="phone")
    answer = as_bob.get(url)
    assert answer.status_code == 200
    assert f"seen={first.id}" in answer.content.decode()
    assert (as_bob.get(f"{url}?seen={first.id}").status_code, as_bob.get(f"{url}?seen=x").status_code) == (204, 200)
    make.click(link)
    assert as_bob.get(f"{url}?seen={first.id}").status_code == 200


def test_looking_for_news_costs_one_look_at_the_clicks(link: TrackingLink, as_bob: Client) -> None:
    newest = make.click(link)
    with CaptureQueriesContext(connection) as captured:
        as_bob.get(f"/links/{link.slug}/clicks/?seen={newest.id}")
    assert len([query for query in captured if "tracking_click" in query["sql"]]) == 1
    assert len(captured) <= 5


def test_people_and_machines_are_told_apart_with_the_reason(link: TrackingLink, as_bob: Client) -> None:
    make.click(link, app="Instagram", device="phone", country="DE")
    make.click(link, bot_reason="preview", app="", device="")
    page = {who: as_bob.get(f"/links/{link.slug}/clicks/?who={who}").content.decode() for who in ("people", "machines")}
    assert ">Instagram" in page["people"]
    assert "Link preview of an app</span></td>" not in page["people"]
    assert ">Instagram" not in page["machines"]
    assert "Link preview of an app" in page["machines"]


def test_nothing_personal_is_shown(link: TrackingLink, as_bob: Client) -> None:
    make.click(link, visitor="5f4dcc3b5aa765d61d8327deb882cf99")
    assert "5f4dcc3b" not in as_bob.get(f"/links/{link.slug}/").content.decode()


def test_orders_of_a_code_come_in_and_change(acme: Brand, collaboration: Collaboration, as_bob: Client) -> None:
    make.discount_code(collaboration, "DANA10")
    url = "/codes/DANA10/orders/"
    empty = as_bob.get(url)
    assert b"Nobody has used it yet" in empty.content
    mark = empty.context["mark"]
    assert as_bob.get(f"{url}?seen={mark}").status_code == 204
    make.order(acme, "DANA10")
    one = as_bob.get(f"{url}?seen={mark}")
    assert (one.status_code, len(one.context["orders"]())) == (200, 1)
    Order.objects.update(refunded="5")
    assert as_bob.get(f"{url}?seen={one.context['mark']}").status_code == 200


def test_strangers_hear_nothing(link: TrackingLink, as_charlie: Client) -> None:
    make.discount_code(link.collaboration, "DANA10")
    for url in (f"/links/{link.slug}/clicks/", "/codes/DANA10/orders/"):
        assert as_charlie.get(url).status_code == 404
