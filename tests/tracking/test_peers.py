"""What other open products get wrong with money, people and links, each as a test of ours that is named after it.

Those about the click path stand in test_redirect and test_shipper, those about single models in test_rules,
test_ledger, test_leads and test_links; every name begins with the product's.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.db import DatabaseError
from django.db.models import Sum
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from campaigns.models import Campaign, Collaboration
from creators.actions.shares import share_list
from creators.actions.shortlists import add_to_shortlist, create_shortlist
from creators.models import Creator, SharedList
from groundswell.accounts.models import Brand, User
from groundswell.api.throttles import ApiKeyThrottle
from groundswell.events.models import Event
from groundswell.events.tasks import deliver_pending
from tests import factories as make
from tracking.actions import credits as ledger
from tracking.actions import orders
from tracking.actions.commissions import approve_commissions, pay_commissions
from tracking.actions.links import issue_links
from tracking.actions.orders import customer_key, refund_order
from tracking.actions.replays import run_replay, start_replay
from tracking.actions.rollups import roll_up
from tracking.attribution.amounts import Part, credited
from tracking.attribution.evidence import CodeUse, Decision, Evidence, Touch
from tracking.attribution.rules import DEFAULT, Rule, decide
from tracking.models import (
    Commission,
    Credit,
    DailyResult,
    ExchangeRate,
    Order,
    RunLine,
    Store,
    TrackingLink,
    WebhookDelivery,
)
from tracking.shops.orders import RefundData
from tracking.shops.payloads import base64_signature

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
type_of_api = Callable[..., APIClient]


@pytest.fixture
def ben(campaign: Campaign) -> Collaboration:
    row = make.collaboration(campaign, status="accepted")
    make.discount_code(row, "BEN10")
    return row


# Sales as Dub takes them


def test_dub_defect_a_sale_told_again_on_day_eight_counts_once(
    api: type_of_api, acme: Brand, anna: Collaboration
) -> None:
    """Dub forgets after seven days which invoices it has seen."""
    body = {"external_id": "A-1", "currency": "EUR", "net": "50.00", "codes": [{"code": "ANNA10"}]}
    assert api(acme).post("/api/v1/orders/", body, format="json").status_code == 201
    Order.objects.update(received_at=timezone.now() - timedelta(days=8))
    Credit.objects.update(created_at=timezone.now() - timedelta(days=8))
    assert api(acme).post("/api/v1/orders/", body, format="json").status_code == 200
    assert Credit.objects.aggregate(sum=Sum("revenue"))["sum"] == 50


def test_dub_defect_a_delivery_told_again_on_day_eight_counts_once(acme: Brand, anna: Collaboration) -> None:
    store = make.store(acme)
    assert deliver(store, "orders/create", shopify_order(), "d-1") == 200
    WebhookDelivery.objects.update(received_at=timezone.now() - timedelta(days=8))
    Order.objects.update(received_at=timezone.now() - timedelta(days=8))
    assert [deliver(store, "orders/create", shopify_order(), name) for name in ("d-1", "d-9")] == [200, 200]
    assert (Order.objects.count(), Credit.objects.aggregate(sum=Sum("revenue"))["sum"]) == (1, Decimal("40.00"))


def shopify_order(price: str = "40.00", **facts: Any) -> dict[str, Any]:
    """One article with the code ANNA10."""
    money = {"total_price": price, "total_tax": "0", "total_discounts": "0"}
    line = {"id": 1, "quantity": 1, "price": price, "discount_allocations": [], "tax_lines": []}
    codes = [{"code": "ANNA10", "amount": "0.00", "type": "percentage"}]
    times = {"created_at": "2026-05-04T12:00:00Z", "updated_at": "2026-05-04T12:00:00Z"}
    return {"id": 1001, "currency": "EUR", "discount_codes": codes, "line_items": [line], **money, **times, **facts}


def deliver(store: Store, topic: str, body: dict[str, Any], name: str, *, strict: bool = True) -> int:
    raw = json.dumps(body).encode()
    headers = {
        "X-Shopify-Topic": topic,
        "X-Shopify-Webhook-Id": name,
        "X-Shopify-Hmac-Sha256": base64_signature(raw, "hush"),
    }
    client = Client(raise_request_exception=strict)
    return client.post(store.webhook_path, raw, content_type="application/json", headers=headers).status_code


def test_dub_defect_an_order_that_cannot_be_written_is_not_answered_as_done(
    acme: Brand, anna: Collaboration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dub answers 200 to an order it failed to process, so that the shop never sends it again."""
    store, whole = make.store(acme), orders.attribute_new

    def fails(order: Order) -> str:
        whole(order)
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(orders, "attribute_new", fails)
    assert deliver(store, "orders/create", shopify_order(), "d-1", strict=False) == 500
    assert not Order.objects.exists()
    monkeypatch.setattr(orders, "attribute_new", whole)
    assert deliver(store, "orders/create", shopify_order(), "d-1") == 200
    assert (Order.objects.count(), Credit.objects.count()) == (1, 1)


