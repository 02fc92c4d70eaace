"""The ledger: what an order credits, what refunds take back, and that nothing is ever made up or lost."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import Campaign, Collaboration
from groundswell.accounts.models import Brand
from groundswell.events.models import Event
from tests import factories as make
from tracking.actions import credits as ledger
from tracking.actions.orders import OrderDiffers, RefundTooLarge, cancel_order, receive_order, refund_order
from tracking.actions.rates import BadRates, import_rates
from tracking.actions.stores import api_store
from tracking.models import Credit, ExchangeRate, Order, Refund, StaleDay
from tracking.shops.orders import CodeOnOrder, OrderData, RefundData

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def ben(campaign: Campaign) -> Collaboration:
    row = make.collaboration(campaign, status="accepted", commission_percent=Decimal(0))
    make.discount_code(row, "BEN10")
    return row


def back(name: str, net: str) -> RefundData:
    return RefundData(name, timezone.now(), Decimal(net))


def sums(order: Order) -> tuple[Decimal, Decimal]:
    total = order.credits.aggregate(revenue=Sum("revenue"), commission=Sum("commission"))
    return total["revenue"], total["commission"]


def test_an_order_with_a_code_is_credited_with_its_reason_and_commission(acme: Brand, anna: Collaboration) -> None:
    line = make.order(acme, "ANNA10", net="49.90").credits.get()
    assert (line.collaboration, line.rule, line.reason) == (anna, "code-first/2", "code")
    assert (line.revenue, line.commission, line.share) == (Decimal("49.90"), Decimal("4.99"), 1)
    assert line.evidence["code"] == "ANNA10"
    assert StaleDay.objects.filter(collaboration=anna, day=line.credited_on).exists()


def test_without_evidence_the_order_says_why_nobody_is_credited(acme: Brand, anna: Collaboration) -> None:
    order = make.order(acme, "SUMMER")
    assert (order.unmatched, order.credits.count()) == ("unknown_code", 0)


def test_another_brands_code_and_click_are_strangers(acme: Brand, globex: Brand) -> None:
    theirs = make.collaboration(make.campaign(globex), status="accepted")
    make.discount_code(theirs, "THEIRS")
    click = make.click(make.link(theirs))
    order = make.order(acme, "THEIRS", click_id=click.id)
    assert order.unmatched == "unknown_click"


def test_the_day_is_the_brands_day(campaign: Campaign) -> None:
    campaign.brand.timezone = "Asia/Tokyo"
    campaign.brand.save()
    make.discount_code(make.collaboration(campaign, status="accepted"), "LATE")
    order = make.order(campaign.brand, "LATE", placed_at=datetime(2026, 5, 4, 20, tzinfo=UTC))
    assert order.credits.get().credited_on == date(2026, 5, 5)


def test_dub_defect_a_partial_refund_takes_back_only_its_part(acme: Brand, anna: Collaboration) -> None:
    order = make.order(acme, "ANNA10", net="100")
    refund_order(order, back("r1", "30"))
    assert sums(order) == (Decimal(70), Decimal(7))
    order.refresh_from_db()
    assert (order.refunded, order.is_refunded_in_full) == (Decimal(30), False)


def test_what_is_taken_back_is_told_of_the_creator(acme: Brand, anna: Collaboration) -> None:
    order = make.order(acme, "ANNA10", net="100")
    refund_order(order, back("r1", "30"))
    cancel_order(order, timezone.now())
    told = Event.objects.of(acme).filter(creator_id=anna.relationship.creator_id).order_by("pk")
    assert list(told.values_list("name", "place")) == [
        ("order.received", anna.campaign.name),
        ("order.refunded", anna.campaign.name),
        ("order.refunded", anna.campaign.name),
        ("order.cancelled", anna.campaign.name),
    ]


def test_cancelling_after_a_full_refund_is_told_of_the_creator(acme: Brand, anna: Collaboration) -> None:
    order = make.order(acme, "ANNA10", net="100")
    refund_order(order, back("r1", "100"))
    cancel_order(Order.objects.get(pk=order.pk), timezone.now())
    told = Event.objects.of(acme).get(name="order.cancelled")
    assert (told.creator_id, told.place) == (anna.relationship.creator_id, anna.campaign.name)


def test_a_full_refund_leaves_exactly_nothing(acme: Brand, anna: Collaboration) -> None:
    order = make.order(acme, "ANNA10", net="0.99")
    for name in ("a", "b", "c"):
        refund_order(order, back(name, "0.33"))
    assert sums(order) == (0, 0)
    assert order.credits.filter(reason="refund", share=1).count() >= 1


def test_the_same_refund_twice_takes_back_once(acme: Brand, anna: Collaboration) -> None:
    order = make.order(acme, "ANNA10")
    assert refund_order(order, back("r1", "20")) == refund_order(order, back("r1", "20"))
    assert sums(order) == (Decimal(30), Decimal(3))


def test_more_than_is_left_cannot_be_given_back(acme: Brand, anna: Collaboration) -> None:
    order = make.order(acme, "ANNA10")
    refund_order(order, back("r1", "20"))
    with pytest.raises(RefundTooLarge, match="Only 30 EUR"):
        refund_order(order, back("r2", "30.01"))
    assert Refund.objects.count() == 1


def test_cancelling_takes_back_what_is_left_and_only_once(acme: Brand, anna: Collaboration) -> None:
    order = make.order(acme, "ANNA10")
    refund_order(order, back("r1", "20"))
    for _ in range(2):
        cancel_order(order, timezone.now())
    assert sums(order) == (0, 0)
    assert order.refunds.count() == 2


def test_the_same_order_again_changes_nothing_and_another_net_is_refused(acme: Brand, anna: Collaboration) -> None:
    data = OrderData("A-1", NOW, "EUR", Decimal(50), codes=(CodeOnOrder("ANNA10"),))
    first, second = (receive_order(api_store(acme), data) for _ in range(2))
    assert first == second
    with pytest.raises(OrderDiffers):
        receive_order(api_store(acme), OrderData("A-1", NOW, "EUR", Decimal(60)))
    assert (Order.objects.count(), Credit.objects.count()) == (1, 1)


def test_the_same_number_in_two_shops_is_two_orders(acme: Brand, anna: Collaboration) -> None:
    for shop in (make.store(acme), make.store(acme)):
        make.order(acme, "ANNA10", in_=shop, external_id="1001")
    assert Credit.objects.count() == 2


def test_dub_defect_each_order_is_decided_by_its_own_evidence(
    acme: Brand, anna: Collaboration, ben: Collaboration
) -> None:
    make.order(acme, "ANNA10", customer_key="k" * 64)
    second = make.order(acme, "BEN10", customer_key="k" * 64)
    assert second.credits.get().collaboration == ben
    assert second.is_new_customer is False


def test_a_test_order_is_kept_but_credits_nobody(acme: Brand, anna: Collaboration) -> None:
    order = make.order(acme, "ANNA10", is_test=True)
    assert (order.unmatched, Credit.objects.count(), Order.objects.counted().count()) == ("test", 0, 0)


def test_new_and_returning_customers(acme: Brand) -> None:
    kinds = [make.order(acme, customer_key=key).is_new_customer for key in ("a", "a", "b", "")]
    assert kinds == [True, False, True, None]


def test_a_customer_whose_only_order_went_back_is_new_again(acme: Brand) -> None:
    cancel_order(make.order(acme, customer_key="a"), timezone.now())
    assert make.order(acme, customer_key="a").is_new_customer is True


def test_an_earlier_order_that_comes_late_makes_the_later_one_a_returning_customers(acme: Brand) -> None:
    later = make.order(acme, customer_key="a", placed_at=NOW)
    earlier = make.order(acme, customer_key="a", placed_at=NOW - timedelta(days=1))
    later.refresh_from_db()
    assert (earlier.is_new_customer, later.is_new_customer) == (True, False)


def test_refunds_that_came_before_the_credit_are_taken_back_with_it(acme: Brand, campaign: Campaign) -> None:
    order = make.order(acme, "SOON", net="100")
    refund_order(order, back("r1", "25"))
    code = make.discount_code(make.collaboration(campaign, status="accepted"), "SOON")
    assert ledger.match_code(code) == 1
    assert sums(order) == (Decimal(75), Decimal("7.5"))
    order.refresh_from_db()
    assert order.unmatched == ""


def test_a_click_that_is_shipped_after_its_order_is_found(acme: Brand, anna: Collaboration) -> None:
    link = make.link(anna)
    click = make.click(link)
    facts = (click.id, click.clicked_at)
    click.delete()
    order = make.order(acme, click_id=facts[0], placed_at=facts[1] + timedelta(minutes=5))
    assert (order.unmatched, ledger.match_late_clicks()) == ("unknown_click", 0)
    make.click(link, facts[1]).__class__.objects.filter(clicked_at=facts[1]).update(id=facts[0])
    assert ledger.match_late_clicks() == 1
    assert order.credits.get().reason == "click"


def test_a_click_of_another_brand_is_never_found(acme: Brand, globex: Brand) -> None:
    click = make.click(make.link(make.collaboration(make.campaign(globex))))
    make.order(acme, click_id=click.id)
    assert ledger.match_late_clicks() == 0


# Currency ------------------------------------------------------------------------------------------------------------


def test_yen_become_euros_at_the_rate_of_the_day(acme: Brand, anna: Collaboration) -> None:
    ExchangeRate.objects.create(base="EUR", quote="JPY", day=NOW.date(), rate=Decimal(160), source="bank")
    order = make.order(acme, "ANNA10", net="8000", currency="JPY", placed_at=NOW)
    line = order.credits.get()
    assert (order.rate, line.revenue, line.commission) == (Decimal("0.00625"), Decimal(50), Decimal(5))
    refund_order(order, back("r1", "8000"))
    assert sums(order) == (0, 0)


def test_without_a_rate_nothing_is_summed_until_one_is_imported(acme: Brand, anna: Collaboration) -> None:
    order = make.order(acme, "ANNA10", currency="USD", placed_at=NOW)
    assert (order.rate, order.unmatched, order.credits.count()) == (None, "rate_missing", 0)
    done = import_rates(["day,base,quote,rate", "2026-05-01,EUR,USD,1.25"], "bank.csv")
    order.refresh_from_db()
    assert (done, order.rate, order.credits.get().revenue) == ((1, 1), Decimal("0.8"), Decimal(40))


def test_a_rate_older_than_a_week_is_not_used(acme: Brand, anna: Collaboration) -> None:
    import_rates(["day,base,quote,rate", "2026-04-27,EUR,USD,1.25"], "bank.csv")
    assert make.order(acme, "ANNA10", currency="USD", placed_at=NOW).unmatched == "rate_missing"


def test_a_rate_may_lead_through_a_third_currency(acme: Brand) -> None:
    import_rates(["day,base,quote,rate", "2026-05-04,EUR,USD,1.25", "2026-05-04,EUR,JPY,150"], "ecb.csv")
    assert ExchangeRate.objects.rate("USD", "JPY", NOW.date()) == 120


@pytest.mark.parametrize(
    "lines",
    [["x,y", "1,2"], ["day,base,quote,rate", "May,EUR,USD,1"], ["day,base,quote,rate", "2026-05-01,EUR,ZZZ,1"]]
    + [["day,base,quote,rate", f"2026-05-01,EUR,USD,{bad}"] for bad in ("0", "-1", "NaN", "1e30", "")],
)
@pytest.mark.django_db
def test_a_bad_file_of_rates_stores_nothing(lines: list[str]) -> None:
    with pytest.raises(BadRates):
        import_rates(lines, "bad.csv")
    assert not ExchangeRate.objects.exists()


# Conservation --------------------------------------------------------------------------------------------------------

cents = st.decimals("0.01", "999.99", places=2)
steps = st.lists(st.tuples(st.sampled_from(["refund", "cancel"]), cents), max_size=5)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(net=cents, percent=st.decimals(0, 100, places=2), moves=steps, late=st.booleans())
def test_the_ledger_conserves(anna: Collaboration, net: Decimal, percent: Decimal, moves: Any, late: bool) -> None:
    """Credited ≤ order; never below zero; exactly zero once all is given back; the same whenever credited."""
    brand = anna.campaign.brand
    anna.offers.update(commission_percent=percent)
    code = f"P{make.number.__next__()}"
    order = make.order(brand, code, net=str(net))
    if not late:
        ledger.match_code(make.discount_code(anna, code))
    for place, (move, amount) in enumerate(moves):
        order.refresh_from_db()
        if move == "cancel":
            cancel_order(order, timezone.now())
        elif amount <= order.net - order.refunded:
            refund_order(order, RefundData(str(place), timezone.now(), amount))
    if late:
        ledger.match_code(make.discount_code(anna, code))
    order.refresh_from_db()
    revenue, commission = sums(order)
    assert revenue == order.net - order.refunded
    assert 0 <= commission <= order.net
    assert (commission == 0) or not order.is_refunded_in_full
    assert order.refunded <= order.net
