"""Links, codes, clicks, orders, the ledger of credit, and the daily results summed from them."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from campaigns.models import Collaboration
from groundswell.accounts.models import Brand
from groundswell.lib.codes import short_code
from tracking.spool.ids import time_of


class TrackingLinkQuerySet(models.QuerySet["TrackingLink"]):
    def of(self, brand: Brand) -> TrackingLinkQuerySet:
        return self.filter(collaboration__campaign__brand=brand)


class TrackingLink(models.Model):
    """A creator's link in a campaign: /r/<slug> leads to the destination with its UTM parameters."""

    collaboration = models.ForeignKey(Collaboration, on_delete=models.CASCADE, related_name="links")
    placement = models.CharField(max_length=40, blank=True, help_text="Where the creator puts it; empty: everywhere.")
    slug = models.CharField(max_length=60, unique=True)
    destination = models.URLField(max_length=600)
    utm_source = models.CharField(max_length=80)
    utm_medium = models.CharField(max_length=80, default="influencer")
    utm_campaign = models.CharField(max_length=120)
    utm_content = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TrackingLinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["collaboration", "placement"], name="tracking_link_once"),
        ]
        indexes = [models.Index(fields=["updated_at"], name="tracking_link_changed")]

    def __str__(self) -> str:
        return f"/r/{self.slug}"


class DiscountCodeQuerySet(models.QuerySet["DiscountCode"]):
    def of(self, brand: Brand) -> DiscountCodeQuerySet:
        return self.filter(brand=brand)


class DiscountCode(models.Model):
    """A creator's code. Stored in upper case; unique within the brand."""

    class Leak(models.TextChoices):
        NONE = "none", "No sign of a leak"
        SUSPECTED = "suspected", "Leak suspected"
        CONFIRMED = "confirmed", "Leaked"

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="discount_codes")
    collaboration = models.ForeignKey(Collaboration, on_delete=models.CASCADE, related_name="codes")
    code = models.CharField(max_length=40)
    percent = models.DecimalField(max_digits=5, decimal_places=2)
    leak = models.CharField(max_length=10, choices=Leak, default=Leak.NONE)
    valid_from = models.DateTimeField(auto_now_add=True)
    valid_to = models.DateTimeField(null=True, blank=True)

    objects = DiscountCodeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "code"], name="tracking_code_once"),
            models.CheckConstraint(condition=Q(code=Upper("code")), name="tracking_code_upper"),
        ]

    def __str__(self) -> str:
        return self.code


class ClickQuerySet(models.QuerySet["Click"]):
    def of(self, brand: Brand) -> ClickQuerySet:
        return self.filter(link__collaboration__campaign__brand=brand)

    def with_id(self, click_id: str) -> ClickQuerySet:
        """The click of an id, found in its month by the primary key; nothing for what is no click id."""
        try:
            return self.filter(clicked_at=time_of(click_id), id=click_id)
        except ValueError:
            return self.none()

    def human(self) -> ClickQuerySet:
        return self.filter(bot_reason="")

    def unique(self) -> ClickQuerySet:
        return self.human().filter(is_duplicate=False)


class Click(models.Model):
    """One request to a link. Partitioned by month; written by COPY from the spool, never row by row.

    `clicked_at` is the time inside `id`, to the millisecond. `visitor` is an HMAC under a key that changes daily: no
    raw address is stored. A click with a `bot_reason` is kept apart with that reason; a duplicate repeats a click of
    the same visitor on the same link within the window.
    """

    pk = models.CompositePrimaryKey("clicked_at", "id")
    id = models.CharField(max_length=26, help_text="The click id (ULID) that travels in the destination's URL.")
    clicked_at = models.DateTimeField()
    link = models.ForeignKey(TrackingLink, on_delete=models.DO_NOTHING, db_constraint=False, related_name="clicks")
    visitor = models.CharField(max_length=32, blank=True)
    bot_reason = models.CharField(max_length=40, blank=True)
    is_duplicate = models.BooleanField(default=False)
    referrer = models.CharField(max_length=200, blank=True)
    device = models.CharField(max_length=20, blank=True)
    app = models.CharField(max_length=40, blank=True, help_text="Browser or in-app browser.")
    country = models.CharField(max_length=2, blank=True)
    received_at = models.DateTimeField(auto_now_add=True)

    objects = ClickQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "tracking_click"

    def __str__(self) -> str:
        return self.id


