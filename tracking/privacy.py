"""What tracking knows of creators: links and codes that are made of their names. Clicks, orders and credits stay."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from creators.privacy.holdings import Holding, Person, before_erasing, hold
from creators.privacy.words import Words
from tracking.models import Credit, DiscountCode, Lead, Order, OrderEvidence, SurveyAnswer, TrackingLink

FORGET_REFERRERS = "UPDATE tracking_click SET referrer = '' WHERE link_id = ANY(%s) AND referrer ~* %s"


def of_collaboration(person: Person) -> Q:
    return Q(collaboration__relationship__in=person.relationships)


def nameless_link(link: Any, words: Words) -> dict[str, Any]:
    """It leads nowhere any more; its clicks go on counting."""
    slug = {"slug": f"erased-{link.pk}"} if words.are_in(link.slug) else {}
    return {"is_active": False, "updated_at": timezone.now(), **slug}


def nameless_code(code: Any, words: Words) -> dict[str, Any]:
    return {"code": new_code(code, words), "valid_to": code.valid_to or timezone.now()}


def new_code(code: DiscountCode, words: Words) -> str:
    return f"ERASED{code.pk}" if words.are_in(code.code) else code.code


@before_erasing
def rename_codes(person: Person) -> None:
    """Orders and credits that name a person's code or link name what it is called from now on."""
    codes = list(DiscountCode.objects.filter(of_collaboration(person)).select_related("brand"))
    links = list(TrackingLink.objects.filter(of_collaboration(person)))
    names = {row.code: new_code(row, person.words) for row in codes}
    names |= {row.slug: nameless_link(row, person.words).get("slug", row.slug) for row in links}
    names = {old: new for old, new in names.items() if old != new}
    for row in codes:
        for order in Order.objects.of(row.brand).filter(codes__contains=[{"code": row.code}]):
            Order.objects.filter(pk=order.pk).update(codes=renamed(order.codes, names))
            for evidence in OrderEvidence.objects.filter(order=order):
                OrderEvidence.objects.filter(pk=order.pk).update(facts=renamed(evidence.facts, names))
    for credit in Credit.objects.filter(of_collaboration(person)):
        evidence = renamed(credit.evidence, names)
        if evidence != credit.evidence:
            Credit.objects.filter(pk=credit.pk).update(evidence=evidence)
    if links and person.words.every():
        with connection.cursor() as cursor:
            cursor.execute(FORGET_REFERRERS, [[row.pk for row in links], person.words.pattern()])


def renamed(value: Any, names: dict[str, str]) -> Any:
    """A JSON value in which the old names, wherever one stands alone, are the new ones."""
    if isinstance(value, str):
        return names.get(value, names.get(value.upper(), value))
    if isinstance(value, dict):
        return {key: renamed(each, names) for key, each in value.items()}
    return [renamed(each, names) for each in value] if isinstance(value, list) else value


def nameless_lead(lead: Any, words: Words) -> dict[str, Any]:
    """A lead that named a code made of the person's name counts on, without it."""
    code = "" if words.are_in(lead.discount_code) else lead.discount_code
    return {"discount_code": code, "evidence": lead.evidence if code else {}}


hold(
    Holding(SurveyAnswer, of_collaboration, "survey_answers", ("text", "answered_at"), kept=True, keeps=("order_ref",)),
    Holding(
        Lead,
        of_collaboration,
        kept=True,
        keeps=("external_id", "kind", "click_id", "customer_key", "discount_code"),
        left=nameless_lead,
    ),
    Holding(
        TrackingLink,
        of_collaboration,
        "links",
        ("collaboration__campaign__name", "slug", "destination", "created_at"),
        kept=True,
        keeps=("placement", "destination", "utm_source", "utm_medium", "utm_campaign"),
        left=nameless_link,
    ),
    Holding(
        DiscountCode,
        of_collaboration,
        "codes",
        ("collaboration__campaign__name", "code", "percent", "created_at"),
        kept=True,
        keeps=("code",),
        left=nameless_code,
    ),
)
