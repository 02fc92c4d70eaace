"""Deciding a period's orders once more under another rule, beside the ledger, in batches of bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from campaigns.models import Collaboration, Offer
from creators.models import TierScheme
from creators.tiers import bands_of, tier_in
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record
from groundswell.lib.money import ZERO
from tracking.actions.evidence import gather
from tracking.attribution.amounts import Part, kept
from tracking.attribution.evidence import CLICK, Decision, Evidence, Refusal, Share, read_evidence
from tracking.attribution.journeys import Journeys, TooLittle, learn
from tracking.attribution.rules import NOTHING_LEARNED, Rule, Worth, decide, path_of
from tracking.models import AttributionRule, AttributionRun, Click, Credit, ExchangeRate, Order, Refund, RunLine, Store
from tracking.models.rules import params_of

BATCH = 2_000
PATIENCE = timedelta(minutes=10)
COLUMNS = ("run_id", "order_id", "collaboration_id", "reason", "share", "revenue", "commission")
Line = tuple[int, int, int | None, str, Decimal, Decimal, Decimal]


class ReplayRefused(Exception):
    """The replay can't be started or stopped; the message says why."""


class Difference(NamedTuple):
    """A collaboration's part of an order where a replay and the ledger disagree: (revenue, commission) of each."""

    order: str
    collaboration: str
    ledger: tuple[Decimal, Decimal]
    replay: tuple[Decimal, Decimal]


# Starting and stopping


@transaction.atomic
def start_replay(
    brand: Brand, rule: Rule, since: date, until: date, *, by: User | None = None, as_decided: bool = False
) -> AttributionRun:
    """Queue a replay of the orders placed from `since` to `until`. Raises ReplayRefused for a period without orders."""
    run = AttributionRun(
        brand=brand,
        label=rule.label,
        params=params_of(rule),
        since=since,
        until=until,
        cutoff=timezone.now(),
        as_decided=as_decided,
        started_by=by,
        beat_at=timezone.now(),
    )
    run.total = sum(orders_of(run, store).count() for store in stores_of(run))
    if not run.total:
        raise ReplayRefused("No order was placed in this period.")
    run.save()
    record(brand, "replay.started", run, by=by, label=rule.label, orders=run.total)
    return run


@transaction.atomic
def cancel_replay(run: AttributionRun, *, by: User | None = None) -> None:
    """Stop after the batch at work, and drop what it computed. Raises ReplayRefused once it has ended."""
    live = AttributionRun.objects.filter(pk=run.pk).exclude(status__in=AttributionRun.ENDED)
    if not live.update(status=AttributionRun.Status.CANCELLED, ended_at=timezone.now()):
        raise ReplayRefused("This replay has ended already.")
    RunLine.objects.filter(run=run).delete()
    record(run.brand, "replay.cancelled", run, by=by, label=run.label)


def requeue_replays() -> list[AttributionRun]:
    """Replays whose worker died go back to the queue."""
    dead = AttributionRun.objects.exclude(status__in=AttributionRun.ENDED).filter(beat_at__lt=timezone.now() - PATIENCE)
    found = list(dead)
    dead.update(status=AttributionRun.Status.QUEUED, beat_at=timezone.now())
    return found


# The orders


def stores_of(run: AttributionRun) -> list[Store]:
    return list(Store.objects.of(run.brand).order_by("pk"))


def moments_of(run: AttributionRun) -> tuple[datetime, datetime]:
    """The period's start and end by the brand's clock; the end is not part of it."""
    zone = ZoneInfo(run.brand.timezone)
    after = min(run.until, date.max - timedelta(days=1)) + timedelta(days=1)
    start, end = (datetime.combine(day, time.min, zone) for day in (run.since, after))
    return start, end


def orders_of(run: AttributionRun, store: Store) -> QuerySet[Order]:
    """A store's counted orders of the period."""
    start, end = moments_of(run)
    rows = Order.objects.counted().filter(store=store, placed_at__gte=start, placed_at__lt=end)
    return rows.filter(received_at__lte=run.cutoff)


def batches(run: AttributionRun, place: list[Any]) -> Iterator[list[Order]]:
    """Orders store by store in the order in which they were placed, from a place on."""
    for store in stores_of(run):
        if place and store.pk < place[0]:
            continue
        at = place[1:] if place and store.pk == place[0] else []
        while rows := next_orders(run, store, at):
            at = [rows[-1].placed_at, rows[-1].pk]
            yield rows


def next_orders(run: AttributionRun, store: Store, at: list[Any]) -> list[Order]:
    rows = orders_of(run, store)
    if at:
        rows = rows.filter(Q(placed_at__gt=at[0]) | Q(placed_at=at[0], pk__gt=at[1]), placed_at__gte=at[0])
    found = list(rows.select_related("evidence").order_by("placed_at", "pk")[:BATCH])
    for order in found:
        store.brand = run.brand
        order.store = store
    return found


