"""Signed deliveries of shops: each applied once, in whatever order they come."""

from __future__ import annotations

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from tracking.actions import orders
from tracking.models import Order, Store, WebhookDelivery
from tracking.shops import shopify

ORDER_TOPICS = frozenset({"orders/create", "orders/updated", "orders/paid", "orders/cancelled"})
REFUND_TOPIC = "refunds/create"
WAITING = "Waiting for its order."
UNUSED = "This topic is not used."


@transaction.atomic
def receive_delivery(store: Store, delivery_id: str, topic: str, payload: shopify.Payload) -> WebhookDelivery:
    """Keep a delivery and apply it in the same transaction; one of the same id again changes nothing.

    A payload that can't be read is kept with the reason and applied to nothing: sending it again would not help.
    """
    order_ref = str(payload.get("order_id" if topic == REFUND_TOPIC else "id") or "")[:80]
    lock_order(store, order_ref)
    body = shopify.impersonal(payload, orders.pepper_of(store.brand))
    facts = {"topic": topic[:60], "order_ref": order_ref, "body": body}
    try:
        with transaction.atomic():
            delivery = WebhookDelivery.objects.create(store=store, delivery_id=delivery_id[:80], **facts)
    except IntegrityError:
        return WebhookDelivery.objects.get(store=store, delivery_id=delivery_id[:80])
    apply(delivery, store, body)
    return delivery


def lock_order(store: Store, order_ref: str) -> None:
    """An order and its refund delivered at once: whichever comes second sees what the first one left."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [f"delivery {order_ref}", store.pk])


def apply(delivery: WebhookDelivery, store: Store, body: shopify.Payload) -> None:
    """Do what a delivery asks for and note how it went."""
    try:
        with transaction.atomic():
            delivery.error = handle(delivery, store, body)
    except shopify.MalformedPayload as error:
        delivery.error = str(error)[:500]
    delivery.handled_at = None if delivery.error == WAITING else timezone.now()
    delivery.save(update_fields=["error", "handled_at"])


def handle(delivery: WebhookDelivery, store: Store, body: shopify.Payload) -> str:
    """Apply the payload; returns why not, empty when it was applied."""
    if delivery.topic in ORDER_TOPICS:
        order = orders.receive_order(store, shopify.order_of(body))
        for waiting in WebhookDelivery.objects.waiting_for(order):
            apply(waiting, store, waiting.body)
        return ""
    return apply_refund(delivery, store, body) if delivery.topic == REFUND_TOPIC else UNUSED


def apply_refund(delivery: WebhookDelivery, store: Store, body: shopify.Payload) -> str:
    data = shopify.refund_of(body)
    known = Order.objects.select_for_update(of=("self",)).select_related("store__brand")
    order = known.filter(store=store, external_id=delivery.order_ref).first()
    if order is None:
        return WAITING
    orders.take_refund(order, data)
    return ""
