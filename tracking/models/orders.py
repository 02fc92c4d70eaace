"""Stores, what they deliver, and the orders in it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from campaigns.models import Collaboration
from groundswell.accounts.models import Brand
from groundswell.events.models import About
from groundswell.lib.codes import short_code
from groundswell.lib.sealing import SealBroken, unseal

SAME_PURCHASE = timedelta(minutes=10)  # a shop that takes its payments by Stripe tells of each order twice


class StoreQuerySet(models.QuerySet["Store"]):
    def of(self, brand: Brand) -> StoreQuerySet:
        return self.filter(brand=brand)

    def with_expired_secret(self, at: datetime) -> StoreQuerySet:
        """Those that still hold an old secret which is not accepted any more."""
        return self.filter(old_secret_until__lte=at)


class Store(models.Model):
    """Where a brand sells: orders come from here."""

    class Kind(models.TextChoices):
        API = "api", "Partner API"
        SHOPIFY = "shopify", "Shopify"
        WOOCOMMERCE = "woocommerce", "WooCommerce"
        STRIPE = "stripe", "Stripe"
        TILL = "till", "Shop counter"

    DELIVERING: ClassVar[tuple[str, ...]] = (Kind.SHOPIFY, Kind.WOOCOMMERCE, Kind.STRIPE)

    code = models.CharField(max_length=12, unique=True, default=short_code)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="stores")
    kind = models.CharField(max_length=12, choices=Kind)
    name = models.CharField(max_length=120)
    domain = models.CharField(max_length=200, blank=True)
    sealed = models.TextField(blank=True, help_text="The shop's signing secret for webhooks, encrypted.")
    old_sealed = models.TextField(blank=True, help_text="The one before it, while it is accepted; encrypted.")
    old_secret_until = models.DateTimeField(null=True, blank=True, help_text="When the old one ceases to be accepted.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = StoreQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "kind", "domain"], name="tracking_store_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def delivers(self) -> bool:
        """Whether its orders come by signed webhook."""
        return self.kind in self.DELIVERING

    @property
    def webhook_path(self) -> str:
        """Where its shop delivers to."""
        return reverse(f"tracking:{self.kind}", args=[self.code]) if self.delivers else ""

    @property
    def secret(self) -> str:
        """The shop's signing secret; empty when there is none, or none that this installation's keys can read."""
        return opened(self.sealed)

    @property
    def old_secret(self) -> str:
        return opened(self.old_sealed)

    def secrets(self, at: datetime) -> list[str]:
        """What a delivery may be signed with at that time: the secret, and after a change for a while the old one."""
        is_old_accepted = self.old_secret_until is not None and at < self.old_secret_until
        return [self.secret, self.old_secret] if is_old_accepted else [self.secret]


def opened(sealed: str) -> str:
    try:
        return unseal(sealed) if sealed else ""
    except SealBroken:
        return ""


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def about(self, order: Order) -> WebhookDeliveryQuerySet:
        """Everything the shop delivered about an order, by its own id or its payment's, as it came in."""
        refs = [ref for ref in (order.external_id, order.payment_ref) if ref]
        return self.filter(store=order.store_id, order_ref__in=refs).order_by("pk")

    def waiting_for(self, order: Order) -> WebhookDeliveryQuerySet:
        """Refunds and the like that came before their order; not the delivery that is being applied just now."""
        return self.about(order).filter(handled_at=None).exclude(error="")


