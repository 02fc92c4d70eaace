"""Signed deliveries of shops: each applied once, in whatever order they come."""

from __future__ import annotations

from datetime import timedelta
from types import ModuleType

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from groundswell.lib.money import rounded
from tracking.actions import credits as ledger
from tracking.actions import orders
from tracking.models import Order, ShopCode, Store, WebhookDelivery
from tracking.shops import shopify, stripe, woocommerce
from tracking.shops.orders import (
    Belongs,
    CodeName,
    CodeOnOrder,
    Fact,
    GivenBack,
    Gone,
    KnownOnly,
    OrderData,
    RefundData,
    Unused,
    given_back_in_all,
    largest_first,
    share_of_net,
)
from tracking.shops.payloads import MalformedPayload, Named, Payload

SHOPS: dict[str, ModuleType] = {
    Store.Kind.SHOPIFY: shopify,
    Store.Kind.WOOCOMMERCE: woocommerce,
    Store.Kind.STRIPE: stripe,
}
WAITING = "Waiting for its order."
CLOCKS_DIFFER = timedelta(days=1)


@transaction.atomic
def receive_delivery(store: Store, named: Named, payload: Payload) -> WebhookDelivery:
    """Keep a delivery and apply it in the same transaction; one of the same id again changes nothing.

    A payload that can't be read is kept with the reason and applied to nothing: sending it again would not help.
    """
    order_ref, delivery_id = named.order_ref[:80], named.delivery_id[:80]
    lock_order(store, order_ref)
    body = SHOPS[store.kind].impersonal(payload, orders.pepper_of(store.brand))
    facts = {"topic": named.topic[:60], "order_ref": order_ref, "body": body}
    try:
        with transaction.atomic():
            delivery = WebhookDelivery.objects.create(store=store, delivery_id=delivery_id, **facts)
    except IntegrityError:
        return WebhookDelivery.objects.get(store=store, delivery_id=delivery_id)
    apply(delivery, store)
    return delivery


def lock_order(store: Store, order_ref: str) -> None:
    """An order and its refund delivered at once: whichever comes second sees what the first one left."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [f"delivery {order_ref}", store.pk])


def apply(delivery: WebhookDelivery, store: Store) -> None:
    """Do what a delivery asks for and note how it went."""
    try:
        with transaction.atomic():
            delivery.error = handle(delivery, store, SHOPS[store.kind].read(delivery.topic, delivery.body))
    except MalformedPayload as error:
        delivery.error = str(error)[:500]
    delivery.handled_at = None if delivery.error == WAITING else timezone.now()
    delivery.save(update_fields=["error", "handled_at"])


def handle(delivery: WebhookDelivery, store: Store, fact: Fact) -> str:
    """Apply what was told; returns why not, empty when it was applied."""
    match fact:
        case OrderData():
            return take(store, fact)
        case KnownOnly():
            return take(store, fact.order) if known_order(store, fact.order.external_id) else fact.reason
        case CodeName():
            return name_code(store, fact)
        case Unused():
            return fact.reason
    order = known_order(store, delivery.order_ref)
    return apply_to(order, fact) if order else WAITING


def apply_to(order: Order, fact: RefundData | GivenBack | Gone | Belongs) -> str:
    match fact:
        case RefundData():
            orders.take_refund(order, fact)
        case GivenBack():
            take_back(order, fact)
        case Gone():
            orders.cancel_order(order, timezone.now())
        case Belongs():
            orders.complete(order, payment_ref=fact.payment_ref, subscription_ref=fact.subscription_ref)
            catch_up(order)
    return ""


def known_order(store: Store, order_ref: str) -> Order | None:
    """The store's order of this id or of the payment of this id, locked."""
    rows = Order.objects.select_for_update(of=("self",)).select_related("store__brand").filter(store=store)
    by_payment = rows.filter(payment_ref=order_ref) if order_ref else rows.none()
    return rows.filter(external_id=order_ref).first() or by_payment.first()


def take(store: Store, data: OrderData) -> str:
    """Take in an order, and what was waiting for it. Raises MalformedPayload for one from the future."""
    if data.placed_at > timezone.now() + CLOCKS_DIFFER:
        raise MalformedPayload(f"the order lies in the future: {data.placed_at:%Y-%m-%d}")
    if data.payment_ref:
        lock_order(store, data.payment_ref)
    order = orders.receive_order(store, with_names(store, data))
    catch_up(order)
    return ""


def catch_up(order: Order) -> None:
    """Apply what came before the order; claimed first, so that none of it looks for the others again."""
    waiting = list(WebhookDelivery.objects.waiting_for(order))
    WebhookDelivery.objects.filter(pk__in=[row.pk for row in waiting]).update(handled_at=timezone.now())
    for row in waiting:
        apply(row, order.store)


def with_names(store: Store, data: OrderData) -> OrderData:
    """The same with the codes that the shop names by an id called as customers type them, as far as we know."""
    names = {row.external_id: row.code for row in ShopCode.objects.filter(store=store)} if data.codes else {}
    codes = [CodeOnOrder(names.get(use.code.strip().upper(), use.code), use.amount) for use in data.codes]
    return OrderData(**{**vars(data), "codes": largest_first(codes)})


def name_code(store: Store, fact: CodeName) -> str:
    """Learn what a code is called, and look again at orders that came with its id."""
    ShopCode.objects.update_or_create(store=store, external_id=fact.external_id, defaults={"code": fact.code})
    for order in Order.objects.filter(store=store, codes__contains=[{"code": fact.external_id}]).order_by("pk"):
        named = [use | {"code": fact.code} if use["code"] == fact.external_id else use for use in order.codes]
        Order.objects.filter(pk=order.pk).update(codes=named)
        ledger.match_one(order.pk)
    return ""


def take_back(order: Order, fact: GivenBack) -> None:
    """Book what was given back beyond what is booked already; of an amount with tax and shipping the goods' part."""
    shop = SHOPS[order.store.kind]
    rows = WebhookDelivery.objects.about(order).filter(topic__in=shop.GIVING_BACK)
    told = [one for row in rows if isinstance(one := read_again(shop, row), GivenBack)]
    paid = order.net + order.tax + order.shipping
    target = rounded(share_of_net(given_back_in_all(told), paid, order.net), order.currency)
    if target > order.refunded:
        same = order.refunds.filter(external_id__startswith=fact.by).count()
        name = f"{fact.by}:{same + 1}" if same else fact.by
        orders.take_refund(order, RefundData(name, fact.at, target - order.refunded))


def read_again(shop: ModuleType, row: WebhookDelivery) -> Fact | None:
    try:
        fact: Fact = shop.read(row.topic, row.body)
    except MalformedPayload:
        return None
    return fact


def apply_waiting(limit: int = 500) -> int:
    """Deliveries whose order came by another way meanwhile, such as a file; returns how many were applied."""
    waiting = WebhookDelivery.objects.filter(handled_at=None).order_by("pk").values_list("pk", flat=True)[:limit]
    return sum(apply_one(pk) for pk in list(waiting))


@transaction.atomic
def apply_one(pk: int) -> bool:
    delivery = WebhookDelivery.objects.select_for_update(of=("self",)).select_related("store__brand").get(pk=pk)
    if delivery.handled_at is None:
        apply(delivery, delivery.store)
    return delivery.handled_at is not None
