"""Pages as PDF and pictures, set by typst. Facts reach it as data, never as markup."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import typst
from django.conf import settings
from django.core.cache import cache

SHEETS = Path(settings.BASE_DIR) / "templates"
KEPT = 3600  # seconds


def typeset(sheet: str, data: dict[str, Any], kind: Literal["pdf", "png"]) -> bytes:
    """The sheet (`creators/kit.typ`) filled with the data, as "pdf" or "png"; kept for an hour."""
    source = (SHEETS / sheet).read_bytes()
    text = json.dumps(data, ensure_ascii=False, sort_keys=True)
    key = f"typeset:{kind}:{sha256(source + text.encode()).hexdigest()}"
    known: bytes | None = cache.get(key)
    if known is None:
        known = bytes(typst.compile(source, format=kind, ppi=72.0, sys_inputs={"data": text}))
        cache.set(key, known, KEPT)
    return known