class WebhookDelivery(models.Model):
    """A signed delivery of a shop, kept so that it can be handled again; the buyer's personal data is left out."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="deliveries")
    delivery_id = models.CharField(max_length=80)
    topic = models.CharField(max_length=60)
    order_ref = models.CharField(max_length=80, blank=True, help_text="The shop's id of the order it is about.")
    body = models.JSONField(encoder=DjangoJSONEncoder)
    error = models.TextField(blank=True, help_text="Why it was not applied.")
    received_at = models.DateTimeField(auto_now_add=True)
    handled_at = models.DateTimeField(null=True, blank=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "delivery_id"], name="tracking_delivery_once")]
        indexes = [
            models.Index(fields=["store", "-id"], name="tracking_delivery_recent"),
            models.Index(fields=["store", "order_ref"], name="tracking_delivery_order"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.delivery_id}"


class OrderQuerySet(models.QuerySet["Order"]):
    def of(self, brand: Brand) -> OrderQuerySet:
        return self.filter(store__brand=brand)

    def counted(self) -> OrderQuerySet:
        return self.filter(is_test=False)

    def unmatched(self) -> OrderQuerySet:
        """Credited to nobody; `unmatched` says why."""
        return self.counted().exclude(unmatched="")

    def matched(self) -> OrderQuerySet:
        return self.counted().filter(unmatched="")

    def renewals(self) -> OrderQuerySet:
        """Later orders of subscriptions."""
        return self.counted().filter(is_renewal=True)

    def of_subscription(self, order: Order) -> OrderQuerySet:
        """All orders of the same subscription in the same store."""
        return self.filter(store=order.store_id, subscription_ref=order.subscription_ref).exclude(subscription_ref="")

    def same_purchase(self, order: Order) -> OrderQuerySet:
        """Earlier arrivals of the same buyer's order of the same worth at another store of the brand, minutes apart."""
        if not order.customer_key:
            return self.none()
        near = (order.placed_at - SAME_PURCHASE, order.placed_at + SAME_PURCHASE)
        same = self.filter(customer_key=order.customer_key, currency=order.currency, net=order.net)
        elsewhere = same.filter(store__brand=order.store.brand_id, placed_at__range=near, pk__lt=order.pk)
        return elsewhere.exclude(store=order.store_id).exclude(unmatched=Order.Unmatched.DUPLICATE)

    def refunded(self) -> OrderQuerySet:
        """With money given back, in part or in full."""
        return self.filter(refunded__gt=0)

    def kept(self) -> OrderQuerySet:
        """Neither cancelled nor refunded in full."""
        return self.counted().filter(Q(refunded__lt=F("net")) | Q(net=0), cancelled_at=None)

    def with_credits(self) -> OrderQuerySet:
        """With its store and whom its credit went to."""
        return self.select_related("store").prefetch_related(
            "credits__collaboration__campaign", "credits__collaboration__relationship__creator"
        )


class Order(models.Model):
    """A purchase, in the currency it was made in. `net` is merchandise after discounts, without tax and shipping."""

    class Unmatched(models.TextChoices):
        """Why an order is credited to nobody."""

        WAITING = "waiting", "Not looked at yet"
        NO_EVIDENCE = "no_evidence", "No creator's code and no click"
        UNKNOWN_CODE = "unknown_code", "The code belongs to no creator"
        UNKNOWN_CLICK = "unknown_click", "The click is not known (yet)"
        CODE_NOT_ACTIVE = "code_not_active", "The code was not valid at the time"
        LEAKED_CODE = "leaked_code", "Leaked code, and no click to decide"
        BOT_CLICK = "bot_click", "The click came from a bot"
        CLICK_TOO_OLD = "click_too_old", "The click is older than the window"
        CLICK_AFTER_ORDER = "click_after_order", "The click came after the order"
        CODE_NOT_INVOLVED = "code_not_involved", "The code counts only with a click of its creator"
        CODE_NOT_WINNER = "code_not_winner", "The code counts only where its creator's click wins"
        SELF_REFERRAL = "self_referral", "The creator's own purchase"
        SURVEY_ONLY = "survey_only", "The buyer names a creator, which the rule doesn't count"
        SURVEY_WITHOUT_POST = "survey_without_post", "The buyer names a creator of whom no post was seen before"
        DIRECT = "direct", "The credit goes to a visit no creator brought"
        RATE_MISSING = "rate_missing", "Exchange rate missing"
        TEST = "test", "Test order"
        DUPLICATE = "duplicate", "The same purchase as an order of another store"
        RENEWAL = "renewal", "Renewal that the campaign doesn't pay for"
        FIRST_ORDER = "first_order", "The subscription's first order is credited to nobody"

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="orders")
    external_id = models.CharField(max_length=80)
    placed_at = models.DateTimeField()
    currency = models.CharField(max_length=3)
    net = models.DecimalField(max_digits=16, decimal_places=4)
    discount = models.DecimalField(max_digits=16, decimal_places=4, default=Decimal(0))
    tax = models.DecimalField(max_digits=16, decimal_places=4, default=Decimal(0))
    shipping = models.DecimalField(max_digits=16, decimal_places=4, default=Decimal(0))
    rate = models.DecimalField(
        max_digits=20,
        decimal_places=12,
        null=True,
        blank=True,
        help_text="To the brand's currency on the day; empty: unknown.",
    )
    refunded = models.DecimalField(
        max_digits=16, decimal_places=4, default=Decimal(0), help_text="Merchandise given back so far; at most the net."
    )
    codes = models.JSONField(
        default=list, help_text='Discount codes, largest discount first: [{"code": "ANNA10", "amount": "12.00"}].'
    )
    click_id = models.CharField(max_length=26, blank=True)
    payment_ref = models.CharField(max_length=80, blank=True, help_text="The payment's id, where refunds name that.")
    subscription_ref = models.CharField(max_length=80, blank=True, help_text="The subscription it belongs to.")
    is_renewal = models.BooleanField(default=False, help_text="A later order of a subscription.")
    customer_key = models.CharField(max_length=64, blank=True, help_text="HMAC of the normalised e-mail.")
    is_new_customer = models.BooleanField(null=True)
    is_test = models.BooleanField(default=False)
    is_tax_included = models.BooleanField(default=False, help_text="The shop's prices contain tax; the net never does.")
    unmatched = models.CharField(max_length=20, choices=Unmatched, blank=True, default=Unmatched.WAITING)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True, help_text="The shop's own time of the last change.")
    received_at = models.DateTimeField(auto_now_add=True)

    objects = OrderQuerySet.as_manager()
    credited_to: Collaboration | None = None  # while it is being taken in or back: whose credit it is

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "external_id"], name="tracking_order_once"),
            models.CheckConstraint(condition=Q(net__gte=0), name="tracking_order_net_positive"),
            models.CheckConstraint(
                condition=Q(refunded__gte=0, refunded__lte=F("net")), name="tracking_order_refunded_within_net"
            ),
        ]
        indexes = [
            models.Index(fields=["store", "-placed_at"], name="tracking_order_recent"),
            models.Index(fields=["customer_key"], name="tracking_order_customer"),
            models.Index(fields=["click_id"], condition=~Q(click_id=""), name="tracking_order_click"),
            models.Index(fields=["store", "payment_ref"], condition=~Q(payment_ref=""), name="tracking_order_payment"),
            models.Index(
                fields=["store", "subscription_ref"],
                condition=~Q(subscription_ref=""),
                name="tracking_order_subscription",
            ),
            models.Index(fields=["store", "id"], condition=~Q(unmatched=""), name="tracking_order_unmatched"),
            GinIndex(
                fields=["codes"], opclasses=["jsonb_path_ops"], condition=~Q(codes=[]), name="tracking_order_codes"
            ),
        ]

    def __str__(self) -> str:
        return f"Order {self.external_id}"

    def about(self) -> About:
        return self.credited_to.about() if self.credited_to else About(None)

    @property
    def sharers(self) -> list[Collaboration]:
        """Whom its credit went to, the largest share first; reads what with_credits() fetched."""
        firsts = sorted((line for line in self.credits.all() if line.is_first), key=lambda line: (-line.share, line.pk))
        return [line.collaboration for line in firsts]

    @property
    def is_refunded_in_full(self) -> bool:
        return self.net > 0 and self.refunded >= self.net