# Running


def run_replay(run: AttributionRun) -> None:
    """Go on where the run stands; another worker that has it, or an end, stops this one."""
    if claim_replay(run):
        work_on(run)


def claim_replay(run: AttributionRun) -> bool:
    """Whether this worker may run it: exactly one of several gets it."""
    waiting = AttributionRun.objects.filter(pk=run.pk, status=AttributionRun.Status.QUEUED)
    return bool(waiting.update(status=AttributionRun.Status.RUNNING, beat_at=timezone.now()))


def work_on(run: AttributionRun) -> None:
    run.refresh_from_db()
    try:
        replay = Replay(run)
    except TooLittle as problem:
        end(run, AttributionRun.Status.REFUSED, note=str(problem))
        return
    place = [run.place[0], datetime.fromisoformat(run.place[1]), run.place[2]] if run.place else []
    for orders in batches(run, place):
        if not step(run, orders, replay.lines(orders)):
            return
    end(run, AttributionRun.Status.DONE)


@transaction.atomic
def step(run: AttributionRun, orders: list[Order], lines: list[Line]) -> bool:
    """Keep a batch and where it ended; False where the run was cancelled, or given to another worker."""
    mine = AttributionRun.objects.filter(pk=run.pk, status=AttributionRun.Status.RUNNING, done=run.done)
    run.done += len(orders)
    last = orders[-1]
    place = [last.store_id, last.placed_at.isoformat(), last.pk]
    if not mine.update(done=run.done, place=place, beat_at=timezone.now()):
        return False
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY tracking_runline ({', '.join(COLUMNS)}) FROM STDIN") as stream,
    ):
        for line in lines:
            stream.write_row(line)
    return True


@transaction.atomic
def end(run: AttributionRun, status: str, *, note: str = "") -> None:
    mine = AttributionRun.objects.filter(pk=run.pk, status=AttributionRun.Status.RUNNING)
    if mine.update(status=status, note=note, summary=summary_of(run), ended_at=timezone.now()):
        record(run.brand, "replay.finished", run, label=run.label, orders=run.done, note=note)
    run.refresh_from_db()


