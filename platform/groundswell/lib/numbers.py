"""Numbers as people read them; a missing one is –, never zero."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from groundswell.lib.money import exponent

MISSING = "–"
MINUS = "−"
SYMBOLS = {
    "EUR": "€",
    "USD": "$",
    "GBP": "£",
    "JPY": "¥",
    "INR": "₹",
    "KRW": "₩",
    "BRL": "R$",
    "AUD": "A$",
    "CAD": "C$",
}
STEPS = [(Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(1000), "K")]


def number_of(value: Any) -> Decimal | None:
    """The value as Decimal; None for a missing value and for what is no number."""
    try:
        number = Decimal(str(value)) if value is not None and value != "" else None
    except InvalidOperation:
        return None
    return number if number is None or number.is_finite() else None


def signed(text: str, number: Decimal) -> str:
    return MINUS + text if number < 0 else text


def compact(value: Any) -> str:
    """12345 → 12.3K, 475800000 → 475.8M; below 1,000 as it is; a missing number is –."""
    number = number_of(value)
    if number is None:
        return MISSING
    size = abs(number)
    for step, letter in STEPS:
        # 999,950 rounds to 1.0M, not to 1000.0K.
        if size >= step - step / 20000:
            shown = (size / step).quantize(Decimal("0.1"), ROUND_HALF_UP)
            return signed(f"{shown:f}".removesuffix(".0") + letter, number)
    return signed(f"{size.quantize(Decimal(1), ROUND_HALF_UP):f}", number)


def grouped(value: Any, decimals: int = 0) -> str:
    """12345.6 → 12,346; `|number:1` → 12,345.6; a missing number is –."""
    number = number_of(value)
    if number is None:
        return MISSING
    return signed(f"{abs(number).quantize(Decimal(1).scaleb(-int(decimals)), ROUND_HALF_UP):,f}", number)


def percent(value: Any, decimals: int = 1) -> str:
    """A fraction as per cent: 0.0312|percent:2 → 3.12%; a missing rate is –."""
    number = number_of(value)
    return MISSING if number is None else grouped(number * 100, decimals) + "%"


def money(value: Any, currency: str = "EUR") -> str:
    """1234.5|money:"EUR" → €1,234.50, in the currency's own decimals; a missing amount is –."""
    number = number_of(value)
    if number is None:
        return MISSING
    currency = currency or "EUR"
    amount = grouped(abs(number), exponent(currency))
    symbol = SYMBOLS.get(currency)
    return signed(symbol + amount if symbol else f"{currency}\N{NO-BREAK SPACE}{amount}", number)


def whole_money(value: Any, currency: str = "EUR") -> str:
    """Like money without decimals, for cards and axes: €1,235."""
    number = number_of(value)
    if number is None:
        return MISSING
    symbol = SYMBOLS.get(currency) or f"{currency}\N{NO-BREAK SPACE}"
    return signed(symbol + grouped(abs(number)), number)


def times(value: Any, decimals: int = 2) -> str:
    """A ratio such as ROAS: 3.4567 → 3.46×."""
    number = number_of(value)
    return MISSING if number is None else grouped(number, decimals) + "×"


def written(value: Any, kind: str = "number") -> str:
    """A value by the name of its kind: number, compact, percent, percent:2, times, money:EUR, text."""
    name, _, option = kind.partition(":")
    if name in {"percent", "times"}:
        return {"percent": percent, "times": times}[name](value, int(option or (1 if name == "percent" else 2)))
    if name in {"money", "whole_money"}:
        return {"money": money, "whole_money": whole_money}[name](value, option or "EUR")
    if name == "text":
        return MISSING if value is None else str(value)
    return compact(value) if name == "compact" else grouped(value, int(option or 0))
