"""The contract: made from the accepted offer, agreed to by name, and provably unchanged."""

from __future__ import annotations

import hashlib
from decimal import Decimal

import pytest
from django.utils import translation

from campaigns.actions.contracts import agree_contract
from campaigns.actions.offers import accept_offer
from campaigns.actions.refusals import ContractChanged, NoContract
from campaigns.models import Collaboration, Contract
from groundswell.accounts.models import User
from groundswell.events.models import Event

WHO = {"name": "Dana Field", "address": "203.0.113.9", "agent": "Phone/1"}


@pytest.fixture
def contract(collaboration: Collaboration, dana: User) -> Contract:
    collaboration.offers.update(product="Thermos", product_value=Decimal(39))
    collaboration.campaign.brief.must_mention = "Keeps tea hot for 12 hours"
    collaboration.campaign.brief.usage_rights = "Instagram and newsletter until the end of 2027"
    collaboration.campaign.brief.save()
    accept_offer(collaboration, by=dana)
    return collaboration.contract


def test_it_names_all_that_was_agreed(contract: Contract) -> None:
    for part in (
        "Acme",
        "Dana Field",
        "@dana.field on Instagram",
        "1 × Reel on Instagram",
        "120.00 EUR",
        "Thermos, retail value 39.00 EUR",
        "10 %",
        "Keeps tea hot for 12 hours",
        "Start the caption with “Ad”.",
        "newsletter until the end of 2027",
        "PERSONAL DATA",
    ):
        assert part in contract.text, part
    assert "&" not in contract.text
    assert "\n\n\n" not in contract.text


def test_a_product_only_deal_says_so(campaign: object, collaboration: Collaboration, dana: User) -> None:
    collaboration.offers.update(fee=0, commission_percent=0, product="Thermos")
    accept_offer(collaboration, by=dana)
    assert "the product is all the creator receives" in collaboration.contract.text
    assert "A fee of" not in collaboration.contract.text
    assert "A commission of" not in collaboration.contract.text


def test_the_hash_is_that_of_the_text(contract: Contract) -> None:
    assert contract.sha256 == hashlib.sha256(contract.text.encode("utf-8")).hexdigest()
    assert contract.is_intact
    contract.text += " and a yacht"
    assert not contract.is_intact


def test_agreeing_keeps_name_time_and_address(contract: Contract, dana: User) -> None:
    agreed = agree_contract(contract.collaboration, by=dana, **WHO)
    agreed.refresh_from_db()
    assert agreed.agreed_at is not None
    assert (agreed.agreed_by, agreed.agreed_name) == (dana, "Dana Field")
    assert (agreed.agreed_address, agreed.agreed_agent) == ("203.0.113.9", "Phone/1")
    assert Event.objects.get(name="contract.agreed").data["sha256"] == agreed.sha256


def test_agreeing_again_changes_nothing(contract: Contract, dana: User) -> None:
    first = agree_contract(contract.collaboration, by=dana, **WHO)
    again = agree_contract(contract.collaboration, by=dana, **{**WHO, "name": "Somebody Else"})
    assert (again.agreed_name, again.agreed_at) == ("Dana Field", first.agreed_at)
    assert Event.objects.filter(name="contract.agreed").count() == 1


def test_a_changed_text_cant_be_agreed_to(contract: Contract, dana: User) -> None:
    Contract.objects.update(text="I owe you a yacht")
    with pytest.raises(ContractChanged):
        agree_contract(contract.collaboration, by=dana, **WHO)


def test_there_is_none_before_the_yes(collaboration: Collaboration, dana: User) -> None:
    with pytest.raises(NoContract):
        agree_contract(collaboration, by=dana, **WHO)


def test_a_later_brief_leaves_it_alone(contract: Contract) -> None:
    contract.collaboration.campaign.brief.disclosure = "None needed"
    contract.collaboration.campaign.brief.save()
    contract.refresh_from_db()
    assert "None needed" not in contract.text
    assert contract.is_intact


def test_the_text_is_the_same_whatever_the_readers_language(collaboration: Collaboration, dana: User) -> None:
    collaboration.offers.update(fee=Decimal("1234.50"))
    with translation.override("de"):
        accept_offer(collaboration, by=dana)
    assert "1,234.50 EUR" in collaboration.contract.text
