"""What shops call: signed by the shop, for no session and no key of ours."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from groundswell.api.errors import refusal
from tracking.actions.deliveries import receive_delivery
from tracking.models import Store
from tracking.shops import shopify as shop


@csrf_exempt
def shopify(request: HttpRequest, code: str) -> HttpResponse:
    """Apply a delivery before answering 200, so that the shop sends again whatever was not applied.

    Refusals have the shape of the partner API's: 400, 401, 404, 405, 413.
    """
    if request.method != "POST":
        answer = refusal(405, "method_not_allowed", "Shops deliver by POST.")
        answer.headers["Allow"] = "POST"
        return answer
    store = Store.objects.select_related("brand").filter(code=code, kind=Store.Kind.SHOPIFY).first()
    if store is None:
        return refusal(404, "not_found", "No shop is connected at this address.")
    body = request.body
    if not is_signed(request, store, body):
        return refusal(401, "bad_signature", "The signature does not match the body.")
    try:
        payload = shop.load(body)
    except ValueError:
        return refusal(400, "parse_error", "The body is not a JSON object.")
    topic = request.headers.get("X-Shopify-Topic", "")
    receive_delivery(store, delivery_id(request, topic, body), topic, payload)
    return HttpResponse(status=200)


def is_signed(request: HttpRequest, store: Store, body: bytes) -> bool:
    given = request.headers.get("X-Shopify-Hmac-Sha256", "")
    return any(shop.is_signed(body, secret, given) for secret in store.secrets(timezone.now()))


def delivery_id(request: HttpRequest, topic: str, body: bytes) -> str:
    """The shop's id of the delivery; without one the content names it, so that a repetition is still recognised."""
    given = request.headers.get("X-Shopify-Webhook-Id", "").strip()
    return given or hashlib.sha256(topic.encode() + b"\n" + body).hexdigest()


shopify.audience = "shop"  # type: ignore[attr-defined]
