"""What is known of how an order came about, item by item, and which of it came too late for the decision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from campaigns.models import Collaboration
from creators.models import Post
from tracking.actions.evidence import gather
from tracking.attribution.evidence import CODE, SURVEY, Evidence, read_evidence
from tracking.models import Order, SurveyAnswer

POST = "post"


@dataclass(frozen=True)
class Item:
    """A piece of evidence: its kind (click, code, survey or post), whom it is about, when, and its own facts.

    `was_known` is false for what came after the order was decided on: only replays look at it.
    """

    kind: str
    at: datetime
    collaboration: Collaboration | None = None
    was_known: bool = True
    facts: Mapping[str, Any] = field(default_factory=dict)


def evidence_of(order: Order) -> list[Item]:
    """The order's evidence: what it was decided on and what is known by now, oldest first."""
    live = gather(order.store.brand, [order])[order.pk].evidence
    row = getattr(order, "evidence", None)
    decided = read_evidence(order.placed_at, row.facts) if row else None
    raw = {key: item for evidence in (live, decided) if evidence for key, item in items_of(evidence)}
    known = {key for key, _ in items_of(decided or live)}
    people = collaborations(item[2] for item in raw.values())
    about = facts_by(raw)
    found = [
        Item(kind, at, people.get(candidate) if candidate else None, key in known, {**facts, **about.get(key, {})})
        for key, (kind, at, candidate, facts) in raw.items()
    ]
    return sorted(found, key=lambda item: (item.at, item.kind))


def items_of(evidence: Evidence) -> Iterator[tuple[tuple[str, str], tuple[str, datetime, int | None, dict[str, Any]]]]:
    """(kind, id) of each item, and (kind, time, candidate, facts)."""
    for use in evidence.codes:
        state = {"leak": use.leak, "policy": use.policy, "is_active": use.is_active(evidence.placed_at)}
        facts = {"code": use.code, "discount": use.amount, **state}
        yield (CODE, use.code), (CODE, evidence.placed_at, use.candidate, facts)
    for touch in evidence.touches:
        yield (touch.kind, touch.click_id), (touch.kind, touch.at, touch.candidate, {"is_bot": touch.is_bot})
    for seen in evidence.posts:
        views = {"views": seen.views, "read_at": seen.read_at}
        yield (POST, str(seen.post)), (POST, seen.at, seen.candidate, views)


def collaborations(candidates: Iterator[int | None]) -> dict[int, Collaboration]:
    rows = Collaboration.objects.select_related("campaign", "relationship__creator")
    return rows.in_bulk({pk for pk in candidates if pk})


def facts_by(keys: Mapping[tuple[str, str], Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """What is looked up once for all: the words of answers and the addresses of posts."""
    answers = {id_.rpartition("-")[2]: (kind, id_) for kind, id_ in keys if kind == SURVEY}
    posts = {id_: (kind, id_) for kind, id_ in keys if kind == POST}
    texts = SurveyAnswer.objects.filter(pk__in=answers).values_list("pk", "text") if answers else ()
    urls = Post.objects.filter(pk__in=posts).values_list("pk", "url") if posts else ()
    found = {answers[str(pk)]: {"answer": text} for pk, text in texts}
    return found | {posts[str(pk)]: {"url": url} for pk, url in urls}


def waiting_answer(order: Order) -> SurveyAnswer | None:
    """An answer to this order's survey that nobody has looked at."""
    rows = SurveyAnswer.objects.of(order.store.brand).open().filter(order_ref=order.external_id)
    return rows.order_by("pk").first()
