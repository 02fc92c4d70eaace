from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from groundswell.api.views import Docs, Me

urlpatterns = [
    path("api/v1/me/", Me.as_view(), name="api-me"),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/docs/", Docs.as_view(), name="api-docs"),
]
