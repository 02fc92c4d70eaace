"""Creators for the discovery benchmark: written by COPY, skewed as directories are, the same for the same seed."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta
from itertools import accumulate, product
from typing import Any

from django.db import connection

NOW = datetime(2026, 6, 1, tzinfo=UTC)
COUNTRIES = re.findall("..", "USBRINGBIDDEFRESITMXTRARCAPLNLPHAUCOSEBEPTCLTHROATCHGRDKNOFICZHUIEPEVNZAEGNGKEMY")
LANGUAGES = {
    "BR": "pt", "PT": "pt", "IN": "hi", "ID": "id", "DE": "de", "AT": "de", "CH": "de", "FR": "fr", "BE": "fr",
    "ES": "es", "MX": "es", "AR": "es", "CO": "es", "CL": "es", "PE": "es", "IT": "it", "TR": "tr", "PL": "pl",
    "NL": "nl", "SE": "sv", "TH": "th", "RO": "ro", "GR": "el", "DK": "da", "NO": "no", "FI": "fi", "CZ": "cs",
    "HU": "hu", "VN": "vi",
}  # fmt: skip
NICHES = re.findall(
    r"\w+",
    """beauty fashion fitness food travel lifestyle gaming parenting home music tech sports pets health books art
    photography diy outdoor cars finance comedy education dance vegan skincare haircare jewellery running yoga cycling
    hiking baking coffee wine interior gardening minimalism sustainability wellness""",
)
SYLLABLES = re.findall("..", "babebibobudadedidodukakekikokulalelilolumamemimomunaneninonu")
WORDS = ["".join(parts) for parts in product(SYLLABLES, SYLLABLES, SYLLABLES)][::7]
FIRST = [word.title() for word in WORDS[100:1300]]
SIZES = [(0.70, 3, 4), (0.23, 4, 5), (0.06, 5, 6), (0.01, 6, 6.7)]
NETWORKS = [("instagram", 0.55), ("tiktok", 0.32), ("youtube", 0.13)]
USUAL = {"instagram": ("followers", 0.035), "tiktok": ("views", 0.07), "youtube": ("views", 0.045)}


def falling(values: list[str], exponent: float = 0.9) -> tuple[list[str], list[float]]:
    """The values with their cumulated weights: the second is about half as common as the first, and so on."""
    return values, list(accumulate(1 / rank**exponent for rank in range(1, len(values) + 1)))


class World:
    """Rows of one creator after another, for the tables in `TABLES`."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.countries, self.niches, self.words = falling(COUNTRIES), falling(NICHES, 0.7), falling(WORDS, 0.8)
        self.account = 0
        self.rows: dict[str, list[tuple[Any, ...]]] = {}

    def one(self, of: tuple[list[str], list[float]]) -> str:
        return self.dice.choices(of[0], cum_weights=of[1])[0]

    def creator(self, key: int, owner: int | None) -> None:
        dice = self.dice
        country = self.one(self.countries)
        niches = list(dict.fromkeys(self.one(self.niches) for _ in range(dice.choice([1, 1, 2, 2, 3]))))
        name = f"{dice.choice(FIRST)} {dice.choice(FIRST)}"
        words = [self.one(self.words) for _ in range(dice.randrange(4, 12))]
        language = LANGUAGES.get(country, "en") if dice.random() < 0.85 else "en"
        self.add("creators_creator", (
            key, f"b{key}", owner, name, " ".join([*niches, *words]), country if dice.random() > 0.05 else "",
            f"{country}-{int(dice.paretovariate(1.2)) % 15}", language if dice.random() > 0.05 else "", niches,
            dice.choice(["female", "female", "male", "", ""]), dice.choice([None, dice.randrange(1965, 2007)]),
            dice.choice([None, None, True, False]), "operator", NOW, NOW,
        ))  # fmt: skip
        if dice.random() < 0.3:
            self.add("creators_contactchannel", (key, None, "email", f"c{key}@example.com", "creator"))
        if dice.random() < 0.1:
            price = round(20 * 10 ** dice.uniform(0, 2), 2)
            for network in ("instagram", "tiktok"):
                self.add("creators_ratecard", (key, None, network, "", price, dice.choice(["EUR", "USD"]), "creator"))
        handle = f"{name.split(maxsplit=1)[0].lower()}_{key}"
        size = self.size()
        first = dice.choices([name for name, _ in NETWORKS], [share for _, share in NETWORKS])[0]
        for network, _ in NETWORKS:
            if network == first or dice.random() < 0.08:
                self.add_account(key, owner, network, handle, size if network == first else size * dice.uniform(0.1, 1))

    def size(self) -> float:
        _, low, high = self.dice.choices(SIZES, [share for share, _, _ in SIZES])[0]
        return float(10 ** self.dice.uniform(low, high))

    def add_account(self, creator: int, owner: int | None, network: str, handle: str, size: float) -> None:
        dice = self.dice
        self.account += 1
        basis, usual = USUAL[network]
        rate = round(usual * (size / 10_000) ** -0.15 * dice.lognormvariate(0, 0.6), 6)
        followers = int(size) if dice.random() > 0.02 else None
        verified = size > 50_000 and dice.random() < 0.5
        self.add("creators_socialaccount", (
            self.account, creator, owner, network, handle, "", followers, rate, basis, verified,
            dice.choice(["", "personal", "creator", "creator", "business"]),
            round(dice.betavariate(8, 2), 4) if dice.random() < 0.2 else None, "", "operator", "{}",
        ))  # fmt: skip
        if dice.random() < 0.9:
            self.add_metrics(self.account, basis, rate, size)
        if dice.random() < 0.25:
            self.add_audience(self.account)
        if dice.random() < 0.15:
            tags = list({self.one(self.niches), self.one(self.words), self.one(self.words)})
            url = f"https://example.com/{self.account}"
            self.add("creators_post", (self.account, url, "", tags, tags[:1], NOW, "", "import", False))

    def add_metrics(self, account: int, basis: str, rate: float, size: float) -> None:
        dice = self.dice
        known = dice.random() < 0.5
        self.add("creators_accountmetrics", (
            account, 12, rate if basis == "followers" else None, rate if basis == "views" else None, 0, 0, 0, 0, 0, 0,
            round(size * dice.lognormvariate(-0.8, 0.7)), round(dice.expovariate(0.6), 3),
            round(dice.betavariate(1, 6), 6) if known else None, NOW - timedelta(days=dice.expovariate(1 / 40)),
            round(dice.gauss(0.01, 0.05), 6) if known else None, round(dice.gauss(0.03, 0.1), 6) if known else None,
            round(dice.gauss(0.07, 0.2), 6) if known else None, round(dice.random(), 4), NOW, [],
        ))  # fmt: skip

    def add_audience(self, account: int) -> None:
        dice = self.dice
        first = dice.uniform(0.15, 0.7)
        for key, share in {"US": (1 - first) * 0.4, self.one(self.countries): first}.items():
            self.add("creators_audienceslice", (account, "country", key, round(share, 6), "import"))
        female = dice.betavariate(5, 3)
        for key, share in (("female", female), ("male", 1 - female)):
            self.add("creators_audienceslice", (account, "gender", key, round(share, 6), "import"))
        young = dice.uniform(0.1, 0.6)
        for key, share in (("18-24", young), ("25-34", 0.9 - young)):
            self.add("creators_audienceslice", (account, "age", key, round(share, 6), "import"))

    def add(self, table: str, row: tuple[Any, ...]) -> None:
        self.rows.setdefault(table, []).append(row)