class SpoolPosition(models.Model):
    """How far the shipper has copied a host's spool segment; written in the same transaction as the clicks."""

    host = models.CharField(max_length=80)
    segment = models.CharField(max_length=80)
    offset = models.BigIntegerField(default=0)
    rejected = models.IntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["host", "segment"], name="tracking_spool_once")]

    def __str__(self) -> str:
        return f"{self.host}/{self.segment}@{self.offset}"


class StoreQuerySet(models.QuerySet["Store"]):
    def of(self, brand: Brand) -> StoreQuerySet:
        return self.filter(brand=brand)


class Store(models.Model):
    """Where a brand sells: orders come from here."""

    class Kind(models.TextChoices):
        API = "api", "Partner API"
        SHOPIFY = "shopify", "Shopify"

    code = models.CharField(max_length=12, unique=True, default=short_code)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="stores")
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=120)
    domain = models.CharField(max_length=200, blank=True)
    secret = models.CharField(max_length=200, blank=True, help_text="The shop's signing secret for webhooks.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = StoreQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "kind", "domain"], name="tracking_store_once")]

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(models.Model):
    """A signed delivery of a shop, raw, so that it can be handled again."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="deliveries")
    delivery_id = models.CharField(max_length=80)
    topic = models.CharField(max_length=60)
    body = models.JSONField()
    error = models.TextField(blank=True)
    received_at = models.DateTimeField(auto_now_add=True)
    handled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "delivery_id"], name="tracking_delivery_once")]

    def __str__(self) -> str:
        return f"{self.topic} {self.delivery_id}"


class ExchangeRate(models.Model):
    """Units of `quote` for one `base` on a day; brand amounts are converted once, at the order's date."""

    base = models.CharField(max_length=3)
    quote = models.CharField(max_length=3)
    day = models.DateField()
    rate = models.DecimalField(max_digits=18, decimal_places=8)
    source = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["base", "quote", "day"], name="tracking_rate_once"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="tracking_rate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.base}/{self.quote} {self.rate} on {self.day}"


class OrderQuerySet(models.QuerySet["Order"]):
    def of(self, brand: Brand) -> OrderQuerySet:
        return self.filter(store__brand=brand)

    def counted(self) -> OrderQuerySet:
        return self.filter(is_test=False)

    def unmatched(self) -> OrderQuerySet:
        return self.counted().filter(credits=None)


class Order(models.Model):
    """A purchase, in the currency it was made in. `net` is merchandise after discounts, without tax and shipping."""

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="orders")
    external_id = models.CharField(max_length=80)
    placed_at = models.DateTimeField()
    currency = models.CharField(max_length=3)
    net = models.DecimalField(max_digits=16, decimal_places=4)
    discount = models.DecimalField(max_digits=16, decimal_places=4, default=Decimal(0))
    tax = models.DecimalField(max_digits=16, decimal_places=4, default=Decimal(0))
    shipping = models.DecimalField(max_digits=16, decimal_places=4, default=Decimal(0))
    rate = models.DecimalField(
        max_digits=18,
        decimal_places=8,
        null=True,
        blank=True,
        help_text="To the brand's currency on the day; empty: unknown.",
    )
    codes = models.JSONField(default=list, help_text="Discount codes on the order, upper case, largest discount first.")
    click_id = models.CharField(max_length=26, blank=True)
    customer_key = models.CharField(max_length=64, blank=True, help_text="HMAC of the normalised e-mail.")
    is_new_customer = models.BooleanField(null=True)
    is_test = models.BooleanField(default=False)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(auto_now_add=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "external_id"], name="tracking_order_once"),
            models.CheckConstraint(condition=Q(net__gte=0), name="tracking_order_net_positive"),
        ]
        indexes = [
            models.Index(fields=["store", "-placed_at"], name="tracking_order_recent"),
            models.Index(fields=["customer_key"], name="tracking_order_customer"),
            models.Index(fields=["click_id"], condition=~Q(click_id=""), name="tracking_order_click"),
        ]

    def __str__(self) -> str:
        return f"Order {self.external_id}"


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


