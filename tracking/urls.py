from django.urls import URLPattern, path

from tracking import webhooks
from tracking.api import orders as orders_api

app_name = "tracking"

from_shops: list[URLPattern] = [path("webhooks/shopify/<str:code>/", webhooks.shopify, name="shopify")]
api: list[URLPattern] = [
    path("api/v1/orders/", orders_api.Orders.as_view(), name="api-orders"),
    path("api/v1/orders/bulk/", orders_api.BulkOrders.as_view(), name="api-orders-bulk"),
    path("api/v1/orders/<str:external_id>/", orders_api.OneOrder.as_view(), name="api-order"),
    path("api/v1/orders/<str:external_id>/refunds/", orders_api.Refunds.as_view(), name="api-refunds"),
    path("api/v1/orders/<str:external_id>/cancel/", orders_api.Cancellation.as_view(), name="api-cancel"),
]
urlpatterns = [*from_shops, *api]
