"""The base of every partner endpoint, and the endpoint about the key itself."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.response import Response

from groundswell.api.authentication import ApiRequest
from groundswell.api.idempotency import Idempotent
from groundswell.api.permissions import HasKey


class ApiView(Idempotent):
    """A partner endpoint: name the scope of each method in `scopes`; `request.auth.brand` is the tenant."""

    scopes: ClassVar[dict[str, str]] = {}


class KeySerializer(serializers.Serializer[Any]):
    brand = serializers.CharField(source="brand.code", help_text="Code of the brand that the key acts for.")
    brand_name = serializers.CharField(source="brand.name")
    currency = serializers.CharField(source="brand.currency")
    timezone = serializers.CharField(source="brand.timezone", help_text="Days in reports are days there.")
    key_name = serializers.CharField(source="name")
    key_prefix = serializers.CharField(source="prefix")
    scopes = serializers.ListField(child=serializers.CharField())


class Me(ApiView):
    """The brand and the rights of the key that asks; every live key may."""

    permission_classes = [HasKey]

    @extend_schema(operation_id="me", tags=["key"], responses=KeySerializer)
    def get(self, request: ApiRequest) -> Response:
        return Response(KeySerializer(request.auth).data)


class Docs(SpectacularSwaggerSplitView):
    """The page that explains the API, without inline script or style."""

    url_name = "api-schema"
    template_name = "api/docs.html"
    throttle_classes = []
