"""Collecting what is known of orders, for many at once, and keeping what each was decided on.

A buyer is who ordered under the same keyed e-mail; their touches are the clicks that their orders up to this one
named, and the answer to this order's survey once a person confirmed whom it names. Two buyers are never joined by a
click that both name (a shared device). Of the creators so named the posts before the order are kept beside (ADR 15).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef

from campaigns.models import Collaboration, Submission
from groundswell.accounts.models import Brand
from tracking.attribution.evidence import SURVEY, CodeUse, Evidence, PostSeen, Touch
from tracking.models import DiscountCode, Order, OrderEvidence, SurveyAnswer
from tracking.shops import customers
from tracking.spool.ids import is_id, time_of

POSTS_WITHIN = timedelta(days=90)
CLICKS = """
    SELECT click.id, link.collaboration_id, click.clicked_at, click.bot_reason <> ''
    FROM unnest(%s::timestamptz[], %s::varchar[]) AS wanted(clicked_at, id)
    JOIN tracking_click click ON click.clicked_at = wanted.clicked_at AND click.id = wanted.id
    JOIN tracking_trackinglink link ON link.id = click.link_id
    JOIN campaigns_collaboration collaboration ON collaboration.id = link.collaboration_id
    JOIN campaigns_campaign campaign ON campaign.id = collaboration.campaign_id
    WHERE campaign.brand_id = %s
"""


@dataclass(frozen=True)
class Known:
    """Rows of a brand that the evidence of several orders rests on."""

    codes: dict[str, DiscountCode] = field(default_factory=dict)
    touches: dict[str, Touch] = field(default_factory=dict)
    named: dict[str, list[tuple[str, datetime]]] = field(default_factory=dict)
    campaigns: dict[int, int] = field(default_factory=dict)
    keys: dict[int, str] = field(default_factory=dict)
    answers: dict[tuple[int | None, str], Touch] = field(default_factory=dict)
    posts: dict[int, list[PostSeen]] = field(default_factory=dict)

    def answer_to(self, order: Order) -> Touch | None:
        """The one given at the order's store, else one that came before any store told of the order."""
        own = self.answers.get((order.store_id, order.external_id))
        return own or self.answers.get((None, order.external_id))


@dataclass(frozen=True)
class Found:
    """An order's evidence, and the campaigns of the creators in it."""

    evidence: Evidence
    campaigns: frozenset[int]


def gather(brand: Brand, orders: Sequence[Order]) -> dict[int, Found]:
    """What is known of each order by its key, in at most six queries; only as far as it is this brand's."""
    known = known_of(brand, orders)
    return {order.pk: found(order, known) for order in orders}


def known_of(brand: Brand, orders: Sequence[Order]) -> Known:
    names = {use["code"] for order in orders for use in order.codes}
    codes = {row.code: row for row in DiscountCode.objects.of(brand).filter(code__in=names)}
    named = clicks_named(brand, {order.customer_key for order in orders if order.customer_key})
    wanted = {order.click_id for order in orders} | {click for clicks in named.values() for click, _ in clicks}
    touches = touches_with(brand, wanted)
    answers = answers_to(brand, orders)
    met = (touch.candidate for touch in (*touches.values(), *answers.values()))
    candidates = {row.collaboration_id for row in codes.values()} | {pk for pk in met if pk}
    people = Collaboration.objects.filter(pk__in=candidates).values_list("pk", "campaign_id", "relationship__email")
    campaigns, keys = {}, {}
    for pk, campaign, email in people:
        campaigns[pk], keys[pk] = campaign, own_key(brand, email)
    return Known(codes, touches, named, campaigns, keys, answers, posts_of(candidates, orders))


