"""Answers to “How did you hear about us?”: kept once for each order, a creator suggested, decided by a person.

A confirmed answer is evidence. An order nobody is credited with is looked at again with it; one that is credited stays
as it is, and a replay shows the difference.
"""

from __future__ import annotations

import re
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower

from campaigns.models import Collaboration
from creators.models import Creator
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record
from tracking.actions import credits as ledger
from tracking.actions.stores import api_store
from tracking.models import Order, Store, SurveyAnswer

HANDLE = re.compile(r"@?([\w.]{3,40})")
WORD = re.compile(r"[^\W_][\w'’.-]*")
LONGEST_NAME = 4  # words


class ForeignCollaboration(Exception):
    """The collaboration is another brand's."""


def store_of(brand: Brand, order_ref: str) -> Store:
    """The store whose order it is; without one the brand's first that delivers, else the partners'."""
    known = Order.objects.of(brand).filter(external_id=order_ref).select_related("store").first()
    delivering = Store.objects.of(brand).filter(kind__in=Store.DELIVERING).order_by("pk")
    return known.store if known else delivering.first() or api_store(brand)


@transaction.atomic
def receive_answer(store: Store, order_ref: str, text: str, at: datetime) -> tuple[SurveyAnswer, bool]:
    """Keep an answer with the creator it seems to name; True when it is new. An order has one answer: the first."""
    suggested = suggestion(store.brand, text)
    status = SurveyAnswer.Status.SUGGESTED if suggested else SurveyAnswer.Status.UNCLEAR
    facts = {"text": text, "answered_at": at, "status": status, "collaboration": suggested}
    answer, is_new = SurveyAnswer.objects.get_or_create(store=store, order_ref=order_ref, defaults=facts)
    if is_new:
        record(store.brand, "answer.received", answer, order=order_ref)
    return answer, is_new


def suggestion(brand: Brand, text: str) -> Collaboration | None:
    """The latest collaboration of the one creator whom a text names by handle or by name; None for none or several."""
    handles = {found.lower().strip(".") for found in HANDLE.findall(text)}
    working = Creator.objects.filter(relationships__brand=brand, relationships__collaborations__isnull=False)
    named = working.alias(lower=Lower("name")).filter(Q(lower__in=phrases(text)) | Q(accounts__handle__in=handles))
    creators = list(named.values_list("pk", flat=True).distinct()[:2])
    if len(creators) != 1:
        return None
    rows = Collaboration.objects.filter(campaign__brand=brand, relationship__creator=creators[0])
    return rows.order_by("-pk").first()


def phrases(text: str) -> set[str]:
    """Every run of one to four words, in lower case."""
    words = [word.lower().rstrip(".") for word in WORD.findall(text)]
    lengths = range(1, LONGEST_NAME + 1)
    return {" ".join(words[start : start + length]) for start in range(len(words)) for length in lengths}


@transaction.atomic
def review_answer(answer: SurveyAnswer, collaboration: Collaboration | None, *, by: User | None = None) -> SurveyAnswer:
    """Say whom an answer names, or that it names nobody; its order is matched again. Raises ForeignCollaboration."""
    brand = answer.store.brand
    if collaboration is not None and collaboration.campaign.brand_id != brand.pk:
        raise ForeignCollaboration("There is no such collaboration.")
    answer.collaboration = collaboration
    answer.status = SurveyAnswer.Status.CONFIRMED if collaboration else SurveyAnswer.Status.NOBODY
    answer.save(update_fields=["collaboration", "status"])
    record(brand, "answer.reviewed", answer, by=by, status=str(answer.status))
    ledger.match_again(Order.objects.of(brand).unmatched().filter(external_id=answer.order_ref).order_by("pk"))
    return answer