class CreditQuerySet(models.QuerySet["Credit"]):
    def of(self, brand: Brand) -> CreditQuerySet:
        return self.filter(collaboration__campaign__brand=brand)


class Credit(models.Model):
    """An immutable line of the attribution ledger: what a collaboration earned from an order, and why.

    A refund adds a line with the opposite sign and the same share. Amounts are in the campaign's currency.
    """

    class Reason(models.TextChoices):
        CODE = "code", "Code of the creator on the order"
        CODE_AND_CLICK = "code_and_click", "Code and link of the same creator"
        LARGEST_CODE = "largest_code", "Several codes: the largest discount"
        CLICK = "click", "Click within the window, no code"
        LEAKED_CODE_CLICK = "leaked_code_click", "Leaked code: the click decides"
        REFUND = "refund", "Refund of the order"

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="credits")
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, null=True, blank=True, related_name="credits")
    collaboration = models.ForeignKey(Collaboration, on_delete=models.PROTECT, related_name="credits")
    rule = models.CharField(max_length=40, help_text="Name and version of the rule, such as code-first/1.")
    reason = models.CharField(max_length=20, choices=Reason)
    evidence = models.JSONField(default=dict)
    share = models.DecimalField(max_digits=12, decimal_places=10, default=Decimal(1))
    revenue = models.DecimalField(max_digits=16, decimal_places=4)
    commission = models.DecimalField(max_digits=16, decimal_places=4, default=Decimal(0))
    credited_on = models.DateField(help_text="Day of the order or the refund, in the brand's time zone.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CreditQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "refund", "collaboration", "rule"], name="tracking_credit_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(refund=None, revenue__gte=0) | Q(refund__isnull=False, revenue__lte=0),
                name="tracking_credit_sign",
            ),
        ]
        indexes = [models.Index(fields=["collaboration", "credited_on"], name="tracking_credit_day")]

    def __str__(self) -> str:
        return f"{self.revenue} to {self.collaboration}"


class StaleDay(models.Model):
    """A day of a collaboration whose result must be summed again; written with the rows that made it stale."""

    collaboration = models.ForeignKey(Collaboration, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["collaboration", "day"], name="tracking_stale_once")]

    def __str__(self) -> str:
        return f"{self.collaboration} on {self.day}"


class DailyResultQuerySet(models.QuerySet["DailyResult"]):
    def of(self, brand: Brand) -> DailyResultQuerySet:
        return self.filter(collaboration__campaign__brand=brand)


class DailyResult(models.Model):
    """What a collaboration brought on a day, summed from clicks and credits; rebuilt from them to the same digits."""

    COUNTS: ClassVar[tuple[str, ...]] = ("clicks", "unique_clicks", "bot_clicks", "orders", "new_customers", "refunds")
    AMOUNTS: ClassVar[tuple[str, ...]] = ("revenue", "refunded", "commission")

    collaboration = models.ForeignKey(Collaboration, on_delete=models.CASCADE, related_name="daily_results")
    day = models.DateField()
    clicks = models.IntegerField(default=0)
    unique_clicks = models.IntegerField(default=0)
    bot_clicks = models.IntegerField(default=0)
    orders = models.IntegerField(default=0)
    new_customers = models.IntegerField(default=0)
    refunds = models.IntegerField(default=0)
    revenue = models.DecimalField(max_digits=16, decimal_places=4, default=Decimal(0))
    refunded = models.DecimalField(max_digits=16, decimal_places=4, default=Decimal(0))
    commission = models.DecimalField(max_digits=16, decimal_places=4, default=Decimal(0))
    computed_at = models.DateTimeField(auto_now=True)

    objects = DailyResultQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["collaboration", "day"], name="tracking_daily_once")]
        indexes = [models.Index(F("day").desc(), "collaboration", name="tracking_daily_recent")]

    def __str__(self) -> str:
        return f"{self.collaboration} on {self.day}"
