"""Named rules of credit: evidence and a rule in, shares with their reasons or a refusal with its reason out. Pure.

A rule first asks the codes and the path of touches apart, then its conflict policy says which of them counts:

1. A code of exactly one creator is that creator's. Codes of several: the largest discount, then the most recent
   click, then the code issued first. A code under suspicion of a leak yields to a click; a confirmed leak never counts.
2. The path are the clicks within their window, oldest first; clicks on one creator that follow each other within half
   an hour are one. The model shares the order among them.
3. An answer that names a creator counts where neither a code nor a click does, or as a touch more on the path. It says
   nothing of when the buyer met the creator, so there it stands at the time of the order.
4. A post that was seen never earns anything by itself: a rule may ask that an answer be about a creator who had one.

A touch after the order earns nothing, and an earlier creator keeps no claim on a customer: each order is decided by
its own evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from tracking.attribution.evidence import (
    CLICK,
    CODE,
    INVOLVED,
    SURVEY,
    WHOLE,
    WINNER,
    CodeUse,
    Decision,
    Evidence,
    Refusal,
    Share,
    Touch,
)

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
ONE_VISIT = timedelta(minutes=30)
SUSPECTED, CONFIRMED = "suspected", "confirmed"
CODE_WINS, LINK_WINS, SPLIT, CODE_IN_PATH = "code", "link", "split", "path"
LAST, FIRST, LAST_NON_DIRECT = "last", "first", "last-non-direct"
LINEAR, TIME_DECAY, POSITION, SHAPLEY, MARKOV = "linear", "time-decay", "position", "shapley", "markov"
ALONE, IN_PATH = "alone", "path"
ONE_TOUCH = (LAST, FIRST, LAST_NON_DIRECT)
MODELS = (*ONE_TOUCH, LINEAR, TIME_DECAY, POSITION, SHAPLEY, MARKOV)
SUM_GAME, RATE_GAME = "sum", "rate"
PLACES = 10
Weighed = tuple[Touch, Fraction]
STRENGTH = {CODE: 2, CLICK: 1, SURVEY: 0}


@dataclass(frozen=True)
class Worth:
    """What a data-driven model learned: each node's worth, and the node of each candidate (itself when not pooled)."""

    of_node: Mapping[str, float] = field(default_factory=dict)
    node_of: Mapping[int, str] = field(default_factory=dict)


NOTHING_LEARNED = Worth()


@dataclass(frozen=True)
class Rule:
    """A version of a rule. Windows are whole days; a window of 0 leaves that kind of touch out.

    `answers` says whether a survey answer counts alone, where nothing stronger does, or on the path, where it weighs
    `survey_weight` of a click. With `survey_post_days` it counts only if its creator had a post seen so shortly before.

    `click_days` is the window of the models that credit one touch; the others look back `look_back_new` days for new
    buyers and `look_back_returning` for those who bought before or are not known. Rates in percent, None: as agreed
    in the offer. Commission is held for `hold_days` before it is locked.
    """

    label: str
    model: str = LAST
    conflict: str = CODE_WINS
    code_part: Decimal = Decimal("0.5")
    click_days: int = 30
    survey_days: int = 0
    answers: str = ALONE
    survey_weight: Decimal = Decimal(1)
    survey_post_days: int = 0
    look_back_new: int = 30
    look_back_returning: int = 90
    half_life_days: Decimal = Decimal(7)
    order: int = 1
    with_null: bool = True
    game: str = SUM_GAME
    percent_new: Decimal | None = None
    percent_returning: Decimal | None = None
    pays_self_referral: bool = False
    pays_returned_goods: bool = False
    hold_days: int = 30

    @property
    def learns(self) -> bool:
        """Whether the model looks at all journeys before it can decide one."""
        return self.model == MARKOV or (self.model == SHAPLEY and self.game == RATE_GAME)

    def window(self, kind: str, evidence: Evidence) -> timedelta:
        if kind == SURVEY:
            return timedelta(days=self.survey_days)
        if self.model in ONE_TOUCH:
            return timedelta(days=self.click_days)
        return timedelta(days=self.look_back_new if evidence.is_new else self.look_back_returning)

    def percent(self, *, is_new: bool | None) -> Decimal | None:
        """The rate of commission this rule sets for a buyer; None: the one agreed."""
        return self.percent_new if is_new else self.percent_returning


