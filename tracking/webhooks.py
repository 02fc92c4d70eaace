"""What shops call: signed by the shop, for no session and no key of ours."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tracking.actions.deliveries import receive_delivery
from tracking.models import Store
from tracking.shops import shopify as shop

LARGEST = 2 * 1024 * 1024


def refuse(status: int, reason: str) -> HttpResponse:
    return HttpResponse(reason + "\n", status=status, content_type="text/plain; charset=utf-8")


@csrf_exempt
@require_POST
def shopify(request: HttpRequest, code: str) -> HttpResponse:
    """Apply a delivery before answering 200, so that the shop sends again whatever was not applied."""
    store = get_object_or_404(Store.objects.select_related("brand"), code=code, kind=Store.Kind.SHOPIFY)
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        return refuse(413, "Too large.")
    body = request.body
    if not shop.is_signed(body, store.secret, request.headers.get("X-Shopify-Hmac-Sha256", "")):
        return refuse(401, "The signature does not match the body.")
    try:
        payload = shop.load(body)
    except ValueError:
        return refuse(400, "Not a JSON object.")
    topic = request.headers.get("X-Shopify-Topic", "")
    receive_delivery(store, delivery_id(request, topic, body), topic, payload)
    return HttpResponse(status=200)


def delivery_id(request: HttpRequest, topic: str, body: bytes) -> str:
    """The shop's id of the delivery; without one the content names it, so that a repetition is still recognised."""
    given = request.headers.get("X-Shopify-Webhook-Id", "").strip()
    return given or hashlib.sha256(topic.encode() + b"\n" + body).hexdigest()


shopify.audience = "shop"  # type: ignore[attr-defined]
