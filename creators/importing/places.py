"""Countries (ISO 3166-1) and languages (ISO 639-1) by code, English name or a common other spelling."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from django.conf.locale import LANG_INFO

from creators.importing.numbers import is_missing, shorten
from groundswell.lib.places import COUNTRIES, countries

OTHER_LANGUAGES = {
    "mandarin": "zh", "chinese": "zh", "zh": "zh", "farsi": "fa", "tagalog": "tl", "filipino": "tl", "tl": "tl",
    "castilian": "es", "flemish": "nl", "norwegian": "no", "no": "no", "malay": "ms", "ms": "ms", "hebrew": "he",
    "punjabi": "pa", "gujarati": "gu", "gu": "gu", "somali": "so", "amharic": "am", "yoruba": "yo", "zulu": "zu",
    "greek": "el", "eng": "en", "ger": "de", "deu": "de", "fra": "fr", "fre": "fr", "spa": "es", "ita": "it",
    "por": "pt", "nld": "nl", "dut": "nl", "pol": "pl", "tur": "tr", "jpn": "ja", "kor": "ko", "rus": "ru",
}  # fmt: skip


@cache
def spellings() -> dict[str, str]:
    found: dict[str, str] = {}
    for line in COUNTRIES.strip().splitlines():
        for entry in line.split("|"):
            code, alpha3, names = entry.split(" ", 2)
            found.update(dict.fromkeys((folded(name) for name in [code, alpha3, *names.split(";")]), code))
    return found


@cache
def languages() -> dict[str, str]:
    """Code to the name we show."""
    known = {str(code): str(info["name"]) for code, info in LANG_INFO.items() if "name" in info and "-" not in code}
    return {**known, "zh": "Chinese", "no": "Norwegian", "ms": "Malay", "tl": "Filipino", "gu": "Gujarati"}


@cache
def language_spellings() -> dict[str, str]:
    found = {folded(name): code for code, name in languages().items()}
    native = {folded(info["name_local"]): code for code, info in LANG_INFO.items() if code in languages()}
    return {**native, **found, **{code: code for code in languages()}, **OTHER_LANGUAGES}


def folded(text: str) -> str:
    """Lower case without accents, points and double spaces, for comparing."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.sub(r"[^\w\s]", " ", "".join(c for c in plain if not unicodedata.combining(c))).split())


def name_of(kind: str, key: str) -> str:
    """What the key of an audience slice is called: the country's or language's name, else the key itself."""
    known = {"country": countries, "language": languages}.get(kind)
    return known().get(key, key) if known else key


def parse_country(text: str) -> str | None:
    """`Germany`, `DE`, `deu`, `U.S.A.` → alpha-2 code; None when missing; ValueError when unknown.

    `NA` is “not available”, which it means far more often than Namibia.
    """
    if is_missing(text):
        return None
    whole, start = folded(text), folded(text.split("(", maxsplit=1)[0])
    code = spellings().get(whole) or spellings().get(start) or spellings().get(whole.replace(" ", ""))
    if code is None:
        raise ValueError(f"“{shorten(text)}” is not a country we know")
    return code


def parse_language(text: str) -> str | None:
    """`German`, `de`, `de-AT`, `Deutsch` → ISO 639-1 code; None when missing; ValueError when unknown."""
    if is_missing(text):
        return None
    first = folded(text.replace(";", ",").split(",")[0])
    code = language_spellings().get(first) or language_spellings().get(first.split(" ")[0])
    if code is None:
        raise ValueError(f"“{shorten(text)}” is not a language we know")
    return code
