"""The creator's answer to an offer: one wins, and what follows from a yes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import close_old_connections, connection

from campaigns.actions.offers import (
    accept_counter,
    accept_offer,
    counter_offer,
    decline_counter,
    decline_offer,
    send_offer,
    set_offer,
)
from campaigns.actions.refusals import AlreadyAgreed, AnotherVersion, EmptyOffer, NoTerms, NothingToAnswer, NotLive
from campaigns.models import Collaboration, Cost, Offer
from groundswell.accounts.models import User
from groundswell.events.models import Event
from tests import factories as make


def events(name: str) -> int:
    return Event.objects.filter(name=name).count()


def test_accepting_writes_fee_and_product_once(collaboration: Collaboration, dana: User) -> None:
    collaboration.offers.update(product="Thermos", product_cost=Decimal("14.50"), product_value=Decimal(39))
    offer = accept_offer(collaboration, by=dana, version=1)
    collaboration.refresh_from_db()
    assert (collaboration.status, offer.status) == ("accepted", "accepted")
    assert collaboration.accepted_at is not None
    lines = Cost.objects.filter(origin=f"offer:{offer.pk}").values_list("kind", "amount")
    assert sorted(lines) == [("fee", Decimal(120)), ("product", Decimal("14.50"))]
    assert events("offer.accepted") == 1


def test_an_offer_is_answered_once(collaboration: Collaboration, dana: User) -> None:
    stale = Collaboration.objects.get(pk=collaboration.pk)
    accept_offer(collaboration, by=dana)
    for answer in (accept_offer, decline_offer, counter_offer):
        with pytest.raises(NothingToAnswer):
            answer(stale, by=dana)
    assert collaboration.offers.get().status == "accepted"
    assert (events("offer.accepted"), events("offer.declined")) == (1, 0)
    assert Cost.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_answers_at_once_one_wins(collaboration: Collaboration, dana: User) -> None:
    results = at_once(
        lambda: accept_offer(Collaboration.objects.get(pk=collaboration.pk), by=dana),
        lambda: decline_offer(Collaboration.objects.get(pk=collaboration.pk), by=dana),
    )
    assert sorted(type(result).__name__ for result in results) == ["NothingToAnswer", "Offer"]
    collaboration.refresh_from_db()
    assert collaboration.status in {"accepted", "declined"}
    assert collaboration.offers.get().status == collaboration.status
    assert Cost.objects.count() == (1 if collaboration.status == "accepted" else 0)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run each call on a connection of its own, starting together; what it returned or raised."""
    start, results = threading.Barrier(len(calls)), []

    def run(call: Callable[[], Any]) -> None:
        close_old_connections()
        start.wait(timeout=10)
        try:
            results.append(call())
        except Exception as error:  # noqa: BLE001
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


def test_a_counter_is_the_next_version_and_keeps_the_brands_cost(collaboration: Collaboration, dana: User) -> None:
    collaboration.offers.update(product="Thermos", product_cost=Decimal(14))
    counter = counter_offer(collaboration, by=dana, version=1, fee=Decimal(150), message="Two days of work")
    assert (counter.version, counter.side, counter.status) == (2, "creator", "sent")
    assert (counter.fee, counter.product, counter.product_cost) == (Decimal(150), "Thermos", Decimal(14))
    assert collaboration.offers.get(version=1).status == "countered"
    collaboration.refresh_from_db()
    assert collaboration.status == "countered"


def test_a_counter_cant_lower_the_brands_own_cost(collaboration: Collaboration, dana: User) -> None:
    collaboration.offers.update(product_cost=Decimal(14))
    assert counter_offer(collaboration, by=dana, product_cost=Decimal(0)).product_cost == Decimal(14)


def test_the_brand_takes_the_counter(collaboration: Collaboration, dana: User, alice: User) -> None:
    counter_offer(collaboration, by=dana, fee=Decimal(150))
    offer = accept_counter(collaboration, by=alice, version=2)
    assert (offer.version, offer.fee) == (2, Decimal(150))
    assert Cost.objects.get().amount == Decimal(150)
    assert collaboration.contract.offer == offer
    assert "150.00 EUR" in collaboration.contract.text