class Replay:
    """A rule at work on batches of orders, with what it learned and what it looks up once."""

    def __init__(self, run: AttributionRun) -> None:
        self.run, self.rule = run, run.rule
        self.rules: dict[str, Rule] = {}
        self.settled: dict[int, Decision] = {}
        self.rates: dict[tuple[str, str, date], Decimal | None] = {}
        people = Collaboration.objects.of(run.brand).select_related("campaign").only("campaign__currency")
        self.currency = {row.pk: row.campaign.currency for row in people}
        accepted = Offer.objects.filter(collaboration__in=self.currency, status=Offer.Status.ACCEPTED)
        self.percent = dict(accepted.values_list("collaboration", "commission_percent"))
        self.worth = self.learned()

    def learned(self) -> Worth:
        """What the model learns from all journeys of the period; kept with the run, so that it is learned once."""
        if not self.rule.learns:
            return NOTHING_LEARNED
        if not self.run.learned:
            worth = learn(self.rule, self.journeys(), Kinds(self.run.brand).of)
            self.run.learned = {"worth": dict(worth.of_node), "node_of": dict(worth.node_of)}
            AttributionRun.objects.filter(pk=self.run.pk).update(learned=self.run.learned, beat_at=timezone.now())
        kept_nodes = {int(pk): node for pk, node in self.run.learned["node_of"].items()}
        return Worth(self.run.learned["worth"], kept_nodes)

    def journeys(self) -> Journeys:
        """Paths to the period's orders, and for models that want them those of clicks no order named."""
        found = Journeys()
        for orders in batches(self.run, []):
            for evidence in self.evidence(orders).values():
                path = path_of(self.rule, evidence)
                found.add(tuple(touch.candidate for touch in path if touch.candidate), converted=True)
        if self.rule.with_null:
            for collaboration, clicks in lone_clicks(self.run):
                found.add((collaboration,), converted=False, times=clicks)
        return found

    def evidence(self, orders: list[Order]) -> dict[int, Evidence]:
        """What each order was decided on, joined by what is known of it by now unless that is to be left out."""
        stored = {
            order.pk: read_evidence(order.placed_at, order.evidence.facts)
            for order in orders
            if hasattr(order, "evidence")
        }
        live = [order for order in orders if not self.run.as_decided or order.pk not in stored]
        found = gather(self.run.brand, live) if live else {}
        return {
            order.pk: merged(stored.get(order.pk), found[order.pk].evidence if order.pk in found else None)
            for order in orders
        }

    def lines(self, orders: list[Order]) -> list[Line]:
        evidence, agreed, self.settled = self.evidence(orders), percents_of(orders), settled_answers(orders)
        for pk, late in late_refunds(self.run, orders).items():
            order = next(order for order in orders if order.pk == pk)
            order.refunded = min(sum((each.net for each in order.refunds.all()), ZERO) - late, order.net)
        return [line for order in orders for line in self.lines_of(order, evidence[order.pk], agreed)]

    def lines_of(self, order: Order, evidence: Evidence, agreed: dict[tuple[int, int], Decimal]) -> list[Line]:
        """An order's lines: one for each share, or one that says why nobody is credited."""
        rule = self.rule_for(order)
        answer = self.settled.get(order.pk) or decide(rule, evidence, self.worth)
        parts = [] if isinstance(answer, Refusal) else self.parts(order, answer, rule, agreed)
        if isinstance(answer, Refusal) or not all(part.rate for part in parts):
            reason = answer.reason if isinstance(answer, Refusal) else Order.Unmatched.RATE_MISSING.value
            return [(self.run.pk, order.pk, None, reason, ZERO, ZERO, ZERO)]
        given_back = ZERO if rule.pays_returned_goods else order.refunded
        return [
            (self.run.pk, order.pk, share.candidate, share.reason, share.part, left.revenue, left.commission)
            for share, left in zip(answer.shares, kept(order.net, given_back, parts), strict=True)
        ]

    def rule_for(self, order: Order) -> Rule:
        """The run's rule; with `as_decided` the one the order was decided by."""
        if not (self.run.as_decided and hasattr(order, "evidence")):
            return self.rule
        label = order.evidence.rule
        if label not in self.rules:
            self.rules[label] = AttributionRule.objects.labelled(self.run.brand, label) or self.rule
        return self.rules[label]

    def parts(self, order: Order, answer: Decision, rule: Rule, agreed: dict[tuple[int, int], Decimal]) -> list[Part]:
        """The shares as money sees them; as decided, with the percent the order was credited with."""
        found = []
        for share in answer.shares:
            set_by_rule = rule.percent(is_new=order.is_new_customer)
            offered = self.percent.get(share.candidate, ZERO) if set_by_rule is None else set_by_rule
            was = agreed.get((order.pk, share.candidate)) if self.run.as_decided else None
            currency = self.currency[share.candidate]
            found.append(
                Part(share.part, currency, self.rate(order, currency) or ZERO, offered if was is None else was)
            )
        return found

    def rate(self, order: Order, currency: str) -> Decimal | None:
        if order.currency == currency:
            return Decimal(1)
        key = (order.currency, currency, self.run.brand.day(order.placed_at))
        if key not in self.rates:
            self.rates[key] = ExchangeRate.objects.rate(*key)
        return self.rates[key]


def merged(stored: Evidence | None, live: Evidence | None) -> Evidence:
    """Codes as they were when the order was decided on, with every click that is known, and the answer as it is now."""
    if stored is None or live is None:
        found = live or stored
        assert found is not None
        return found
    clicks = [touch for touch in stored.touches if touch.kind == CLICK]
    touches = {touch.click_id: touch for touch in (*live.touches, *clicks)}
    return replace(
        live, codes=stored.codes, touches=tuple(touches.values()), is_new=live.is_new, own=live.own | stored.own
    )


def percents_of(orders: list[Order]) -> dict[tuple[int, int], Decimal]:
    """The percent of commission that each order's credits were written with."""
    rows = Credit.objects.filter(order__in=[order.pk for order in orders], refund=None, number=0)
    return {
        (order, collaboration): Decimal(percent)
        for order, collaboration, percent in rows.values_list("order", "collaboration", "evidence__commission_percent")
        if percent is not None
    }


def settled_answers(orders: list[Order]) -> dict[int, Decision]:
    """Orders that no rule decided: matched by hand, or renewals in the shares of their first order. They stay so."""
    reasons = (Credit.Reason.BY_HAND, Credit.Reason.RENEWAL)
    rows = Credit.objects.filter(order__in=[order.pk for order in orders], refund=None, number=0, reason__in=reasons)
    shares: dict[int, list[Share]] = {}
    for row in rows.order_by("pk"):
        shares.setdefault(row.order_id, []).append(Share(row.collaboration_id, row.share, row.reason))
    return {pk: Decision("", tuple(found)) for pk, found in shares.items()}


def lone_clicks(run: AttributionRun) -> list[tuple[int, int]]:
    """People's clicks of the period that no order named, counted by collaboration: journeys without an order."""
    start, end = moments_of(run)
    named = Order.objects.exclude(click_id="").filter(click_id=OuterRef("id"))
    clicks = Click.objects.of(run.brand).unique().filter(~Exists(named), clicked_at__gte=start, clicked_at__lt=end)
    return list(clicks.order_by().values_list("link__collaboration").annotate(count=Count("id")))


