from django.urls import path

from outreach import api, portal
from outreach.views import conversations, inbox, invitations, panels, templates, unsubscribe, writing

app_name = "outreach"
urlpatterns = [
    path("inbox/", inbox.inbox, name="inbox"),
    path("conversations/<slug:code>/", conversations.conversation, name="conversation"),
    path("conversations/<slug:code>/read/", conversations.read, name="read"),
    path("conversations/<slug:code>/log/", conversations.log, name="log"),
    path("messages/<slug:code>/cancel/", conversations.cancel, name="cancel"),
    path("messages/<slug:code>/retry/", conversations.retry, name="retry"),
    path("messages/<slug:code>/confirm/", conversations.confirm, name="confirm"),
    path("campaigns/<slug:code>/write/", writing.write, name="write"),
    path("templates/", templates.templates, name="templates"),
    path("templates/new/", templates.new, name="template-new"),
    path("templates/preview/", templates.preview, name="template-preview"),
    path("templates/starters/", templates.starters, name="template-starters"),
    path("templates/<slug:code>/", templates.template, name="template"),
    path("templates/<slug:code>/delete/", templates.delete, name="template-delete"),
    path("creators/<slug:code>/invitation/", invitations.panel, name="invitation"),
    path("creators/<slug:code>/invitation/send/", invitations.invite, name="invite"),
    path("outreach/home-panel/", panels.home_panel, name="home-panel"),
    path("collaborations/<slug:code>/messages/", panels.collaboration_panel, name="collaboration-panel"),
    path("portal/<slug:code>/messages/", portal.panel, name="portal-panel"),
    path("unsubscribe/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
    path("api/v1/creators/<slug:code>/invitation/", api.CreatorInvitation.as_view(), name="api-invitation"),
    path("api/v1/conversations/", api.Conversations.as_view(), name="api-conversations"),
    path("api/v1/conversations/<slug:code>/", api.ConversationDetail.as_view(), name="api-conversation"),
    path("api/v1/conversations/<slug:code>/messages/", api.Messages.as_view(), name="api-messages"),
]
