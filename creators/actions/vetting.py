"""Vetting creators: what to look for, signals kept, checklist, votes, decisions, runs over lists, replies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from creators.models import (
    ChecklistAnswer,
    ChecklistItem,
    Creator,
    Relationship,
    Shortlist,
    SignalReply,
    Vetting,
    VettingPolicy,
    VettingRun,
    Vote,
)
from creators.vetting.fit import DEFAULT_WEIGHTS
from creators.vetting.report import Report, report_of
from creators.vetting.signals import TITLES
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record

HEAVIEST = 10
PATIENCE = timedelta(minutes=10)
MOST = 5_000
# After what brands say they look at: content, audience, safety, tone, disclosure, values, professionalism, cadence.
DEFAULT_CHECKLIST = (
    "Content is of the quality we want to be seen with",
    "Who the audience is, and where, matches whom we sell to",
    "Nothing in past posts that would embarrass us",
    "Tone and values fit ours",
    "Past advertising was labelled",
    "No recent work for a competitor",
    "Comments show people who talk with the creator",
    "Not mostly codes and offers",
    "Already talks about products like ours",
    "Posts steadily",
)


class VettingRefusedError(Exception):
    """A rule of ours stands against it; the message says which."""


def report(creator: Creator, brand: Brand, *, at: datetime | None = None) -> Report:
    """What is known now; writes nothing."""
    return report_of(creator, brand, VettingPolicy.objects.holding(brand), at or timezone.now())


def vetting_of(brand: Brand, creator: Creator) -> Vetting:
    """The brand's vetting of the creator, made where there is none. Raises VettingRefusedError for a stranger's."""
    if creator.owner_id not in {None, brand.pk}:
        raise VettingRefusedError("This creator is not in your directory.")
    return Vetting.objects.get_or_create(brand=brand, creator=creator)[0]


@transaction.atomic
def keep_signals(brand: Brand, creator: Creator, *, found: Report | None = None) -> Vetting:
    """Compute the signals and keep them with what they were computed from."""
    found = found or report(creator, brand)
    row = vetting_of(brand, creator)
    row.attention = found.attention.value
    row.signals = [account.as_json() for account in found.accounts]
    row.inputs = {
        "policy": policy_facts(VettingPolicy.objects.holding(brand)),
        "fit": {part.code: [part.value, part.weight] for part in found.fit.parts},
    }
    row.fit = None if found.fit.score is None else Decimal(f"{found.fit.score:.2f}")
    row.fit_coverage = Decimal(f"{found.fit.coverage:.3f}")
    row.computed_at = timezone.now()
    row.save(update_fields=["attention", "signals", "inputs", "fit", "fit_coverage", "computed_at"])
    return row


def policy_facts(policy: VettingPolicy) -> dict[str, Any]:
    names = ("countries", "languages", "ages", "niches", "own_names", "competitors", "category", "weights")
    return {name: getattr(policy, name) for name in names}


@transaction.atomic
def set_policy(brand: Brand, *, by: User | None = None, **facts: Any) -> VettingPolicy:
    """Replace what the brand looks for. Raises VettingRefusedError for unknown parts and weights outside 0 to 10."""
    check_weights(facts.get("weights", {}))
    policy, _ = VettingPolicy.objects.select_for_update().get_or_create(brand=brand)
    for name, value in facts.items():
        setattr(policy, name, value)
    policy.save(update_fields=[*facts, "updated_at"])
    record(brand, "vetting-policy.changed", policy, by=by, changed=sorted(facts))
    return policy


def check_weights(weights: Mapping[str, Any]) -> None:
    strange = sorted(weights.keys() - DEFAULT_WEIGHTS.keys())
    if strange:
        raise VettingRefusedError(f"The fit score has no part called {strange[0]}.")
    if any(type(value) is not int or not 0 <= value <= HEAVIEST for value in weights.values()):
        raise VettingRefusedError(f"A weight is a whole number from 0 to {HEAVIEST}.")
    if not any({**DEFAULT_WEIGHTS, **weights}.values()):
        raise VettingRefusedError("At least one part of the fit score needs a weight.")


@transaction.atomic
def set_checklist(brand: Brand, texts: Sequence[str], *, by: User | None = None) -> list[ChecklistItem]:
    """These questions in this order; ones that are no longer there retire with their answers kept."""
    wanted = list(dict.fromkeys(text.strip() for text in texts if text.strip()))
    known = {item.text: item for item in ChecklistItem.objects.of(brand).select_for_update()}
    ChecklistItem.objects.of(brand).exclude(text__in=wanted).update(is_retired=True)
    for position, text in enumerate(wanted):
        if text in known:
            ChecklistItem.objects.filter(pk=known[text].pk).update(position=position, is_retired=False)
        else:
            ChecklistItem.objects.create(brand=brand, position=position, text=text)
    record(brand, "checklist.changed", brand, by=by, items=len(wanted))
    return list(ChecklistItem.objects.of(brand).in_use())


def start_checklist(brand: Brand) -> None:
    """The usual questions for a brand that has none."""
    if not ChecklistItem.objects.of(brand).exists():
        set_checklist(brand, DEFAULT_CHECKLIST)


@transaction.atomic
def answer_item(creator: Creator, item: ChecklistItem, answer: str, *, note: str = "", by: User) -> Vetting:
    """Answer one question of the checklist; an empty answer takes it back."""
    row = vetting_of(item.brand, creator)
    if answer:
        facts = {"answer": ChecklistAnswer.Answer(answer), "note": note, "by": by}
        ChecklistAnswer.objects.update_or_create(vetting=row, item=item, defaults=facts)
    else:
        ChecklistAnswer.objects.filter(vetting=row, item=item).delete()
    return row


@transaction.atomic
def cast_vote(brand: Brand, creator: Creator, answer: str, *, comment: str = "", by: User) -> Vote:
    """A member's opinion, which replaces their earlier one. Raises VettingRefusedError once it is decided."""
    row = Vetting.objects.select_for_update().get(pk=vetting_of(brand, creator).pk)
    if row.decision != Vetting.Decision.OPEN:
        raise VettingRefusedError("This creator is decided on. Reopen the decision to vote again.")
    facts = {"answer": Vote.Answer(answer), "comment": comment}
    vote, _ = Vote.objects.update_or_create(vetting=row, user=by, defaults=facts)
    record(brand, "vetting.voted", row, by=by, answer=answer)
    return vote


