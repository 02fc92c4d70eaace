from django.urls import path

from groundswell.web import health

app_name = "web"
urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
]
