"""One row of a file as typed values."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from creators.importing import files, handles, numbers, places
from creators.importing.columns import FIELDS, Mapping

EMAIL = re.compile(r"[^@\s,;<>()\"]{1,64}@[A-Za-z0-9.-]{1,180}\.[A-Za-z]{2,24}")
YES = frozenset(["yes", "y", "true", "1", "verified", "ja", "oui", "✓", "✔", "x"])
NO = frozenset(["no", "n", "false", "0", "nein", "non", "not verified"])
LIMITS = {"name": 160, "city": 80, "bio": 2000, "phone": 40, "notes": 4000}


class RowError(Exception):
    """A row that can't be imported; the message is the reason shown to the person who uploaded it."""


@dataclass(frozen=True)
class Row:
    """What a row says. None and "" mean that it says nothing about it."""

    line: int
    network: str
    handle: str
    url: str
    name: str
    bio: str
    country: str
    city: str
    language: str
    niches: tuple[str, ...]
    followers: int | None
    following: int | None
    posts_count: int | None
    engagement_rate: Decimal | None
    engagement_basis: str
    average_likes: Decimal | None
    average_comments: Decimal | None
    average_shares: Decimal | None
    average_views: Decimal | None
    is_verified: bool | None
    audience_country: str
    email: str
    phone: str
    price: Decimal | None
    price_currency: str
    tags: tuple[str, ...]
    note: str
    remarks: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        return self.network, self.handle


class Cells:
    """The known cells of a row by field name."""

    def __init__(self, cells: list[str], mapping: Mapping) -> None:
        self.known: dict[str, list[str]] = {}
        for name, value in zip(mapping.columns, cells, strict=False):
            if name and not numbers.is_missing(value):
                self.known.setdefault(name, []).append(value)

    def all(self, name: str) -> list[str]:
        return self.known.get(name, [])

    def text(self, name: str) -> str:
        found = self.all(name)
        return " ".join(found[0].split())[: LIMITS.get(name, 200)] if found else ""

    def read(self, name: str, reads: Callable[[str], Any]) -> Any:
        """The value or None when missing. Raises RowError naming the field."""
        found = self.all(name)
        try:
            return reads(found[0]) if found else None
        except ValueError as error:
            raise RowError(f"{FIELDS[name]}: {error}") from error

    def read_softly(self, name: str, reads: Callable[[str], Any], remarks: list[str]) -> Any:
        """Like read, but what can't be understood is unknown and remarked upon."""
        try:
            return self.read(name, reads)
        except RowError as problem:
            remarks.append(f"{problem}; left empty")
            return None


def read_row(line: files.Line, header: list[str], mapping: Mapping) -> Row:
    """The row as typed values. Raises RowError with the reason."""
    problem = files.shape_problem(line.cells, header, mapping.needed)
    if problem:
        raise RowError(problem)
    cells = Cells(line.cells, mapping)
    remarks: list[str] = []
    handle = read_handle(cells, mapping)
    followers = read_range(cells, "followers", remarks)
    money = cells.read("price", numbers.parse_money)
    return Row(
        line=line.number,
        network=handle.network,
        handle=handle.name,
        url=handle.url,
        name=cells.text("name"),
        bio=cells.text("bio"),
        country=cells.read_softly("country", places.parse_country, remarks) or "",
        city=cells.text("city"),
        language=cells.read_softly("language", places.parse_language, remarks) or "",
        niches=words(cells.all("niches")),
        followers=followers,
        following=cells.read("following", numbers.parse_count),
        posts_count=cells.read("posts_count", numbers.parse_count),
        engagement_rate=read_rate(cells, mapping, followers),
        engagement_basis=mapping.basis if cells.all("engagement_rate") else "followers",
        average_likes=read_average(cells, "average_likes"),
        average_comments=read_average(cells, "average_comments"),
        average_shares=read_average(cells, "average_shares"),
        average_views=read_average(cells, "average_views"),
        is_verified=cells.read_softly("is_verified", parse_flag, remarks),
        audience_country=cells.read_softly("audience_country", places.parse_country, remarks) or "",
        email=cells.read("email", parse_email) or "",
        phone=cells.text("phone"),
        price=money[0] if money else None,
        price_currency=(money[1] or mapping.currency) if money else "",
        tags=words(cells.all("tags")),
        note="\n".join(cells.all("notes"))[: LIMITS["notes"]],
        remarks=tuple(remarks),
    )


def read_handle(cells: Cells, mapping: Mapping) -> handles.Handle:
    """The account with its network: from the address, else the network column, else the file's network."""
    handle = cells.read("handle", handles.parse_handle)
    if handle is None:
        raise RowError("No handle: the row names no account")
    named = cells.read("network", handles.parse_network)
    if named and handle.network and named != handle.network:
        raise RowError(f"The row says {named} and the address is one of {handle.network}")
    network = handle.network or named or mapping.network
    if not network:
        raise RowError("No network: the row doesn't say where the account is")
    if not handles.fits(handle.name, network):
        raise RowError(f"“{handle.name}” can't be a handle on {network}")
    return handles.Handle(handle.name, network, handle.url)


def read_range(cells: Cells, name: str, remarks: list[str]) -> int | None:
    value: int | None = cells.read(name, numbers.parse_count)
    if value is not None and numbers.RANGE.search(numbers.SPACES.sub("", cells.all(name)[0])):
        remarks.append(f"{FIELDS[name]}: “{cells.all(name)[0]}” is a range; its lower end {value:,} is used")
    return value


def read_average(cells: Cells, name: str) -> Decimal | None:
    value: Decimal | None = cells.read(name, numbers.parse_amount)
    return None if value is None else round(value, 2)


def read_rate(cells: Cells, mapping: Mapping, followers: int | None) -> Decimal | None:
    """The rate as a fraction; where the file has only average engagements, those divided by followers."""
    rate: Decimal | None = cells.read(
        "engagement_rate", lambda text: numbers.parse_rate(text, is_percent=mapping.rate == "percent")
    )
    if rate is not None:
        return rate
    engagements: Decimal | None = cells.read("average_engagements", numbers.parse_amount)
    if engagements is None or not followers or engagements > followers * 100:
        return None
    return round(engagements / followers, 6)


def parse_email(text: str) -> str | None:
    """The first address in a text such as `Dana <dana@x.example>; second@…`, in lower case."""
    found = EMAIL.search(text)
    if found is None:
        raise ValueError(f"“{numbers.shorten(text)}” is not an e-mail address")
    return found[0].lower().strip(".")


def parse_flag(text: str) -> bool:
    plain = text.strip().lower()
    if plain in YES:
        return True
    if plain in NO:
        return False
    raise ValueError(f"“{numbers.shorten(text)}” is neither yes nor no")


def words(texts: list[str]) -> tuple[str, ...]:
    """Niches or tags split by ; , / | in lower case, without `#`, each once, in order."""
    parts = (part.strip(" #'\"[]").lower() for text in texts for part in re.split(r"[;,/|]", text))
    return tuple(dict.fromkeys(" ".join(part.split())[:40] for part in parts if not numbers.is_missing(part)))[:20]
