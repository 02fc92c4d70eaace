"""Sign-ups and leads: taken in once, and credited by their code or click as an order is, without money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from campaigns.models import Collaboration
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record
from tracking.actions.credits import CLICKS_COME_WITHIN
from tracking.attribution import code_first
from tracking.attribution.evidence import CodeUse, Decision, Evidence, Touch
from tracking.models import Click, DiscountCode, Lead
from tracking.spool.ids import is_id, time_of

LATEST = 5000


@dataclass(frozen=True)
class LeadData:
    """A sign-up as a site or partner states it; the same kind and id is the same lead."""

    external_id: str
    occurred_at: datetime
    kind: str = "signup"
    click_id: str = ""
    discount_code: str = ""
    customer_key: str = ""


@transaction.atomic
def receive_lead(brand: Brand, data: LeadData, via: str, *, by: User | None = None) -> tuple[Lead, bool]:
    """Take in a lead; True when it is new. The same again fills what the first did not know, and is matched again.

    A click or code that isn't known yet refuses nothing: the lead waits for it.
    """
    facts = {name: value for name, value in vars(data).items() if name not in {"kind", "external_id"}}
    known = Lead.objects.select_for_update(of=("self",))
    lead, is_new = known.get_or_create(
        brand=brand, kind=data.kind, external_id=data.external_id, defaults=facts | {"via": via}
    )
    if not is_new:
        complete(lead, data)
    match_lead(lead)
    if is_new:
        record(brand, "lead.received", lead, by=by, kind=lead.kind, via=via)
    return lead, is_new


def complete(lead: Lead, data: LeadData) -> None:
    names = [name for name in ("click_id", "discount_code", "customer_key") if not getattr(lead, name)]
    for name in names:
        setattr(lead, name, getattr(data, name))
    lead.save(update_fields=names)


def match_lead(lead: Lead) -> bool:
    """Credit a lead nobody is credited with, or note why not; True when somebody is now."""
    if not lead.unmatched:
        return False
    answer = code_first.decide(evidence_of(lead))
    if isinstance(answer, Decision):
        lead.collaboration = Collaboration.objects.get(pk=answer.candidate)
        lead.unmatched, lead.evidence = "", {"rule": answer.rule, "reason": answer.reason, **answer.evidence}
    else:
        lead.unmatched = answer.reason
    lead.save(update_fields=["collaboration", "unmatched", "evidence"])
    return not lead.unmatched


def evidence_of(lead: Lead) -> Evidence:
    code = DiscountCode.objects.of(lead.brand).filter(code=lead.discount_code).first() if lead.discount_code else None
    codes = (code_use(lead, code),) if lead.discount_code else ()
    clicks = Click.objects.with_id(lead.click_id).of(lead.brand).select_related("link") if lead.click_id else []
    touches = tuple(Touch(row.id, row.link.collaboration_id, row.clicked_at, bool(row.bot_reason)) for row in clicks)
    return Evidence(lead.occurred_at, codes, touches, lead.click_id)


def code_use(lead: Lead, row: DiscountCode | None) -> CodeUse:
    if row is None:
        return CodeUse(lead.discount_code, Decimal(0))
    times = (row.created_at, row.valid_from, row.valid_to)
    return CodeUse(row.code, Decimal(0), row.collaboration_id, *times, leak=str(row.leak))


def match_late_leads() -> int:
    """Leads whose click was still in a spool when they came; not looked for after two days."""
    recent = Lead.objects.filter(
        unmatched="unknown_click", received_at__gt=timezone.now() - CLICKS_COME_WITHIN
    ).order_by("-pk")[:LATEST]
    waiting = {lead.pk: lead for lead in recent.select_related("brand")}
    ids = {lead.click_id for lead in waiting.values() if is_id(lead.click_id)}
    here = set(
        Click.objects.filter(clicked_at__in={time_of(one) for one in ids}, id__in=ids).values_list("id", flat=True)
    )
    return sum(match_lead(lead) for lead in waiting.values() if lead.click_id in here)


def match_code(code: DiscountCode) -> int:
    """Leads that came with a code before it was known here."""
    waiting = Lead.objects.of(code.brand).unmatched().filter(discount_code=code.code).select_related("brand")
    return sum(match_lead(lead) for lead in waiting.order_by("pk"))
