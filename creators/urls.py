from django.urls import URLPattern, path

from creators import portal

app_name = "creators"
portal_urls: list[URLPattern] = [
    path("portal/enter/<str:token>/", portal.portal_enter, name="portal-enter"),
    path("portal/sign-in/", portal.portal_sign_in, name="portal-sign-in"),
    path("portal/sign-out/", portal.portal_sign_out, name="portal-sign-out"),
    path("portal/password/", portal.portal_password, name="portal-password"),
]
urlpatterns: list[URLPattern] = [*portal_urls]
