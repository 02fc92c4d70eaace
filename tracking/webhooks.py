"""What shops call: signed by the shop, for no session and no key of ours."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from groundswell.api.errors import refusal
from tracking.actions.deliveries import SHOPS, receive_delivery
from tracking.models import Store
from tracking.shops.payloads import Named, load


def receiver(kind: Store.Kind) -> Callable[[HttpRequest, str], HttpResponse]:
    """The view that shops of a kind deliver to.

    It applies a delivery before answering 200, so that the shop sends again whatever was not applied. Refusals have
    the shape of the partner API's: 400, 401, 404, 405, 413.
    """

    @csrf_exempt
    def receive(request: HttpRequest, code: str) -> HttpResponse:
        if request.method != "POST":
            answer = refusal(405, "method_not_allowed", "Shops deliver by POST.")
            answer.headers["Allow"] = "POST"
            return answer
        store = Store.objects.select_related("brand").filter(code=code, kind=kind).first()
        if store is None:
            return refusal(404, "not_found", "No shop is connected at this address.")
        return delivered(request, store)

    receive.audience = "shop"  # type: ignore[attr-defined]
    return receive


def delivered(request: HttpRequest, store: Store) -> HttpResponse:
    shop, body, at = SHOPS[store.kind], request.body, timezone.now()
    if shop.is_ping(body, request.headers):
        return HttpResponse(status=200)
    if not shop.is_signed(body, store.secrets(at), request.headers, at):
        return refusal(401, "bad_signature", "The signature does not match the body, or its time is not now.")
    try:
        payload = load(body)
    except ValueError:
        return refusal(400, "parse_error", "The body is not a JSON object.")
    receive_delivery(store, always_named(shop.named(request.headers, payload), body), payload)
    return HttpResponse(status=200)


def always_named(named: Named, body: bytes) -> Named:
    """Without the shop's id of the delivery the content names it, so that a repetition is still recognised."""
    given = named.delivery_id or hashlib.sha256(named.topic.encode() + b"\n" + body).hexdigest()
    return replace(named, delivery_id=given.replace("\x00", ""), topic=named.topic.replace("\x00", ""))


shopify = receiver(Store.Kind.SHOPIFY)
woocommerce = receiver(Store.Kind.WOOCOMMERCE)
stripe = receiver(Store.Kind.STRIPE)
