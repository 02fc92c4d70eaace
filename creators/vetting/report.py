"""Everything the vetting page tells of a creator, from what was read of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from creators.metrics.figures import main_basis, metrics_of
from creators.metrics.rates import TYPES
from creators.models import AudienceSlice, Creator, Post, Relationship, SignalReply, VettingPolicy
from creators.vetting import disclosure, growth, mentions, pods, standing, talk
from creators.vetting.collect import AccountFacts, facts_of
from creators.vetting.fit import DEFAULT_WEIGHTS, Fit, Known, Wanted, fit
from creators.vetting.signals import ATTENTION_LABELS, Attention, Level, Signal, attention, known, strongest
from groundswell.accounts.models import Brand

EXAMPLES = 6


@dataclass(frozen=True)
class AccountReport:
    """The signals of one account; what is looked at comes first."""

    network: str
    handle: str
    signals: list[Signal]
    inputs: dict[str, Any]

    @property
    def attention(self) -> Attention:
        return attention(self.signals)

    @property
    def label(self) -> str:
        return ATTENTION_LABELS[self.attention]

    @property
    def known(self) -> int:
        return known(self.signals)

    @property
    def sorted(self) -> list[Signal]:
        return sorted(self.signals, key=lambda signal: list(Level).index(signal.level))

    def as_json(self) -> dict[str, Any]:
        return {
            "network": self.network,
            "handle": self.handle,
            "attention": self.attention.value,
            "inputs": self.inputs,
            "signals": [signal.as_json() for signal in self.signals],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> AccountReport:
        signals = [Signal.from_json(row) for row in data["signals"]]
        return cls(data["network"], data["handle"], signals, data["inputs"])


@dataclass(frozen=True)
class Mentioned:
    """Posts that name something the brand listens for, with the words."""

    label: str
    posts: list[tuple[Post, list[str]]]
    asked: bool


@dataclass(frozen=True)
class Report:
    accounts: list[AccountReport]
    facts: list[AccountFacts]
    habit: disclosure.Habit
    sponsored: list[tuple[Post, disclosure.Labelled]]
    mentions: list[Mentioned]
    fit: Fit

    @property
    def attention(self) -> Attention:
        return strongest(account.attention for account in self.accounts)


def replies_of(creator: Creator) -> dict[str, SignalReply]:
    return {row.signal: row for row in SignalReply.objects.filter(creator=creator)}


def account_report(facts: AccountFacts, replies: Mapping[str, Any]) -> AccountReport:
    """Every signal of one account; `replies` by signal: what the creator says."""
    account, metrics, remarks = facts.account, metrics_of(facts.account), facts.remarks
    growth_90 = float(metrics.growth_90) if metrics and metrics.growth_90 is not None else None
    reached = [growth.Reached(post.posted_at.date(), far_of(post)) for post in facts.posts if post.posted_at]
    figures, captions = facts.figures, [post.caption for post in facts.posts]
    signals = [
        growth.growth_step(facts.counts, reached, str(replies.get("growth_step", ""))),
        growth.growth_loss(facts.counts, str(replies.get("growth_loss", ""))),
        growth.growth_pace(growth_90),
        standing.engagement(figures, facts.peers, TYPES[main_basis(account)].phrase),
        standing.views(figures, facts.peers),
        standing.comments_per_like(figures, facts.peers),
        talk.uniform_likes(post.likes for post in facts.posts),
        talk.following(account.following, account.followers),
        talk.generic_comments(remarks),
        talk.comment_timing(remarks),
        pods.pod(account.pk, facts.written, facts.names),
        pods.shared_commenters(facts.commenters, facts.shared),
        talk.regularity([post.posted_at for post in facts.posts if post.posted_at]),
        talk.transactional(captions),
    ]
    return AccountReport(account.network, account.handle, signals, facts.inputs)


def far_of(post: Post) -> int | None:
    """How far a post went: its views, or its likes where those are unknown."""
    return post.views if post.views is not None else post.likes


def report_of(creator: Creator, brand: Brand, policy: VettingPolicy, now: datetime) -> Report:
    facts = facts_of(creator, brand, now)
    replies = replies_of(creator)
    accounts = [account_report(one, {code: reply.text for code, reply in replies.items()}) for one in facts]
    posts = [post for one in facts for post in one.posts]
    networks = {one.account.pk: one.account.network for one in facts}
    sponsored = [
        (post, disclosure.read(post.caption, networks[post.account_id], creator.country, post.is_disclosed))
        for post in posts
        if post.is_sponsored
    ]
    habit = disclosure.habit([row for _, row in sponsored], sum(post.is_sponsored is not None for post in posts))
    listened = [
        ("Your brand", policy.own_names),
        ("Competitors", policy.competitors),
        ("Your kind of product", policy.category),
    ]
    named = [Mentioned(label, mentions.posts_naming(words, posts), bool(words)) for label, words in listened]
    return Report(accounts, facts, habit, sponsored, named, fit_of(creator, brand, policy, facts, now))


def public_report(creator: Creator, now: datetime) -> list[AccountReport]:
    """What is noted about public data alone, for the creator to see."""
    replies = {code: reply.text for code, reply in replies_of(creator).items()}
    return [account_report(one, replies) for one in facts_of(creator, None, now)]


def fit_of(creator: Creator, brand: Brand, policy: VettingPolicy, facts: list[AccountFacts], now: datetime) -> Fit:
    """By the largest account; audiences by the best source of it."""
    lead = facts[0].account if facts else None
    metrics = metrics_of(lead) if lead else None
    slices = audience_of(lead.pk) if lead else {}
    relationship = Relationship.objects.of(brand).filter(creator=creator).first()

    def number(name: str) -> float | None:
        value = getattr(metrics, name, None)
        return None if value is None else float(value)

    last = metrics.last_post_at if metrics else None
    return fit(
        Wanted(policy.countries, policy.languages, policy.ages, policy.niches),
        Known(
            slices.get("country", {}),
            slices.get("language", {}),
            slices.get("age", {}),
            creator.niches,
            standing=number("standing"),
            generic=number("comment_generic_share"),
            questions=number("comment_question_share"),
            posts_per_week=number("posts_per_week"),
            quiet_days=(now - last).total_seconds() / 86_400 if last else None,
            sponsored=number("sponsored_share"),
            credibility=float(lead.credibility) if lead and lead.credibility is not None else None,
            worked=len(relationship.worked_at) if relationship else None,
        ),
        {**DEFAULT_WEIGHTS, **policy.weights},
    )


def audience_of(account: int) -> dict[str, dict[str, float]]:
    """Shares by kind and key, of the source that was observed last."""
    newest: dict[str, str] = {}
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for row in AudienceSlice.objects.filter(account=account).order_by("-observed_at", "source", "key"):
        if newest.setdefault(row.kind, row.source) == row.source:
            found[row.kind][row.key] = float(row.share)
    return found