def test_dub_defect_a_refund_after_payment_is_taken_off_the_next_one(
    acme: Brand, anna: Collaboration, alice: User
) -> None:
    """Dub leaves paid commissions as they are, and never lowers a link's sales."""
    order = make.order(acme, "ANNA10", net="100", placed_at=timezone.now() - timedelta(days=90))
    approve_commissions(acme)
    pay_commissions(anna, reference="Run 1", by=alice)
    refund_order(order, RefundData("r1", timezone.now(), Decimal(25)))
    entries = Commission.objects.filter(order=order).order_by("pk").values_list("amount", "status")
    assert next((f"{amount:.2f}", status) for amount, status in entries) == ("10.00", "paid")
    assert sum(amount for amount, _ in entries) == Decimal("7.50")
    roll_up()
    sums = DailyResult.objects.filter(collaboration=anna).aggregate(sold=Sum("revenue"), back=Sum("refunded"))
    assert sums == {"sold": 100, "back": 25}


def test_dub_defect_shop_orders_are_converted_as_all_others_are(acme: Brand) -> None:
    ExchangeRate.objects.create(base="JPY", quote="EUR", day=NOON.date(), rate=Decimal("0.006"))
    posted = make.order(acme, net="5000", currency="JPY", placed_at=NOON)
    deliver(make.store(acme), "orders/create", shopify_order("5000", currency="JPY"), "d-1")
    told = Order.objects.exclude(pk=posted.pk).get()
    assert (told.net, told.rate) == (posted.net, posted.rate) == (5000, Decimal("0.006"))


def test_dub_defect_of_several_codes_the_newest_does_not_win() -> None:
    old, new = NOON - timedelta(days=90), NOON - timedelta(days=1)
    codes = (CodeUse("OLD", Decimal(9), 1, issued_at=old), CodeUse("NEW", Decimal(5), 2, issued_at=new))
    answer = decide(DEFAULT, Evidence(NOON, codes))
    assert isinstance(answer, Decision)
    assert answer.candidate == 1


def test_dub_defect_who_wins_between_code_and_click_is_a_setting() -> None:
    codes, clicks = (CodeUse("A", Decimal(9), 1),), (Touch("click", 2, NOON - timedelta(hours=1)),)
    winners = []
    for conflict in ("code", "link", "split"):
        answer = decide(Rule("r/1", conflict=conflict), Evidence(NOON, codes, clicks))
        assert isinstance(answer, Decision)
        winners.append([share.candidate for share in answer.shares])
    assert winners == [[1], [2], [1, 2]]


def test_dub_defect_a_customer_is_new_once_whosever_link_they_come_by(
    acme: Brand, anna: Collaboration, ben: Collaboration
) -> None:
    placed = [make.order(acme, code, customer_key="k" * 64).is_new_customer for code in ("ANNA10", "BEN10", "ANNA10")]
    assert placed == [True, False, False]


def test_dub_defect_nobody_earns_on_what_they_buy_themselves(acme: Brand, anna: Collaboration) -> None:
    own = customer_key(acme, anna.relationship.email)
    assert make.order(acme, "ANNA10", customer_key=own).unmatched == "self_referral"


# What else Dub does


def test_dub_defect_a_password_is_neither_kept_nor_sent_in_clear(acme: Brand, creator: Creator) -> None:
    """Dub stores a link's password as it is and takes it from the address."""
    cache.clear()
    expiry = timezone.now() + timedelta(days=1)
    shortlist = create_shortlist(acme, "Spring")
    add_to_shortlist(shortlist, [creator])
    row, token = share_list(shortlist, by=None, expires_at=expiry, password="open sesame")
    assert "open sesame" not in json.dumps(SharedList.objects.values().get(pk=row.pk), default=str)
    url = f"/shared/{token}/"
    client = Client()
    assert creator.name not in client.get(url, {"pw": "open sesame", "password": "open sesame"}).content.decode()
    client.post(f"{url}password/", {"password": "open sesame"})
    assert creator.name in client.get(url).content.decode()


