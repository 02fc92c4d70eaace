"""One row of a file as typed values."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from creators.importing import handles, numbers, places
from creators.importing.columns import Mapping, label, parse_share
from creators.importing.lines import Line, shape_problem

EMAIL = re.compile(r"[^@\s,;<>()\"]{1,64}@[A-Za-z0-9.-]{1,180}\.[A-Za-z]{2,24}")
SEPARATORS = re.compile(r"[;,/|]")
YES = frozenset(["yes", "y", "true", "1", "verified", "ja", "oui", "✓", "✔", "x"])
NO = frozenset(["no", "n", "false", "0", "nein", "non", "not verified"])
GENDERS = {
    "f": "female", "female": "female", "woman": "female", "w": "female", "she": "female", "weiblich": "female",
    "m": "male", "male": "male", "man": "male", "he": "male", "männlich": "male",
    "other": "other", "non-binary": "other", "nonbinary": "other", "diverse": "other", "divers": "other", "d": "other",
    "x": "other", "they": "other",
}  # fmt: skip
ACCOUNT_TYPES = {"personal": "personal", "private": "personal", "creator": "creator", "business": "business",
                 "brand": "business", "company": "business", "professional": "business"}  # fmt: skip
LIMITS = {"name": 160, "city": 80, "bio": 2000, "phone": 40, "note": 4000}
YOUNGEST, OLDEST = 13, 110
REMEMBERED = 20_000  # different cells of a column whose reading is kept


class RowError(Exception):
    """A row that can't be imported; the message is the reason shown to the person who uploaded it."""


@dataclass(slots=True)
class Row:
    """What a row says. None, "" and () mean that it says nothing about it.

    `audience` holds (kind, key, share) and `rates` (format, amount, currency), as AudienceSlice and RateCard do.
    """

    line: int = 0
    network: str = ""
    handle: str = ""
    url: str = ""
    name: str = ""
    bio: str = ""
    country: str = ""
    city: str = ""
    language: str = ""
    niches: tuple[str, ...] = ()
    gender: str = ""
    birth_year: int | None = None
    accepts_product_only: bool | None = None
    followers: int | None = None
    following: int | None = None
    posts_count: int | None = None
    engagement_rate: Decimal | None = None
    engagement_basis: str = "followers"
    average_likes: Decimal | None = None
    average_comments: Decimal | None = None
    average_shares: Decimal | None = None
    average_views: Decimal | None = None
    is_verified: bool | None = None
    account_type: str = ""
    credibility: Decimal | None = None
    audience_country: str = ""
    audience: tuple[tuple[str, str, Decimal], ...] = ()
    email: str = ""
    phone: str = ""
    price: Decimal | None = None
    price_currency: str = ""
    rates: tuple[tuple[str, Decimal, str], ...] = ()
    tags: tuple[str, ...] = ()
    note: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        return self.network, self.handle


@dataclass(frozen=True, slots=True)
class Trouble:
    """What came of a cell that can't be read as it should: its reason, and the value used in spite of it."""

    reason: str
    value: Any = None
    is_fatal: bool = True


class Column(dict[str, Any]):
    """What the cells of a column are read as. A cell that was seen before is not read again."""

    def __init__(self, name: str, reads: Callable[[str], Any], *, is_soft: bool = False) -> None:
        super().__init__()
        self.label, self.reads, self.is_soft = label(name), reads, is_soft

    def __missing__(self, cell: str) -> Any:
        try:
            value = self.reads(cell)
        except ValueError as error:
            value = self.trouble(error)
        if len(self) < REMEMBERED:
            self[cell] = value
        return value

    def trouble(self, error: ValueError) -> Trouble:
        if self.is_soft:
            return Trouble(f"{self.label}: {error}; left empty", is_fatal=False)
        return Trouble(f"{self.label}: {error}")


