"""The one module that knows every app: mounts their pages, portal, API and the click path."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

# Operators sign in where everybody does, under the same limits.
admin.site.site_header = admin.site.site_title = "Groundswell, for operators"
admin.site.index_title = "What waits for a decision, and all records"
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", include("groundswell.web.urls")),
    path("", include("groundswell.accounts.urls")),
    path("", include("groundswell.api.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("", include("creators.urls")),
    path("", include("campaigns.urls")),
    path("", include("outreach.urls")),
    path("", include("tracking.urls")),
    path("operator/", admin.site.urls),
]

handler400 = "groundswell.api.errors.misunderstood"
handler404 = "groundswell.api.errors.missing"
handler500 = "groundswell.api.errors.failed"
