"""The metrics of one account in plain Python, written from the rules alone: what the SQL is held against."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from creators.metrics import rules
from creators.models import Comment, FollowerSnapshot, Post, SocialAccount

BILLION = 10**9


def half_up(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def decimal(value: float) -> Decimal:
    """As PostgreSQL makes a numeric of a double: 15 significant digits."""
    return Decimal(f"{value:.15g}")


def median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return low + 0.5 * (high - low)


def total(*counts: int | None) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def ratio(numerator: int | None, denominator: int | None) -> int | None:
    """In billionths."""
    if numerator is None or not denominator or numerator >= denominator * rules.PLAUSIBLE_RATE:
        return None
    return round(float(numerator) / denominator * BILLION)


def median_rate(values: Sequence[int | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return half_up(decimal(median(known)) / BILLION, 6) if len(known) >= rules.ENOUGH else None


def mean_rate(values: Sequence[int | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return half_up(Decimal(sum(known)) / len(known) / BILLION, 6) if len(known) >= rules.ENOUGH else None


def median_count(values: Sequence[int | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return half_up(decimal(median(known)), 1) if len(known) >= rules.ENOUGH else None


def share(part: int, whole: int) -> Decimal | None:
    return half_up(Decimal(part) / whole, 6) if whole >= rules.ENOUGH else None


class Reference:
    def __init__(self, account: SocialAccount, at: datetime) -> None:
        self.account, self.at = account, at
        found = Post.objects.filter(account=account, posted_at__lte=at)
        self.visible = [post for post in found if post.owner_id in {None, account.owner_id}]
        self.posts = self.posts_that_count()
        recent = [post for post in self.posts if post.posted_at > at - rules.WINDOW and post.format != "story"]
        self.recent = sorted(recent, key=lambda post: (post.posted_at, post.pk), reverse=True)
        self.sample = self.pick()

    def posts_that_count(self) -> list[Any]:
        owner = self.account.owner_id
        own = {post.url for post in Post.objects.filter(account=self.account) if owner and post.owner_id == owner}
        return [post for post in self.visible if post.owner_id or post.url not in own]

    def pick(self) -> list[Any]:
        settled = [post for post in self.recent if not post.is_pinned and post.posted_at <= self.at - rules.SETTLED]
        is_youtube = self.account.network == "youtube"
        shorts = [post for post in settled if is_youtube and post.format == "short"]
        others = [post for post in settled if post not in shorts]
        return (shorts if len(shorts) > len(others) else others)[: rules.SAMPLE]

    # Followers at a day

    def counts(self) -> dict[date, int]:
        known = {}
        if self.account.observed_at and self.account.followers is not None:
            known[self.account.observed_at.astimezone(UTC).date()] = self.account.followers
        for row in FollowerSnapshot.objects.filter(account=self.account):
            known[row.observed_on] = row.followers
        today = self.at.astimezone(UTC).date()
        return {day: value for day, value in known.items() if day <= today and (today - day).days <= 334}

    def followers_on(self, day: date, *, nearby: bool) -> int | None:
        known = self.counts()
        before = max((one for one in known if one <= day), default=None)
        after = min((one for one in known if one >= day), default=None)
        if before == day:
            return known[day]
        if before and after and (after - before).days <= rules.BRIDGED:
            step = float(known[after] - known[before]) * (day - before).days / (after - before).days
            return round(known[before] + step)
        if not nearby:
            return None
        near = [
            (abs((day - one).days), one == after, one)
            for one in (before, after)
            if one and abs((day - one).days) <= rules.NEAR
        ]
        return known[min(near)[2]] if near else None

    def growth(self, days: int) -> Decimal | None:
        known = self.counts()
        latest = max(known, default=None)
        if latest is None or (self.at.astimezone(UTC).date() - latest).days > rules.NEAR:
            return None
        past = self.followers_on(date.fromordinal(latest.toordinal() - days), nearby=False)
        if not past or known[latest] >= past * rules.PLAUSIBLE_RATE:
            return None
        return half_up(Decimal(known[latest]) / past - 1, 6)

    # Posts

    def engagements(self, post: Post) -> int | None:
        counts = [post.likes, post.comments_count]
        return total(*counts, post.shares) if self.account.network == "tiktok" else total(*counts)

    def rate(self, post: Any, basis: str) -> int | None:
        network = self.account.network
        full = total(post.likes, post.comments_count, post.saves, post.shares)
        is_open = network in {"instagram", "other"}
        if basis == "followers":
            then = post.followers_at_post
            if then is None:
                then = self.followers_on(post.posted_at.astimezone(UTC).date(), nearby=True)
            return None if network == "youtube" else ratio(self.engagements(post), then)
        if basis == "reach":
            return ratio(full, post.reach) if is_open else None
        return ratio(full if is_open else self.engagements(post), post.views)

    def outliers(self) -> set[int]:
        known = {post.pk: self.engagements(post) for post in self.sample}
        logs = {pk: math.log(1 + float(value)) for pk, value in known.items() if value is not None}
        if len(logs) < rules.ENOUGH:
            return set()
        centre = median(list(logs.values()))
        mad = median([abs(value - centre) for value in logs.values()])
        return {
            pk for pk, value in logs.items() if mad and rules.NORMAL_MAD * abs(value - centre) > rules.OUTLYING * mad
        }

    def figures(self) -> dict[str, Any]:
        sample, outliers = self.sample, self.outliers()
        found: dict[str, Any] = {
            "posts_n": len(sample),
            "sources": sorted({post.source for post in sample}),
            "observed_at": max((post.observed_at for post in sample if post.observed_at), default=None),
            "outliers_n": len(outliers),
            "median_views": median_count([post.views for post in sample]),
            "median_likes": median_count([post.likes for post in sample]),
            "median_comments": median_count([post.comments_count for post in sample]),
            "save_rate": median_rate([ratio(post.saves, post.reach) for post in sample]),
            "share_rate": median_rate([ratio(post.shares, post.reach) for post in sample]),
            "effectiveness": median_rate(
                [ratio(total(post.likes, post.comments_count, post.saves, post.views), post.reach) for post in sample]
            ),
            "last_post_at": max((post.posted_at for post in self.visible), default=None),
        }
        for basis in ("followers", "reach", "views"):
            rates = {post.pk: self.rate(post, basis) for post in sample}
            kept = [value for pk, value in rates.items() if pk not in outliers]
            found[f"rate_{basis}"] = median_rate(list(rates.values()))
            found[f"rate_{basis}_n"] = sum(value is not None for value in rates.values())
            found[f"rate_{basis}_mean"] = mean_rate(list(rates.values()))
            found[f"rate_{basis}_mean_kept"] = mean_rate(kept)
        return {**found, **self.sponsoring(), **self.rhythm(), **self.talk()} | {
            f"growth_{days}": self.growth(days) for days in rules.GROWTH
        }

    def sponsoring(self) -> dict[str, Any]:
        said = [post for post in self.sample if post.is_sponsored is not None]
        paid = [post for post in said if post.is_sponsored]
        labelled = [post.is_disclosed for post in paid if post.is_disclosed is not None]
        main = rules.MAIN_BASIS[self.account.network]  # type: ignore[index]
        one, other = (
            [value for post in said if post.is_sponsored is is_paid and (value := self.rate(post, main)) is not None]
            for is_paid in (True, False)
        )
        drop = None
        if min(len(one), len(other)) >= rules.MIXED and median(one) < median(other) * rules.PLAUSIBLE_RATE:
            drop = half_up(1 - decimal(median(one) / median(other)), 6)
        return {
            "sponsored_n": len(said),
            "sponsored_share": share(len(paid), len(said)),
            "disclosed_share": half_up(Decimal(sum(labelled)) / len(labelled), 6) if labelled else None,
            "sponsored_drop": drop,
        }

    def rhythm(self) -> dict[str, Any]:
        times = [post.posted_at for post in self.recent[: rules.SAMPLE]]
        span = Decimal((times[0] - times[-1]).total_seconds()) if times else Decimal(0)
        if span <= 3600:
            return {"posts_per_week": None, "longest_gap_days": None}
        gap = max((times[at] - times[at + 1]).total_seconds() for at in range(len(times) - 1))
        return {
            "posts_per_week": half_up((len(times) - 1) * Decimal(604800) / span, 3),
            "longest_gap_days": half_up(Decimal(gap) / 86400, 2),
        }

    # Comments

    def talk(self) -> dict[str, Any]:
        said = list(Comment.objects.filter(post__in=self.recent))
        others = [one for one in said if one.author != self.account.handle]
        below: dict[str, set[int]] = defaultdict(set)
        for one in others:
            below[one.author].add(one.post_id)
        posts = {one.post_id for one in others}
        answered = {one.post_id for one in said if one.author == self.account.handle} & posts
        phrases = [plain(one.text) for one in others]
        words = [len(re.findall(rules.WORD, phrase)) for phrase in phrases]
        keys = Counter(phrase or one.text for phrase, one in zip(phrases, others, strict=True))
        n = len(others)
        repeated = [author for author, seen in below.items() if len(seen) > 1]
        return {
            "comments_n": n,
            "comment_words": median_count(words),
            "comment_emoji_share": share(
                sum(
                    not phrase and bool(re.search(rules.EMOJI, one.text))
                    for phrase, one in zip(phrases, others, strict=True)
                ),
                n,
            ),
            "comment_question_share": share(sum(bool(re.search(rules.QUESTION, one.text)) for one in others), n),
            "comment_generic_share": share(
                sum(count <= 2 or phrase in rules.STOCK_PHRASES for count, phrase in zip(words, phrases, strict=True)),
                n,
            ),
            "comment_duplicate_share": share(sum(count for count in keys.values() if count > 1), n),
            "comment_repeat_share": half_up(Decimal(len(repeated)) / len(below), 6)
            if n >= rules.ENOUGH and len(posts) > 1
            else None,
            "comment_reply_share": half_up(Decimal(len(answered)) / len(posts), 6) if n >= rules.ENOUGH else None,
        }


def plain(text: str) -> str:
    bare = re.sub(rules.SIGNS, "", re.sub(rules.EMOJI, " ", text.lower()))
    return re.sub(f"{rules.SPACES}+", " ", bare).strip(" ")