# The rules that come with the product. code-first/2 leaves out what creators buy themselves; it is every brand's rule
# until they choose another.
BUILT_IN = {rule.label: rule for rule in (Rule("code-first/1", pays_self_referral=True), Rule("code-first/2"))}
DEFAULT = BUILT_IN["code-first/2"]


def decide(rule: Rule, evidence: Evidence, worth: Worth = NOTHING_LEARNED) -> Decision | Refusal:
    """Share an order among the creators who brought it, or refuse with the reason most useful to a reader."""
    path = path_of(rule, evidence)
    codes = counting_codes(rule, evidence, path, worth)
    by_code = code_shares(rule, codes, path, evidence)
    by_link = link_shares(rule, path, codes, evidence, worth)
    shares = settled(rule, by_code, by_link)
    if not shares and rule.answers == ALONE:
        shares = link_shares(rule, answers_of(rule, evidence), (), evidence, worth)
    if not shares:
        return Refusal(rule.label, refusal_reason(rule, evidence, path))
    return Decision(rule.label, tuple(shares))


def settled(rule: Rule, by_code: list[Share], by_link: list[Share]) -> list[Share]:
    """What the conflict policy makes of the two answers."""
    if rule.conflict == SPLIT and by_code and by_link:
        return joined([*scaled(by_code, rule.code_part), *scaled(by_link, WHOLE - rule.code_part)])
    if rule.conflict in {LINK_WINS, CODE_IN_PATH}:
        return by_link or by_code
    return by_code or by_link


def scaled(shares: Sequence[Share], part: Decimal) -> list[Share]:
    """The shares of a part of the order; the last one takes what rounding leaves."""
    parts = [round(share.part * part, PLACES) for share in shares]
    whole = round(sum((share.part for share in shares), Decimal(0)) * part, PLACES)
    parts[-1] += whole - sum(parts, Decimal(0))
    return [
        Share(share.candidate, each, share.reason, share.evidence)
        for share, each in zip(shares, parts, strict=True)
        if each > 0
    ]


def joined(shares: Sequence[Share]) -> list[Share]:
    """One share for each candidate: who has both code and click gets both parts, for both reasons."""
    found: dict[int, Share] = {}
    for share in shares:
        known = found.get(share.candidate)
        found[share.candidate] = share if known is None else both(known, share)
    return list(found.values())


def both(code: Share, click: Share) -> Share:
    reason = "code_and_click" if code.reason != click.reason else code.reason
    return Share(code.candidate, code.part + click.part, reason, {**click.evidence, **code.evidence})


# Touches


def path_of(rule: Rule, evidence: Evidence) -> list[Touch]:
    """The counting clicks, oldest first, one for each visit; then the answers, where the rule has them on the path."""
    clicks = visits(counting(rule, evidence, CLICK))
    return [*clicks, *answers_of(rule, evidence)] if rule.answers == IN_PATH else clicks


def answers_of(rule: Rule, evidence: Evidence) -> list[Touch]:
    """The counting answers, at the time of the order."""
    return [replace(touch, at=evidence.placed_at) for touch in counting(rule, evidence, SURVEY)]


def counting(rule: Rule, evidence: Evidence, kind: str) -> list[Touch]:
    """The touches of a kind that count, oldest first."""
    found = [touch for touch in evidence.touches if touch.kind == kind and counts(rule, touch, evidence)]
    return sorted(found, key=lambda touch: (touch.at, touch.click_id, touch.candidate or 0))


def counts(rule: Rule, touch: Touch, evidence: Evidence) -> bool:
    """A person's, in time, and not the creator's own; an answer with a post before it, where the rule asks for one."""
    window = rule.window(touch.kind, evidence)
    is_excluded = touch.candidate in evidence.own and not rule.pays_self_referral
    is_late = touch.kind != SURVEY and not is_before(touch, evidence)  # the answer follows the order it explains
    is_barred = touch.is_bot or is_excluded or is_late or is_too_old(touch, evidence, window)
    return bool(window) and not is_barred and (touch.kind != SURVEY or has_post(rule, touch, evidence))


