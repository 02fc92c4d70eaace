"""The prices that a brand's earned media value is estimated by, for partners."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.response import Response

from creators.models import Network
from groundswell.api.authentication import ApiRequest
from groundswell.api.views import ApiView
from tracking.actions.prices import set_prices
from tracking.models import Price, PriceList


class PriceSerializer(serializers.ModelSerializer[Price]):
    class Meta:
        model = Price
        fields = ("network", "metric", "amount", "per")


class PriceListSerializer(serializers.ModelSerializer[PriceList]):
    prices = PriceSerializer(many=True)

    class Meta:
        model = PriceList
        fields = ("starts_on", "currency", "source", "set_at", "prices")


class PricesInSerializer(serializers.Serializer[Any]):
    """Prices of one day and network; views and reach are priced by the thousand, the others by one."""

    starts_on = serializers.DateField()
    network = serializers.ChoiceField(choices=Network.choices, default="", allow_blank=True)
    source = serializers.CharField(max_length=200)  # type: ignore[assignment] # a field of theirs has that name
    prices = serializers.DictField(
        child=serializers.DecimalField(max_digits=12, decimal_places=4, min_value=Decimal(0)), allow_empty=False
    )

    def validate_prices(self, value: dict[str, Decimal]) -> dict[str, Decimal]:
        if unknown := sorted(set(value) - set(Price.Metric.values)):
            raise serializers.ValidationError(f"No such metric: {unknown[0]}. Known are {', '.join(Price.Metric)}.")
        return value


class PriceLists(ApiView, ListAPIView[PriceList]):
    scopes: ClassVar[dict[str, str]] = {"GET": "returns:read", "POST": "campaigns:write"}
    serializer_class = PriceListSerializer

    def get_queryset(self) -> QuerySet[PriceList]:
        if getattr(self, "swagger_fake_view", False):
            return PriceList.objects.none()
        return PriceList.objects.of(self.request.auth.brand).prefetch_related("prices")  # type: ignore[union-attr]

    @extend_schema(operation_id="price_lists", tags=["returns"])
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Your price lists for earned media value, an estimate that is in no return."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="price_lists_set",
        tags=["returns"],
        request=PricesInSerializer,
        responses={201: PriceListSerializer},
    )
    def post(self, request: ApiRequest) -> Response:
        """Set the prices that hold from a day on; those of the same day and network are replaced."""
        given = PricesInSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        held = set_prices(request.auth.brand, by=None, **given.validated_data)
        return Response(PriceListSerializer(held).data, status=201)
