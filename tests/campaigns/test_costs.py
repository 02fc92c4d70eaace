"""The ledger: lines by hand, hours at the brand's rate, who may write."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client

from campaigns.actions.costs import add_cost, log_time, remove_cost, write_offer_costs
from campaigns.actions.offers import accept_offer
from campaigns.actions.refusals import OtherCurrency, WrittenByOffer
from campaigns.models import Campaign, Collaboration, Cost
from groundswell.accounts.models import Role, User
from tests import factories as make
from tests.conftest import signed_in


def test_hours_cost_the_brands_rate(campaign: Campaign, alice: User) -> None:
    campaign.brand.hour_rate = Decimal("38.50")
    line = log_time(campaign, Decimal("1.75"), by=alice, note="Briefing calls")
    assert (line.kind, line.hours, line.amount) == ("time", Decimal("1.75"), Decimal("67.38"))


def test_a_later_rate_leaves_old_hours_alone(campaign: Campaign, alice: User) -> None:
    log_time(campaign, Decimal(2), by=alice)
    campaign.brand.hour_rate = Decimal(100)
    campaign.brand.save()
    assert Cost.objects.get().amount == Decimal(80)


def test_hours_dont_mix_currencies(campaign: Campaign, alice: User) -> None:
    campaign.currency = "USD"
    with pytest.raises(OtherCurrency):
        log_time(campaign, Decimal(2), by=alice)


def test_amounts_are_whole_minor_units(campaign: Campaign, alice: User) -> None:
    assert add_cost(campaign, by=alice, kind="ads", amount=Decimal("10.005")).amount == Decimal("10.00")
    campaign.currency = "JPY"
    assert add_cost(campaign, by=alice, kind="ads", amount=Decimal("10.6")).amount == Decimal(11)


def test_the_page_adds_and_sums(as_alice: Client, campaign: Campaign, collaboration: Collaboration) -> None:
    url = f"/campaigns/{campaign.code}/costs/"
    as_alice.post(url, {"cost-kind": "ads", "cost-amount": "50.25", "cost-collaboration": collaboration.code})
    as_alice.post(url, {"cost-kind": "ads", "cost-amount": "9.75"})
    as_alice.post(f"{url}time/", {"time-hours": "1.5"})
    page = as_alice.get(url)
    assert page.context["total"] == Decimal("120.00")
    assert page.context["kinds"] == [
        ("Paid boost", Decimal("60.00"), Decimal("0.5")),
        ("Internal time", Decimal("60.00"), Decimal("0.5")),
    ]
    assert collaboration.costs.get().amount == Decimal("50.25")


@pytest.mark.parametrize(
    "form",
    [
        {"cost-kind": "ads"},
        {"cost-kind": "ads", "cost-amount": "-1"},
        {"cost-kind": "bribe", "cost-amount": "1"},
        {"cost-kind": "ads", "cost-amount": "1", "cost-incurred_on": "soon"},
        {"cost-kind": "ads", "cost-amount": "1e30"},
    ],
)
def test_a_line_has_to_make_sense(as_alice: Client, campaign: Campaign, form: dict[str, str]) -> None:
    assert as_alice.post(f"/campaigns/{campaign.code}/costs/", form).status_code == 422
    assert not Cost.objects.exists()


def test_another_brands_creator_is_no_choice(as_alice: Client, campaign: Campaign, globex: object) -> None:
    theirs = make.collaboration(make.campaign(globex))
    form = {"cost-kind": "ads", "cost-amount": "1", "cost-collaboration": theirs.code}
    assert as_alice.post(f"/campaigns/{campaign.code}/costs/", form).status_code == 422


@pytest.mark.parametrize(
    ("role", "writes"), [("owner", 1), ("manager", 1), ("finance", 1), ("reviewer", 0), ("viewer", 0)]
)
def test_who_may_write_costs(campaign: Campaign, role: str, writes: int) -> None:
    member = signed_in(make.member(campaign.brand, "member@acme.example", Role(role)))
    url = f"/campaigns/{campaign.code}/costs/"
    response = member.post(url, {"cost-kind": "ads", "cost-amount": "1"})
    assert response.status_code == (302 if writes else 403)
    assert Cost.objects.count() == writes
    assert member.get(url).status_code == 200


def test_lines_of_offers_stay(collaboration: Collaboration, alice: User, dana: User, as_alice: Client) -> None:
    offer = accept_offer(collaboration, by=dana)
    write_offer_costs(offer)
    line = Cost.objects.get()
    with pytest.raises(WrittenByOffer):
        remove_cost(line, by=alice)
    as_alice.post(f"/campaigns/{collaboration.campaign.code}/costs/{line.pk}/remove/")
    assert Cost.objects.count() == 1


def test_a_line_by_hand_can_go(as_alice: Client, campaign: Campaign, alice: User) -> None:
    line = add_cost(campaign, by=alice, kind="tools", amount=Decimal(5))
    as_alice.post(f"/campaigns/{campaign.code}/costs/{line.pk}/remove/")
    assert not Cost.objects.exists()
