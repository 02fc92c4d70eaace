"""The one module that knows every app: mounts their pages, portal, API and the click path."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

urlpatterns = [
    path("", include("groundswell.web.urls")),
    path("", include("groundswell.accounts.urls")),
    path("", include("groundswell.api.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("", include("creators.urls")),
    path("", include("campaigns.urls")),
    path("", include("outreach.urls")),
    path("", include("tracking.urls")),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="api-schema"), name="api-docs"),
    path("operator/", admin.site.urls),
]

handler404 = "groundswell.api.errors.missing"
handler500 = "groundswell.api.errors.failed"
