"""Files of creators for partners."""

from __future__ import annotations

from typing import Any, cast

from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView, RetrieveAPIView
from rest_framework.response import Response

from creators.actions.exports import ExportRefusedError, request_export
from creators.exporting import COLUMNS, USUAL
from creators.models.exports import Export
from groundswell.api.authentication import ApiRequest
from groundswell.api.idempotency import Idempotent


class ExportSerializer(serializers.ModelSerializer[Export]):
    """A file; take it from `/file/` under its address when the status is “done”. It is kept for a week."""

    class Meta:
        model = Export
        fields = ["code", "status", "format", "columns", "total", "done", "error", "created_at", "ended_at"]


class NewExportSerializer(serializers.Serializer[Any]):
    query = serializers.CharField(
        required=False, allow_blank=True, max_length=4000, default="", help_text="Filters as in `/creators/?…`."
    )
    columns = serializers.ListField(
        child=serializers.ChoiceField(choices=list(COLUMNS)), default=list(USUAL), min_length=1, max_length=len(COLUMNS)
    )
    format = serializers.ChoiceField(choices=Export.Format.choices, default=Export.Format.CSV)


class ExportList(Idempotent, GenericAPIView[Any]):
    """Export creators."""

    scopes = {"POST": "creators:write"}
    serializer_class = ExportSerializer
    queryset = Export.objects.none()

    @extend_schema(operation_id="exports_create", request=NewExportSerializer, responses={202: ExportSerializer})
    def post(self, request: ApiRequest) -> Response:
        """Write a file of everybody whom a search finds, one line a creator; ask for its status under its code."""
        form = NewExportSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        wanted = form.validated_data
        try:
            row = request_export(
                request.auth.brand, wanted["query"], wanted["columns"], wanted["format"], by=request.auth.created_by
            )
        except ExportRefusedError as problem:
            raise ValidationError({"query": [str(problem)]}) from problem
        return Response(ExportSerializer(row).data, status=202)


class ExportDetail(RetrieveAPIView[Export]):
    scopes = {"GET": "creators:read"}
    serializer_class = ExportSerializer
    queryset = Export.objects.none()
    lookup_field = "code"

    def get_queryset(self) -> Any:
        return Export.objects.of(cast("ApiRequest", self.request).auth.brand)


class ExportFile(GenericAPIView[Any]):
    scopes = {"GET": "creators:read"}
    serializer_class = ExportSerializer
    queryset = Export.objects.none()

    @extend_schema(operation_id="exports_file", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: ApiRequest, code: str) -> FileResponse:
        """The file; 404 before it is written."""
        row = get_object_or_404(Export.objects.of(request.auth.brand), code=code)
        if not row.file:
            raise Http404
        return FileResponse(row.file.open("rb"), as_attachment=True, filename=row.filename)
