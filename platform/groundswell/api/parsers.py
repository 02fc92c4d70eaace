"""Reading what partners send, before any serializer sees it."""

from __future__ import annotations

import re
from typing import Any

from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import JSONParser

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
NO_TEXT = "NUL characters and halves of surrogate pairs are not text."


class StorableJSONParser(JSONParser):
    """JSON that a database can hold: refuses NUL characters, lone surrogates and absurd nesting."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            data = super().parse(stream, media_type, parser_context)
            refuse_unstorable(data)
        except RecursionError:
            raise ParseError("JSON parse error - nested too deeply.") from None
        return data


def refuse_unstorable(data: Any) -> None:
    """Raises ValidationError naming the first field of the body that holds, at any depth, what is no text."""
    fields = data if isinstance(data, dict) else {"body": data}
    for name, value in fields.items():
        if not is_storable(name):
            raise ValidationError({"body": [NO_TEXT]})
        if not is_storable(value):
            raise ValidationError({name: [NO_TEXT]})


def is_storable(value: Any) -> bool:
    if isinstance(value, str):
        return not UNSTORABLE.search(value)
    if isinstance(value, dict):
        return all(is_storable(name) and is_storable(item) for name, item in value.items())
    return not isinstance(value, list) or all(map(is_storable, value))