def has_post(rule: Rule, touch: Touch, evidence: Evidence) -> bool:
    """Whether a post of the creator was seen by somebody in the days before the order; true where nobody asks."""
    since = evidence.placed_at - timedelta(days=rule.survey_post_days)
    seen = [post for post in evidence.posts if post.candidate == touch.candidate and post.views]
    return not rule.survey_post_days or any(since <= post.at <= evidence.placed_at for post in seen)


def is_before(touch: Touch, evidence: Evidence) -> bool:
    """Shops state whole seconds, so a click in the order's own second counts as before it."""
    return touch.at.replace(microsecond=0) <= evidence.placed_at


def is_too_old(touch: Touch, evidence: Evidence, window: timedelta) -> bool:
    """A survey answer has its window after the order."""
    return (
        abs(evidence.placed_at - touch.at) > window if touch.kind == SURVEY else touch.at < evidence.placed_at - window
    )


def visits(touches: list[Touch]) -> list[Touch]:
    """Touches of one creator that follow each other within half an hour are the last of them."""
    if not touches:
        return []
    kept = [
        touch
        for touch, after in pairwise(touches)
        if touch.candidate != after.candidate or after.at - touch.at > ONE_VISIT
    ]
    return [*kept, touches[-1]]


# Codes


def active_codes(evidence: Evidence) -> list[CodeUse]:
    return [use for use in evidence.codes if use.candidate is not None and use.is_active(evidence.placed_at)]


def trusted_codes(rule: Rule, evidence: Evidence, path: Sequence[Touch]) -> list[CodeUse]:
    """Creators' codes that were valid at the time, are not discredited by a leak and not the buyer's own."""
    distrusted = {CONFIRMED, SUSPECTED} if path else {CONFIRMED}
    return [
        use
        for use in active_codes(evidence)
        if use.leak not in distrusted and (rule.pays_self_referral or use.candidate not in evidence.own)
    ]


def counting_codes(rule: Rule, evidence: Evidence, path: Sequence[Touch], worth: Worth) -> list[CodeUse]:
    """Trusted codes whose own policy lets them count."""
    trusted = trusted_codes(rule, evidence, path)
    if all(use.policy not in {INVOLVED, WINNER} for use in trusted):
        return trusted
    winner = top_of(rule, path, worth)
    clicked = {touch.candidate for touch in path}
    return [
        use
        for use in trusted
        if not (use.policy == INVOLVED and use.candidate not in clicked)
        and not (use.policy == WINNER and use.candidate != winner)
    ]


def top_of(rule: Rule, path: Sequence[Touch], worth: Worth) -> int | None:
    """Whom the touches alone credit most."""
    parts = parts_of(weigh(rule, path, worth)) if path else {}
    return max(parts, key=lambda candidate: parts[candidate]) if parts else None


def code_shares(rule: Rule, codes: list[CodeUse], path: list[Touch], evidence: Evidence) -> list[Share]:
    """All of it to the creator whose code decides."""
    if not codes:
        return []
    is_one = len({use.candidate for use in codes}) == 1
    use = max(codes, key=lambda use: use.amount) if is_one else largest(codes, path)
    clicked = [touch for touch in path if touch.candidate == use.candidate and touch.kind == CLICK]
    reason = "largest_code" if not is_one else "code_and_click" if clicked else "code"
    return [Share(use.candidate or 0, WHOLE, reason, facts_of(use, evidence, clicked))]


def largest(codes: list[CodeUse], path: Sequence[Touch]) -> CodeUse:
    last_click = {touch.candidate: touch.at for touch in path}

    def strength(use: CodeUse) -> tuple[Decimal, datetime, float, str]:
        clicked_at = last_click.get(use.candidate, LONG_AGO)
        issued = (use.issued_at or LONG_AGO).timestamp()
        return use.amount, clicked_at, -issued, use.code

    return max(codes, key=strength)


def facts_of(use: CodeUse, evidence: Evidence, clicked: Sequence[Touch]) -> dict[str, Any]:
    found: dict[str, Any] = {"code": use.code, "discount": str(use.amount), **codes_seen(evidence)}
    return found | (click_facts(clicked[-1]) if clicked else {})