@transaction.atomic
def decide(brand: Brand, creator: Creator, decision: str, *, reason: str = "", by: User | None) -> Vetting:
    """Approve, reject or end without either, and keep the signals as they were seen.

    Raises VettingRefusedError where it is decided.
    """
    row = keep_signals(brand, creator)
    facts = {"decision": decision, "reason": reason, "decided_by": by, "decided_at": timezone.now()}
    if not Vetting.objects.filter(pk=row.pk, decision=Vetting.Decision.OPEN).update(**facts):
        raise VettingRefusedError("Somebody decided on this creator already.")
    row.refresh_from_db()
    record(brand, "vetting.decided", row, by=by, decision=decision, reason=reason)
    return row


@transaction.atomic
def reopen(row: Vetting, *, by: User) -> Vetting:
    """Take a decision back; votes stay. Raises VettingRefusedError where there is none."""
    facts = {"decision": Vetting.Decision.OPEN, "reason": "", "decided_by": None, "decided_at": None}
    if not Vetting.objects.filter(pk=row.pk).exclude(decision=Vetting.Decision.OPEN).update(**facts):
        raise VettingRefusedError("There is no decision to reopen.")
    record(row.brand, "vetting.reopened", row, by=by)
    row.refresh_from_db()
    return row


@transaction.atomic
def reply_to_signal(creator: Creator, signal: str, text: str, *, by: User) -> SignalReply | None:
    """What the creator says about a signal; an empty text takes it back. Raises VettingRefusedError for no signal."""
    if signal not in TITLES:
        raise VettingRefusedError("There is no such note.")
    if not text.strip():
        SignalReply.objects.filter(creator=creator, signal=signal).delete()
        return None
    reply, _ = SignalReply.objects.update_or_create(
        creator=creator, signal=signal, defaults={"text": text.strip(), "user": by}
    )
    record(creator.owner, "signal.answered", reply, by=by, signal=signal)
    return reply


