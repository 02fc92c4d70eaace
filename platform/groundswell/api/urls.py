from django.urls import path

from groundswell.api.views import Me

app_name = "api"
urlpatterns = [path("api/v1/me/", Me.as_view(), name="me")]
