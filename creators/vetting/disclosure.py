"""How a creator labelled past advertising: words per country, and whether they stand where readers see them. Pure.

A habit, not a verdict: whether a post of yours is labelled as your contract wants is asked of that post. The words are
those that regulators accept (FTC, CMA, state media authorities in Germany, French law, IAP); the cut is where the
network folds a caption.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

# By country of the creator; "" is the generic list for Europe. Phrases and hashtags in lower case, hashtags without #.
LABELS: dict[str, tuple[str, ...]] = {
    "US": (
        "ad",
        "advert",
        "advertisement",
        "advertising",
        "sponsored",
        "paid partnership",
        "paid link",
        "paid promotion",
    ),
    "GB": ("ad", "advert", "advertisement", "advertising", "advertisement feature"),
    "DE": ("werbung", "anzeige", "bezahlte werbepartnerschaft", "bezahlte partnerschaft", "bezahlte werbung"),
    "FR": ("publicité", "collaboration commerciale", "partenariat rémunéré", "pub"),
    "IT": ("pubblicità", "adv", "advertising", "sponsorizzato da", "promosso da"),
    "ES": ("publicidad", "publi", "colaboración pagada"),
    "NL": ("advertentie", "reclame", "betaald partnerschap", "betaalde samenwerking"),
    "PL": ("reklama", "materiał reklamowy", "współpraca reklamowa"),
    "IN": ("advertisement", "ad", "sponsored", "collaboration", "paid promotion"),
    "": ("ad", "advertisement", "advertising", "paid partnership", "sponsored"),
}
SAME_AS = {"AT": "DE", "CH": "DE", "LI": "DE", "IE": "GB", "BE": "NL", "CA": "US", "AU": "GB"}
# Words that readers may not understand as advertising; a post with only these is “unclear”.
VAGUE = (
    "sp", "spon", "collab", "partner", "ambassador", "brandrep", "thanks", "gifted", "prsample", "pr", "kooperation",
    "en collaboration avec", "in collaboration with", "in zusammenarbeit mit", "unpaid", "affiliate",
)  # fmt: skip
FOLD = {"instagram": 125, "tiktok": 100, "youtube": 100}
HIDDEN = re.compile("[\u200b-\u200f\u2060\u202a-\u202e\ufeff]")


@dataclass(frozen=True)
class Labelled:
    """One sponsored post: `verdict` is tool, words, folded, unclear, none or unread; `word` is what was found."""

    verdict: str
    word: str = ""


VERDICTS = {
    "tool": "Labelled by the network's tool or as recorded",
    "words": "Labelled in words, before the fold",
    "folded": "Labelled in words, but behind the fold",
    "unclear": "Only words that readers may not understand",
    "none": "No label found",
    "unread": "No caption to read",
}


def labels_for(country: str) -> tuple[str, ...]:
    return LABELS.get(SAME_AS.get(country, country), LABELS[""])


def read(caption: str, network: str, country: str, recorded: bool | None = None) -> Labelled:
    """How a sponsored post is labelled; what a tool or a person recorded as labelled counts before words."""
    if recorded:
        return Labelled("tool")
    text = HIDDEN.sub("", unicodedata.normalize("NFKC", caption)).lower()
    if not text.strip():
        return Labelled("unread")
    at = {word: found.start() for word in labels_for(country) if (found := word_in(word, text))}
    if at:
        first = min(at, key=lambda word: at[word])
        return Labelled("words" if at[first] + len(first) <= FOLD.get(network, 125) else "folded", first)
    vague = next((word for word in VAGUE if word_in(word, text)), "")
    return Labelled("unclear" if vague else "none", vague)


def word_in(word: str, text: str) -> re.Match[str] | None:
    """The word or hashtag on its own: “ad” is not in “#adventure”, “@ad.agency” or “ad-hoc”."""
    return re.search(rf"(?<![\w@.\-/]){re.escape(word)}(?![\w\-]|\.\w)", text)


@dataclass(frozen=True)
class Habit:
    """Of `sponsored` posts among `known` whose nature is known: how many carry each verdict."""

    known: int
    sponsored: int
    counts: dict[str, int]

    @property
    def labelled(self) -> int:
        return self.counts.get("tool", 0) + self.counts.get("words", 0)

    @property
    def readable(self) -> int:
        return self.sponsored - self.counts.get("unread", 0)

    @property
    def share(self) -> float | None:
        """Labelled before the fold, of those that can be read."""
        return self.labelled / self.readable if self.readable else None

    @property
    def rows(self) -> list[tuple[str, int]]:
        return [(VERDICTS[code], self.counts[code]) for code in VERDICTS if self.counts.get(code)]


def habit(sponsored: Sequence[Labelled], known: int) -> Habit:
    counts: dict[str, int] = {}
    for row in sponsored:
        counts[row.verdict] = counts.get(row.verdict, 0) + 1
    return Habit(known, len(sponsored), counts)
