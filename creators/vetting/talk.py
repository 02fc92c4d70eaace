"""What comments, likes, captions and the rhythm of posts look like. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import fmean, pstdev

from creators.metrics import rules
from creators.vetting.signals import Signal, fine, look, note, unknown

ENOUGH_COMMENTS = 20
MOST_COMPARED = 400  # comments whose words are compared in pairs
GENERIC, REPEATED = 0.6, 0.25
ALIKE = 0.8  # Jaccard of word sets
WORDS_TO_COMPARE = 4
AT_ONCE = timedelta(minutes=5)
EARLY = 0.7
ENOUGH_LIKES = 12
EVEN = 0.05
MASS, PER_FOLLOWER = 1_500, 2.0
CLOCKWORK = 0.1
ENOUGH_POSTS = 8
SELLING, SELLING_MUCH = 0.4, 0.6

GENERIC_RULE = "more than 60 % generic and more than 25 % repeated, of at least 20 comments"
TIMING_RULE = "more than 70 % within 5 minutes of the post, of at least 20 comments"
UNIFORM_RULE = "standard deviation of ln(likes) below 0.05 over at least 12 posts"
FOLLOWING_RULE = "more than 1,500 accounts followed, or more than 2 per follower"
REGULAR_RULE = "spread of the times between posts below 10 % of their mean, over at least 8 posts"
SELLING_RULE = "40 % of at least 8 captions with a code, price or shop link is noted, 60 % is looked at"

EMOJI, SIGNS, SPACES = re.compile(rules.EMOJI), re.compile(rules.SIGNS), re.compile(f"{rules.SPACES}+")
STOCK = frozenset(rules.STOCK_PHRASES)
QUESTION = re.compile(rules.QUESTION)
CODE = re.compile(
    r"(?i)\b(?:code|rabattcode|gutschein(?:code)?|promo ?code|code promo|codice|c[oó]digo|kod|kortingscode)\b\W{0,3}"
    r"[\"'“„«]?(?-i:[A-Z][A-Z0-9]{3,})"
)
SHOP = re.compile(
    r"(?i)https?://\S+|\blink in (?:my )?bio\b|\blink in der bio\b|\blien en bio\b|\blink nella bio\b"
    r"|\blink en la bio\b|\b\d{1,2} ?% (?:off|rabatt|de réduction|di sconto|de descuento|korting)"
    r"|\baffiliate\b|\bswipe up\b|\bshop now\b"
)


@dataclass(frozen=True)
class Remark:
    """A comment by somebody else, with the minutes after the post where both times are known."""

    author: str
    text: str
    after: timedelta | None = None


def plain(text: str) -> str:
    """Lower case without emoji and signs: “So GOOD!! 🔥” → “so good”."""
    bare = SIGNS.sub("", EMOJI.sub(" ", text.lower()))
    return SPACES.sub(" ", bare).strip()


def is_generic(text: str) -> bool:
    """Emoji only, two words or fewer, or a stock phrase of any language: the rule of the metrics."""
    words = plain(text)
    return len(words.split()) <= 2 or words in STOCK


def repeated(texts: Sequence[str]) -> int:
    """How many of the texts say what another one says: the same words in any order, or four fifths of them alike.

    Texts of one or two words and emoji count as generic, not as repeated. At most the first 400 are compared in pairs.
    """
    sets = [frozenset(words.split()) for text in texts if len((words := plain(text)).split()) > 2]
    times = Counter(sets)
    again = {words for words, count in times.items() if count > 1}
    longer = [words for words in dict.fromkeys(sets[:MOST_COMPARED]) if len(words) >= WORDS_TO_COMPARE]
    for at, one in enumerate(longer):
        for two in longer[at + 1 :]:
            if len(one & two) >= ALIKE * len(one | two):
                again |= {one, two}
    return sum(times[words] for words in again)


def generic_comments(remarks: Sequence[Remark]) -> Signal:
    n = len(remarks)
    if n < ENOUGH_COMMENTS:
        why = f"{n} comments were read; {ENOUGH_COMMENTS} are needed."
        return unknown("generic_comments", why, GENERIC_RULE, comments=n)
    generic = sum(is_generic(remark.text) for remark in remarks) / n
    again = repeated([remark.text for remark in remarks]) / n
    questions = sum(bool(QUESTION.search(remark.text)) for remark in remarks) / n
    numbers = {"comments": n, "generic": generic, "repeated": again, "questions": questions}
    told = f"{generic:.0%} of {n} comments are generic, {again:.0%} repeat another, {questions:.0%} ask something"
    if generic > GENERIC and again > REPEATED:
        return look("generic_comments", f"{told}.", GENERIC_RULE, **numbers)
    if generic > GENERIC or again > REPEATED:
        return note("generic_comments", f"{told}.", GENERIC_RULE, **numbers)
    return fine("generic_comments", f"{told}.", GENERIC_RULE, **numbers)


def comment_timing(remarks: Sequence[Remark]) -> Signal:
    timed = [remark.after for remark in remarks if remark.after is not None and remark.after >= timedelta(0)]
    if len(timed) < ENOUGH_COMMENTS:
        why = f"The time after the post is known of {len(timed)} comments; {ENOUGH_COMMENTS} are needed."
        return unknown("comment_timing", why, TIMING_RULE, comments=len(timed))
    early = sum(after <= AT_ONCE for after in timed) / len(timed)
    text = f"{early:.0%} of {len(timed)} comments came within 5 minutes of the post."
    if early > EARLY:
        return look("comment_timing", text, TIMING_RULE, comments=len(timed), early=early)
    return fine("comment_timing", text, TIMING_RULE, comments=len(timed), early=early)


def uniform_likes(likes: Iterable[int | None]) -> Signal:
    """ln(likes) by its standard deviation, which is the coefficient of variation for small ones at any size."""
    logs = [math.log(value) for value in likes if value]
    if len(logs) < ENOUGH_LIKES:
        why = f"Likes are known of {len(logs)} posts; {ENOUGH_LIKES} are needed."
        return unknown("uniform_likes", why, UNIFORM_RULE, posts=len(logs))
    spread = pstdev(logs)
    if spread < EVEN:
        because = f"likes hardly differ over {len(logs)} posts: they vary by {spread:.1%}."
        return look("uniform_likes", because, UNIFORM_RULE, posts=len(logs), spread=spread)
    text = f"Likes vary by {spread:.0%} over {len(logs)} posts."
    return fine("uniform_likes", text, UNIFORM_RULE, posts=len(logs), spread=spread)


def following(follows: int | None, followers: int | None) -> Signal:
    if follows is None:
        return unknown("following", "How many accounts it follows is not known.", FOLLOWING_RULE)
    numbers = {"following": follows, "followers": followers}
    many = bool(followers) and follows > PER_FOLLOWER * (followers or 0)
    if follows > MASS or many:
        text = f"Follows {follows:,} accounts, as accounts that trade follows do; so do some very social people."
        return note("following", text, FOLLOWING_RULE, **numbers)
    return fine("following", f"Follows {follows:,} accounts.", FOLLOWING_RULE, **numbers)


def regularity(posted: Sequence[datetime]) -> Signal:
    """Posts of people come in uneven rhythm; very even ones are scheduled, which is no fault."""
    times = sorted(posted)
    gaps = [(two - one).total_seconds() for one, two in pairwise(times)]
    if len(times) < ENOUGH_POSTS or not fmean(gaps):
        why = f"The time of {len(times)} posts is known; {ENOUGH_POSTS} are needed."
        return unknown("regularity", why, REGULAR_RULE, posts=len(times))
    spread, longest = pstdev(gaps) / fmean(gaps), max(gaps) / 86_400
    numbers = {"posts": len(times), "spread": spread, "longest_gap_days": longest}
    if spread < CLOCKWORK:
        return note("regularity", f"{len(times)} posts came like clockwork; ask who posts.", REGULAR_RULE, **numbers)
    text = f"{len(times)} posts, the longest gap {longest:.0f} days."
    return fine("regularity", text, REGULAR_RULE, **numbers)


def sells(caption: str) -> bool:
    """A discount code, a link or words that lead to a shop."""
    return bool(CODE.search(caption) or SHOP.search(caption))


def transactional(captions: Sequence[str]) -> Signal:
    """Whether content is mostly there to sell; captions that are unknown don't count."""
    texts = [caption for caption in captions if caption]
    if len(texts) < ENOUGH_POSTS:
        why = f"{len(texts)} captions are known; {ENOUGH_POSTS} are needed."
        return unknown("transactional", why, SELLING_RULE, captions=len(texts))
    share = sum(sells(text) for text in texts) / len(texts)
    told = f"{share:.0%} of {len(texts)} captions carry a code, a price cut or a shop link."
    if share >= SELLING_MUCH:
        return look("transactional", told, SELLING_RULE, captions=len(texts), share=share)
    if share >= SELLING:
        return note("transactional", told, SELLING_RULE, captions=len(texts), share=share)
    return fine("transactional", told, SELLING_RULE, captions=len(texts), share=share)