class OrderLine(models.Model):
    """One article of an order; `net` is what was paid for all of its pieces, after discounts and without tax."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveSmallIntegerField(help_text="Its place on the order, from 0.")
    external_id = models.CharField(max_length=80, blank=True, help_text="The shop's id of the line.")
    sku = models.CharField(max_length=80, blank=True)
    title = models.CharField(max_length=200, blank=True)
    quantity = models.PositiveIntegerField()
    net = models.DecimalField(max_digits=16, decimal_places=4)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="tracking_line_once"),
            models.CheckConstraint(condition=Q(net__gte=0), name="tracking_line_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.title or self.sku}"


class Refund(models.Model):
    """Money given back on an order; `net` is the merchandise part, positive, in the order's currency."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="refunds")
    external_id = models.CharField(max_length=80)
    refunded_at = models.DateTimeField()
    net = models.DecimalField(max_digits=16, decimal_places=4)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "external_id"], name="tracking_refund_once"),
            models.CheckConstraint(condition=Q(net__gte=0), name="tracking_refund_positive"),
        ]

    def __str__(self) -> str:
        return f"Refund {self.external_id}"


class RefundLine(models.Model):
    """How many pieces of an article came back with a refund, and what was given back for them."""

    refund = models.ForeignKey(Refund, on_delete=models.CASCADE, related_name="lines")
    line_ref = models.CharField(max_length=80, help_text="The shop's id of the order's line.")
    quantity = models.PositiveIntegerField()
    net = models.DecimalField(max_digits=16, decimal_places=4)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["refund", "line_ref"], name="tracking_refund_line_once")]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.line_ref}"


class ShopCode(models.Model):
    """What a code is called whose shop names it by an id only, as Stripe does on sessions and invoices."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="shop_codes")
    external_id = models.CharField(max_length=80)
    code = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "external_id"], name="tracking_shop_code_once")]

    def __str__(self) -> str:
        return self.code
