"""Links, codes, clicks, orders, the ledger of credit, and the daily results summed from them."""

from tracking.models.clicks import Click, ClickQuerySet, SpoolPosition
from tracking.models.domains import (
    DestinationCheck,
    DestinationCheckQuerySet,
    LinkDomain,
    LinkDomainQuerySet,
    LinkRules,
    LinkTemplate,
)
from tracking.models.links import DiscountCode, DiscountCodeQuerySet, LinkAlias, TrackingLink, TrackingLinkQuerySet
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
    "DestinationCheck",
    "DestinationCheckQuerySet",
    "DiscountCode",
    "DiscountCodeQuerySet",
    "ExchangeRate",
    "ExchangeRateQuerySet",
    "LinkAlias",
    "LinkDomain",
    "LinkDomainQuerySet",
    "LinkRules",
    "LinkTemplate",
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
