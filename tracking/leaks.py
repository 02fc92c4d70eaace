"""Signs that a creator's code has got about: bought with by people the creator never reached. Pure.

None of these is proof. Each says what it saw and from when on it speaks, and a person decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import log
from typing import NamedTuple

# Sites that collect codes, and words in the names of many others.
COUPON_SITES = (
    "couponfollow.com", "dealspotr.com", "groupon.com", "hotukdeals.com", "igraal.com", "joinhoney.com", "mydealz.de",
    "offers.com", "pepper.com", "picodi.com", "promokodi.net", "retailmenot.com", "savings.com", "slickdeals.net",
    "sparwelt.de", "wethrift.com",
)  # fmt: skip
COUPON_WORDS = ("coupon", "voucher", "promocode", "promo-code", "gutschein", "rabattcode", "codepromo", "code-promo")

LATELY = 14
MOST_BEFORE = 2  # orders before the post that pass as the creator's own circle
FEWEST_ORDERS = 10
MOST_PER_CLICK = 1.0
FEWEST_VISITS = 5
VISITS_SHARE = 0.30
# CUSUM: watch for a tripling of the settled daily rate; the limit lets a quiet code run for years.
SETTLED = timedelta(days=7)
LEARNING = timedelta(days=21)
TIMES = 3.0
LOWEST_RATE = 0.2
LIMIT = 5.0


class Day(NamedTuple):
    """One day of a code: its orders, those without a click of the creator's, people's clicks, and from coupon sites."""

    day: date
    orders: int = 0
    without_click: int = 0
    clicks: int = 0
    from_coupon_sites: int = 0


@dataclass(frozen=True)
class Signal:
    """What was seen, in words with its numbers, and the rule by which it speaks."""

    name: str
    words: str
    rule: str


def signals(days: Sequence[Day], posted: date | None) -> list[Signal]:
    """What speaks for a leak. `days` in order without gaps up to today; `posted` is the day of the first post."""
    found = (before_post(days, posted), more_than_clicks(days), coupon_sites(days), surge(days, posted))
    return [signal for signal in found if signal]


def before_post(days: Iterable[Day], posted: date | None) -> Signal | None:
    early = sum(row.orders for row in days if posted is None or row.day < posted)
    if early <= MOST_BEFORE:
        return None
    when = "before the post was live" if posted else "though no post is live"
    return Signal("before_post", f"{early} orders with the code {when}.", f"More than {MOST_BEFORE} such orders.")


def more_than_clicks(days: Sequence[Day]) -> Signal | None:
    lately = days[-LATELY:]
    orders, clicks = sum(row.without_click for row in lately), sum(row.clicks for row in lately)
    if orders < FEWEST_ORDERS or orders <= MOST_PER_CLICK * clicks:
        return None
    return Signal(
        "without_clicks",
        f"{orders} orders without a click in {LATELY} days, and only {clicks} clicks on the creator's links.",
        f"At least {FEWEST_ORDERS} orders without a click, and more of them than clicks.",
    )


def coupon_sites(days: Sequence[Day]) -> Signal | None:
    lately = days[-LATELY:]
    visits, clicks = sum(row.from_coupon_sites for row in lately), sum(row.clicks for row in lately)
    if visits < FEWEST_VISITS or visits < VISITS_SHARE * clicks:
        return None
    return Signal(
        "coupon_sites",
        f"{visits} of {clicks} clicks in {LATELY} days came from sites that collect codes.",
        f"At least {FEWEST_VISITS} such clicks, and {VISITS_SHARE:.0%} of all.",
    )


def surge(days: Sequence[Day], posted: date | None) -> Signal | None:
    """A rise of the orders without a click that stays, by Page's cumulative sum for Poisson counts (1954; Lucas 1985).

    The settled rate r is the mean from the 7th to the 21st day after the post. Each later day adds its orders less
    k = (3r - r) / ln 3 to a sum that never falls below zero; above 5 it speaks.
    """
    if posted is None:
        return None
    settled = [row.without_click for row in days if posted + SETTLED <= row.day < posted + LEARNING]
    watched = [row for row in days if row.day >= posted + LEARNING]
    if not settled or not watched:
        return None
    usual = max(sum(settled) / len(settled), LOWEST_RATE)
    allowance, total = usual * (TIMES - 1) / log(TIMES), 0.0
    for row in watched:
        total = max(0.0, total + row.without_click - allowance)
        if total > LIMIT:
            return Signal(
                "surge",
                f"Orders without a click rose on {row.day:%-d %b %Y} and stayed high; {usual:.1f} a day were usual.",
                f"Cumulative sum above {LIMIT:g}, watching for {TIMES:g} times the rate of the 2nd and 3rd week.",
            )
    return None


def is_coupon_site(referrer: str) -> bool:
    """Whether a referring host (or address) collects codes."""
    host = referrer.lower().removeprefix("https://").removeprefix("http://").split("/", 1)[0].removeprefix("www.")
    return any(host == site or host.endswith(f".{site}") for site in COUPON_SITES) or any(
        word in host for word in COUPON_WORDS
    )
