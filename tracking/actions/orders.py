"""Orders, refunds and cancellations coming in, from whatever shop or partner, each exactly once."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record
from groundswell.lib.money import ZERO, rounded
from tracking.actions.credits import attribute, attribute_new, credit_addition, first_lines, match_renewals, reverse
from tracking.actions.rollups import mark_stale
from tracking.models import Credit, ExchangeRate, Order, OrderLine, Refund, RefundLine, Store
from tracking.shops import customers
from tracking.shops.orders import OrderData, RefundData

CANCELLED = "cancelled"
FILLED = ("click_id", "customer_key", "payment_ref", "subscription_ref")


class OrderDiffers(Exception):
    """An order of this id was received before with other figures; orders are corrected by refunds."""


class RefundDiffers(Exception):
    """A refund of this id was received before with another amount."""


class RefundTooLarge(Exception):
    """More would be given back than is left of the order. `left` is what is."""

    def __init__(self, left: Decimal, currency: str) -> None:
        super().__init__(f"Only {left.normalize():f} {currency} of this order can still be given back.")
        self.left = left


def customer_key(brand: Brand, email: str) -> str:
    """What stands for a buyer's e-mail address at a brand; the address itself is never stored."""
    return customers.customer_key(email, pepper_of(brand))


def pepper_of(brand: Brand) -> bytes:
    return customers.pepper(settings.SECRET_KEY, brand.code)


def receive_order(store: Store, data: OrderData, *, by: User | None = None) -> Order:
    """Take in an order and credit it; the same one again changes nothing. See `take_order`."""
    return take_order(store, data, by=by)[0]


@transaction.atomic
def take_order(store: Store, data: OrderData, *, by: User | None = None) -> tuple[Order, bool]:
    """Take in an order; True when it is new. One known already is brought up to date if the shop dates its changes.

    Raises OrderDiffers for a second order of the same id with other figures and no date of change.
    """
    lock_customer(store, data.customer_key)
    order, is_new = insert(store, data)
    if is_new:
        attribute_new(order)
        facts = {"number": order.external_id, "store": store.code, "net": str(order.net), "currency": order.currency}
        record(store.brand, "order.received", order, by=by, **facts)
    else:
        update(order, data)
    for refund in data.refunds:
        take_refund(order, refund)
    if data.cancelled_at:
        order = cancel_order(order, data.cancelled_at)
    return order, is_new


@transaction.atomic
def take_orders(store: Store, rows: dict[int, OrderData]) -> dict[int, tuple[Order, bool] | OrderDiffers]:
    """Take in many orders, each standing for itself; locks are taken in one order, so two calls never deadlock."""
    for key in sorted({data.customer_key for data in rows.values()}):
        lock_customer(store, key)
    taken: dict[int, tuple[Order, bool] | OrderDiffers] = {}
    for place, data in sorted(rows.items(), key=lambda row: (row[1].external_id, row[0])):
        try:
            taken[place] = take_order(store, data)
        except OrderDiffers as error:
            taken[place] = error
    return taken


def lock_customer(store: Store, key: str) -> None:
    """Two first orders of one customer at once: the second waits, and is a returning customer's."""
    if key:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [key, store.brand_id])


def insert(store: Store, data: OrderData) -> tuple[Order, bool]:
    """The order's row, locked; True when this call made it. Of two at once the second waits for the first."""
    known = Order.objects.select_for_update(of=("self",)).filter(store=store, external_id=data.external_id)
    if order := known.first():
        return with_store(order, store), False
    try:
        with transaction.atomic():
            order = Order.objects.create(store=store, external_id=data.external_id, **figures(store, data))
    except IntegrityError:
        return with_store(known.get(), store), False
    write_lines(order, data)
    note_earlier_order(order)
    return order, True


def write_lines(order: Order, data: OrderData) -> None:
    lines = [OrderLine(order=order, number=number, **vars(line)) for number, line in enumerate(data.lines)]
    OrderLine.objects.bulk_create(lines)


def with_store(order: Order, store: Store) -> Order:
    order.store = store
    return order


def figures(store: Store, data: OrderData) -> dict[str, object]:
    """The columns of a new order."""
    day = store.brand.day(data.placed_at)
    return {
        "placed_at": data.placed_at,
        "currency": data.currency,
        "net": data.net,
        "discount": data.discount,
        "tax": data.tax,
        "shipping": data.shipping,
        "rate": ExchangeRate.objects.rate(data.currency, store.brand.currency, day),
        "codes": [{"code": use.code, "amount": str(use.amount)} for use in data.codes],
        "click_id": data.click_id,
        "payment_ref": data.payment_ref,
        "subscription_ref": data.subscription_ref,
        "is_renewal": data.is_renewal,
        "customer_key": data.customer_key,
        "is_new_customer": is_new_customer(store, data.customer_key, data.placed_at),
        "is_test": data.is_test,
        "is_tax_included": data.is_tax_included,
        "changed_at": data.changed_at,
    }


def is_new_customer(store: Store, key: str, placed_at: datetime) -> bool | None:
    """True without an earlier order that was kept; None when the buyer is not known."""
    if not key:
        return None
    earlier = Order.objects.of(store.brand).kept().filter(customer_key=key, placed_at__lte=placed_at)
    return not earlier.exists()