def answers_to(brand: Brand, orders: Sequence[Order]) -> dict[tuple[int | None, str], Touch]:
    """Confirmed answers by store and order; without a store where theirs has no such order."""
    rows = SurveyAnswer.objects.of(brand).confirmed().filter(order_ref__in={order.external_id for order in orders})
    own = Order.objects.filter(store=OuterRef("store"), external_id=OuterRef("order_ref"))
    facts = rows.annotate(has_order=Exists(own)).order_by("pk")
    return {
        (store if has_order else None, ref): Touch(f"answer-{pk}", candidate, at, kind=SURVEY)
        for pk, store, ref, candidate, at, has_order in facts.values_list(
            "pk", "store", "order_ref", "collaboration", "answered_at", "has_order"
        )
    }


def posts_of(candidates: set[int], orders: Sequence[Order]) -> dict[int, list[PostSeen]]:
    """What those creators posted for their campaigns before the orders, oldest first."""
    if not candidates:
        return {}
    period = (min(order.placed_at for order in orders) - POSTS_WITHIN, max(order.placed_at for order in orders))
    rows = Submission.objects.counting().filter(collaboration__in=candidates, post__posted_at__range=period)
    found: dict[int, list[PostSeen]] = defaultdict(list)
    columns = ("post", "collaboration", "post__posted_at", "post__views", "post__observed_at")
    for facts in rows.order_by("post__posted_at", "post").values_list(*columns):
        found[facts[1]].append(PostSeen(*facts))
    return found


def own_key(brand: Brand, email: str) -> str:
    """What the creator's own orders would be known by; empty without an address."""
    return customers.customer_key(email, customers.pepper(settings.SECRET_KEY, brand.code)) if email else ""


def clicks_named(brand: Brand, keys: set[str]) -> dict[str, list[tuple[str, datetime]]]:
    """The clicks that the orders of each buyer named, with when that was."""
    found: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
    if keys:
        rows = Order.objects.of(brand).filter(customer_key__in=keys).exclude(click_id="")
        for key, click_id, placed_at in rows.values_list("customer_key", "click_id", "placed_at"):
            found[key].append((click_id, placed_at))
    return found


def touches_with(brand: Brand, click_ids: Iterable[str]) -> dict[str, Touch]:
    ids = sorted(click_id for click_id in click_ids if is_id(click_id))
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(CLICKS, [[time_of(one) for one in ids], ids, brand.pk])
        return {row[0]: Touch(*row) for row in cursor.fetchall()}


def found(order: Order, known: Known) -> Found:
    earlier = [click for click, at in known.named.get(order.customer_key, ()) if at <= order.placed_at]
    ids = dict.fromkeys([order.click_id, *earlier])
    touches = sorted((known.touches[one] for one in ids if one in known.touches), key=lambda touch: touch.click_id)
    if answer := known.answer_to(order):
        touches.append(answer)
    codes = tuple(code_use(use, known.codes.get(use["code"])) for use in order.codes)
    everybody = [use.candidate for use in codes] + [touch.candidate for touch in touches]
    candidates = {pk for pk in everybody if pk is not None}
    own = {pk for pk in candidates if order.customer_key and known.keys.get(pk) == order.customer_key}
    evidence = Evidence(
        order.placed_at, codes, tuple(touches), order.click_id, order.is_new_customer, frozenset(own),
        tuple(seen for pk in sorted(candidates) for seen in known.posts.get(pk, ()) if is_near(seen, order)),
    )  # fmt: skip
    return Found(evidence, frozenset(known.campaigns[pk] for pk in candidates))


def is_near(seen: PostSeen, order: Order) -> bool:
    return order.placed_at - POSTS_WITHIN <= seen.at <= order.placed_at


def code_use(use: dict[str, str], row: DiscountCode | None) -> CodeUse:
    amount = Decimal(use["amount"])
    if row is None:
        return CodeUse(use["code"], amount)
    return CodeUse(
        row.code, amount, row.collaboration_id, row.created_at, row.valid_from, row.valid_to, str(row.leak), row.counts
    )


def keep_evidence(order: Order, evidence: Evidence, rule: str) -> None:
    """Store what an order was decided on; a later decision about one nobody is credited with replaces it."""
    row = OrderEvidence(order=order, rule=rule, facts=evidence.as_json())
    OrderEvidence.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["order"], update_fields=["rule", "facts", "decided_at"]
    )