class RowReader:
    """Reads the rows of one file: what each column needs is chosen once, and equal cells are read once."""

    def __init__(self, header: list[str], mapping: Mapping) -> None:
        self.header, self.mapping, self.width = header, mapping, len(header)
        self.needed = mapping.needed
        self.columns: list[tuple[str, int, Column]] = []
        self.lists: dict[str, list[int]] = {"niches": [], "tags": [], "notes": []}
        self.slices: list[tuple[str, str, int, Column]] = []
        self.prices: list[tuple[str, int, Column]] = []
        self.words: dict[tuple[str, ...], tuple[str, ...]] = {}
        for place, name in enumerate(mapping.columns):
            if name:
                self.add(name, place)

    def add(self, name: str, place: int) -> None:
        kind, _, rest = name.partition(":")
        if kind in self.lists:
            self.lists[kind].append(place)
        elif kind == "audience":
            of, _, key = rest.partition(":")
            self.slices.append((of, key, place, Column(name, self.read_share)))
        elif kind == "price" and rest:
            self.prices.append((rest, place, Column(name, self.read_price)))
        else:
            self.columns.append((name, place, Column(name, self.reader(name), is_soft=name in SOFT)))

    def reader(self, name: str) -> Callable[[str], Any]:
        own = {"engagement_rate": self.read_rate, "price": self.read_price}
        return own.get(name) or READERS.get(name) or text_reader(name)

    def read_rate(self, cell: str) -> Decimal | None:
        return numbers.parse_rate(cell, is_percent=self.mapping.rate == "percent")

    def read_share(self, cell: str) -> Decimal | None:
        return parse_share(cell, is_percent=self.mapping.audience == "percent")

    def read_price(self, cell: str) -> tuple[Decimal, str] | None:
        """Raises ValueError for an amount without a currency."""
        money = numbers.parse_money(cell)
        if money is None:
            return None
        amount, currency = money[0], money[1] or self.mapping.currency
        if amount >= 10**10:
            raise ValueError(f"“{numbers.shorten(cell)}” is too large for a price")
        return amount, currency

    def read(self, line: Line) -> Row:
        """The row as typed values. Raises RowError with the reason."""
        cells = line.cells
        if len(cells) != self.width:
            problem = shape_problem(cells, self.header, self.needed)
            if problem:
                raise RowError(problem)
            cells = cells + [""] * (self.width - len(cells))
        said, remarks = self.read_columns(cells)
        account = self.read_account(said)
        self.read_engagement(said)
        price = said.pop("price", None)
        if price:
            said["price"], said["price_currency"] = price
        row = Row(line.number, account.network, account.name, account.url, **said)
        self.read_lists(row, cells)
        if self.slices:
            row.audience = tuple(
                (kind, key, share)
                for kind, key, place, column in self.slices
                if (share := self.value(column, cells[place], remarks)) is not None
            )
        if self.prices:
            row.rates = tuple(
                (form, *price)
                for form, place, column in self.prices
                if (price := self.value(column, cells[place], remarks)) is not None
            )
        row.remarks = tuple(remarks)
        return row

    def read_columns(self, cells: list[str]) -> tuple[dict[str, Any], list[str]]:
        said: dict[str, Any] = {}
        remarks: list[str] = []
        for name, place, column in self.columns:
            value = column[cells[place]]
            if type(value) is Trouble:
                value = troubled(value, remarks)
            if value is not None:
                said[name] = value
        return said, remarks

    @staticmethod
    def value(column: Column, cell: str, remarks: list[str]) -> Any:
        value = column[cell]
        return troubled(value, remarks) if type(value) is Trouble else value

    def read_account(self, said: dict[str, Any]) -> handles.Handle:
        """The account with its network: from the address, else the network column, else the file's network."""
        handle: handles.Handle | None = said.pop("handle", None)
        named: str | None = said.pop("network", None)
        if handle is None:
            raise RowError("No handle: the row names no account")
        if named and handle.network and named != handle.network:
            raise RowError(f"The row says {named} and the address is one of {handle.network}")
        if handle.network:
            return handle
        network = named or self.mapping.network
        if not network:
            raise RowError("No network: the row doesn't say where the account is")
        if not handles.fits(handle.name, network):
            raise RowError(f"“{handle.name}” can't be a handle on {network}")
        return handles.Handle(handle.name, network)

    def read_engagement(self, said: dict[str, Any]) -> None:
        """The rate's basis; where the file has only average engagements, those divided by followers."""
        engagements: Decimal | None = said.pop("average_engagements", None)
        if "engagement_rate" in said:
            said["engagement_basis"] = self.mapping.basis
            return
        followers = said.get("followers")
        if engagements is not None and followers and engagements <= followers * 100:
            said["engagement_rate"] = round(engagements / followers, 6)

    def read_lists(self, row: Row, cells: list[str]) -> None:
        if self.lists["niches"]:
            row.niches = self.read_words(tuple(cells[place] for place in self.lists["niches"]))
        if self.lists["tags"]:
            row.tags = self.read_words(tuple(cells[place] for place in self.lists["tags"]))
        if self.lists["notes"]:
            told = [cells[place] for place in self.lists["notes"] if not numbers.is_missing(cells[place])]
            row.note = "\n".join(told)[: LIMITS["note"]]

    def read_words(self, texts: tuple[str, ...]) -> tuple[str, ...]:
        found = self.words.get(texts)
        if found is None:
            found = words(texts)
            if len(self.words) < REMEMBERED:
                self.words[texts] = found
        return found


def troubled(trouble: Trouble, remarks: list[str]) -> Any:
    """The value in spite of the trouble, which is remarked upon. Raises RowError where nothing can be made of it."""
    if trouble.is_fatal:
        raise RowError(trouble.reason)
    remarks.append(trouble.reason)
    return trouble.value


