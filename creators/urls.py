from django.urls import URLPattern, path

from creators import portal
from creators.api import connections as api_connections
from creators.api import creators as api
from creators.api import exports as api_exports
from creators.api import lists as api_lists
from creators.api import merges as api_merges
from creators.api import metrics as api_metrics
from creators.api import relationships as api_known
from creators.api import searches as api_searches
from creators.api import vetting as api_vetting
from creators.views import (
    benchmarks,
    connections,
    directory,
    exports,
    imports,
    kits,
    merges,
    portal_accounts,
    portal_privacy,
    portal_profile,
    portal_signals,
    profile,
    relationship_settings,
    relationships,
    searches,
    shared,
    shortlists,
    tiers,
    vetting,
)

app_name = "creators"
portal_urls: list[URLPattern] = [
    path("portal/enter/<str:token>/", portal.portal_enter, name="portal-enter"),
    path("portal/sign-in/", portal.portal_sign_in, name="portal-sign-in"),
    path("portal/sign-out/", portal.portal_sign_out, name="portal-sign-out"),
    path("portal/password/", portal.portal_password, name="portal-password"),
]
directory_urls: list[URLPattern] = [
    path("creators/", directory.directory, name="directory"),
    path("creators/home-panel/", directory.home_panel, name="home-panel"),
    path("creators/suggest/", directory.suggestions, name="suggestions"),
    path("creators/alike/", searches.alike, name="alike"),
    path("searches/", searches.searches, name="searches"),
    path("searches/<slug:code>/change/", searches.change, name="search-change"),
    path("searches/<slug:code>/delete/", searches.delete, name="search-delete"),
    path("searches/<slug:code>/seen/", searches.seen, name="search-seen"),
    path("creators/<slug:code>/", profile.profile, name="profile"),
    path("creators/<slug:code>/relationship/", profile.relationship, name="relationship"),
    path("creators/<slug:code>/note/", profile.note, name="note"),
    path("creators/<slug:code>/block/", profile.block_creator, name="block"),
    path("creators/<slug:code>/shortlist/", profile.toggle_shortlist, name="toggle-shortlist"),
    path("tiers/", tiers.tier_profiles, name="tier-profiles"),
    path("settings/tiers/", tiers.tiers, name="tiers"),
    path("settings/benchmarks/", benchmarks.benchmarks, name="benchmarks"),
    path("settings/benchmarks/<slug:code>/remove/", benchmarks.remove, name="benchmark-remove"),
    path("creators/<slug:code>/accounts/<int:account>/peers/", profile.peers, name="peers"),
]
own_urls: list[URLPattern] = [
    path("join/", portal.join, name="join"),
    path("join/<str:token>/", portal.join_confirm, name="join-confirm"),
    path("erase/<str:token>/", portal_privacy.erase_confirm, name="erase-confirm"),
    path("remove/", portal.remove, name="remove"),
    path("remove/keep/<str:token>/", portal.remove_cancel, name="remove-cancel"),
    path("remove/<str:token>/", portal.remove_confirm, name="remove-confirm"),
    path("kit/<slug:slug>/", kits.kit, name="kit"),
    path("kit/<slug:slug>/media-kit.pdf", kits.kit_pdf, name="kit-pdf"),
    path("kit/<slug:slug>/card.png", kits.kit_card, name="kit-card"),
    path("portal/profile/", portal_profile.profile, name="portal-profile"),
    path("portal/profile/claim/", portal_profile.claim, name="portal-claim"),
    path("portal/claims/<slug:code>/check/", portal_profile.check, name="portal-claim-check"),
    path("portal/evidence/", portal_profile.evidence, name="portal-evidence"),
    path("portal/evidence/<slug:code>/file/", portal_profile.evidence_file, name="portal-evidence-file"),
    path("portal/evidence/<slug:code>/delete/", portal_profile.evidence_delete, name="portal-evidence-delete"),
    path("creators/<slug:code>/evidence/<slug:evidence>/", portal_profile.brand_evidence, name="evidence"),
    path("portal/kit/", portal_profile.media_kit, name="portal-kit"),
    path("portal/privacy/", portal_privacy.privacy, name="portal-privacy"),
    path("portal/privacy/copy/", portal_privacy.copy, name="portal-copy"),
    path("portal/privacy/copies/<slug:code>/", portal_privacy.copy_progress, name="portal-copy-progress"),
    path("portal/privacy/copies/<slug:code>/file/", portal_privacy.copy_file, name="portal-copy-file"),
    path("portal/privacy/out/<slug:wish>/", portal_privacy.wish, name="portal-wish"),
    path("portal/privacy/erase/", portal_privacy.erase, name="portal-erase"),
]
shortlist_urls: list[URLPattern] = [
    path("shortlists/", shortlists.shortlists, name="shortlists"),
    path("shortlists/fill/", shortlists.fill, name="shortlist-fill"),
    path("shortlists/<slug:code>/", shortlists.shortlist, name="shortlist"),
    path("shortlists/<slug:code>/rename/", shortlists.rename, name="shortlist-rename"),
    path("shortlists/<slug:code>/delete/", shortlists.delete, name="shortlist-delete"),
    path("shortlists/<slug:code>/trim/", shortlists.trim, name="shortlist-trim"),
]
relationship_urls: list[URLPattern] = [
    path("relationships/", relationships.relationships, name="relationships"),
    path("relationships/change/", relationships.change_chosen, name="relationships-change"),
    path("relationships/blocked/", relationships.blocklist, name="blocklist"),
    path("relationships/mentions/", relationships.mentions, name="mentions"),
    path("creators/<slug:code>/stage/", relationships.move, name="stage"),
    path("creators/<slug:code>/timeline/", relationships.timeline, name="timeline"),
    path("settings/custom-fields/", relationship_settings.custom_fields, name="custom-fields"),
    path("settings/custom-fields/<slug:code>/", relationship_settings.change_custom_field, name="custom-field"),
    path("settings/lifecycle/", relationship_settings.lifecycle, name="lifecycle"),
    path("shortlists/<slug:code>/rule/", shortlists.rule, name="shortlist-rule"),
    path("shortlists/<slug:code>/share/", shortlists.share, name="shortlist-share"),
    path("shares/<slug:code>/revoke/", shortlists.revoke, name="share-revoke"),
    path("shared/<str:token>/", shared.shared, name="shared"),
    path("shared/<str:token>/password/", shared.shared_password, name="shared-password"),
    path("shared/<str:token>/creators/<slug:code>/", shared.shared_verdict, name="shared-verdict"),
    path("api/v1/relationships/", api_known.RelationshipList.as_view(), name="api-relationships"),
    path("api/v1/relationships/change/", api_known.RelationshipsChange.as_view(), name="api-relationships-change"),
    path(
        "api/v1/creators/<slug:code>/relationship/",
        api_known.RelationshipDetail.as_view(),
        name="api-relationship",
    ),
    path("api/v1/creators/<slug:code>/notes/", api_known.NoteList.as_view(), name="api-notes"),
    path("api/v1/creators/<slug:code>/timeline/", api_known.Timeline.as_view(), name="api-timeline"),
    path("api/v1/custom-fields/", api_known.CustomFieldList.as_view(), name="api-custom-fields"),
    path("api/v1/custom-fields/<slug:code>/", api_known.CustomFieldDetail.as_view(), name="api-custom-field"),
    path("api/v1/lifecycle/", api_known.LifecycleDetail.as_view(), name="api-lifecycle"),
    path("api/v1/shortlists/", api_lists.ShortlistList.as_view(), name="api-shortlists"),
    path("api/v1/shortlists/<slug:code>/", api_lists.ShortlistDetail.as_view(), name="api-shortlist"),
    path(
        "api/v1/shortlists/<slug:code>/creators/", api_lists.ShortlistCreators.as_view(), name="api-shortlist-creators"
    ),
    path("api/v1/shortlists/<slug:code>/shares/", api_lists.ShareList.as_view(), name="api-shares"),
    path("api/v1/shares/<slug:code>/", api_lists.ShareDetail.as_view(), name="api-share"),
]
import_urls: list[URLPattern] = [
    path("imports/", imports.imports, name="imports"),
    path("imports/new/", imports.import_new, name="import-new"),
    path("imports/<slug:code>/", imports.import_job, name="import"),
    path("imports/<slug:code>/sheet/", imports.sheet, name="import-sheet"),
    path("imports/<slug:code>/reopen/", imports.reopen, name="import-reopen"),
    path("imports/<slug:code>/start/", imports.start, name="import-start"),
    path("imports/<slug:code>/cancel/", imports.cancel, name="import-cancel"),
    path("imports/<slug:code>/rejected.csv", imports.rejected, name="import-rejected"),
]
export_urls: list[URLPattern] = [
    path("exports/", exports.exports, name="exports"),
    path("exports/<slug:code>/", exports.export, name="export"),
    path("exports/<slug:code>/download/", exports.download, name="export-download"),
    path("api/v1/exports/", api_exports.ExportList.as_view(), name="api-exports"),
    path("api/v1/exports/<slug:code>/", api_exports.ExportDetail.as_view(), name="api-export"),
    path("api/v1/exports/<slug:code>/file/", api_exports.ExportFile.as_view(), name="api-export-file"),
]
merge_urls: list[URLPattern] = [
    path("merges/", merges.merges, name="merges"),
    path("merges/<slug:code>/accept/", merges.accept, name="merge-accept"),
    path("merges/<slug:code>/dismiss/", merges.dismiss, name="merge-dismiss"),
    path("merges/<slug:code>/undo/", merges.undo, name="merge-undo"),
    path("api/v1/merges/", api_merges.MergeList.as_view(), name="api-merges"),
    path("api/v1/merges/<slug:code>/accept/", api_merges.MergeAccept.as_view(), name="api-merge-accept"),
    path("api/v1/merges/<slug:code>/dismiss/", api_merges.MergeDismiss.as_view(), name="api-merge-dismiss"),
    path("api/v1/merges/<slug:code>/undo/", api_merges.MergeUndo.as_view(), name="api-merge-undo"),
]
connection_urls: list[URLPattern] = [
    path("settings/connections/", connections.connections, name="connections"),
    path("settings/connections/<str:network>/start/", connections.start, name="connection-start"),
    path("settings/connections/<str:network>/finish/", connections.finish, name="connection-finish"),
    path("settings/connections/<slug:code>/disconnect/", connections.disconnect, name="disconnect"),
    path("creators/<slug:code>/refresh/", connections.refresh, name="refresh"),
    path("portal/accounts/", portal_accounts.accounts, name="portal-accounts"),
    path("portal/accounts/<str:network>/start/", portal_accounts.start, name="portal-account-start"),
    path("portal/accounts/<str:network>/finish/", portal_accounts.finish, name="portal-account-finish"),
    path("portal/accounts/<slug:code>/disconnect/", portal_accounts.disconnect, name="portal-disconnect"),
    path("api/v1/connections/", api_connections.ConnectionList.as_view(), name="api-connections"),
    path("api/v1/connections/<slug:code>/", api_connections.ConnectionDetail.as_view(), name="api-connection"),
    path("api/v1/creators/<slug:code>/refresh/", api_connections.CreatorRefresh.as_view(), name="api-creator-refresh"),
]
api_urls: list[URLPattern] = [
    path("api/v1/creators/", api.CreatorList.as_view(), name="api-creators"),
    path("api/v1/creators/facets/", api_searches.FacetList.as_view(), name="api-facets"),
    path("api/v1/creators/alike/", api_searches.AlikeList.as_view(), name="api-alike"),
    path("api/v1/searches/", api_searches.SearchList.as_view(), name="api-searches"),
    path("api/v1/searches/<slug:code>/", api_searches.SearchDetail.as_view(), name="api-search"),
    path("api/v1/creators/<slug:code>/", api.CreatorDetail.as_view(), name="api-creator"),
    path("api/v1/creators/<slug:code>/metrics/", api_metrics.CreatorMetrics.as_view(), name="api-creator-metrics"),
    path("api/v1/creators/<slug:code>/audience/", api_metrics.CreatorAudience.as_view(), name="api-creator-audience"),
    path("api/v1/tier-profiles/", api_metrics.TierProfiles.as_view(), name="api-tier-profiles"),
    path("api/v1/benchmarks/", api_metrics.BenchmarkList.as_view(), name="api-benchmarks"),
    path("api/v1/imports/", api.ImportList.as_view(), name="api-imports"),
    path("api/v1/imports/<slug:code>/", api.ImportDetail.as_view(), name="api-import"),
]
vetting_urls: list[URLPattern] = [
    path("creators/compare/", vetting.compare, name="compare"),
    path("creators/<slug:code>/vetting/", vetting.vetting, name="vetting"),
    path("creators/<slug:code>/vetting/panel/", vetting.vetting_panel, name="vetting-panel"),
    path("creators/<slug:code>/vetting/vote/", vetting.vote, name="vetting-vote"),
    path("creators/<slug:code>/vetting/answer/", vetting.answer, name="vetting-answer"),
    path("creators/<slug:code>/vetting/decide/", vetting.decide, name="vetting-decide"),
    path("creators/<slug:code>/vetting/keep/", vetting.keep, name="vetting-keep"),
    path("vetting/", vetting.vetting_runs, name="vetting-runs"),
    path("vetting/<slug:code>/", vetting.vetting_run, name="vetting-run"),
    path("vetting/<slug:code>/cancel/", vetting.cancel_run, name="vetting-run-cancel"),
    path("settings/vetting/", vetting.vetting_settings, name="vetting-settings"),
    path("portal/signals/", portal_signals.portal_signals, name="portal-signals"),
    path("api/v1/creators/<slug:code>/vetting/", api_vetting.CreatorVetting.as_view(), name="api-vetting"),
    path("api/v1/creators/<slug:code>/vetting/decision/", api_vetting.Decide.as_view(), name="api-vetting-decision"),
    path("api/v1/vetting-runs/", api_vetting.RunList.as_view(), name="api-vetting-runs"),
    path("api/v1/vetting-runs/<slug:code>/", api_vetting.RunDetail.as_view(), name="api-vetting-run"),
    path("api/v1/vetting-policy/", api_vetting.Policy.as_view(), name="api-vetting-policy"),
]
urlpatterns: list[URLPattern] = [
    *portal_urls,
    *own_urls,
    *vetting_urls,
    *directory_urls,
    *shortlist_urls,
    *relationship_urls,
    *import_urls,
    *merge_urls,
    *export_urls,
    *connection_urls,
    *api_urls,
]