# Runs over a list


@transaction.atomic
def start_vetting_run(brand: Brand, shortlist: Shortlist, *, by: User | None = None) -> VettingRun:
    """Queue everybody on the list who isn't blocked. VettingRefusedError for lists by rule, empty and huge ones."""
    if shortlist.is_by_rule:
        raise VettingRefusedError("A list by rule changes by itself. Put its creators on a list of their own first.")
    blocked = Relationship.objects.of(brand).blocked().values("creator")
    entries = shortlist.entries.exclude(creator__in=blocked).order_by("pk")
    ids = list(entries.values_list("creator", flat=True)[: MOST + 1])
    if not ids:
        raise VettingRefusedError("There is nobody on this list.")
    if len(ids) > MOST:
        raise VettingRefusedError(f"At most {MOST:,} creators are vetted at once.")
    run = VettingRun.objects.create(
        brand=brand, shortlist=shortlist, creators=ids, started_by=by, beat_at=timezone.now()
    )
    record(brand, "vetting-run.started", run, by=by, creators=len(ids), title=shortlist.name)
    return run


@transaction.atomic
def cancel_vetting_run(run: VettingRun, *, by: User | None = None) -> None:
    """Stop after the creator at work; what was computed stays. Raises VettingRefusedError once it has ended."""
    live = VettingRun.objects.filter(pk=run.pk).exclude(status__in=VettingRun.ENDED)
    if not live.update(status=VettingRun.Status.CANCELLED, ended_at=timezone.now()):
        raise VettingRefusedError("This has ended already.")
    record(run.brand, "vetting-run.cancelled", run, by=by, title=run.shortlist.name)


def run_vetting(run: VettingRun) -> None:
    """Go on where the run stands; another worker that has it, or an end, stops this one."""
    waiting = VettingRun.objects.filter(pk=run.pk, status=VettingRun.Status.QUEUED)
    if not waiting.update(status=VettingRun.Status.RUNNING, beat_at=timezone.now()):
        return
    run.refresh_from_db()
    people = Creator.objects.of(run.brand).in_bulk(run.creators[run.done :])
    for at, pk in enumerate(run.creators[run.done :], start=run.done):
        if pk in people:
            keep_signals(run.brand, people[pk])
        if not step(run, at + 1):
            return
    finish(run)


def step(run: VettingRun, done: int) -> bool:
    """Note one more; False where the run was cancelled, or given to another worker."""
    mine = VettingRun.objects.filter(pk=run.pk, status=VettingRun.Status.RUNNING, done=done - 1)
    return bool(mine.update(done=done, beat_at=timezone.now()))


@transaction.atomic
def finish(run: VettingRun) -> None:
    mine = VettingRun.objects.filter(pk=run.pk, status=VettingRun.Status.RUNNING)
    if mine.update(status=VettingRun.Status.DONE, ended_at=timezone.now()):
        record(run.brand, "vetting-run.finished", run, creators=run.total, title=run.shortlist.name)


def requeue_vetting_runs() -> Iterable[VettingRun]:
    """Runs whose worker died go back to the queue."""
    before = timezone.now() - PATIENCE
    dead = VettingRun.objects.exclude(status__in=VettingRun.ENDED).filter(beat_at__lt=before)
    found = list(dead)
    dead.update(status=VettingRun.Status.QUEUED, beat_at=timezone.now())
    return found
