"""How well a creator fits what a brand is looking for: a weighted mean whose parts all show. Pure.

Follower counts are no part of it and can't be made one. A part that isn't known is left out, and the share of weight
that is known is told; with fewer than three known parts there is no score.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

LEAST = 3
POSTS_A_WEEK = 2.0
QUESTIONS = 0.2
SPONSORED = 0.5
TIMES = 3
QUIET_DAYS = 60

PARTS = {
    "audience_country": "Audience in your countries",
    "audience_language": "Audience in your languages",
    "audience_age": "Audience of your ages",
    "niche": "Niches in common",
    "engagement": "Engagement among peers",
    "comments": "Depth of comments",
    "cadence": "Posting cadence",
    "sponsored": "Room between sponsored posts",
    "credibility": "Audience credibility, imported",
    "reliability": "Worked with you before",
}
DEFAULT_WEIGHTS = {
    "audience_country": 3,
    "audience_language": 2,
    "audience_age": 1,
    "niche": 3,
    "engagement": 2,
    "comments": 2,
    "cadence": 1,
    "sponsored": 1,
    "credibility": 1,
    "reliability": 2,
}


@dataclass(frozen=True)
class Part:
    """One component: 0 to 1, or None with the reason why it isn't known."""

    code: str
    value: float | None
    told: str
    weight: int = 0

    @property
    def label(self) -> str:
        return PARTS[self.code]


@dataclass(frozen=True)
class Fit:
    parts: list[Part]

    @property
    def known(self) -> list[Part]:
        return [part for part in self.parts if part.value is not None and part.weight > 0]

    @property
    def coverage(self) -> float:
        """The share of all weight whose parts are known."""
        total = sum(part.weight for part in self.parts)
        return sum(part.weight for part in self.known) / total if total else 0.0

    @property
    def score(self) -> float | None:
        """0 to 100; None with fewer than three known parts."""
        rows = self.known
        if len(rows) < LEAST:
            return None
        return 100 * sum(part.weight * (part.value or 0) for part in rows) / sum(part.weight for part in rows)


@dataclass(frozen=True)
class Wanted:
    """What the brand looks for; empty means it doesn't say."""

    countries: Collection[str] = ()
    languages: Collection[str] = ()
    ages: Collection[str] = ()
    niches: Collection[str] = ()


@dataclass(frozen=True)
class Known:
    """What is known of a creator; None and empty mean unknown. Audience: share by key; shares are 0 to 1."""

    countries: Mapping[str, float]
    languages: Mapping[str, float]
    ages: Mapping[str, float]
    niches: Sequence[str]
    standing: float | None = None
    generic: float | None = None
    questions: float | None = None
    posts_per_week: float | None = None
    quiet_days: float | None = None
    sponsored: float | None = None
    credibility: float | None = None
    worked: int | None = None


def fit(wanted: Wanted, known: Known, weights: Mapping[str, int]) -> Fit:
    parts = [
        audience("audience_country", wanted.countries, known.countries),
        audience("audience_language", wanted.languages, known.languages),
        audience("audience_age", wanted.ages, known.ages),
        niche(wanted.niches, known.niches),
        engagement(known.standing),
        comments(known.generic, known.questions),
        cadence(known.posts_per_week, known.quiet_days),
        sponsored(known.sponsored),
        credibility(known.credibility),
        reliability(known.worked),
    ]
    return Fit([Part(p.code, p.value, p.told, max(0, weights.get(p.code, DEFAULT_WEIGHTS[p.code]))) for p in parts])


def audience(code: str, wanted: Collection[str], shares: Mapping[str, float]) -> Part:
    """The share of the audience that is wanted."""
    if not wanted:
        return Part(code, None, "You have not said what you look for.")
    if not shares:
        return Part(code, None, "The audience is not known.")
    share = min(1.0, sum(shares.get(key, 0.0) for key in wanted))
    return Part(code, share, f"{share:.0%} of the audience")


def niche(wanted: Collection[str], has: Sequence[str]) -> Part:
    """Niches in common, of the shorter list."""
    if not wanted or not has:
        return Part("niche", None, "No niche is known." if wanted else "You have not said what you look for.")
    common = {one.casefold() for one in wanted} & {one.casefold() for one in has}
    told = ", ".join(sorted(common)) or "none in common"
    return Part("niche", min(1.0, len(common) / min(len(set(wanted)), len(set(has)))), told)


def engagement(standing: float | None) -> Part:
    if standing is None:
        return Part("engagement", None, "The rate or its peers are not known.")
    return Part("engagement", standing, f"higher than {standing:.0%} of peers of this size")


def comments(generic: float | None, questions: float | None) -> Part:
    """70 % for comments that are not generic, 30 % for questions up to a fifth of the comments."""
    if generic is None:
        return Part("comments", None, "Too few comments were read.")
    value = 0.7 * (1 - generic) + 0.3 * min(1.0, (questions or 0) / QUESTIONS)
    return Part("comments", value, f"{generic:.0%} generic, {questions or 0:.0%} ask something")


def cadence(posts_per_week: float | None, quiet_days: float | None) -> Part:
    """Two posts a week and more are full; nothing for 60 days is none."""
    if posts_per_week is None:
        return Part("cadence", None, "Too few posts are known.")
    quiet = quiet_days is not None and quiet_days > QUIET_DAYS
    told = f"{posts_per_week:.1f} posts a week" + (f", none for {quiet_days:.0f} days" if quiet else "")
    return Part("cadence", 0.0 if quiet else min(1.0, posts_per_week / POSTS_A_WEEK), told)


def sponsored(share: float | None) -> Part:
    """No sponsored post is full, every second one is none."""
    if share is None:
        return Part("sponsored", None, "Which posts are sponsored is not known.")
    return Part("sponsored", max(0.0, 1 - share / SPONSORED), f"{share:.0%} of posts are sponsored")


def credibility(share: float | None) -> Part:
    if share is None:
        return Part("credibility", None, "Nobody's estimate was imported.")
    return Part("credibility", share, f"{share:.0%} as imported")


def reliability(worked: int | None) -> Part:
    """Three accepted collaborations with you are full; none with you says nothing."""
    if not worked:
        return Part("reliability", None, "You have not worked together yet.")
    return Part("reliability", min(1.0, worked / TIMES), f"{worked} time{'s' if worked > 1 else ''}")
