"""`Idempotency-Key`: a partner that repeats a POST gets the first answer again, and nothing is written twice.

The answer is stored in the transaction of the write, so a crash keeps both or neither. Who is first holds a lock of
the database until that transaction ends; whoever comes meanwhile is told to wait instead of being kept waiting.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.files.base import File
from django.db import connection, transaction
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from groundswell.accounts.models import ApiKey
from groundswell.api.authentication import ApiRequest
from groundswell.api.errors import Conflict, Mismatch
from groundswell.api.models import IdempotentCall

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
LONGEST_KEY = 255


class InProgress(Conflict):
    default_detail = "The first call with this Idempotency-Key is still running; ask again in a moment."
    default_code = "in_progress"
    wait = 1


class KeyReused(Mismatch):
    default_detail = "This Idempotency-Key was used for another call. Take a new key for every new call."
    default_code = "idempotency_key_reused"


class Idempotent(APIView):
    """Mixin, left of a DRF view: its POSTs honour `Idempotency-Key`.

    Runs after authentication, permission and throttling, so a replay needs the same rights as the call.
    Only answers below 400 are kept: a refused call wrote nothing and may be corrected and sent again.
    """

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method == "POST" and request.headers.get(HEADER):
            self.post: Callable[..., Response] = partial(once, self.post)


def once(handler: Callable[..., Response], request: ApiRequest, *args: Any, **kwargs: Any) -> Response:
    """The handler's answer, or the stored one. Raises InProgress (409), KeyReused (422)."""
    key, api_key, wanted = key_of(request), request.auth, hash_of(request)
    with transaction.atomic():
        hold(api_key, key)
        stored = IdempotentCall.objects.filter(brand=api_key.brand, key=key).first()
        if stored:
            return replay(stored, wanted)
        response = handler(request, *args, **kwargs)
        if response.status_code < 400:
            keep(response, request, key, wanted)
    return response


def key_of(request: ApiRequest) -> str:
    key = str(request.headers[HEADER])
    if len(key) > LONGEST_KEY:
        raise ValidationError({HEADER: f"At most {LONGEST_KEY} characters."})
    return key


def hash_of(request: ApiRequest) -> str:
    """SHA-256 over method, path and the parsed body, so that the order of a JSON object's members doesn't matter."""
    body = json.dumps(request.data, sort_keys=True, default=fingerprint)
    return hashlib.sha256(f"{request.method} {request.get_full_path()}\n{body}".encode()).hexdigest()


def fingerprint(value: Any) -> str:
    """Of an uploaded file its content, of anything else its text."""
    if not isinstance(value, File):
        return str(value)
    digest = hashlib.file_digest(value, "sha256").hexdigest()
    value.seek(0)
    return digest


def hold(api_key: ApiKey, key: str) -> None:
    """Be the only one with this key until the transaction ends. Raises InProgress."""
    name = hashlib.sha256(f"idempotency {api_key.brand_id} {key}".encode()).digest()[:8]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [int.from_bytes(name, signed=True)])
        (free,) = cursor.fetchone()
    if not free:
        raise InProgress


def keep(response: Response, request: ApiRequest, key: str, wanted: str) -> None:
    body = "" if response.data is None else JSONRenderer().render(response.data).decode()
    IdempotentCall.objects.create(
        brand=request.auth.brand,
        api_key=request.auth,
        key=key,
        method=str(request.method),
        path=request.path[:400],
        request_hash=wanted,
        status=response.status_code,
        body=body,
    )


def replay(stored: IdempotentCall, wanted: str) -> Response:
    if stored.request_hash != wanted:
        raise KeyReused
    return Response(json.loads(stored.body) if stored.body else None, status=stored.status, headers={REPLAYED: "true"})