def late_refunds(run: AttributionRun, orders: list[Order]) -> dict[int, Decimal]:
    """What came back of orders after the cut-off."""
    rows = Refund.objects.filter(order__in=[order.pk for order in orders], received_at__gt=run.cutoff)
    return dict(rows.order_by().values_list("order").annotate(sum=Sum("net")))


class Kinds:
    """Creators too seldom met, by what makes them alike: tier and niche."""

    def __init__(self, brand: Brand) -> None:
        self.bands = bands_of(TierScheme.objects.of(brand).first())
        rows = Collaboration.objects.of(brand).select_related("relationship__creator")
        self.known = {row.pk: row for row in rows}

    def of(self, collaboration: int) -> str:
        row = self.known[collaboration]
        tier = tier_in(self.bands, row.network_when_added, row.followers_when_added) or "no tier"
        niches = row.relationship.creator.niches
        return f"{tier} · {niches[0] if niches else 'no niche'}"


# Beside the ledger

SUMS = """
    WITH ours AS (SELECT order_id, collaboration_id, reason, revenue, commission FROM tracking_runline
                  WHERE run_id = %(run)s),
    theirs AS (
        SELECT credit.order_id, credit.collaboration_id, sum(credit.revenue) AS revenue,
               sum(credit.commission) AS commission
        FROM tracking_credit credit
        WHERE credit.created_at <= %(cutoff)s AND credit.order_id IN (SELECT order_id FROM ours)
        GROUP BY 1, 2
    )
    SELECT collaboration_id, sum(was), sum(was_revenue), sum(was_commission), sum(now), sum(now_revenue),
           sum(now_commission)
    FROM (
        SELECT collaboration_id, 0 AS was, 0 AS was_revenue, 0 AS was_commission, count(*) AS now,
               sum(revenue) AS now_revenue, sum(commission) AS now_commission
        FROM ours WHERE collaboration_id IS NOT NULL GROUP BY 1
        UNION ALL
        SELECT collaboration_id, count(*), sum(revenue), sum(commission), 0, 0, 0 FROM theirs GROUP BY 1
    ) AS both_sides GROUP BY 1 ORDER BY 1
"""


def summary_of(run: AttributionRun) -> dict[str, Any]:
    """What the run and the ledger give each collaboration, and why orders are credited to nobody; computed once.

    `rows`: [collaboration, orders, revenue, commission of the ledger, the same three of the run].
    """
    with connection.cursor() as cursor:
        cursor.execute(SUMS, {"run": run.pk, "cutoff": run.cutoff})
        rows = [[pk, *map(str, sums)] for pk, *sums in cursor.fetchall()]
    refused = RunLine.objects.filter(run=run, collaboration=None).order_by().values_list("reason")
    return {"rows": rows, "refused": dict(refused.annotate(count=Count("pk")))}


COMPARE = """
    WITH ledger AS (
        SELECT credit.order_id, credit.collaboration_id, sum(credit.revenue) AS revenue,
               sum(credit.commission) AS commission
        FROM tracking_credit credit
        WHERE credit.created_at <= %(cutoff)s
          AND EXISTS (SELECT FROM tracking_runline line WHERE line.run_id = %(run)s AND line.order_id = credit.order_id)
        GROUP BY 1, 2
    ), replay AS (
        SELECT order_id, collaboration_id, revenue, commission FROM tracking_runline
        WHERE run_id = %(run)s AND collaboration_id IS NOT NULL
    )
    SELECT purchase.external_id, collaboration.code,
           coalesce(ledger.revenue, 0), coalesce(ledger.commission, 0),
           coalesce(replay.revenue, 0), coalesce(replay.commission, 0)
    FROM ledger FULL JOIN replay USING (order_id, collaboration_id)
    JOIN tracking_order purchase ON purchase.id = order_id
    JOIN campaigns_collaboration collaboration ON collaboration.id = collaboration_id
    WHERE (coalesce(ledger.revenue, 0), coalesce(ledger.commission, 0))
          <> (coalesce(replay.revenue, 0), coalesce(replay.commission, 0))
    ORDER BY order_id, collaboration_id LIMIT %(most)s
"""


def differences(run: AttributionRun, most: int = 1000) -> list[Difference]:
    """Where the finished run and the ledger disagree by a cent or more, order by order."""
    with connection.cursor() as cursor:
        cursor.execute(COMPARE, {"run": run.pk, "cutoff": run.cutoff, "most": most})
        return [Difference(row[0], row[1], (row[2], row[3]), (row[4], row[5])) for row in cursor.fetchall()]
