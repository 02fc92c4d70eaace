from django.urls import path

from groundswell.accounts.views import activity, brands, keys, people, team

app_name = "accounts"
urlpatterns = [
    path("welcome/", brands.welcome, name="welcome"),
    path("switch/<slug:code>/", brands.switch, name="switch"),
    path("invitations/<str:token>/", team.invitation, name="invitation"),
    path("accounts/email/", people.email),  # in front of allauth's own, to keep creators out
    path("settings/brand/", brands.brand, name="brand"),
    path("settings/team/", team.team, name="team"),
    path("settings/team/invite/", team.invite, name="invite"),
    path("settings/team/invitations/<slug:code>/resend/", team.resend, name="resend"),
    path("settings/team/invitations/<slug:code>/revoke/", team.revoke, name="revoke"),
    path("settings/team/<slug:code>/role/", team.role, name="role"),
    path("settings/team/<slug:code>/remove/", team.remove, name="remove"),
    path("settings/api-keys/", keys.api_keys, name="api-keys"),
    path("settings/api-keys/<slug:prefix>/revoke/", keys.revoke_api_key, name="revoke-api-key"),
    path("settings/activity/", activity.activity, name="activity"),
    path("settings/profile/", people.profile, name="profile"),
]