TABLES = {
    "creators_creator": "id, code, owner_id, name, bio, country, city, language, niches, gender, birth_year, "
    "accepts_product_only, source, created_at, updated_at",
    "creators_contactchannel": "creator_id, owner_id, kind, value, source",
    "creators_ratecard": "creator_id, owner_id, network, format, amount, currency, source",
    "creators_socialaccount": "id, creator_id, owner_id, network, handle, url, followers, engagement_rate, "
    "engagement_basis, is_verified, account_type, credibility, audience_country, source, provenance",
    "creators_accountmetrics": "account_id, posts_n, rate_followers, rate_views, rate_followers_n, rate_reach_n, "
    "rate_views_n, outliers_n, sponsored_n, comments_n, median_views, posts_per_week, sponsored_share, last_post_at, "
    "growth_30, growth_90, growth_180, standing, computed_at, sources",
    "creators_audienceslice": "account_id, kind, key, share, source",
    "creators_post": "account_id, url, caption, hashtags, mentions, posted_at, format, source, is_pinned",
}


def fill(world: World, keys: range, foreign: int) -> None:
    """Creators with these keys, every 50th of them private to the brand `foreign`."""
    for start in range(keys.start, keys.stop, 20_000):
        world.rows = {}
        for key in range(start, min(start + 20_000, keys.stop)):
            world.creator(key, foreign if key % 50 == 0 else None)
        for table, columns in TABLES.items():
            copy(table, columns, world.rows.get(table, []))


def copy(table: str, columns: str, rows: list[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as to:
        for row in rows:
            to.write_row(row)
