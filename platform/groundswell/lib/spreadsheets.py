"""What goes into files that spreadsheets open."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def inert(value: object) -> str:
    """The value as text that no spreadsheet takes for a formula: `=1+1` → `'=1+1`. Plain numbers stay numbers."""
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) and not is_number(text) else text


def is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdecimal() and text.count("-") <= 1
