"""A click as one line of a spool segment: eight hex digits of CRC-32, a blank, a JSON array, a newline."""

from __future__ import annotations

import json
from binascii import crc32
from json.encoder import encode_basestring_ascii as quoted
from typing import Any, NamedTuple

from tracking.spool.ids import is_id

MAX_LINE = 4096
AGENT_LENGTH = 300
REFERRER_LENGTH = 200
PURPOSE_LENGTH = 20
TYPES = (str, int, str, int, str, str, str, str, str)


class UnreadableError(ValueError):
    """A line that is no click; the message says why."""


class Record(NamedTuple):
    """What the redirect saw. The time of the click is inside its id.

    `nth` counts the visitor's requests to this worker within the minute; `visitor` is empty for people who asked not
    to be tracked; `referrer` comes without query and fragment.
    """

    id: str
    link: int
    method: str
    nth: int
    visitor: str
    country: str
    purpose: str
    agent: str
    referrer: str


def encode(  # noqa: PLR0917 - positional for speed
    click_id: str,
    link: int,
    method: str,
    nth: int,
    visitor: str,
    country: str,
    purpose: str,
    agent: str,
    referrer: str,
) -> bytes:
    """The line of a click, under 4 KB whatever the visitor sent. Runs for every click: about 2 µs."""
    body = (
        f'["{click_id}",{link},"{method}",{nth},"{visitor}",{quoted(country[:2])},{quoted(purpose[:PURPOSE_LENGTH])},'
        f"{quoted(agent[:AGENT_LENGTH])},{quoted(referrer[:REFERRER_LENGTH])}]"
    ).encode()
    return b"%08x %b\n" % (crc32(body), body)


def decode(line: bytes) -> Record:
    """The click of a line without its newline. Raises UnreadableError with the reason."""
    if crc32(line[9:]) != checksum(line):
        raise UnreadableError("checksum does not match")
    try:
        return record_of(json.loads(line[9:]))
    except ValueError as error:
        raise UnreadableError("not a click") from error


def decode_all(lines: list[bytes]) -> list[Record] | None:
    """The clicks of many lines at once, four times as fast; None when one of them is none: then ask for each."""
    try:
        if any(crc32(line[9:]) != int(line[:8], 16) for line in lines):
            return None
        return [record_of(fields) for fields in json.loads(b"[%b]" % b",".join([line[9:] for line in lines]))]
    except ValueError:
        return None


def record_of(fields: Any) -> Record:
    if not isinstance(fields, list) or tuple(map(type, fields)) != TYPES or not is_id(fields[0]):
        raise UnreadableError("not a click")
    agent, referrer = fields[7], fields[8]
    if (
        "\0" in agent or "\0" in referrer or "\0" in fields[5] or "\0" in fields[6]
    ):  # which PostgreSQL's text cannot hold
        fields = [value.replace("\0", "") if isinstance(value, str) else value for value in fields]
    return Record(*fields)


def checksum(line: bytes) -> int:
    try:
        return int(line[:8], 16)
    except ValueError as error:
        raise UnreadableError("no checksum") from error
