"""Rows of a file as orders: consecutive rows of one number are the articles of one order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from creators.importing import numbers
from creators.importing.lines import Line, shape_problem
from groundswell.lib.money import CURRENCIES, exponent, rounded
from tracking.importing.columns import FIELDS, Mapping
from tracking.shops.customers import customer_key
from tracking.shops.orders import ZERO, CodeOnOrder, OrderData, OrderLineData, RefundData, largest_first
from tracking.shops.payloads import LIMIT

LOCAL_DATE = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
SPACED_ZONE = re.compile(r"(\d) ([+-]\d{2}:?\d{2})$")
SEPARATORS = re.compile(r"[,;|]")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
Group = list[Line]


class RowError(ValueError):
    """The row can't be an order; the message says why."""


@dataclass
class OrderReader:
    """Reads a file's rows with a mapping; `zone` is where times without one were noted."""

    header: list[str]
    mapping: Mapping
    zone: ZoneInfo
    pepper: bytes
    now: datetime

    def __post_init__(self) -> None:
        self.places = {name: place for place, name in enumerate(self.mapping.columns) if name}
        self.seen: Counter[str] = Counter()
        self.lines: dict[str, int] = {}

    def groups(self, lines: Iterator[Line]) -> Iterator[Group]:
        """The file's rows, those of one order together."""
        group: Group = []
        for line in lines:
            if group and not self.continues(line, group):
                yield group
                group = []
            group.append(line)
        if group:
            yield group

    def continues(self, line: Line, group: Group) -> bool:
        """A further article: of the same number, or with neither a number nor a date of its own."""
        number = self.cell(line, "external_id")
        return number == self.cell(group[0], "external_id") if number else not self.cell(line, "placed_at")

    def cell(self, line: Line, name: str) -> str:
        place = self.places.get(name)
        return line.cells[place].strip() if place is not None and place < len(line.cells) else ""

    def read(self, group: Group) -> OrderData:
        """The order in these rows. Raises RowError."""
        first = group[0]
        needed = max(self.places.values(), default=-1) + 1
        problem = shape_problem(first.cells, self.header, needed)
        if problem:
            raise RowError(problem)
        try:
            order = self.order(first)
        except ValueError as error:
            raise RowError(str(error)) from error
        before = self.lines.setdefault(order.external_id, first.number)
        if before != first.number:
            raise RowError(f"Line {before} has the same order number")
        return replace(order, lines=self.articles(group, order.currency))

    def order(self, line: Line) -> OrderData:
        currency = self.currency(line)
        placed_at = self.time(line, "placed_at")
        net = self.net(line, currency)
        codes = [code for code in SEPARATORS.split(self.cell(line, "codes")) if code.strip()]
        discount = self.amount(line, "discount", currency)
        cancelled = self.cell(line, "cancelled_at")
        return OrderData(
            external_id=self.number(line, placed_at, net),
            placed_at=placed_at,
            currency=currency,
            net=net,
            discount=discount,
            tax=self.amount(line, "tax", currency),
            shipping=self.amount(line, "shipping", currency),
            codes=largest_first([CodeOnOrder(code, discount if len(codes) == 1 else ZERO) for code in codes]),
            click_id=self.cell(line, "click_id")[:26],
            customer_key=self.buyer(line),
            cancelled_at=self.time(line, "cancelled_at") if cancelled and not numbers.is_missing(cancelled) else None,
            refunds=self.refunds(line, currency, net, placed_at),
            subscription_ref=self.cell(line, "subscription")[:80],
        )

    def number(self, line: Line, placed_at: datetime, net: Decimal) -> str:
        """The order's number; at a counter what was noted, and which of several alike it is."""
        given = self.cell(line, "external_id").lstrip("#")
        if given or not self.mapping.is_till:
            if not given or len(given) > 80:
                raise ValueError("No order number" if not given else "The order number is longer than 80 characters")
            return given
        noted = f"{placed_at.astimezone(self.zone):%Y-%m-%d %H:%M} {self.cell(line, 'codes').upper()[:40]} {net}"
        self.seen[noted] += 1
        return f"{noted} #{self.seen[noted]}"[:80]

    def currency(self, line: Line) -> str:
        given = self.cell(line, "currency").upper() or self.mapping.currency
        if given not in CURRENCIES:
            raise ValueError(f"“{given[:10]}” is no ISO 4217 currency")
        return given

    def net(self, line: Line, currency: str) -> Decimal:
        """The goods' net, or the total less tax and shipping."""
        if "net" in self.places:
            net = self.required(line, "net", currency)
        else:
            extra = self.amount(line, "tax", currency) + self.amount(line, "shipping", currency)
            net = self.required(line, "total", currency) - extra
        if net < 0:
            raise ValueError("Tax and shipping are more than the total")
        return net

    def required(self, line: Line, name: str, currency: str) -> Decimal:
        if numbers.is_missing(self.cell(line, name)):
            raise ValueError(f"No amount under “{FIELDS[name]}”")
        return self.amount(line, name, currency)

    def amount(self, line: Line, name: str, currency: str) -> Decimal:
        """Never below zero; zero where nothing is written. Yen with cents are a mistake."""
        _, text = numbers.take_currency(self.cell(line, name))
        amount = numbers.parse_amount(text) or ZERO
        if amount >= LIMIT:
            raise ValueError(f"“{numbers.shorten(text)}” is too large")
        if amount != round(amount, exponent(currency)):
            raise ValueError(f"“{numbers.shorten(text)}”: {currency} has {exponent(currency)} decimals")
        return rounded(amount, currency)

    def time(self, line: Line, name: str) -> datetime:
        text = self.cell(line, name)
        try:
            moment = parse_time(text, day_first=self.mapping.day_first)
        except ValueError:
            raise ValueError(f"“{numbers.shorten(text)}” is no date we can read") from None
        aware = moment if moment.tzinfo else moment.replace(tzinfo=self.zone)
        if not EARLIEST <= aware <= self.now + timedelta(days=1):
            raise ValueError(f"“{numbers.shorten(text)}” lies in the future, or before 2000")
        return aware

    def buyer(self, line: Line) -> str:
        address = self.cell(line, "email")
        if not address or numbers.is_missing(address):
            return ""
        if not EMAIL.fullmatch(address):
            raise ValueError(f"“{numbers.shorten(address)}” is not an e-mail address")
        return customer_key(address, self.pepper)

    def refunds(self, line: Line, currency: str, net: Decimal, at: datetime) -> tuple[RefundData, ...]:
        back = min(self.amount(line, "refunded", currency), net)
        return (RefundData("file", at, back),) if back else ()

    def articles(self, group: Group, currency: str) -> tuple[OrderLineData, ...]:
        """The rows' articles, as far as they can be read: an order isn't refused for one of them."""
        if "line_quantity" not in self.places:
            return ()
        return tuple(found for line in group if (found := self.article(line, currency)))

    def article(self, line: Line, currency: str) -> OrderLineData | None:
        try:
            quantity = numbers.parse_count(self.cell(line, "line_quantity"))
            price = self.amount(line, "line_price", currency)
        except ValueError:
            return None
        if not quantity or quantity > 1_000_000:
            return None
        sku, title = self.cell(line, "line_sku")[:80], self.cell(line, "line_title")[:200]
        return OrderLineData(quantity, rounded(price * quantity, currency), sku=sku, title=title)


def parse_time(text: str, *, day_first: bool) -> datetime:
    """`2026-05-04`, `2026-05-04 12:00:00 +0200`, `04.05.2026 12:00`, `5/4/2026`. Raises ValueError."""
    match = LOCAL_DATE.fullmatch(text)
    if match is None:
        return datetime.fromisoformat(SPACED_ZONE.sub(r"\1\2", text.removesuffix(" UTC")))
    one, mark, two, year = match[1], match[2], match[3], match[4]
    day, month = (one, two) if day_first or mark == "." else (two, one)
    hour, minute, second = (int(match[place] or 0) for place in (5, 6, 7))
    return datetime(int(year), int(month), int(day), hour, minute, second)  # noqa: DTZ001 - the caller knows the zone
