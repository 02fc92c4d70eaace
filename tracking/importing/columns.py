"""Which column of a file of orders means what: a guess from the headers, and the mapping that people correct."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from groundswell.lib.money import CURRENCIES

# What a column can be read as, in the order the mapping page offers it.
FIELDS = {
    "external_id": "Order number",
    "placed_at": "Date of the order",
    "net": "Goods after discounts, without tax and shipping",
    "total": "Total with tax and shipping",
    "tax": "Tax",
    "shipping": "Shipping",
    "discount": "Discount",
    "currency": "Currency",
    "codes": "Discount codes",
    "click_id": "Click id (icid)",
    "email": "E-mail of the buyer (only a hash is kept)",
    "refunded": "Given back, of the goods",
    "cancelled_at": "Date of the cancellation",
    "subscription": "Subscription",
    "line_sku": "Article number",
    "line_title": "Article",
    "line_quantity": "Pieces of the article",
    "line_price": "Price of one piece",
}
# Header words of each field; the first field that fits a header takes it.
HEADERS: list[tuple[str, str]] = [
    ("line_sku", r"\bline ?item sku\b|^sku$|^article (?:number|no)$"),
    ("line_quantity", r"\bline ?item quantity\b|^(?:quantity|qty|pieces|menge)$"),
    ("line_price", r"\bline ?item price\b|^(?:unit|item) price$"),
    ("line_title", r"\bline ?item name\b|^(?:article|product|item)(?: name)?$"),
    ("external_id", r"^(?:order )?id$|^order id\b"),
    ("external_id", r"^(?:order )?(?:name|number|no|nr|id|order|receipt)$|^order (?:id|number|no)\b|^bestellnummer$"),
    ("cancelled_at", r"\bcancel\w*"),
    ("placed_at", r"^(?:order )?(?:date|day|datum|placed at|created at|paid at|time)$|^(?:date|created|placed)\b"),
    ("currency", r"^currency$|^währung$"),
    ("refunded", r"\brefund\w*"),
    ("tax", r"^(?:tax|taxes|vat|mwst)$"),
    ("shipping", r"^(?:shipping|versand)(?: (?:cost|price|amount))?$"),
    ("discount", r"^discount(?: (?:amount|total))?$|^rabatt$"),
    ("codes", r"^(?:discount|coupon|promo(?:tion)?|voucher)? ?codes?$|^coupons?$"),
    ("click_id", r"^(?:icid|click ?id)$"),
    ("email", r"^(?:customer |buyer |billing )?e ?mail$"),
    ("subscription", r"^subscription(?: id)?$"),
    ("net", r"^(?:net|subtotal|amount|net amount|net total|betrag|umsatz|revenue|sales?)$"),
    ("total", r"^(?:total|grand total|order total|gross)$"),
]


@dataclass
class Mapping:
    """What each column is read as (None: left out), and what the file itself doesn't say.

    `day_first` reads 04/05/2026 as 4 May. `is_till` files may do without order numbers: a row is an order.
    """

    columns: list[str | None]
    currency: str = ""
    day_first: bool = True
    is_till: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Mapping:
        return cls(**data)

    def problems(self) -> list[str]:
        """Why an import can't start with this mapping, in sentences."""
        counts = Counter(column for column in self.columns if column)
        found = [
            f"“{FIELDS[name]}” is chosen for {number} columns; choose one."
            for name, number in counts.items()
            if number > 1
        ]
        found += [f"Choose the column for “{FIELDS[name]}”." for name in self.needed() if not counts[name]]
        if not (counts["net"] or counts["total"]):
            found.append("Choose the column that holds what was paid: the goods' net, or the total.")
        if self.currency not in CURRENCIES and not counts["currency"]:
            found.append("No column names the currency: enter the one of this file.")
        return found

    def needed(self) -> list[str]:
        return ["codes", "placed_at"] if self.is_till else ["external_id", "placed_at"]


def guess(header: list[str]) -> list[str | None]:
    """The likeliest meaning of each column; a field is given once, to the first column that fits it."""
    found: dict[int, str] = {}
    for name, pattern in HEADERS:
        fitting = [place for place, text in enumerate(header) if place not in found and re.search(pattern, words(text))]
        if fitting and name not in found.values():
            found[fitting[0]] = name
    return [found.get(place) for place in range(len(header))]


def words(header: str) -> str:
    return " ".join(re.sub(r"[^\w%]+|_", " ", header.lower()).split())
