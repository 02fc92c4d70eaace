"""Links, codes, clicks, orders, the ledger of credit, and the daily results summed from them."""

from tracking.models.clicks import Click, ClickQuerySet, SpoolPosition
from tracking.models.links import DiscountCode, DiscountCodeQuerySet, TrackingLink, TrackingLinkQuerySet
from tracking.models.orders import (
    Order,
    OrderQuerySet,
    Refund,
    Store,
    StoreQuerySet,
    WebhookDelivery,
    WebhookDeliveryQuerySet,
)
from tracking.models.rates import ExchangeRate, ExchangeRateQuerySet
from tracking.models.results import Credit, CreditQuerySet, DailyResult, DailyResultQuerySet, StaleDay

__all__ = [
    "Click",
    "ClickQuerySet",
    "Credit",
    "CreditQuerySet",
    "DailyResult",
    "DailyResultQuerySet",
    "DiscountCode",
    "DiscountCodeQuerySet",
    "ExchangeRate",
    "ExchangeRateQuerySet",
    "Order",
    "OrderQuerySet",
    "Refund",
    "SpoolPosition",
    "StaleDay",
    "Store",
    "StoreQuerySet",
    "TrackingLink",
    "TrackingLinkQuerySet",
    "WebhookDelivery",
    "WebhookDeliveryQuerySet",
]
