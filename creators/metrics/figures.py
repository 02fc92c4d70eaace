"""What is shown of an account: typed rates with where they come from, and what they looked like post by post."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from creators.metrics import rules
from creators.metrics.rates import TYPES, AnyRate, RateByFollowers, RateByViews, counted
from creators.models import AccountMetrics, FollowerSnapshot, Network, Post, SocialAccount, Source


@dataclass(frozen=True)
class ShownRate:
    """A rate with the words beside it; `why` says why it is unknown."""

    label: str
    rate: AnyRate
    how: str
    why: str = ""


@dataclass(frozen=True)
class ShownFact:
    """A number that is no rate, with its source; `kind` as the design system writes numbers."""

    label: str
    value: Decimal | int | None
    kind: str
    source: str
    observed_at: datetime | None
    n: int | None = None
    why: str = ""


def named(sources: Iterable[str]) -> str:
    """Connector and import → “Connector, Import”."""
    return ", ".join(str(Source(source).label) for source in sources)


def metrics_of(account: SocialAccount) -> AccountMetrics | None:
    """What was computed; None where nothing was yet."""
    return account.metrics if hasattr(account, "metrics") else None


def main_basis(account: SocialAccount) -> str:
    return rules.MAIN_BASIS[Network(account.network)]


def measured(account: SocialAccount) -> dict[str, AnyRate]:
    """The median rates by basis as computed from posts, unknown ones as well."""
    metrics = metrics_of(account)
    if metrics is None:
        return {basis: kind(n=0) for basis, kind in TYPES.items()}
    return {
        basis: kind(
            value=getattr(metrics, f"rate_{basis}"),
            n=getattr(metrics, f"rate_{basis}_n"),
            source=", ".join(metrics.sources),
            observed_at=metrics.observed_at,
        )
        for basis, kind in TYPES.items()
    }


def reported(account: SocialAccount) -> AnyRate | None:
    """The rate that a file or a tool gave for the account; nobody said from how many posts."""
    if account.engagement_rate is None:
        return None
    source, at = account.source_of("engagement_rate")
    return TYPES[account.engagement_basis](value=account.engagement_rate, source=source, observed_at=at)


def main_rate(account: SocialAccount) -> AnyRate:
    """The measured rate on the network's own basis, else the reported one where it has that basis, else unknown."""
    rate = measured(account)[main_basis(account)]
    given = reported(account)
    return given if given and not rate.is_known and given.basis == rate.basis else rate


def shown_rates(account: SocialAccount) -> list[ShownRate]:
    """The main rate first, then others that are known, then what was reported."""
    metrics, main = metrics_of(account), main_basis(account)
    rates = measured(account)
    found = [shown(rates[main], metrics)]
    found += [shown(rate, metrics) for basis, rate in rates.items() if basis != main and rate.is_known]
    given = reported(account)
    if given:
        found.append(ShownRate("As reported", given, "As reported; from how many posts is not known."))
    return found


def shown(rate: AnyRate, metrics: AccountMetrics | None) -> ShownRate:
    total = metrics.posts_n if metrics else 0
    how = f"Median of {rate.n} of the last {total} posts that count."
    return ShownRate("Engagement rate", rate, how, "" if rate.is_known else why_unknown(rate.n or 0, total))


def why_unknown(known: int, total: int) -> str:
    if not total:
        return "no posts of the last 180 days are known"
    if total < rules.ENOUGH:
        return f"only {total} posts that count; {rules.ENOUGH} are needed"
    return f"known for {known} of {total} posts; {rules.ENOUGH} are needed"


def followers_at(post: Post, counts: list[FollowerSnapshot]) -> int | None:
    """Followers when the post went up: as written down with it, else between two counts; None where those are far."""
    if post.followers_at_post is not None or post.posted_at is None:
        return post.followers_at_post
    day = post.posted_at.date()
    before = max((row for row in counts if row.observed_on <= day), key=observed, default=None)
    after = min((row for row in counts if row.observed_on >= day), key=observed, default=None)
    if before is None or after is None or (after.observed_on - before.observed_on).days > rules.BRIDGED:
        return None
    share = (day - before.observed_on) / ((after.observed_on - before.observed_on) or timedelta(1))
    return round(before.followers + (after.followers - before.followers) * share)


def observed(row: FollowerSnapshot) -> date:
    return row.observed_on


