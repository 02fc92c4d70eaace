"""A campaign's answer to renewals of subscriptions, for partners."""

from __future__ import annotations

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from campaigns.models import Campaign
from groundswell.api.authentication import ApiRequest
from groundswell.api.views import ApiView
from tracking.actions.subscriptions import change_renewals
from tracking.forms.subscriptions import number_problem
from tracking.models import RenewalPolicy
from tracking.reports.renewals import apart


class RenewalPolicySerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(RenewalPolicy.Kind.choices)
    number = serializers.IntegerField(
        default=0, min_value=0, max_value=120, help_text="Orders with the first, or months, where the kind counts them."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if problem := number_problem(attrs["kind"], attrs["number"]):
            raise serializers.ValidationError({"number": problem})
        return attrs


class ApartSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    orders = serializers.IntegerField()
    revenue = serializers.DecimalField(max_digits=20, decimal_places=4, help_text="After refunds.")
    commission = serializers.DecimalField(max_digits=20, decimal_places=4)


class RenewalsSerializer(serializers.Serializer[Any]):
    policy = RenewalPolicySerializer()
    currency = serializers.CharField()
    totals = ApartSerializer(many=True, help_text="First and single orders, then renewals.")


class Renewals(ApiView):
    scopes: ClassVar[dict[str, str]] = {"GET": "returns:read", "PUT": "campaigns:write"}

    @extend_schema(operation_id="renewals_read", tags=["orders"], responses=RenewalsSerializer)
    def get(self, request: ApiRequest, code: str) -> Response:
        """What the campaign pays of subscriptions' later orders, and what these brought."""
        return Response(shown(found(request, code)))

    @extend_schema(
        operation_id="renewals_change", tags=["orders"], request=RenewalPolicySerializer, responses=RenewalsSerializer
    )
    def put(self, request: ApiRequest, code: str) -> Response:
        """Choose what the campaign pays for from now on."""
        campaign = found(request, code)
        fields = RenewalPolicySerializer(data=request.data)
        fields.is_valid(raise_exception=True)
        change_renewals(campaign, **fields.validated_data)
        return Response(shown(campaign))


def found(request: ApiRequest, code: str) -> Campaign:
    return get_object_or_404(Campaign.objects.of(request.auth.brand).select_related("brand"), code=code)


def shown(campaign: Campaign) -> dict[str, Any]:
    policy = RenewalPolicy.objects.filter(campaign=campaign).first() or RenewalPolicy()
    facts = {"policy": policy, "currency": campaign.currency, "totals": apart(campaign)}
    return dict(RenewalsSerializer(facts).data)
