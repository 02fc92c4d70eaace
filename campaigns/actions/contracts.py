"""The contract of an accepted offer: written from a versioned template, then agreed to by name."""

from __future__ import annotations

import re
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from campaigns.actions.refusals import ContractChanged, NoContract
from campaigns.models import Brief, Collaboration, Contract, Offer
from campaigns.models.contracts import digest
from groundswell.accounts.models import User
from groundswell.events.actions import record

TEMPLATE = "1"


def write_contract(offer: Offer) -> Contract:
    """The contract of an accepted offer, kept with the hash of its text; the one that exists if there is one."""
    text = contract_text(offer)
    contract, _ = Contract.objects.get_or_create(
        collaboration=offer.collaboration,
        defaults={"offer": offer, "template": TEMPLATE, "text": text, "sha256": digest(text)},
    )
    return contract


def contract_text(offer: Offer) -> str:
    """Plain text: parties, deliverables and dates, pay, disclosure, usage rights, data protection."""
    with translation.override("en"):  # numbers and dates in the language of the text, whoever accepts
        text = render_to_string(f"campaigns/contracts/{TEMPLATE}.txt", facts_of(offer))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def facts_of(offer: Offer) -> dict[str, Any]:
    collaboration = offer.collaboration
    campaign = collaboration.campaign
    relationship = collaboration.relationship
    return {
        "offer": offer,
        "collaboration": collaboration,
        "campaign": campaign,
        "brand": campaign.brand,
        "brief": Brief.objects.filter(campaign=campaign).first(),
        "deliverables": list(campaign.deliverables.all()),
        "relationship": relationship,
        "creator": relationship.creator,
        "accounts": list(relationship.creator.accounts.order_by("network", "handle")),
    }


@transaction.atomic
def agree_contract(collaboration: Collaboration, *, by: User, name: str, address: str | None, agent: str) -> Contract:
    """The creator agrees to the stored text with their name; again changes nothing.

    `address` is the IP address of the request, `agent` its user agent. Raises NoContract, ContractChanged.
    """
    contract = Contract.objects.select_for_update().filter(collaboration=collaboration).first()
    if contract is None:
        raise NoContract
    if not contract.is_intact:
        raise ContractChanged
    if contract.agreed_at:
        return contract
    contract.agreed_at, contract.agreed_by, contract.agreed_name = timezone.now(), by, name.strip()[:160]
    contract.agreed_address, contract.agreed_agent = address or None, agent[:300]
    contract.save(update_fields=["agreed_at", "agreed_by", "agreed_name", "agreed_address", "agreed_agent"])
    record(
        collaboration.campaign.brand,
        "contract.agreed",
        contract,
        by=by,
        collaboration=collaboration.code,
        sha256=contract.sha256,
    )
    return contract