def test_the_brand_answers_a_counter_with_a_new_version(collaboration: Collaboration, dana: User, alice: User) -> None:
    counter_offer(collaboration, by=dana, fee=Decimal(150))
    set_offer(collaboration, by=alice, fee=Decimal(135))
    send_offer(collaboration, by=alice)
    assert list(collaboration.offers.values_list("version", "status")) == [
        (3, "sent"),
        (2, "replaced"),
        (1, "countered"),
    ]
    with pytest.raises(NothingToAnswer):
        accept_counter(collaboration, by=alice)
    assert accept_offer(collaboration, by=dana).fee == Decimal(135)


def test_a_declined_counter_ends_the_talk_until_a_new_offer(
    collaboration: Collaboration, dana: User, alice: User
) -> None:
    counter_offer(collaboration, by=dana, fee=Decimal(900))
    decline_counter(collaboration, by=alice, reason="Over budget")
    assert collaboration.status == "declined"
    set_offer(collaboration, by=alice, fee=Decimal(130))
    send_offer(collaboration, by=alice)
    assert collaboration.status == "offered"


def test_what_was_read_is_what_is_answered(collaboration: Collaboration, dana: User, alice: User) -> None:
    set_offer(collaboration, by=alice, fee=Decimal(80))
    send_offer(collaboration, by=alice)
    with pytest.raises(AnotherVersion):
        accept_offer(collaboration, by=dana, version=1)
    collaboration.refresh_from_db()
    assert collaboration.status == "offered"
    assert not Cost.objects.exists()


def test_a_draft_is_invisible_to_an_answer(collaboration: Collaboration, dana: User, alice: User) -> None:
    set_offer(collaboration, by=alice, fee=Decimal(80))
    assert accept_offer(collaboration, by=dana).fee == Decimal(120)
    assert not Offer.objects.filter(status="draft").exists()


def test_declining_keeps_the_reason(collaboration: Collaboration, dana: User) -> None:
    decline_offer(collaboration, by=dana, reason="No time in May")
    assert Event.objects.get(name="offer.declined").data["reason"] == "No time in May"
    assert collaboration.status == "declined"


def test_after_the_yes_terms_are_fixed(collaboration: Collaboration, dana: User, alice: User) -> None:
    accept_offer(collaboration, by=dana)
    with pytest.raises(AlreadyAgreed):
        set_offer(collaboration, by=alice, fee=Decimal(1))
    with pytest.raises(AlreadyAgreed):
        send_offer(collaboration, by=alice)


def test_nothing_is_sent_without_terms(collaboration: Collaboration, alice: User) -> None:
    with pytest.raises(NoTerms):
        send_offer(collaboration, by=alice)
    set_offer(collaboration, by=alice, fee=Decimal(0), product="", commission_percent=Decimal(0))
    with pytest.raises(EmptyOffer):
        send_offer(collaboration, by=alice)
    collaboration.refresh_from_db()
    assert collaboration.status == "offered"
    assert collaboration.offers.get(version=1).status == "sent"


@pytest.mark.parametrize("status", ["draft", "closed"])
def test_only_a_live_campaign_takes_answers(collaboration: Collaboration, dana: User, status: str) -> None:
    campaign = collaboration.campaign
    campaign.status, campaign.closed_at = status, campaign.launched_at
    campaign.save()
    for answer in (accept_offer, counter_offer):
        with pytest.raises(NotLive):
            answer(collaboration, by=dana)
    assert collaboration.offers.get().status == "sent"


def test_an_offer_with_nothing_to_pay_writes_no_cost(campaign: Any, dana: User) -> None:
    row = make.collaboration(campaign, fee=Decimal(0))
    accept_offer(row, by=dana)
    assert not Cost.objects.exists()