def text_reader(name: str) -> Callable[[str], str | None]:
    limit = LIMITS.get(name, 200)

    def read(cell: str) -> str | None:
        return None if numbers.is_missing(cell) else " ".join(cell.split())[:limit]

    return read


def read_followers(cell: str) -> int | Trouble | None:
    """The number; of a range the lower end, with a remark."""
    value = numbers.parse_count(cell)
    if value is None or not numbers.RANGE.search(numbers.SPACES.sub("", cell)):
        return value
    return Trouble(f"{label('followers')}: “{cell}” is a range; its lower end {value:,} is used", value, is_fatal=False)


def read_posts(cell: str) -> int | None:
    value = numbers.parse_count(cell)
    if value is not None and value >= 2**31:
        raise ValueError(f"“{numbers.shorten(cell)}” is too large for a number of posts")
    return value


def read_average(cell: str) -> Decimal | None:
    value = numbers.parse_amount(cell)
    return None if value is None else round(value, 2)


def read_engagements(cell: str) -> Decimal | None:
    return numbers.parse_amount(cell)


def parse_email(text: str) -> str | None:
    """The first address in a text such as `Dana <dana@x.example>; second@…`, in lower case."""
    if numbers.is_missing(text):
        return None
    found = EMAIL.search(text)
    if found is None or len(found[0]) > 254:
        raise ValueError(f"“{numbers.shorten(text)}” is not an e-mail address")
    return found[0].lower().strip(".")


def parse_flag(text: str) -> bool | None:
    if numbers.is_missing(text):
        return None
    plain = text.strip().lower()
    if plain in YES:
        return True
    if plain in NO:
        return False
    raise ValueError(f"“{numbers.shorten(text)}” is neither yes nor no")


def parse_gender(text: str) -> str | None:
    return chosen(text, GENDERS, "a gender we can store")


def parse_account_type(text: str) -> str | None:
    words_of_it = text.strip().lower().removesuffix("account").strip()
    return None if numbers.is_missing(text) else chosen(words_of_it, ACCOUNT_TYPES, "a type of account")


def chosen(text: str, choices: dict[str, str], what: str) -> str | None:
    if numbers.is_missing(text):
        return None
    found = choices.get(text.strip().lower())
    if found is None:
        raise ValueError(f"“{numbers.shorten(text)}” is not {what}")
    return found


def parse_birth_year(text: str) -> int | None:
    """`1994`, `1994-05-03`, `03.05.1994` → 1994; an age such as `31` → this year less 31 (right to within a year)."""
    if numbers.is_missing(text):
        return None
    this_year = datetime.now(UTC).year
    found = re.search(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)", text)
    age = re.fullmatch(r"(\d{1,3})(?:\.0+)?", text.strip())
    year = int(found[1]) if found else this_year - int(age[1]) if age else 0
    if not this_year - OLDEST <= year <= this_year - YOUNGEST:
        raise ValueError(f"“{numbers.shorten(text)}” is neither an age nor a year of birth of somebody who may sign up")
    return year


def parse_credibility(text: str) -> Decimal | None:
    """A fraction: `87%`, `87` and `0.87` are all 0.87. Raises ValueError above 100 %."""
    value = numbers.parse_rate(text, is_percent=False)
    if value is not None and value > 1 and "%" not in text:
        value /= 100
    if value is not None and value > 1:
        raise ValueError(f"“{numbers.shorten(text)}” is more than everybody")
    return None if value is None else round(value, 4)


def words(texts: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Niches or tags split by ; , / | in lower case, without `#`, each once, in order."""
    parts = (
        part.strip(" #'\"[]").lower()
        for text in texts
        if not numbers.is_missing(text)
        for part in SEPARATORS.split(text)
    )
    return tuple(dict.fromkeys(" ".join(part.split())[:40] for part in parts if not numbers.is_missing(part)))[:20]


# Where a cell that can't be read leaves the field unknown instead of refusing the row.
SOFT = frozenset(
    ["country", "language", "audience_country", "is_verified", "gender", "birth_year", "account_type",
     "accepts_product_only", "email"]
)  # fmt: skip
READERS: dict[str, Callable[[str], Any]] = {
    "handle": handles.parse_handle,
    "network": handles.parse_network,
    "followers": read_followers,
    "following": numbers.parse_count,
    "posts_count": read_posts,
    "average_engagements": read_engagements,
    "average_likes": read_average,
    "average_comments": read_average,
    "average_shares": read_average,
    "average_views": read_average,
    "country": places.parse_country,
    "audience_country": places.parse_country,
    "language": places.parse_language,
    "is_verified": parse_flag,
    "gender": parse_gender,
    "birth_year": parse_birth_year,
    "accepts_product_only": parse_flag,
    "account_type": parse_account_type,
    "credibility": parse_credibility,
    "email": parse_email,
}