def click_facts(touch: Touch) -> dict[str, Any]:
    at = "clicked_at" if touch.kind == CLICK else "at"
    return {touch.kind: touch.click_id, at: touch.at.isoformat()}


def codes_seen(evidence: Evidence) -> dict[str, Any]:
    """Every code on the order with its discount, when there is more than the one that decided."""
    if len(evidence.codes) < 2:
        return {}
    return {"codes": [[use.code, str(use.amount)] for use in evidence.codes]}


# Models


def link_shares(
    rule: Rule, path: list[Touch], codes: Sequence[CodeUse], evidence: Evidence, worth: Worth
) -> list[Share]:
    """What the model makes of the path; with codes in the path each of them is a touch at the time of the order."""
    if rule.conflict == CODE_IN_PATH:
        used = [Touch(use.code, use.candidate, evidence.placed_at, kind=CODE) for use in codes]
        path = [*path, *sorted(used, key=lambda touch: touch.click_id)]
    if not path:
        return []
    weighed = weigh(rule, path, worth)
    shared = parts_of(weighed)
    return [link_share(rule, weighed, candidate, part, evidence) for candidate, part in shared.items() if part]


def link_share(rule: Rule, weighed: Sequence[Weighed], candidate: int, part: Decimal, evidence: Evidence) -> Share:
    """A candidate's part, explained by the touch that weighed most for it; of equal ones the stronger, then later."""
    own = [
        (weight, STRENGTH[touch.kind], place)
        for place, (touch, weight) in enumerate(weighed)
        if touch.candidate == candidate
    ]
    telling = weighed[max(own)[-1]][0]
    leaked = any(use.leak != "none" for use in active_codes(evidence))
    counted = {"touches": [len(own), len(weighed)]} if len(weighed) > 1 else {}
    facts = {**click_facts(telling), **counted, **codes_seen(evidence)}
    return Share(candidate, part, reason_for(rule, telling, leaked=leaked), facts)


def reason_for(rule: Rule, touch: Touch, *, leaked: bool) -> str:
    if touch.kind != CLICK:
        return touch.kind
    if rule.model not in ONE_TOUCH:
        return "path"
    return "leaked_code_click" if leaked else "click"


def parts_of(weighed: Sequence[Weighed]) -> dict[int, Decimal]:
    """Each candidate's part in the order of their first touch. Visits that no creator brought keep theirs."""
    sums: dict[int | None, Fraction] = {}
    for touch, weight in weighed:
        sums[touch.candidate] = sums.get(touch.candidate, Fraction(0)) + weight
    exact = parts(list(sums.values()))
    found = zip(sums, exact, strict=True)
    return {candidate: part for candidate, part in found if candidate is not None}


def parts(weights: Sequence[Fraction]) -> list[Decimal]:
    """Weights as parts of one with ten places: largest remainder, ties by position. They sum to exactly one."""
    total, units = sum(weights, Fraction(0)), 10**PLACES
    shares = [weight * units / total for weight in weights]
    whole = [int(share) for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda place: (whole[place] - shares[place], place))
    for place in by_remainder[: units - sum(whole)]:
        whole[place] += 1
    return [Decimal(part).scaleb(-PLACES) for part in whole]


def weigh(rule: Rule, path: Sequence[Touch], worth: Worth) -> list[Weighed]:
    """What each touch weighs: the model's weight, of which an answer has the rule's part."""
    weights = by_worth(path, worth) if rule.learns else WEIGHTS[rule.model](rule, path)
    part = Fraction(rule.survey_weight)
    found = zip(path, weights, strict=True)
    return [(touch, weight * part if touch.kind == SURVEY else weight) for touch, weight in found]


def at_one(size: int, place: int) -> list[Fraction]:
    return [Fraction(int(at == place)) for at in range(size)]


def last_non_direct(_: Rule, path: Sequence[Touch]) -> list[Fraction]:
    """The last touch that a creator brought; the very last one where none did."""
    brought = [place for place, touch in enumerate(path) if touch.candidate is not None]
    return at_one(len(path), brought[-1] if brought else len(path) - 1)


