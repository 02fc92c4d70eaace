"""The cost ledger of a campaign."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.actions.costs import add_cost, log_time
from campaigns.api import SCOPES, TAGS, amount, attempted
from campaigns.models import Campaign, Collaboration, Cost
from groundswell.api.authentication import ApiRequest
from groundswell.api.views import ApiView


class CostSerializer(serializers.ModelSerializer[Cost]):
    """A line of the ledger in the campaign's currency. For `time` give `hours`, for the rest `amount`."""

    amount = amount(required=False)
    hours = serializers.DecimalField(
        max_digits=7, decimal_places=2, min_value=Decimal(0), max_value=Decimal(1000), required=False, allow_null=True
    )
    collaboration = serializers.SlugRelatedField(
        slug_field="code", queryset=Collaboration.objects.none(), required=False, allow_null=True
    )
    incurred_on = serializers.DateField(required=False, help_text="Today at the brand when left out.")

    class Meta:
        model = Cost
        fields = ("id", "kind", "amount", "hours", "collaboration", "incurred_on", "note", "origin", "created_at")
        read_only_fields = ("id", "origin", "created_at")

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        if campaign := self.context.get("campaign"):
            fields["collaboration"].queryset = campaign.collaborations.all()
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        needed = "hours" if attrs["kind"] == Cost.Kind.TIME else "amount"
        if attrs.get(needed) is None:
            raise serializers.ValidationError({needed: f"A line of this kind needs “{needed}”."})
        return attrs


class Costs(ApiView, generics.ListAPIView[Cost]):
    """The cost ledger of a campaign, newest line first."""

    request: ApiRequest
    scopes = SCOPES
    serializer_class = CostSerializer

    def get_queryset(self) -> QuerySet[Cost]:
        if getattr(self, "swagger_fake_view", False):
            return Cost.objects.none()
        return self.campaign().costs.select_related("collaboration")

    def campaign(self) -> Campaign:
        rows = Campaign.objects.of(self.request.auth.brand).select_related("brand")
        return get_object_or_404(rows, code=self.kwargs["code"])

    @extend_schema(tags=TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request, *args, **kwargs)

    @extend_schema(tags=TAGS, request=CostSerializer, responses={201: CostSerializer})
    def post(self, request: ApiRequest, *args: Any, **kwargs: Any) -> Response:
        """Write a line. Hours (`time`) are reckoned at the brand's rate."""
        campaign = self.campaign()
        form = CostSerializer(data=request.data, context={"campaign": campaign})
        form.is_valid(raise_exception=True)
        cost = attempted(lambda: written(campaign, request, dict(form.validated_data)))
        return Response(CostSerializer(cost).data, status=201)


def written(campaign: Campaign, request: ApiRequest, fields: dict[str, Any]) -> Cost:
    by = request.auth.created_by
    if fields["kind"] != Cost.Kind.TIME:
        return add_cost(campaign, by=by, **fields)
    rest = {name: fields[name] for name in ("collaboration", "note", "incurred_on") if name in fields}
    return log_time(campaign, fields["hours"], by=by, **rest)
