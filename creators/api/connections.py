"""What partners read about a brand's access to networks, and asking for fresh numbers."""

from __future__ import annotations

from typing import Any, cast

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.response import Response

from creators.actions.quotas import used_now
from creators.actions.refreshes import NothingConnected, request_refresh
from creators.models import Connection, Creator
from groundswell.api.authentication import ApiRequest
from groundswell.api.errors import Conflict
from groundswell.api.idempotency import Idempotent


class QuotaSerializer(serializers.Serializer[Any]):
    used = serializers.IntegerField()
    limit = serializers.IntegerField(help_text="0: the network counts in seconds.")


class ConnectionSerializer(serializers.ModelSerializer[Connection]):
    """Access of your brand to a network; keys and tokens are never shown. `ends_at`: connect again before then."""

    quota = serializers.SerializerMethodField()

    class Meta:
        model = Connection
        fields = [
            "code",
            "network",
            "kind",
            "name",
            "status",
            "expires_at",
            "ends_at",
            "paused_until",
            "used_at",
            "error",
            "error_at",
            "quota",
            "created_at",
        ]

    @extend_schema_field(QuotaSerializer)
    def get_quota(self, row: Connection) -> dict[str, int]:
        used, limit = used_now([row])[0]
        return {"used": used, "limit": limit}


class ConnectionList(ListAPIView[Connection]):
    """Your brand's connections; creators' own are theirs and not listed."""

    scopes = {"GET": "creators:read"}
    serializer_class = ConnectionSerializer
    queryset = Connection.objects.none()

    def get_queryset(self) -> Any:
        return Connection.objects.of(cast("ApiRequest", self.request).auth.brand)


class ConnectionDetail(RetrieveAPIView[Connection]):
    scopes = {"GET": "creators:read"}
    serializer_class = ConnectionSerializer
    queryset = Connection.objects.none()
    lookup_field = "code"

    def get_queryset(self) -> Any:
        return Connection.objects.of(cast("ApiRequest", self.request).auth.brand)


class RefreshSerializer(serializers.Serializer[Any]):
    accounts = serializers.IntegerField(help_text="How many accounts were queued; those fresh within the hour are not.")


class CreatorRefresh(Idempotent, GenericAPIView[Any]):
    """Ask the networks about a creator before everybody else."""

    scopes = {"POST": "creators:write"}
    serializer_class = RefreshSerializer
    queryset = Creator.objects.none()

    @extend_schema(operation_id="creators_refresh", request=None, responses={202: RefreshSerializer})
    def post(self, request: ApiRequest, code: str) -> Response:
        """409 where no connection reaches any of the creator's accounts."""
        creator = get_object_or_404(Creator.objects.of(request.auth.brand), code=code)
        try:
            queued = request_refresh(request.auth.brand, creator, by=request.auth.created_by)
        except NothingConnected as problem:
            raise Conflict(str(problem)) from problem
        return Response({"accounts": queued}, status=202)