def post_rate(post: Post, network: str, followers: int | None) -> AnyRate:
    """One post's rate on its network's main basis; unknown where a count is missing or hidden."""
    engagements = sum_known(post.likes, post.comments_count, *([post.shares] if network == Network.TIKTOK else []))
    if rules.MAIN_BASIS[Network(network)] == "views":
        return counted(RateByViews, engagements, post.views)
    return counted(RateByFollowers, engagements, followers)


def sum_known(*counts: int | None) -> int | None:
    """The sum, unknown when one is."""
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def fact(account: SocialAccount, label: str, field: str, kind: str = "compact") -> ShownFact:
    source, at = account.source_of(field)
    return ShownFact(label, getattr(account, field), kind, named([source]), at)


def computed(metrics: AccountMetrics, label: str, field: str, kind: str, n: int | None = None) -> ShownFact:
    return ShownFact(label, getattr(metrics, field), kind, named(metrics.sources), metrics.observed_at, n)


def facts(account: SocialAccount) -> list[ShownFact]:
    """Followers and what posts and comments add up to; what is unknown stays in the list as unknown."""
    metrics = metrics_of(account)
    found = [fact(account, "Followers", "followers")]
    if metrics is None:
        averages = (("Average likes", "average_likes"), ("Average comments", "average_comments"))
        return [*found, *(fact(account, *one) for one in averages), fact(account, "Average views", "average_views")]
    counts = [(f"Growth, {days} days", f"growth_{days}", "percent:1") for days in rules.GROWTH]
    posts = [("Median likes", "median_likes"), ("Median comments", "median_comments"), ("Median views", "median_views")]
    found += [computed(metrics, label, field, kind) for label, field, kind in counts]
    found += [computed(metrics, label, field, "compact", metrics.posts_n) for label, field in posts]
    found += [computed(metrics, "Posts a week", "posts_per_week", "number:1")]
    found += [computed(metrics, "Sponsored", "sponsored_share", "percent:0", metrics.sponsored_n)]
    return found


def details(metrics: AccountMetrics) -> list[tuple[str, list[ShownFact]]]:
    """The rest, in groups, known figures alone."""

    def known(n: int | None, *rows: tuple[str, str, str]) -> list[ShownFact]:
        return [computed(metrics, *row, n) for row in rows if getattr(metrics, row[1]) is not None]

    rates = [
        (f"{word} rate {phrase}", f"rate_{basis}_{field}", "percent:2")
        for basis, phrase in (("followers", "by followers"), ("reach", "by reach"), ("views", "by views"))
        for word, field in (("Mean", "mean"), ("Mean without outliers,", "mean_kept"))
    ]
    groups = [
        ("Rates", known(metrics.posts_n, *rates,
                        ("Saves by reach", "save_rate", "percent:2"), ("Shares by reach", "share_rate", "percent:2"),
                        ("Effectiveness rate", "effectiveness", "percent:1"))),
        ("Comments", known(metrics.comments_n, ("Median words", "comment_words", "number:1"),
                           ("Emoji only", "comment_emoji_share", "percent:0"),
                           ("Questions", "comment_question_share", "percent:0"),
                           ("Generic", "comment_generic_share", "percent:0"),
                           ("Repeated texts", "comment_duplicate_share", "percent:0"),
                           ("Readers who come back", "comment_repeat_share", "percent:0"),
                           ("Posts answered under", "comment_reply_share", "percent:0"))),
        ("Rhythm and advertising", known(metrics.posts_n, ("Longest gap, days", "longest_gap_days", "number:1"),
                                         ("Labelled, of sponsored", "disclosed_share", "percent:0"),
                                         ("Drop on sponsored posts", "sponsored_drop", "percent:0"))),
    ]  # fmt: skip
    return [(title, rows) for title, rows in groups if rows]


def rates_chart(rated: list[tuple[Post, AnyRate]]) -> dict[str, Any] | None:
    """Rate per post, oldest first, as a chart wants it; None below two known ones."""
    dated = [(post.posted_at.date().isoformat(), post, rate) for post, rate in reversed(rated) if post.posted_at]
    if sum(rate.is_known for _, _, rate in dated) < 2:
        return None
    values = [None if rate.value is None else float(rate.value) for _, _, rate in dated]
    return {
        "labels": [day for day, _, _ in dated],
        "series": [{"name": f"Rate {dated[0][2].phrase}", "values": values}],
        "percent": True,
        "notes": {day: "Sponsored" for day, post, _ in dated if post.is_sponsored},
    }
