"""What shops' payloads have in common: exact decimals, nothing a database can't hold, and signatures. Pure."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

from groundswell.lib.money import CURRENCIES

Payload = dict[str, Any]
CLICK = "icid"
LIMIT = Decimal(10) ** 11
# What reading a payload that is not what it should be may raise.
MISREAD = (KeyError, TypeError, AttributeError, ValueError, ArithmeticError)


class MalformedPayload(ValueError):
    """The payload lacks something an order can't be without; the message says what."""


@dataclass(frozen=True)
class Named:
    """What a delivery is called: the shop's id of it, its topic, and the id of the order or payment it is about."""

    delivery_id: str
    topic: str
    order_ref: str


def base64_signature(body: bytes, secret: str) -> str:
    """Base64 of HMAC-SHA256 over the raw body, as Shopify and WooCommerce sign."""
    return b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def is_same(expected: str, given: str) -> bool:
    """Compares in constant time."""
    return hmac.compare_digest(expected.encode(), given.strip().encode())


def load(body: bytes) -> Payload:
    """The payload with exact decimals, without what a database can't hold. Raises ValueError for no JSON object."""
    try:
        payload = json.loads(body, parse_float=Decimal, parse_constant=refuse_constant)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(payload, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - the caller tells one kind of bad body
    clean: Payload = storable(payload)
    return clean


def refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def storable(value: Any) -> Any:
    """The same without NUL characters and lone surrogates, which PostgreSQL refuses."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    return value


def chosen(holder: Payload, names: tuple[str, ...]) -> Payload:
    return {name: holder[name] for name in names if name in holder}


def listed(payload: Payload, name: str) -> list[Payload]:
    """The objects in a list of the payload; nothing where there is none."""
    found = payload.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def nested(payload: Payload, *names: str) -> Payload:
    """The object below these names; an empty one where there is none."""
    for name in names:
        found = payload.get(name)
        payload = found if isinstance(found, dict) else {}
    return payload


def known_currency(value: Any) -> str:
    """The ISO 4217 code. Raises MalformedPayload."""
    currency = str(value).upper()
    if currency not in CURRENCIES:
        raise MalformedPayload(f"unknown currency {currency[:10]!r}")
    return currency


def in_range(name: str, given: Any) -> Decimal:
    """An amount as a Decimal; nothing is zero. Raises MalformedPayload for one that can't be right."""
    amount = Decimal(str(given)) if given is not None else Decimal(0)
    if not amount.is_finite() or abs(amount) >= LIMIT:
        raise MalformedPayload(f"{name} is out of range")
    return amount


def click_of_query(address: Any) -> str:
    """The click id in an address's query; empty where there is none."""
    try:
        query = urlsplit(str(address or "")).query
    except ValueError:
        return ""
    return parse_qs(query).get(CLICK, [""])[-1].strip()[:26]


def moment(text: Any) -> datetime:
    """An aware time from ISO 8601; without a zone it is UTC. Raises ValueError outside the years 2000 to 2100."""
    time = datetime.fromisoformat(str(text))
    return reasonable(time if time.tzinfo else time.replace(tzinfo=UTC))


def reasonable(time: datetime) -> datetime:
    if not 2000 <= time.year < 2100:
        raise ValueError(f"the year {time.year} can't be right")
    return time