def note_earlier_order(order: Order) -> None:
    """An order that comes late makes the buyer's later orders those of a returning customer."""
    if not order.customer_key or order.is_test:
        return
    later = Order.objects.of(order.store.brand).filter(
        customer_key=order.customer_key, placed_at__gt=order.placed_at, is_new_customer=True
    )
    touched = list(later.values_list("pk", flat=True))
    if touched:
        Order.objects.filter(pk__in=touched).update(is_new_customer=False)
        mark_stale(Credit.objects.filter(order__in=touched).values_list("collaboration_id", "credited_on"))


def update(order: Order, data: OrderData) -> None:
    """Bring a known order up to date, or refuse to; an older state than the one stored only fills what is missing."""
    if data.changed_at is not None:
        complete(order, **{name: getattr(data, name) for name in FILLED})
    if data.changed_at is None or order.changed_at is None:
        if differs(order, data):
            raise OrderDiffers(f"Order {order.external_id} is known with {order.net.normalize():f} {order.currency}.")
        return
    if data.changed_at < order.changed_at:
        return
    order.changed_at = data.changed_at
    order.tax, order.shipping = data.tax, data.shipping
    if not order.credits.exists():
        order.codes = [{"code": use.code, "amount": str(use.amount)} for use in data.codes] or order.codes
    order.save(update_fields=["changed_at", "tax", "shipping", "codes"])
    if data.lines:
        order.lines.all().delete()
        write_lines(order, data)
    change_net(order, data)
    if order.unmatched:
        attribute(order)


def complete(order: Order, **facts: str) -> None:
    """Fill what an earlier message about the order did not know, whichever of them is newer; then look again."""
    missing = {name: value for name, value in facts.items() if value and not getattr(order, name)}
    if not missing:
        return
    for name, value in missing.items():
        setattr(order, name, value)
    order.save(update_fields=list(missing))
    if "customer_key" in missing:
        learn_customer(order)
    if order.unmatched:
        attribute(order)
    match_renewals(order)


def learn_customer(order: Order) -> None:
    """Who bought became known after the order: whether they are new, and whether their later orders still are."""
    others = Order.objects.of(order.store.brand).kept().exclude(pk=order.pk).filter(customer_key=order.customer_key)
    order.is_new_customer = not others.filter(placed_at__lte=order.placed_at).exists()
    order.save(update_fields=["is_new_customer"])
    mark_stale(order.credits.values_list("collaboration_id", "credited_on"))
    note_earlier_order(order)


def differs(order: Order, data: OrderData) -> bool:
    return (order.net, order.currency) != (data.net, data.currency)


def change_net(order: Order, data: OrderData) -> None:
    """Goods added raise the net and what is credited; a net that sinks without a refund is booked as one."""
    taken_off = sum((refund.net for refund in order.refunds.filter(external_id__startswith="edit:")), ZERO)
    difference = data.net - (order.net - taken_off)
    if difference > 0:
        order.net += difference
        order.save(update_fields=["net"])
        credit_addition(order)
    elif difference < 0 and order.changed_at:
        edit = RefundData(f"edit:{order.changed_at.isoformat()}", order.changed_at, -difference)
        take_refund(order, edit)


@transaction.atomic
def refund_order(order: Order, data: RefundData, *, by: User | None = None) -> Refund:
    """Give money back on an order and reverse its credit in proportion; the same refund again changes nothing.

    Raises RefundTooLarge beyond what is left of the order, RefundDiffers for a second refund of the same id with
    another amount.
    """
    order = Order.objects.select_for_update(of=("self",)).select_related("store__brand").get(pk=order.pk)
    known = order.refunds.filter(external_id=data.external_id).first()
    if known is None and data.net > order.net - order.refunded:
        raise RefundTooLarge(order.net - order.refunded, order.currency)
    if known is not None and known.net != data.net:
        raise RefundDiffers(f"Refund {known.external_id} is known with {known.net.normalize():f} {order.currency}.")
    return known or take_refund(order, data, by=by)


def take_refund(order: Order, data: RefundData, *, by: User | None = None) -> Refund:
    """Apply what a shop says it gave back, at most what is left; the caller holds the order's lock."""
    net = rounded(data.net - (data.tax_inside if order.is_tax_included else ZERO), order.currency)
    refund, is_new = Refund.objects.get_or_create(
        order=order, external_id=data.external_id, defaults={"refunded_at": data.refunded_at, "net": max(net, ZERO)}
    )
    if is_new:
        RefundLine.objects.bulk_create(
            [RefundLine(refund=refund, **vars(line)) for line in {each.line_ref: each for each in data.lines}.values()]
        )
        order.refunded = min(order.refunded + refund.net, order.net)
        order.save(update_fields=["refunded"])
        reverse(order, refund, order.refunded)
        facts = {"number": order.external_id, "refund": refund.external_id, "net": str(refund.net)}
        record(order.store.brand, "order.refunded", order, by=by, **facts)
    return refund


@transaction.atomic
def cancel_order(order: Order, at: datetime, *, by: User | None = None) -> Order:
    """Cancel an order: what is left of it is given back. A second time changes nothing."""
    order = Order.objects.select_for_update(of=("self",)).select_related("store__brand").get(pk=order.pk)
    if Order.objects.filter(pk=order.pk, cancelled_at=None).update(cancelled_at=at):
        order.cancelled_at = at
        if order.net > order.refunded:
            take_refund(order, RefundData(CANCELLED, at, order.net - order.refunded), by=by)
        order.credited_to = order.credited_to or next((first.collaboration for first in first_lines(order)), None)
        record(order.store.brand, "order.cancelled", order, by=by, number=order.external_id)
    return order
