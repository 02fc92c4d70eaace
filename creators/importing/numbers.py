"""Numbers as spreadsheets and scrapers write them.

Missing is None, never zero. What can't be read raises ValueError with a sentence for the person who uploaded it.
"""

from __future__ import annotations

import re
from decimal import Decimal

MISSING = frozenset(
    ["", "-", "–", "—", "n/a", "na", "n.a.", "nan", "null", "none", "unknown", "?", "#n/a", "nil", "k.a.", "hidden"]
)
SUFFIXES = {
    "": 0, "k": 3, "tsd": 3, "tsd.": 3, "thousand": 3, "m": 6, "mm": 6, "mio": 6, "mio.": 6, "mn": 6, "mln": 6,
    "million": 6, "b": 9, "bn": 9, "mrd": 9, "mrd.": 9, "billion": 9,
}  # fmt: skip
SPACES = re.compile(r"[\s\u00a0\u2009\u202f'’_]")
NUMBER = re.compile(r"([0-9][0-9.,]*|[.,][0-9]+)([a-z]*\.?)", re.IGNORECASE)
RANGE = re.compile(r"(?<=[0-9a-z.])(?:[-–—]|\bto\b)(?=[0-9])", re.IGNORECASE)
CURRENCIES = {
    "€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR", "₺": "TRY", "₩": "KRW", "zł": "PLN", "r$": "BRL",
    "us$": "USD", "a$": "AUD", "c$": "CAD", "chf": "CHF", "kr": "SEK",
}  # fmt: skip
LARGEST = Decimal(10) ** 12


def is_missing(text: str) -> bool:
    """Empty, “-”, “N/A” and the like: the sender says that the value is unknown."""
    return text.strip().lower() in MISSING


def parse_count(text: str) -> int | None:
    """A whole number: `12,3K` → 12300, `1 234` → 1234, `1.234.567` → 1234567, `10k–20k` → 10000 (the lower end)."""
    value = parse_number(text, whole=True)
    return None if value is None else int(value.to_integral_value())


def parse_amount(text: str) -> Decimal | None:
    """A number that may have decimals: `12,3K` → 12300, `1,5` → 1.5, `1.250,00` → 1250."""
    return parse_number(text, whole=False)


def parse_number(text: str, *, whole: bool) -> Decimal | None:
    """`whole` decides the one ambiguity: `1.234` is 1234 among whole numbers and 1.234 among decimals."""
    if text.isdecimal() and text.isascii() and len(text) < 12:
        return Decimal(text)
    if is_missing(text):
        return None
    compact = SPACES.sub("", text.strip().lstrip("'"))
    first = RANGE.split(compact, maxsplit=1)
    if len(first) > 1:
        return lower_end(first[0], first[1], whole=whole)
    return single(compact, text, whole=whole)


def lower_end(low: str, high: str, *, whole: bool) -> Decimal:
    """The lower end of a range; `10-20k` means 10k to 20k, so a bare lower end takes the upper end's suffix."""
    suffix = "" if low[-1:].isalpha() or low.endswith("%") else "".join(re.findall(r"[a-z%]+$", high, re.IGNORECASE))
    lower, upper = single(low + suffix, low, whole=whole), single(high, high, whole=whole)
    if lower > upper:
        raise ValueError(f"“{low}–{high}” is a range that runs backwards")
    return lower


def single(compact: str, shown: str, *, whole: bool) -> Decimal:
    body = compact.strip("~≈+").removeprefix(">")
    if body.startswith("-"):
        raise ValueError(f"“{shorten(shown)}” is negative")
    match = NUMBER.fullmatch(body)
    if match is None or match[2].lower() not in SUFFIXES:
        raise ValueError(f"“{shorten(shown)}” is not a number")
    power = SUFFIXES[match[2].lower()]
    value = digits(match[1], whole=whole and not power, shown=shown, grouped=bool(power)).scaleb(power)
    if value >= LARGEST:
        raise ValueError(f"“{shorten(shown)}” is too large")
    return value


