from django.urls import URLPattern, path

from campaigns import portal
from campaigns.api import adding as adding_api
from campaigns.api import campaigns as campaigns_api
from campaigns.api import collaborations as collaborations_api
from campaigns.api import costs as costs_api
from campaigns.views import adding, briefs, campaigns, collaborations, costs

app_name = "campaigns"
brand_urls: list[URLPattern] = [
    path("campaigns/", campaigns.campaigns, name="campaigns"),
    path("campaigns/new/", campaigns.new, name="new"),
    path("campaigns/choose/", adding.choose, name="choose"),
    path("campaigns/home-panel/", campaigns.home_panel, name="home-panel"),
    path("campaigns/<slug:code>/", campaigns.campaign, name="campaign"),
    path("campaigns/<slug:code>/edit/", campaigns.edit, name="edit"),
    path("campaigns/<slug:code>/brief/", briefs.brief, name="brief"),
    path("campaigns/<slug:code>/brief/take/", briefs.take_template, name="take-template"),
    path("campaigns/<slug:code>/brief/keep/", briefs.keep_template, name="keep-template"),
    path("campaigns/<slug:code>/deliverables/", briefs.deliverables, name="deliverables"),
    path("campaigns/<slug:code>/add/", adding.add, name="add"),
    path("campaigns/<slug:code>/many/", adding.many, name="many"),
    path("campaigns/<slug:code>/launch/", campaigns.launch, name="launch"),
    path("campaigns/<slug:code>/close/", campaigns.close, name="close"),
    path("campaigns/<slug:code>/costs/", costs.costs, name="costs"),
    path("campaigns/<slug:code>/costs/time/", costs.time, name="time"),
    path("campaigns/<slug:code>/costs/<int:pk>/remove/", costs.remove, name="remove-cost"),
    path("collaborations/<slug:code>/", collaborations.collaboration, name="collaboration"),
    path("collaborations/<slug:code>/offer/", collaborations.offer, name="offer"),
    path("collaborations/<slug:code>/send/", collaborations.send, name="send"),
    path("collaborations/<slug:code>/accept/", collaborations.accept, name="accept"),
    path("collaborations/<slug:code>/decline/", collaborations.decline, name="decline"),
    path("collaborations/<slug:code>/remove/", collaborations.remove, name="remove"),
    path("submissions/<slug:code>/approve/", collaborations.approve, name="approve"),
    path("submissions/<slug:code>/changes/", collaborations.changes, name="changes"),
    path("submissions/<slug:code>/metrics/", collaborations.metrics, name="metrics"),
]
portal_urls: list[URLPattern] = [
    path("portal/", portal.portal, name="portal"),
    path("portal/<slug:code>/", portal.collaboration, name="portal-collaboration"),
    path("portal/<slug:code>/accept/", portal.accept, name="portal-accept"),
    path("portal/<slug:code>/counter/", portal.counter, name="portal-counter"),
    path("portal/<slug:code>/decline/", portal.decline, name="portal-decline"),
    path("portal/<slug:code>/contract/", portal.contract, name="portal-contract"),
    path("portal/<slug:code>/agree/", portal.agree, name="portal-agree"),
    path("portal/<slug:code>/submit/<int:piece>/", portal.submit, name="portal-submit"),
]
of_campaigns: list[URLPattern] = [
    path("api/v1/campaigns/", campaigns_api.Campaigns.as_view(), name="api-campaigns"),
    path("api/v1/campaigns/<slug:code>/", campaigns_api.CampaignDetail.as_view(), name="api-campaign"),
    path("api/v1/campaigns/<slug:code>/brief/", campaigns_api.BriefDetail.as_view(), name="api-brief"),
    path("api/v1/campaigns/<slug:code>/deliverables/", campaigns_api.Deliverables.as_view(), name="api-deliverables"),
    path("api/v1/campaigns/<slug:code>/launch/", campaigns_api.Launch.as_view(), name="api-launch"),
    path("api/v1/campaigns/<slug:code>/close/", campaigns_api.Close.as_view(), name="api-close"),
    path("api/v1/campaigns/<slug:code>/creators/", adding_api.Creators.as_view(), name="api-add-creators"),
    path("api/v1/campaigns/<slug:code>/costs/", costs_api.Costs.as_view(), name="api-costs"),
]
of_collaborations: list[URLPattern] = [
    path("api/v1/collaborations/", collaborations_api.Collaborations.as_view(), name="api-collaborations"),
    path(
        "api/v1/collaborations/<slug:code>/",
        collaborations_api.CollaborationDetail.as_view(),
        name="api-collaboration",
    ),
    path("api/v1/collaborations/<slug:code>/offers/", collaborations_api.Offers.as_view(), name="api-offers"),
    path("api/v1/collaborations/<slug:code>/send/", collaborations_api.Send.as_view(), name="api-send"),
    path("api/v1/collaborations/<slug:code>/accept/", collaborations_api.Accept.as_view(), name="api-accept"),
    path("api/v1/collaborations/<slug:code>/decline/", collaborations_api.Decline.as_view(), name="api-decline"),
    path("api/v1/collaborations/<slug:code>/remove/", collaborations_api.Remove.as_view(), name="api-remove"),
]
urlpatterns: list[URLPattern] = [*brand_urls, *portal_urls, *of_campaigns, *of_collaborations]
