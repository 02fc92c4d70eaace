"""Links, codes, clicks, orders, the ledger of credit, and the daily results summed from them."""

from tracking.models.clicks import Click, ClickQuerySet, PastClicks, SpoolPosition
from tracking.models.codes import CodePublication, CodePublicationQuerySet, CodeRules, CodeRulesQuerySet, StoreAccess
from tracking.models.commissions import Commission, CommissionQuerySet
from tracking.models.domains import (
    DestinationCheck,
    DestinationCheckQuerySet,
    LinkDomain,
    LinkDomainQuerySet,
    LinkRules,
    LinkTemplate,
)
from tracking.models.imports import OrderImport, RejectedOrder
from tracking.models.leads import Lead, LeadQuerySet, Snippet, SurveyAnswer, SurveyAnswerQuerySet
from tracking.models.links import DiscountCode, DiscountCodeQuerySet, LinkAlias, TrackingLink, TrackingLinkQuerySet
from tracking.models.orders import (
    Order,
    OrderLine,
    OrderQuerySet,
    Refund,
    RefundLine,
    ShopCode,
    Store,
    StoreQuerySet,
    WebhookDelivery,
    WebhookDeliveryQuerySet,
)
from tracking.models.outlooks import CampaignOutlook, CollaborationOutlook
from tracking.models.prices import MediaValueChoice, Price, PriceList, PriceListQuerySet
from tracking.models.rates import ExchangeRate, ExchangeRateQuerySet
from tracking.models.reports import (
    Report,
    ReportLetter,
    ReportReader,
    ReportSchedule,
    ReportShare,
    ReportVisit,
)
from tracking.models.results import Credit, CreditQuerySet
from tracking.models.rollups import (
    CampaignDay,
    CampaignDayQuerySet,
    CollaborationResult,
    CollaborationResultQuerySet,
    DailyResult,
    DailyResultQuerySet,
    RollupRun,
    StaleDay,
    Sums,
)
from tracking.models.rules import (
    AttributionRule,
    AttributionRuleQuerySet,
    AttributionRun,
    AttributionRunQuerySet,
    OrderEvidence,
    RunLine,
)
from tracking.models.subscriptions import RenewalPolicy

__all__ = [
    "AttributionRule",
    "AttributionRuleQuerySet",
    "AttributionRun",
    "AttributionRunQuerySet",
    "CampaignDay",
    "CampaignDayQuerySet",
    "CampaignOutlook",
    "Click",
    "ClickQuerySet",
    "CodePublication",
    "CodePublicationQuerySet",
    "CodeRules",
    "CodeRulesQuerySet",
    "CollaborationOutlook",
    "CollaborationResult",
    "CollaborationResultQuerySet",
    "Commission",
    "CommissionQuerySet",
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
    "Lead",
    "LeadQuerySet",
    "LinkAlias",
    "LinkDomain",
    "LinkDomainQuerySet",
    "LinkRules",
    "LinkTemplate",
    "MediaValueChoice",
    "Order",
    "OrderEvidence",
    "OrderImport",
    "OrderLine",
    "OrderQuerySet",
    "PastClicks",
    "Price",
    "PriceList",
    "PriceListQuerySet",
    "Refund",
    "RefundLine",
    "RejectedOrder",
    "RenewalPolicy",
    "Report",
    "ReportLetter",
    "ReportReader",
    "ReportSchedule",
    "ReportShare",
    "ReportVisit",
    "RollupRun",
    "RunLine",
    "ShopCode",
    "Snippet",
    "SpoolPosition",
    "StaleDay",
    "Store",
    "StoreAccess",
    "StoreQuerySet",
    "Sums",
    "SurveyAnswer",
    "SurveyAnswerQuerySet",
    "TrackingLink",
    "TrackingLinkQuerySet",
    "WebhookDelivery",
    "WebhookDeliveryQuerySet",
]
