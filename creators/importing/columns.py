"""Which column means what: a guess from headers and values, and the mapping that people correct."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar

from creators.importing import handles, numbers, places

# What a column can be read as, in the order the mapping page offers it.
FIELDS = {
    "handle": "Handle or profile address",
    "network": "Network",
    "name": "Name",
    "followers": "Followers",
    "engagement_rate": "Engagement rate",
    "average_engagements": "Average engagements (a count)",
    "average_likes": "Average likes",
    "average_comments": "Average comments",
    "average_shares": "Average shares",
    "average_views": "Average views",
    "following": "Following",
    "posts_count": "Number of posts",
    "niches": "Niche or category",
    "country": "Country",
    "audience_country": "Country of most followers",
    "city": "City",
    "language": "Language",
    "bio": "Bio",
    "gender": "Gender (as the creator says)",
    "birth_year": "Year of birth or age (as the creator says)",
    "is_verified": "Verified",
    "account_type": "Type of account",
    "credibility": "Audience credibility (another tool's)",
    "accepts_product_only": "Works for product only",
    "email": "E-mail",
    "phone": "Phone",
    "price": "Price per post",
    "price:reel": "Price of a reel",
    "price:story": "Price of a story",
    "price:image": "Price of an image or carousel",
    "price:video": "Price of a video",
    "price:short": "Price of a short",
    "price:live": "Price of a livestream",
    "tags": "Tags (yours)",
    "notes": "Note (yours)",
}
GENDERS = {"female": "Female", "male": "Male", "other": "Another"}
AGES = ("13-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65+")
# Shares of the audience that the mapping page always offers; countries and languages come from a file's headers.
SLICES = [*(f"audience:gender:{key}" for key in GENDERS), *(f"audience:age:{band}" for band in AGES)]
# Fields that several columns may feed.
REPEATABLE = frozenset(["niches", "tags", "notes"])
AVERAGE = r"\b(?:avg|average|mean|median|durchschnitt)\b"
PRICE = r"\b(?:price|rate|fee|cost|preis|usd|eur|gbp)\b"
FOLLOWERS = r"followers?|subscribers?|subs|fans|abonn\w*|seguidores|audience size"
POSTS = "posts?|uploads|videos?|media"
# Header words of each field, best first: an earlier pattern wins over a later one of the same field.
HEADERS: list[tuple[str, tuple[str, ...]]] = [
    ("engagement_rate", (r"\b(?:er|eng\w* rate|engagement percent\w*|interaction rate|engagement %)\b",)),
    ("credibility", (r"\bcredib\w*|\bauthenticity\b|\b(?:real|quality) (?:followers?|audience)\b",)),
    ("price:reel", (rf"\breels?\b.*{PRICE}|{PRICE}.*\breels?\b",)),
    ("price:story", (rf"\b(?:story|stories)\b.*{PRICE}|{PRICE}.*\b(?:story|stories)\b",)),
    ("price:image", (rf"\b(?:image|photo|carousel)\b.*{PRICE}|{PRICE}.*\b(?:image|photo|carousel)\b",)),
    ("price:short", (rf"\bshorts?\b.*{PRICE}|{PRICE}.*\bshorts?\b",)),
    ("price:live", (rf"\blive(?:stream)?\b.*{PRICE}|{PRICE}.*\blive(?:stream)?\b",)),
    ("price:video", (rf"\bvideos?\b.*{PRICE}|{PRICE}.*\bvideos?\b",)),
    ("accepts_product_only", (r"\bproduct only\b|\bgift(?:ing|ed)?\b|\bbarter\b|\bunpaid\b",)),
    ("gender", (r"^(?:gender|sex|geschlecht|genre du createur)$",)),
    ("birth_year", (r"^(?:age|alter|birth ?year|year of birth|birth ?date|date of birth|birthday|dob|geburts\w*)$",)),
    ("account_type", (r"^(?:account|profile) type$|^type of account$",)),
    ("average_engagements", (rf"engagements? {AVERAGE}|{AVERAGE} engagements?", r"^engagements?$")),
    ("average_likes", (rf"^(?:{AVERAGE} likes?|likes? {AVERAGE})", rf"{AVERAGE}.*like")),
    ("average_comments", (rf"{AVERAGE}.*comment|comment.*{AVERAGE}",)),
    ("average_shares", (rf"{AVERAGE}.*share|share.*{AVERAGE}",)),
    ("average_views", (rf"{AVERAGE}.*(?:view|play)|(?:view|play).*{AVERAGE}",)),
    ("following", (r"^following|\bfollowees?\b|^follows$",)),
    ("followers", (r"^(?:followers?|subscribers?)$", rf"\b(?:{FOLLOWERS})\b")),
    ("posts_count", (rf"^(?:{POSTS})(?: count| number)?$|(?:number|count|total) (?:of )?(?:{POSTS})",)),
    ("audience_country", (r"audience.*(?:country|location|geo)|(?:country|location).*audience",)),
    ("country", (r"\b(?:country|nation|land|pays|pa[ií]s)\b", r"\b(?:location|region|geo\w*|market)\b")),
    ("city", (r"\b(?:city|town|stadt|ville)\b",)),
    ("language", (r"\b(?:language|lang|sprache|langue|idioma)\b",)),
    ("email", (r"\be ?mail\b|\bmail\b", r"\bcontact\b")),
    ("phone", (r"\b(?:phone|mobile|tel|telephone|whatsapp)\b",)),
    ("price", (r"\b(?:price|fee|preis|tarif)\b|\bcost per post\b|\brate card\b|\brate per post\b",)),
    ("niches", (r"\b(?:niches?|categor\w*|kategorie|topics?|verticals?|genre|interests?)\b",)),
    ("tags", (r"\b(?:tags?|labels?)\b",)),
    ("notes", (r"\b(?:notes?|remarks?|memo|notiz\w*)\b",)),
    ("bio", (r"\b(?:bio|biography|about|description)\b",)),
    ("is_verified", (r"\bverified\b|\bblue check\b",)),
    ("network", (r"^(?:social )?(?:network|platform|social media|media)$|\bplatform\b|\bnetwork\b", r"^channel$")),
]  # fmt: skip
HANDLE_HEADER = re.compile(
    r"\b(?:handles?|user ?names?|account|profile|url|link|channel info|screen name|insta name|insta|ig|tiktoker|"
    r"youtuber|influencer|creator|instagram|tiktok|youtube|channel)\b"
)
NAME_HEADER = re.compile(r"\b(?:name|title|creator|influencer|artist|person)\b")
STRONG_HANDLE_HEADER = re.compile(
    r"\b(?:handles?|user ?names?|screen name|channel info|insta name|profile url|tiktoker)\b"
)
IGNORED_HEADER = re.compile(r"^(?:s ?no|rank|no|nr|id|index|#|unnamed.*|line|reason|)$")


@dataclass
class Mapping:
    """What each column is read as (None: left out), and what the file itself doesn't say."""

    RATES: ClassVar[dict[str, str]] = {"percent": "Percent (3.1 is 3.1 %)", "fraction": "Fraction (0.031 is 3.1 %)"}
    SHARES: ClassVar[dict[str, str]] = {"percent": "Percent (41 is 41 %)", "fraction": "Fraction (0.41 is 41 %)"}

    columns: list[str | None]
    network: str = ""
    rate: str = "percent"
    basis: str = "followers"
    currency: str = ""
    audience: str = "percent"

    def as_json(self) -> dict[str, Any]:
        return {
            "columns": self.columns,
            "network": self.network,
            "rate": self.rate,
            "basis": self.basis,
            "currency": self.currency,
            "audience": self.audience,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Mapping:
        return cls(**data)

    @property
    def needed(self) -> int:
        """How many columns a row must have so that no mapped one is cut off."""
        return max((place + 1 for place, column in enumerate(self.columns) if column), default=0)

    def problems(self) -> list[str]:
        """Why an import can't start with this mapping, in sentences."""
        counts = Counter(column for column in self.columns if column)
        found = [
            f"“{label(name)}” is chosen for {number} columns; choose one."
            for name, number in counts.items()
            if number > 1 and name not in REPEATABLE
        ]
        if not counts["handle"]:
            found.append("Choose the column that holds the handle or the address of the profile.")
        if not self.network and not counts["network"]:
            found.append("No column names the network: choose the network of this file.")
        return found


def label(name: str) -> str:
    """What a field is called on pages and in reasons; a share of the audience by its key."""
    kind, _, key = name.removeprefix("audience:").partition(":")
    if name in FIELDS or not key:
        return FIELDS.get(name, name)
    shown = GENDERS.get(key, key) if kind == "gender" else places.name_of(kind, key)
    return f"Audience: {shown}, share"


def is_field(name: str) -> bool:
    """Whether a column may be read as this."""
    return (
        name in FIELDS or name in SLICES or bool(re.fullmatch(r"audience:(?:country:[A-Z]{2}|language:[a-z]{2})", name))
    )


def parse_share(text: str, *, is_percent: bool) -> Decimal | None:
    """A share of a whole as a fraction. Raises ValueError above 100 %."""
    value = numbers.parse_rate(text, is_percent=is_percent)
    if value is not None and value > 1:
        raise ValueError(f"“{numbers.shorten(text)}” is more than the whole")
    return value


AGE_BAND = re.compile(r"(?<!\d)(1[38]|[2-6]5)\s*(?:(?:-|–|to|_)\s*(\d\d)(?!\d)|(\+|plus))")
AUDIENCE = re.compile(r"\b(?:audience|followers?|fans|viewers?|zielgruppe|publikum)\b")
SHARE = re.compile(r"%|\b(?:percent(?:age)?|pct|share|ratio|prozent|anteil)\b")
FEMALE, MALE = (
    re.compile(r"\b(?:female|females|women|woman|frauen)\b"),
    re.compile(r"\b(?:male|males|men|man|männer)\b"),
)


def slice_of(header: str) -> str:
    """The share of the audience that a header names, empty where it names none.

    `audience DE %`, `Audience Germany`, `female %`, `% men`, `18-24`, `followers 65+`, `audience language en`.
    """
    text = " ".join(re.sub(r"[_/:()]", " ", header).lower().split())
    is_female, is_male = FEMALE.search(text), MALE.search(text)
    if band := AGE_BAND.search(text):
        return "" if is_female or is_male else f"audience:age:{band[1]}{'+' if band[3] else '-' + band[2]}"
    if not (AUDIENCE.search(text) or SHARE.search(text)):
        return ""
    if is_female or is_male:
        return f"audience:gender:{'female' if is_female else 'male'}"
    rest = " ".join(SHARE.sub(" ", AUDIENCE.sub(" ", text)).split())
    return "" if is_rather_a_word(rest, text) else place_or_language(rest)


def is_rather_a_word(rest: str, header: str) -> bool:
    """“ER %” is an engagement rate and “in %” says nothing: two letters are a country only beside the audience."""
    return rest == "er" or (len(rest) < 4 and not AUDIENCE.search(header))


def place_or_language(rest: str) -> str:
    language = rest.removeprefix("language ")
    try:
        if language != rest:
            return f"audience:language:{places.parse_language(language)}"
        code = places.parse_country(rest.removeprefix("country ").removeprefix("in "))
    except ValueError:
        return ""
    return f"audience:country:{code}" if code else ""


@dataclass
class Column:
    """One column of a file as the guess sees it."""

    place: int
    header: str
    values: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        """The header in lower-case words: `60_day_eng_rate` → `60 day eng rate`."""
        spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", self.header) if not self.header.isupper() else self.header
        return " ".join(re.sub(r"[^\w%#]+|_", " ", spaced.lower()).split())

    def share(self, reads: Callable[[str], object]) -> float:
        """Share of the known values that `reads` understands; 0 without any known value."""
        known = [value for value in self.values if not numbers.is_missing(value)]
        return sum(understands(reads, value) for value in known) / len(known) if known else 0


def understands(reads: Callable[[str], object], value: str) -> bool:
    try:
        return reads(value) is not None
    except ValueError:
        return False


def guess(header: list[str], sample: list[list[str]], filename: str = "") -> Mapping:
    """The likeliest mapping of a file from its header and some rows; `network` is empty where nothing tells."""
    columns = [
        Column(place, name, [cells[place] for cells in sample if place < len(cells)])
        for place, name in enumerate(header)
    ]
    found = slices(columns)
    for name, patterns in HEADERS:
        take_by_header(columns, name, patterns, found)
    take_handle_and_name(columns, found)
    take_by_value(columns, found)
    mapped = [found.get(column.place) for column in columns]
    return Mapping(
        mapped,
        guessed_network(columns, mapped, filename),
        guessed_rate(columns, mapped),
        audience=guessed_audience(columns, mapped),
    )


def slices(columns: list[Column]) -> dict[int, str]:
    """The columns that hold shares of the audience, each share once."""
    found: dict[int, str] = {}
    for column in columns:
        name = slice_of(column.header)
        if is_field(name) and name not in found.values() and column.share(below_hundred) >= 0.5:
            found[column.place] = name
    return found


def guessed_audience(columns: list[Column], mapped: list[str | None]) -> str:
    """Percent as soon as one share of one column is above 1."""
    shares = [
        value
        for column in columns
        if (mapped[column.place] or "").startswith("audience:")
        for value in column.values
        if not numbers.is_missing(value)
    ]
    return "fraction" if shares and not numbers.writes_percent(shares) else "percent"


def take_by_header(columns: list[Column], name: str, patterns: tuple[str, ...], found: dict[int, str]) -> None:
    for pattern in patterns:
        for column in columns:
            if column.place in found or not re.search(pattern, column.words) or not plausible(column, name):
                continue
            found[column.place] = "engagement_rate" if is_really_rate(column, name) else name
            if name not in REPEATABLE:
                return


def is_really_rate(column: Column, name: str) -> bool:
    """A column called “engagement” whose values carry % signs or stay below 1 is a rate."""
    if name != "average_engagements":
        return False
    known = [value for value in column.values if not numbers.is_missing(value)]
    return any("%" in value for value in known) or column.share(below_one) > 0.9


def below_hundred(value: str) -> object:
    share = numbers.parse_rate(value, is_percent=False)
    return True if share is not None and share <= 100 else None


def below_one(value: str) -> object:
    amount = numbers.parse_amount(value)
    return True if amount is not None and amount < 1 else None


READERS: dict[str, Callable[[str], object]] = {
    "followers": numbers.parse_count,
    "following": numbers.parse_count,
    "posts_count": numbers.parse_count,
    "engagement_rate": lambda value: numbers.parse_rate(value, is_percent=True),
    "average_engagements": lambda value: numbers.parse_amount(value.replace("%", "")),
    "average_likes": numbers.parse_amount,
    "average_comments": numbers.parse_amount,
    "average_shares": numbers.parse_amount,
    "average_views": numbers.parse_amount,
    "network": handles.parse_network,
    "country": places.parse_country,
    "audience_country": places.parse_country,
    "language": places.parse_language,
    "price": numbers.parse_money,
    **dict.fromkeys([name for name in FIELDS if name.startswith("price:")], numbers.parse_money),
    "credibility": below_hundred,
    "email": lambda value: True if re.search(r"[^@\s]+@[^@\s]+\.\w+", value) else None,
}


def plausible(column: Column, name: str) -> bool:
    """Whether the values allow what the header says; a column without any known value is believed."""
    known = [value for value in column.values if not numbers.is_missing(value)]
    return not known or name not in READERS or column.share(READERS[name]) >= 0.5


def take_handle_and_name(columns: list[Column], found: dict[int, str]) -> None:
    """The handle is the column whose values look most like handles; the name is the best of the others."""
    free = [column for column in columns if column.place not in found and not IGNORED_HEADER.match(column.words)]
    scored = sorted(((handle_score(column), -column.place) for column in free), reverse=True)
    if scored and scored[0][0] >= 1:
        found[-scored[0][1]] = "handle"
    named = [column for column in free if column.place not in found and NAME_HEADER.search(column.words)]
    if named:
        found[max(named, key=name_score).place] = "name"


def handle_score(column: Column) -> float:
    """Above 1 for a column that could hold handles; addresses and “@” weigh most, then the header's words."""
    words = column.words
    header = 1.0 if STRONG_HANDLE_HEADER.search(words) else 0.6 if HANDLE_HEADER.search(words) else 0.0
    header = header or (0.5 if NAME_HEADER.search(words) else 0.0)
    fits = column.share(handles.parse_handle)
    numeric = column.share(numbers.parse_amount)
    marked = column.share(lambda value: True if value.startswith("@") or handles.looks_like_address(value) else None)
    lower = column.share(lambda value: True if value == value.lower() else None)
    if fits < 0.4 or numeric > 0.5 or (not header and marked < 0.5):
        return 0
    return header + fits + 2 * marked * fits + 0.8 * lower


def name_score(column: Column) -> float:
    spaced = column.share(lambda value: True if " " in value.strip() else None)
    return spaced + (0.5 if re.search(r"\bname\b", column.words) else 0)


def take_by_value(columns: list[Column], found: dict[int, str]) -> None:
    """E-mail addresses and network names are recognised without a telling header."""
    for name in ("email", "network"):
        for column in columns:
            if name not in found.values() and column.place not in found and column.share(READERS[name]) > 0.8:
                found[column.place] = name


def guessed_network(columns: list[Column], mapped: list[str | None], filename: str) -> str:
    """From the addresses in the handle column, else from the headers and the file's name."""
    if "handle" in mapped:
        counts = Counter(network_of(value) for value in columns[mapped.index("handle")].values)
        del counts[""]
        if counts and counts.most_common(1)[0][1] > 0.5 * sum(counts.values()):
            return counts.most_common(1)[0][0]
    by_header = handles.network_in(" ".join(column.header for column in columns))
    return by_header or handles.network_in(filename) or by_words(columns)


def by_words(columns: list[Column]) -> str:
    """Words that only one network uses: subscribers are YouTube's."""
    return "youtube" if any("subscriber" in column.words for column in columns) else ""


def network_of(value: str) -> str:
    try:
        handle = handles.parse_handle(value)
    except ValueError:
        return ""
    return handle.network if handle else ""


def guessed_rate(columns: list[Column], mapped: list[str | None]) -> str:
    if "engagement_rate" not in mapped:
        return "percent"
    values = columns[mapped.index("engagement_rate")].values
    known = [value for value in values if not numbers.is_missing(value)]
    return "percent" if not known or numbers.writes_percent(known) else "fraction"


def header_notes(header: list[str]) -> list[str]:
    """What is odd about a header, in sentences."""
    counts = Counter(name.lower() for name in header if name)
    notes = [
        f"{number} columns are called “{name}”; check which one is read."
        for name, number in counts.items()
        if number > 1
    ]
    empty = [str(place) for place, name in enumerate(header, 1) if not name]
    if empty:
        notes.append(f"Without a name in the header: column {', '.join(empty)}.")
    return notes