def position(_: Rule, path: Sequence[Touch]) -> list[Fraction]:
    """40 % to the first, 40 % to the last, 20 % among those between; two touches share alike."""
    if len(path) < 3:
        return [Fraction(1)] * len(path)
    between = Fraction(1, 5) / (len(path) - 2)
    return [Fraction(2, 5), *[between] * (len(path) - 2), Fraction(2, 5)]


def time_decay(rule: Rule, path: Sequence[Touch]) -> list[Fraction]:
    """w = 2^-(age / half-life); ages count from the last touch, so the largest weight is 1 and none underflows all."""
    half_life = float(rule.half_life_days) * 86_400
    return [Fraction(2.0 ** -((path[-1].at - touch.at).total_seconds() / half_life)) for touch in path]


def distinct(_: Rule, path: Sequence[Touch]) -> list[Fraction]:
    """Equal parts for each who took part: the Shapley value of the sum game (see `paths.shapley`)."""
    names = [touch.candidate for touch in path]
    return [Fraction(1, names.count(name)) for name in names]


WEIGHTS: Mapping[str, Callable[[Rule, Sequence[Touch]], list[Fraction]]] = {
    LAST: lambda _, path: at_one(len(path), len(path) - 1),
    FIRST: lambda _, path: at_one(len(path), 0),
    LAST_NON_DIRECT: last_non_direct,
    LINEAR: lambda _, path: [Fraction(1)] * len(path),
    POSITION: position,
    TIME_DECAY: time_decay,
    SHAPLEY: distinct,
}


def by_worth(path: Sequence[Touch], worth: Worth) -> list[Fraction]:
    """In proportion to what each node is worth, within a node alike; where nobody is worth anything, all alike."""
    names = [touch.candidate for touch in path]
    nodes = {name: worth.node_of.get(name, "") if name is not None else "" for name in dict.fromkeys(names)}
    sharing = list(nodes.values())
    each = {
        name: Fraction(max(worth.of_node.get(node, 0.0), 0.0)) / sharing.count(node) / names.count(name)
        for name, node in nodes.items()
    }
    return [each[name] for name in names] if any(each.values()) else [Fraction(1)] * len(path)


# Refusals


def refusal_reason(rule: Rule, evidence: Evidence, path: Sequence[Touch]) -> str:
    """The first thing that stood in the way: the buyer's own, then clicks, then codes, then weaker evidence."""
    return (
        reason_about_buyer(rule, evidence)
        or reason_about_clicks(rule, evidence, path)
        or reason_about_codes(evidence)
        or reason_about_answers(rule, evidence)
        or "no_evidence"
    )


def reason_about_buyer(rule: Rule, evidence: Evidence) -> str:
    named = {use.candidate for use in active_codes(evidence)} | {touch.candidate for touch in evidence.touches}
    return "self_referral" if not rule.pays_self_referral and named & evidence.own else ""


def reason_about_clicks(rule: Rule, evidence: Evidence, path: Sequence[Touch]) -> str:
    clicks = [touch for touch in evidence.touches if touch.kind == CLICK]
    if path:
        return "direct"
    if not clicks:
        return "unknown_click" if evidence.click_id else ""
    last = max(clicks, key=lambda touch: (touch.at, touch.click_id, touch.is_bot))
    if last.is_bot:
        return "bot_click"
    return "click_too_old" if is_too_old(last, evidence, rule.window(CLICK, evidence)) else "click_after_order"


def reason_about_codes(evidence: Evidence) -> str:
    if not evidence.codes:
        return ""
    active = active_codes(evidence)
    if not active:
        known = any(use.candidate is not None for use in evidence.codes)
        return "code_not_active" if known else "unknown_code"
    trusted = [use for use in active if use.leak != CONFIRMED]
    if not trusted:
        return "leaked_code"
    return f"code_not_{min(trusted, key=lambda use: (-use.amount, use.code)).policy}"


def reason_about_answers(rule: Rule, evidence: Evidence) -> str:
    answers = [touch for touch in evidence.touches if touch.kind == SURVEY]
    if not answers:
        return ""
    is_counted = rule.survey_days and any(has_post(rule, touch, evidence) for touch in answers)
    return "survey_without_post" if rule.survey_days and not is_counted else "survey_only"
