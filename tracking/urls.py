from django.urls import URLPattern, path

from tracking import collect, portal, webhooks
from tracking.api import clicks as clicks_api
from tracking.api import codes as codes_api
from tracking.api import imports as imports_api
from tracking.api import leads as leads_api
from tracking.api import ledger as ledger_api
from tracking.api import links as links_api
from tracking.api import orders as orders_api
from tracking.api import prices as prices_api
from tracking.api import reports as reports_api
from tracking.api import returns as returns_api
from tracking.api import subscriptions as subscriptions_api
from tracking.views import (
    codes,
    commissions,
    creators,
    health,
    imports,
    leads,
    ledger,
    link_settings,
    links,
    orders,
    prices,
    reports,
    results,
    shared_reports,
    stores,
    subscriptions,
)

app_name = "tracking"

from_pages: list[URLPattern] = [
    path("snippet.js", collect.script, name="snippet-script"),
    path("collect/<slug:key>/leads/", collect.CollectLead.as_view(), name="collect-lead"),
    path("collect/<slug:key>/answers/", collect.CollectAnswer.as_view(), name="collect-answer"),
]
from_shops: list[URLPattern] = [
    path("webhooks/shopify/<str:code>/", webhooks.shopify, name="shopify"),
    path("webhooks/woocommerce/<str:code>/", webhooks.woocommerce, name="woocommerce"),
    path("webhooks/stripe/<str:code>/", webhooks.stripe, name="stripe"),
]
api: list[URLPattern] = [
    path("api/v1/orders/", orders_api.Orders.as_view(), name="api-orders"),
    path("api/v1/orders/bulk/", orders_api.BulkOrders.as_view(), name="api-orders-bulk"),
    path("api/v1/orders/<path:external_id>/match/", orders_api.Match.as_view(), name="api-match"),
    path("api/v1/orders/<path:external_id>/refunds/", orders_api.Refunds.as_view(), name="api-refunds"),
    path("api/v1/orders/<path:external_id>/cancel/", orders_api.Cancellation.as_view(), name="api-cancel"),
    path("api/v1/orders/<path:external_id>/", orders_api.OneOrder.as_view(), name="api-order"),
    path("api/v1/campaigns/<str:code>/returns/", returns_api.Returns.as_view(), name="api-returns"),
    path("api/v1/creators/<str:code>/returns/", returns_api.CreatorReturns.as_view(), name="api-creator-returns"),
    path("api/v1/campaigns/<str:code>/matrix/", returns_api.CreatorMatrix.as_view(), name="api-matrix"),
    path("api/v1/returns/", returns_api.BrandReturns.as_view(), name="api-brand-returns"),
    path("api/v1/price-lists/", prices_api.PriceLists.as_view(), name="api-price-lists"),
    path("api/v1/codes/", codes_api.Codes.as_view(), name="api-codes"),
    path("api/v1/codes/publish/", codes_api.Publish.as_view(), name="api-codes-publish"),
    path("api/v1/codes/<str:code>/", codes_api.OneCode.as_view(), name="api-code"),
    path("api/v1/codes/<str:code>/decide/", codes_api.Decide.as_view(), name="api-code-decide"),
    path("api/v1/codes/<str:code>/end/", codes_api.End.as_view(), name="api-code-end"),
    path("api/v1/campaigns/<str:code>/renewals/", subscriptions_api.Renewals.as_view(), name="api-renewals"),
    path("api/v1/order-imports/", imports_api.OrderImports.as_view(), name="api-order-imports"),
    path("api/v1/order-imports/<slug:code>/", imports_api.OneOrderImport.as_view(), name="api-order-import"),
    path("api/v1/leads/", leads_api.Leads.as_view(), name="api-leads"),
    path("api/v1/survey-answers/", leads_api.Answers.as_view(), name="api-survey-answers"),
    path("api/v1/survey-answers/<int:pk>/", leads_api.OneAnswer.as_view(), name="api-survey-answer"),
    path("api/v1/snippet/", leads_api.OwnSnippet.as_view(), name="api-snippet"),
    path("api/v1/links/<slug:slug>/clicks/", clicks_api.LinkClicks.as_view(), name="api-link-clicks"),
    path("api/v1/links/", links_api.Links.as_view(), name="api-links"),
    path("api/v1/links/<slug:slug>/", links_api.LinkDetail.as_view(), name="api-link"),
    path("api/v1/links/<slug:slug>/qr.<str:kind>", links_api.LinkQr.as_view(), name="api-link-qr"),
    path("api/v1/links/<slug:slug>/history/", links_api.LinkHistory.as_view(), name="api-link-history"),
    path("api/v1/link-template/", links_api.BrandTemplate.as_view(), name="api-link-template"),
    path(
        "api/v1/campaigns/<str:code>/link-template/", links_api.CampaignTemplate.as_view(), name="api-campaign-template"
    ),
    path("api/v1/link-rules/", links_api.Rules.as_view(), name="api-link-rules"),
    path("api/v1/link-domains/", links_api.Domains.as_view(), name="api-link-domains"),
    path("api/v1/link-domains/<str:code>/", links_api.DomainDetail.as_view(), name="api-link-domain"),
    path(
        "api/v1/link-domains/<str:code>/verify/", links_api.DomainVerification.as_view(), name="api-verify-link-domain"
    ),
]
of_returns: list[URLPattern] = [
    path("results/", results.results, name="results"),
    path("results/best/", results.best, name="best"),
    path("results/by/", results.breakdown, name="breakdown"),
    path("results/by/panel/", results.breakdown_panel, name="breakdown-panel"),
    path("results/by.csv", results.breakdown_csv, name="breakdown-csv"),
    path("results/tier-panel/", results.tier_panel, name="tier-panel"),
    path("results/home-panel/", results.home_panel, name="home-panel"),
    path("campaigns/<str:code>/results/", results.campaign_results, name="campaign-results"),
    path("campaigns/<str:code>/results.csv", results.campaign_csv, name="campaign-csv"),
    path("campaigns/<str:code>/results/matrix/", results.matrix, name="matrix"),
    path("campaigns/<str:code>/results/panel/", results.campaign_panel, name="campaign-panel"),
    path("campaigns/<str:code>/renewals/", subscriptions.renewals, name="renewals"),
    path("creators/<str:code>/results/", creators.creator_results, name="creator-results"),
    path("creators/<str:code>/results.csv", creators.creator_csv, name="creator-csv"),
    path("creators/<str:code>/results/panel/", creators.creator_panel, name="creator-panel"),
    path("collaborations/<str:code>/results/", results.collaboration_panel, name="collaboration-panel"),
    path("orders/", orders.orders, name="orders"),
    path("order-imports/", imports.order_imports, name="order-imports"),
    path("order-imports/new/", imports.order_import_new, name="order-import-new"),
    path("order-imports/<slug:code>/", imports.order_import, name="order-import"),
    path("order-imports/<slug:code>/start/", imports.start, name="order-import-start"),
    path("order-imports/<slug:code>/reopen/", imports.reopen, name="order-import-reopen"),
    path("order-imports/<slug:code>/cancel/", imports.cancel, name="order-import-cancel"),
    path("order-imports/<slug:code>/rejected.csv", imports.rejected, name="order-import-rejected"),
    path("unmatched/", orders.unmatched, name="unmatched"),
    path("unmatched/codes/", orders.adopt, name="adopt-code"),
    path("unmatched/orders/<int:pk>/match/", orders.match, name="match-order"),
    path("leads/", leads.leads, name="leads"),
    path("survey-answers/", leads.answers, name="survey-answers"),
    path("survey-answers/<int:pk>/review/", leads.review, name="review-answer"),
    path("settings/snippet/", leads.snippet, name="snippet"),
    path("orders/<str:store>/<path:external_id>/", orders.order, name="order"),
    path("settings/stores/", stores.stores, name="stores"),
    path("settings/stores/<str:code>/secret/", stores.secret, name="store-secret"),
    path("settings/media-value/", prices.media_value, name="media-value"),
    path("settings/media-value/show/", prices.media_value_show, name="media-value-show"),
    path("settings/media-value/<int:pk>/drop/", prices.media_value_drop, name="media-value-drop"),
    path("settings/data-health/", health.data_health, name="data-health"),
    path("settings/data-health/unreadable/", health.unreadable, name="unreadable"),
    path("settings/data-health/unreadable/retry/", health.retry_unreadable, name="unreadable-retry"),
]
of_links: list[URLPattern] = [
    path("links/", links.links, name="links"),
    path("links/links.csv", links.links_csv, name="links-csv"),
    path("links/new/", links.new, name="links-new"),
    path("links/<slug:slug>/", links.link, name="link"),
    path("links/<slug:slug>/address/", links.address, name="link-address"),
    path("links/<slug:slug>/clicks/", links.link_clicks, name="link-clicks"),
    path("links/<slug:slug>/check/", links.check, name="link-check"),
    path("links/<slug:slug>/destination/", links.destination, name="link-destination"),
    path("links/<slug:slug>/pause/", links.pause, name="link-pause"),
    path("links/<slug:slug>/resume/", links.resume, name="link-resume"),
    path("links/<slug:slug>/placement/", links.placement, name="link-placement"),
    path("links/<slug:slug>/qr.<str:kind>", links.qr, name="link-qr"),
    path("settings/links/", link_settings.link_settings, name="link-settings"),
    path("settings/links/rules/", link_settings.rules, name="link-rules"),
    path("settings/link-domains/", link_settings.add_domain, name="add-link-domain"),
    path("settings/link-domains/<str:code>/verify/", link_settings.verify_domain, name="verify-link-domain"),
    path("settings/link-domains/<str:code>/remove/", link_settings.remove_domain, name="remove-link-domain"),
    path("campaigns/<str:code>/links/", link_settings.campaign_links, name="campaign-links"),
    path("campaigns/<str:code>/links/apply/", link_settings.apply, name="apply-link-template"),
    path("portal/<str:code>/tracking/", portal.panel, name="portal-panel"),
    path("portal/<str:code>/results/", portal.results, name="portal-results"),
    path("portal/<str:code>/qr.<str:kind>", portal.qr, name="portal-qr"),
]
of_codes: list[URLPattern] = [
    path("codes/", codes.codes, name="codes"),
    path("codes/codes.csv", codes.codes_csv, name="codes-csv"),
    path("codes/rules/", codes.rules, name="code-rules"),
    path("codes/publish/", codes.publish, name="codes-publish"),
    path("codes/<str:code>/", codes.code, name="code"),
    path("codes/<str:code>/orders/", codes.code_orders, name="code-orders"),
    path("codes/<str:code>/decide/", codes.decide, name="code-decide"),
    path("codes/<str:code>/end/", codes.end, name="code-end"),
    path("settings/stores/<str:code>/access/", codes.access, name="store-access"),
]
of_ledger: list[URLPattern] = [
    path("attribution/rules/", ledger.rules, name="rules"),
    path("attribution/rules/codes/", ledger.counts, name="code-counts"),
    path("attribution/rules/<str:code>/activate/", ledger.activate, name="rule-activate"),
    path("attribution/rules/<str:code>/retire/", ledger.retire, name="rule-retire"),
    path("attribution/replays/", ledger.replays, name="replays"),
    path("attribution/replays/<str:code>/", ledger.replay, name="replay"),
    path("attribution/replays/<str:code>/replay.csv", ledger.replay_csv, name="replay-csv"),
    path("attribution/replays/<str:code>/cancel/", ledger.cancel, name="replay-cancel"),
    path("commissions/", commissions.commissions, name="commissions"),
    path("commissions/commissions.csv", commissions.commissions_csv, name="commissions-csv"),
    path("commissions/approve/", commissions.approve, name="commissions-approve"),
    path("commissions/<str:code>/pay/", commissions.pay, name="commission-pay"),
    path("portal/<str:code>/commission/", portal.commission, name="portal-commission"),
]
api_of_ledger: list[URLPattern] = [
    path("api/v1/attribution-rules/", ledger_api.Rules.as_view(), name="api-rules"),
    path("api/v1/attribution-rules/<str:code>/activate/", ledger_api.Activate.as_view(), name="api-rule-activate"),
    path("api/v1/codes/<str:code>/counts/", ledger_api.CodeCounts.as_view(), name="api-code-counts"),
    path("api/v1/replays/", ledger_api.Replays.as_view(), name="api-replays"),
    path("api/v1/replays/<str:code>/", ledger_api.OneReplay.as_view(), name="api-replay"),
    path("api/v1/commissions/", ledger_api.Commissions.as_view(), name="api-commissions"),
    path("api/v1/commissions/approve/", ledger_api.ApproveCommissions.as_view(), name="api-commissions-approve"),
    path("api/v1/commissions/<str:code>/pay/", ledger_api.PayCommissions.as_view(), name="api-commission-pay"),
]
of_reports: list[URLPattern] = [
    path("reports/", reports.reports, name="reports"),
    path("reports/new/", reports.report_new, name="report-new"),
    path("reports/unsubscribe/<str:token>/", shared_reports.report_unsubscribe, name="report-unsubscribe"),
    path("reports/<slug:code>/", reports.report, name="report"),
    path("reports/<slug:code>/edit/", reports.report_edit, name="report-edit"),
    path("reports/<slug:code>/delete/", reports.report_delete, name="report-delete"),
    path("reports/<slug:code>/report.pdf", reports.report_pdf, name="report-pdf"),
    path("reports/<slug:code>/report.xlsx", reports.report_xlsx, name="report-xlsx"),
    path("reports/<slug:code>/sections/<slug:section>.csv", reports.report_csv, name="report-csv"),
    path("reports/<slug:code>/sharing/", reports.report_sharing, name="report-sharing"),
    path("reports/<slug:code>/schedule/", reports.report_schedule, name="report-schedule"),
    path("reports/<slug:code>/schedule/stop/", reports.report_schedule_stop, name="report-schedule-stop"),
    path("report-shares/<slug:code>/renew/", reports.report_share_renew, name="report-share-renew"),
    path("report-shares/<slug:code>/revoke/", reports.report_share_revoke, name="report-share-revoke"),
    path("shared-reports/<str:token>/", shared_reports.shared_report, name="shared-report"),
    path("shared-reports/<str:token>/password/", shared_reports.shared_report_password, name="shared-report-password"),
    path("shared-reports/<str:token>/report.<str:kind>", shared_reports.shared_report_file, name="shared-report-file"),
    path(
        "shared-reports/<str:token>/sections/<slug:section>.csv",
        shared_reports.shared_report_csv,
        name="shared-report-csv",
    ),
]
api_of_reports: list[URLPattern] = [
    path("api/v1/reports/", reports_api.Reports.as_view(), name="api-reports"),
    path("api/v1/reports/<slug:code>/", reports_api.OneReport.as_view(), name="api-report"),
    path("api/v1/reports/<slug:code>/run/", reports_api.RunReport.as_view(), name="api-report-run"),
    path("api/v1/reports/<slug:code>/report.pdf", reports_api.ReportPdf.as_view(), name="api-report-pdf"),
    path("api/v1/reports/<slug:code>/report.xlsx", reports_api.ReportXlsx.as_view(), name="api-report-xlsx"),
    path("api/v1/reports/<slug:code>/schedule/", reports_api.Schedule.as_view(), name="api-report-schedule"),
    path("api/v1/reports/<slug:code>/letters/", reports_api.Letters.as_view(), name="api-report-letters"),
    path("api/v1/reports/<slug:code>/shares/", reports_api.Shares.as_view(), name="api-report-shares"),
    path("api/v1/report-shares/<slug:code>/", reports_api.OneShare.as_view(), name="api-report-share"),
]
urlpatterns = [
    *of_links,
    *of_codes,
    *of_returns,
    *of_reports,
    *of_ledger,
    *from_shops,
    *from_pages,
    *api,
    *api_of_ledger,
    *api_of_reports,
]
