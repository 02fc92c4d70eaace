"""What creators upload to prove a number: the file told by its content, and shares as people type them. Pure."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from creators.importing.columns import AGES
from creators.importing.places import folded, spellings
from creators.models.facts import AudienceSlice

LARGEST = 8 * 1024 * 1024
STARTS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"%PDF-": "application/pdf"}
ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "application/pdf": "pdf"}
LINE = re.compile(r"\s*(.+?)[\s:=]+(\d{1,3}(?:[.,]\d{1,2})?)\s*%?\s*")
GENDERS = {"female": "female", "women": "female", "male": "male", "men": "male", "other": "other"}
Kind = AudienceSlice.Kind


class EvidenceRefused(ValueError):
    """A file or a number that proves nothing; the message says why."""


def media_type(content: bytes) -> str:
    """What the first bytes say it is, whatever the name claims. Raises EvidenceRefused."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    for start, kind in STARTS.items():
        if content.startswith(start):
            return kind
    raise EvidenceRefused("This is neither a PNG, JPEG or WebP image nor a PDF.")


def read_shares(kind: str, text: str) -> dict[str, Decimal]:
    """Lines such as “Germany 62 %” as {"DE": 0.62}; an empty text says nothing. Raises EvidenceRefused."""
    found: dict[str, Decimal] = {}
    for line in filter(str.strip, re.split(r"[\n;]", text)):
        match = LINE.fullmatch(line)
        if match is None:
            raise EvidenceRefused(f"“{line.strip()}” is not a name and a share, such as “Germany 62”.")
        key, share = key_of(kind, match[1]), share_of(match[2])
        if key in found:
            raise EvidenceRefused(f"“{match[1].strip()}” is there twice.")
        found[key] = share
    if sum(found.values(), Decimal(0)) > Decimal("1.02"):
        raise EvidenceRefused("These shares add up to more than 100 %.")
    return found


def share_of(text: str) -> Decimal:
    try:
        share = Decimal(text.replace(",", ".")) / 100
    except InvalidOperation:
        raise EvidenceRefused(f"“{text}” is not a share.") from None
    if share > 1:
        raise EvidenceRefused(f"“{text}” is more than 100 %.")
    return share


def key_of(kind: str, text: str) -> str:
    """As `AudienceSlice` keeps it. Raises EvidenceRefused for what the kind doesn't know."""
    plain = " ".join(text.split())
    if kind == Kind.COUNTRY:
        code = spellings().get(folded(plain))
        if code is None:
            raise EvidenceRefused(f"“{plain}” is not a country we know.")
        return code
    if kind == Kind.AGE:
        band = plain.replace("–", "-").replace(" ", "")
        if band not in AGES:
            raise EvidenceRefused(f"“{plain}” is not one of {', '.join(AGES)}.")
        return band
    if plain.casefold() not in GENDERS:
        raise EvidenceRefused(f"“{plain}” is not one of women, men, other.")
    return GENDERS[plain.casefold()]