def test_dub_defect_retry_after_is_in_seconds(acme: Brand, api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dub writes the moment of the reset where seconds belong."""
    monkeypatch.setattr(ApiKeyThrottle, "rate", "1/min", raising=False)
    client = api(acme)
    assert 1 <= int([client.get("/api/v1/me/") for _ in range(2)][1]["Retry-After"]) <= 60


def test_dub_defect_links_made_in_bulk_are_told_of_one_by_one(campaign: Campaign) -> None:
    for _ in range(3):
        make.collaboration(campaign, status="accepted")
    issue_links(campaign, ["story"])
    assert Event.objects.filter(name="link.issued").count() == TrackingLink.objects.count() == 3


def test_dub_defect_the_same_call_again_under_its_key_is_answered_from_the_first(api: Any, acme: Brand) -> None:
    """Dub's public interface knows no Idempotency-Key."""
    body = {"external_id": "A-1", "currency": "EUR", "net": "50.00"}
    answers = [
        api(acme).post("/api/v1/orders/", body, format="json", headers={"Idempotency-Key": "k-1"}) for _ in range(2)
    ]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert Order.objects.count() == 1


# OpenPartner


def test_openpartner_defect_a_later_click_pays_no_earlier_organic_order(acme: Brand, anna: Collaboration) -> None:
    """Its backlog, run again when the buyer signs in, can pay for orders from before the click."""
    key = "k" * 64
    organic = make.order(acme, placed_at=NOON, customer_key=key)
    click = make.click(make.link(anna), NOON + timedelta(days=3))
    make.order(acme, placed_at=NOON + timedelta(days=4), click_id=click.id, customer_key=key)
    ledger.match_again(Order.objects.filter(pk=organic.pk))
    organic.refresh_from_db()
    assert (organic.credits.count(), organic.unmatched) == (0, "no_evidence")
    run = start_replay(acme, Rule("linear/1", model="linear"), date(2026, 5, 1), date(2026, 5, 31))
    run_replay(run)
    assert RunLine.objects.get(run=run, order=organic).collaboration is None


def test_openpartner_defect_weights_keep_more_than_four_places() -> None:
    """A seventh of a million is 142,857.14 or .15, and seven of them are a million."""
    touches = tuple(Touch(f"c{place}", place, NOON - timedelta(days=8 - place)) for place in range(1, 8))
    answer = decide(Rule("linear/1", model="linear"), Evidence(NOON, (), touches))
    assert isinstance(answer, Decision)
    found = [each.revenue for each in credited(Decimal(1_000_000), [Part(s.part, "EUR") for s in answer.shares])]
    assert sum(found) == 1_000_000
    assert {f"{each:.2f}" for each in found} == {"142857.14", "142857.15"}


def test_openpartner_defect_refunds_take_back_by_themselves(acme: Brand, anna: Collaboration) -> None:
    order = make.order(acme, "ANNA10", net="100")
    refund_order(order, RefundData("r1", timezone.now(), Decimal(40)))
    assert order.credits.aggregate(sum=Sum("revenue"), owed=Sum("commission")) == {"sum": 60, "owed": 6}


def test_openpartner_defect_what_was_to_be_told_survives_a_crash(
    acme: Brand, anna: Collaboration, django_capture_on_commit_callbacks: Any
) -> None:
    """Its webhooks are lost with the process; ours is a row of the change's own transaction, told by the next sweep."""
    make.order(acme, "ANNA10", placed_at=NOON)
    with django_capture_on_commit_callbacks(execute=False):
        start_replay(acme, DEFAULT, NOON.date(), NOON.date())
    waiting = Event.objects.undelivered(before=timezone.now() + timedelta(minutes=1))
    assert [event.name for event in waiting] == ["replay.started"]
    Event.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    assert deliver_pending() == 1
    assert not Event.objects.filter(delivered_at=None).exists()


# RefRef


def test_refref_defect_credit_is_written_with_its_order_or_not_at_all(
    acme: Brand, anna: Collaboration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rewards are processed by a promise nobody waits for."""

    def crash(**_: Any) -> Credit:
        raise SystemExit("killed")

    monkeypatch.setattr(ledger, "line", crash)
    with pytest.raises(SystemExit):
        make.order(acme, "ANNA10", external_id="A-1")
    monkeypatch.undo()
    assert not Order.objects.exists()
    assert make.order(acme, "ANNA10", external_id="A-1").credits.count() == 1
