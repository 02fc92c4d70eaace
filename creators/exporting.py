"""What a file of creators may hold: the columns, and how a creator is written in each."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import IO, Any, Protocol

from openpyxl import Workbook

from creators.models import Creator, Relationship, SocialAccount
from groundswell.lib.spreadsheets import inert

# What workbooks can't hold.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
CELL = 32_767


@dataclass(frozen=True)
class Entry:
    """A creator with the accounts, the largest first, and what the brand knows."""

    creator: Creator
    accounts: list[SocialAccount]
    relationship: Relationship | None


@dataclass(frozen=True)
class Column:
    label: str
    read: Callable[[Entry], Any]


def of_creator(name: str) -> Callable[[Entry], Any]:
    return lambda entry: getattr(entry.creator, name)


def of_account(name: str) -> Callable[[Entry], Any]:
    return lambda entry: getattr(entry.accounts[0], name) if entry.accounts else None


def of_relationship(name: str) -> Callable[[Entry], Any]:
    return lambda entry: getattr(entry.relationship, name) if entry.relationship else None


def others(entry: Entry) -> str:
    return ", ".join(f"{row.network}: {row.handle}" for row in entry.accounts[1:])


def basis(entry: Entry) -> str | None:
    """Only beside a rate."""
    account = entry.accounts[0] if entry.accounts else None
    return account.engagement_basis if account and account.engagement_rate is not None else None


def notes(entry: Entry) -> str | None:
    return "\n".join(note.text for note in entry.relationship.notes.all()) if entry.relationship else None


def owner(entry: Entry) -> str | None:
    return str(entry.relationship.owner or "") if entry.relationship else None


def plain(of: Callable[[str], Callable[[Entry], Any]], **labels: str) -> dict[str, Column]:
    """Columns that show a field as it is."""
    return {name: Column(label, of(name)) for name, label in labels.items()}


# In the order they are offered; labels are those an import reads back.
COLUMNS: dict[str, Column] = {
    **plain(of_creator, name="Name"),
    **plain(of_account, network="Network", handle="Handle"),
    "url": Column("Profile address", of_account("profile_url")),
    **plain(of_account, followers="Followers", following="Following", posts_count="Posts"),
    **plain(of_account, engagement_rate="Engagement rate"),
    "engagement_basis": Column("Rate is by", basis),
    **plain(
        of_account,
        average_likes="Average likes",
        average_comments="Average comments",
        average_shares="Average shares",
        average_views="Average views",
        is_verified="Verified",
        account_type="Account type",
        credibility="Audience credibility",
        audience_country="Audience country",
        source="Source of the numbers",
        observed_at="Numbers as of",
    ),
    "other_accounts": Column("Other accounts", others),
    **plain(
        of_creator,
        country="Country",
        city="City",
        language="Language",
        niches="Niches",
        bio="Bio",
        gender="Gender",
        birth_year="Year of birth",
        accepts_product_only="Works for product only",
        code="Code",
    ),
    **plain(of_relationship, stage="Stage"),
    "owner": Column("In charge", owner),
    **plain(
        of_relationship,
        email="E-mail",
        phone="Phone",
        price="Price per post",
        price_currency="Currency",
        tags="Tags",
    ),
    "notes": Column("Notes", notes),
}
USUAL = ("name", "network", "handle", "url", "followers", "engagement_rate", "engagement_basis", "country", "niches",
         "stage", "email")  # fmt: skip


def cells(entry: Entry, columns: Iterable[str]) -> list[Any]:
    """Numbers as numbers, everything else as text that no spreadsheet takes for a formula; unknown is empty."""
    return [cell(COLUMNS[name].read(entry)) for name in columns]


def cell(value: Any) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | Decimal):
        return value
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    text = ", ".join(value) if isinstance(value, list) else str(value)
    return inert(CONTROL.sub("", text)[: CELL - 1])


class Table(Protocol):
    """A file that takes rows one by one, without keeping them in memory."""

    def add(self, row: list[Any]) -> None: ...

    def close(self) -> None: ...


class CsvTable:
    def __init__(self, file: IO[bytes]) -> None:
        self.text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
        self.writer = csv.writer(self.text)

    def add(self, row: list[Any]) -> None:
        self.writer.writerow(row)

    def close(self) -> None:
        self.text.detach()


class XlsxTable:
    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.book = file, Workbook(write_only=True)
        self.sheet: Any = self.book.create_sheet("Creators")

    def add(self, row: list[Any]) -> None:
        self.sheet.append(row)

    def close(self) -> None:
        self.book.save(self.file)


TABLES: dict[str, Callable[[IO[bytes]], Table]] = {"csv": CsvTable, "xlsx": XlsxTable}


def write(file: IO[bytes], kind: str, columns: list[str], entries: Iterator[Entry]) -> None:
    """A header and a line per creator. `kind` is a key of TABLES."""
    table = TABLES[kind](file)
    table.add([COLUMNS[name].label for name in columns])
    for entry in entries:
        table.add(cells(entry, columns))
    table.close()
