"""Discount codes for partners: read them, have them made in shops, end them, decide about leaks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.response import Response

from groundswell.accounts.models import Brand
from groundswell.api.authentication import ApiRequest
from groundswell.api.errors import Conflict
from groundswell.api.views import ApiView
from tracking.actions.codes import CodeRefusedError, end_code, publish_codes
from tracking.actions.leaks import LeakSettled, clear_leak, confirm_leak
from tracking.models import CodePublication, DiscountCode, Store
from tracking.shops.coupons import CLIENTS

READ, WRITE = {"GET": "returns:read"}, {"POST": "campaigns:write"}
MOST = 500


class PublicationSerializer(serializers.ModelSerializer[CodePublication]):
    store = serializers.CharField(source="store.code")

    class Meta:
        model = CodePublication
        fields = ("store", "status", "external_id", "error", "changed_at")


class LeakSignalSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    words = serializers.CharField(help_text="What was seen, with its numbers.")
    rule = serializers.CharField(help_text="From when on it speaks.")


class DiscountCodeSerializer(serializers.ModelSerializer[DiscountCode]):
    campaign = serializers.CharField(source="collaboration.campaign.code")
    collaboration = serializers.CharField(source="collaboration.code")
    creator = serializers.CharField(source="collaboration.relationship.creator.name")
    percent = serializers.SerializerMethodField(help_text="Off the order; null for an amount or a gift.")
    leak_signals = LeakSignalSerializer(many=True)
    publications = PublicationSerializer(many=True)

    class Meta:
        model = DiscountCode
        fields = (
            "code", "campaign", "collaboration", "creator", "kind", "percent", "amount", "gift", "valid_from",
            "valid_to", "usage_limit", "once_per_customer", "leak", "leak_signals", "publications", "created_at",
        )  # fmt: skip

    @extend_schema_field(serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True))
    def get_percent(self, code: DiscountCode) -> str | None:
        return str(code.percent) if code.kind == DiscountCode.Kind.PERCENT else None


def code_of(request: ApiRequest, code: str) -> DiscountCode:
    rows = DiscountCode.objects.of(request.auth.brand).with_people().select_related("brand")
    return get_object_or_404(rows, code=code)


def answered(request: ApiRequest, code: str) -> Response:
    return Response(DiscountCodeSerializer(code_of(request, code)).data)


class Codes(ApiView, ListAPIView[DiscountCode]):
    scopes: ClassVar[dict[str, str]] = READ
    serializer_class = DiscountCodeSerializer

    def get_queryset(self) -> QuerySet[DiscountCode]:
        if getattr(self, "swagger_fake_view", False):
            return DiscountCode.objects.none()
        brand: Brand = self.request.auth.brand  # type: ignore[union-attr]
        return DiscountCode.objects.of(brand).with_people()

    @extend_schema(operation_id="codes_list", tags=["returns"])
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Your creators' codes, newest first, with the shops they were made in."""
        return super().get(request, *args, **kwargs)


class OneCode(ApiView):
    scopes: ClassVar[dict[str, str]] = READ

    @extend_schema(operation_id="codes_retrieve", tags=["returns"], responses=DiscountCodeSerializer)
    def get(self, request: ApiRequest, code: str) -> Response:
        return answered(request, code)


class PublishSerializer(serializers.Serializer[Any]):
    codes = serializers.ListField(child=serializers.CharField(max_length=40), min_length=1, max_length=MOST)
    stores = serializers.ListField(child=serializers.CharField(max_length=12), min_length=1, max_length=20)


class WantedSerializer(serializers.Serializer[Any]):
    wanted = serializers.IntegerField(help_text="How many codes the shops are now asked to make.")


class Publish(ApiView):
    scopes: ClassVar[dict[str, str]] = WRITE

    @extend_schema(
        operation_id="codes_publish", tags=["returns"], request=PublishSerializer, responses={202: WantedSerializer}
    )
    def post(self, request: ApiRequest) -> Response:
        """Have codes made in shops, within a minute; those that are there already stay as they are."""
        form = PublishSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        brand = request.auth.brand
        codes = named(DiscountCode.objects.of(brand), "codes", form.validated_data)
        stores = named(Store.objects.of(brand).filter(kind__in=CLIENTS), "stores", form.validated_data)
        wanted = attempted(lambda: publish_codes(brand, codes, stores, by=request.auth.created_by))
        return Response({"wanted": wanted}, status=202)


def named(rows: QuerySet[Any], field: str, data: dict[str, list[str]]) -> list[Any]:
    """The rows of these codes. Raises a ValidationError that names those that aren't yours."""
    found = {row.code: row for row in rows.filter(code__in=data[field])}
    missing = [code for code in data[field] if code not in found]
    if missing:
        raise serializers.ValidationError({field: [f"Not found: {', '.join(missing[:10])}."]})
    return list(found.values())


def attempted(act: Callable[[], Any]) -> Any:
    try:
        return act()
    except (CodeRefusedError, LeakSettled) as refusal:
        raise Conflict(str(refusal)) from refusal


class EndedSerializer(serializers.Serializer[Any]):
    code = DiscountCodeSerializer()
    problems = serializers.ListField(
        child=serializers.CharField(), help_text="Shops that would not end it, with their words."
    )


class End(ApiView):
    scopes: ClassVar[dict[str, str]] = WRITE

    @extend_schema(operation_id="codes_end", tags=["returns"], request=None, responses=EndedSerializer)
    def post(self, request: ApiRequest, code: str) -> Response:
        """End a code now, in the shops too. 409 when it has ended already."""
        problems = attempted(lambda: end_code(code_of(request, code), by=request.auth.created_by))
        return Response({"code": answered(request, code).data, "problems": problems})


class DecideSerializer(serializers.Serializer[Any]):
    leak = serializers.ChoiceField(choices=["confirmed", "cleared"])


class Decide(ApiView):
    scopes: ClassVar[dict[str, str]] = WRITE

    @extend_schema(
        operation_id="codes_decide", tags=["returns"], request=DecideSerializer, responses=DiscountCodeSerializer
    )
    def post(self, request: ApiRequest, code: str) -> Response:
        """Say whether a suspected leak is one. 409 when that is decided already."""
        found = code_of(request, code)
        form = DecideSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        act = confirm_leak if form.validated_data["leak"] == "confirmed" else clear_leak
        attempted(lambda: act(found, by=request.auth.created_by))
        return answered(request, code)
