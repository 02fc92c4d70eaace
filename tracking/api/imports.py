"""Files of orders from partners."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.core.files.base import File
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from creators.actions.uploads import ImportRefusedError
from creators.importing.lines import UnreadableFileError
from groundswell.api.authentication import ApiRequest
from groundswell.api.views import ApiView
from groundswell.lib.money import CURRENCIES
from tracking.actions.imports import map_orders, start_orders, upload_orders
from tracking.actions.stores import till
from tracking.importing.columns import Mapping
from tracking.models import OrderImport, Store


class RejectedSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    reason = serializers.CharField()


class OrderImportSerializer(serializers.ModelSerializer[OrderImport]):
    """An import of orders; `rejected_rows` are the first 100 refused rows with their reasons."""

    store = serializers.CharField(source="store.code")
    rejected_rows = serializers.SerializerMethodField()

    class Meta:
        model = OrderImport
        fields = (
            "code", "store", "filename", "status", "total", "done", "created", "unchanged", "rejected", "error",
            "created_at", "ended_at", "rejected_rows",
        )  # fmt: skip

    @extend_schema_field(RejectedSerializer(many=True))
    def get_rejected_rows(self, job: OrderImport) -> list[dict[str, Any]]:
        return [{"line": row.line, "reason": row.reason} for row in job.rejected_rows.all()[:100]]


class OrderImports(ApiView):
    scopes: ClassVar[dict[str, str]] = {"POST": "orders:write"}
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="order_imports_create",
        tags=["orders"],
        parameters=[
            OpenApiParameter("store", str, description="Code of the store whose orders these are."),
            OpenApiParameter("till", str, description="Instead of a store: the name of a shop counter."),
            OpenApiParameter("currency", str, description="Of amounts that name none; the brand's when left out."),
            OpenApiParameter("month_first", OpenApiTypes.BOOL, description="Read 04/05/2026 as April 5."),
        ],
        request={
            "multipart/form-data": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
        },
        responses={202: OrderImportSerializer},
    )
    def post(self, request: ApiRequest) -> Response:
        """Reads the columns' meaning from the header and starts; ask for the status under the code returned."""
        file = cast("dict[str, Any]", request.data).get("file")
        if file is None or not hasattr(file, "read"):
            raise ValidationError({"file": ["Send a CSV file or an Excel workbook."]})
        return Response(OrderImportSerializer(begin(request, file)).data, status=202)


class OneOrderImport(ApiView):
    scopes: ClassVar[dict[str, str]] = {"GET": "orders:write"}

    @extend_schema(operation_id="order_imports_read", tags=["orders"], responses=OrderImportSerializer)
    def get(self, request: ApiRequest, code: str) -> Response:
        """How far an import is, and what was refused."""
        rows = OrderImport.objects.of(request.auth.brand).select_related("store")
        return Response(OrderImportSerializer(get_object_or_404(rows, code=code)).data)


def begin(request: ApiRequest, file: File[Any]) -> OrderImport:
    currency = request.query_params.get("currency", request.auth.brand.currency).upper()
    if currency not in CURRENCIES:
        raise ValidationError({"currency": ["This is no ISO 4217 currency."]})
    day_first = request.query_params.get("month_first", "") not in {"1", "true", "True"}
    by = request.auth.created_by
    try:
        job = upload_orders(store_of(request), file, file.name or "orders.csv", by=by)
    except UnreadableFileError as problem:
        raise ValidationError({"file": [str(problem)]}) from problem
    known = Mapping.from_json(job.mapping)
    map_orders(job, Mapping(known.columns, currency, day_first, known.is_till))
    try:
        start_orders(job, by=by)
    except ImportRefusedError as problem:
        job.delete()
        raise ValidationError({"file": [str(problem)]}) from problem
    job.refresh_from_db()
    return job


def store_of(request: ApiRequest) -> Store:
    name = request.query_params.get("till", "").strip().replace("\x00", "")[:120]
    if name:
        return till(request.auth.brand, name)
    code = request.query_params.get("store", "")
    if not code:
        raise ValidationError({"store": ["Name the store, or a counter by `till`."]})
    return get_object_or_404(Store.objects.of(request.auth.brand).select_related("brand"), code=code)
