"""What counts: the sample, the limits and the words behind the metrics. Units and reasons stand with each."""

from __future__ import annotations

from datetime import timedelta

from creators.models import Network

SAMPLE = 12  # the newest posts that count, stories and pinned ones left out
ENOUGH = 5  # known values below this make no median, mean or share: the figure is unknown
SETTLED = timedelta(hours=48)  # Instagram's own figures lag by up to two days
WINDOW = timedelta(days=180)
OUTLYING = 3.5  # robust z of log(1 + engagements), after Iglewicz and Hoaglin
NORMAL_MAD = 0.6745  # MAD of a standard normal
MIXED = 3  # sponsored posts and others, each, before their medians are set against one another
BRIDGED = 62  # days between two counts of followers that are interpolated: monthly counts with one missing
NEAR = 30  # days within which one count stands for a post that has none on its other side
GROWTH = (30, 90, 180)  # days
PEERS = 20  # below this an account has no standing
SIZES = (1_000, 3_163, 10_000, 31_623, 100_000, 316_228, 1_000_000, 3_162_278)  # half decades of followers
PLAUSIBLE_COUNT = 10**12  # a count at or above is a slip of somebody's keyboard: unknown
PLAUSIBLE_RATE = 10**4  # the same for a ratio

# The engagement rate that a network's accounts are told by: shown first and ranked among peers.
MAIN_BASIS = {
    Network.INSTAGRAM: "followers",
    Network.TIKTOK: "views",
    Network.YOUTUBE: "views",
    Network.OTHER: "followers",
}

# Characters, written out so that PostgreSQL and Python read texts alike whatever the locale.
EMOJI = (
    "[\u2190-\u21ff\u2300-\u23ff\u2460-\u27bf\u2900-\u297f\u2b00-\u2bff\ufe00-\ufe0f\u200d\u20e3\U0001f000-\U0001faff]"
)
SIGNS = "[!-/:-@\\[-`{-~¡¿«»\u2010-\u2027\u2030-\u205e、。！？]"
SPACES = "[ \t\n\r\f\v\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000]"
WORD = f"[^{SPACES[1:]}+"
QUESTION = "[?？؟]"
# Compliments that fit below any post, as they are without signs and emoji; one and two words count as such anyway.
STOCK_PHRASES = (
    "love this so much", "i love this", "love it so much", "this is so good", "this is amazing", "this is so cute",
    "so so good", "so so cute", "you look amazing", "you look great", "you look so good", "great content keep it up",
    "keep it up", "keep up the good work", "thanks for sharing", "thank you for sharing", "great post thanks",
    "wow so nice", "wow this is amazing", "nice pic dear", "follow me back please", "check your dm please",
    "send us a dm", "das ist so schön", "sieht so gut aus", "danke fürs teilen", "wie schön ist das",
    "trop beau merci", "merci pour le partage", "c'est trop beau", "cest trop beau", "me encanta esto",
    "que bonito es", "gracias por compartir", "mi piace tantissimo", "grazie per la condivisione", "wat mooi dit",
    "dank voor het delen",
)  # fmt: skip