def digits(text: str, *, whole: bool, shown: str, grouped: bool = False) -> Decimal:
    """Reads `1.234.567,8`, `1,234.5`, `1,5` …: the last separator is the decimal one unless it groups thousands."""
    last = max(text.rfind("."), text.rfind(","))
    if last < 0:
        return Decimal(text)
    mark = text[last]
    other = "," if mark == "." else "."
    groups = text.split(mark)
    is_one_group = len(groups) == 2 and len(groups[1]) == 3 and groups[0] not in {"", "0"}
    is_grouping = len(groups) > 2 or (is_one_group and groups_thousands(mark, whole, grouped))
    if is_grouping and other not in text:
        return Decimal(joined(groups, shown))
    if text.count(mark) > 1:
        raise ValueError(f"“{shorten(shown)}” is not a number")
    integer = joined(text[:last].split(other), shown) if other in text[:last] else text[:last]
    return Decimal(f"{integer or 0}.{text[last + 1 :] or 0}")


def groups_thousands(mark: str, whole: bool, has_suffix: bool) -> bool:
    """Whether one mark followed by three digits groups thousands: `1,234` and `1,234K` yes, `1.234M` no."""
    return mark == "," if has_suffix else whole or mark == ","


def joined(groups: list[str], shown: str) -> str:
    """Digits of thousands groups; Indian grouping (`12,34,567`) is fine, `1,2,3` is not."""
    if len(groups[-1]) != 3 or not 1 <= len(groups[0]) <= 3 or any(len(group) not in {2, 3} for group in groups[1:]):
        raise ValueError(f"“{shorten(shown)}” is not a number")
    return "".join(groups)


def parse_rate(text: str, *, is_percent: bool) -> Decimal | None:
    """A fraction: `1.39%` → 0.0139, `3,1 %` → 0.031; without a sign `is_percent` says how the column writes it."""
    if is_missing(text):
        return None
    stripped = text.strip()
    has_sign = "%" in stripped
    bare = SPACES.sub("", stripped.replace("%", "").lstrip("'"))
    value = rate_number(RANGE.split(bare, maxsplit=1)[0], text)
    rate = value / 100 if has_sign or is_percent else value
    if rate > 100:
        raise ValueError(f"“{shorten(text)}” is too large for a rate")
    return round(rate, 6)


def rate_number(text: str, shown: str) -> Decimal:
    """Rates have no thousands: the one separator is decimal, so `1,234` is 1.234."""
    if not re.fullmatch(r"[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+", text):
        raise ValueError(f"“{shorten(shown)}” is not a rate")
    return Decimal(text.replace(",", "."))


def writes_percent(values: list[str]) -> bool:
    """Whether a column of rates without a % sign counts in percent: it does when any value is above 1."""
    for value in values:
        try:
            rate = parse_rate(value, is_percent=False)
        except ValueError:
            continue
        if rate is not None and rate > 1 and "%" not in value:
            return True
    return False


def parse_money(text: str) -> tuple[Decimal, str] | None:
    """An amount and its ISO 4217 currency, empty where none is written: `€ 120` → (120, "EUR")."""
    if is_missing(text):
        return None
    currency, rest = take_currency(text.strip().lstrip("'"))
    amount = parse_amount(rest)
    return None if amount is None else (round(amount, 2), currency)


def take_currency(text: str) -> tuple[str, str]:
    code = re.search(r"(?<![A-Za-z])([A-Z]{3})(?![A-Za-z])", text)
    if code and code[1].lower() not in SUFFIXES:
        return code[1], text.replace(code[1], "", 1)
    for sign in sorted(CURRENCIES, key=len, reverse=True):
        if sign in text.lower():
            return CURRENCIES[sign], re.sub(re.escape(sign), "", text, flags=re.IGNORECASE)
    return "", text


def shorten(text: str, length: int = 40) -> str:
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1] + "…"
