"""Planning a campaign, briefing it, launching and closing it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.actions.campaigns import (
    change_campaign,
    close_campaign,
    create_campaign,
    launch_campaign,
    set_deliverables,
    write_brief,
)
from campaigns.api import SCOPES, TAGS, amount, attempted, percent
from campaigns.models import Brief, Campaign, Deliverable
from campaigns.models.briefs import PARTS
from groundswell.api.authentication import ApiRequest
from groundswell.api.views import ApiView
from groundswell.lib.money import CURRENCIES


class CampaignSerializer(serializers.ModelSerializer[Campaign]):
    budget = amount(required=False, allow_null=True)
    currency = serializers.ChoiceField(
        choices=sorted(CURRENCIES), required=False, help_text="ISO 4217; the brand's currency when left out."
    )
    markets = serializers.ListField(
        child=serializers.RegexField(r"^[A-Z]{2}$"), required=False, help_text="Country codes, ISO 3166-1."
    )
    discount_percent = percent(required=False)
    margin_percent = percent(required=False)
    creators = serializers.IntegerField(source="people", read_only=True)
    agreed = serializers.IntegerField(read_only=True)
    posted = serializers.IntegerField(read_only=True)
    spent = serializers.SerializerMethodField(help_text="Sum of the cost ledger, without commission.")

    class Meta:
        model = Campaign
        fields = (
            "code",
            "status",
            *Campaign.PLAN,
            "creators",
            "agreed",
            "posted",
            "spent",
            "created_at",
            "launched_at",
            "closed_at",
        )
        read_only_fields = ("code", "status", "created_at", "launched_at", "closed_at")

    def get_spent(self, row: Campaign) -> str:
        return str(getattr(row, "spent", None) or Decimal("0.00"))

    def validate_landing_url(self, value: str) -> str:
        if not value.startswith("https://"):
            raise serializers.ValidationError("The landing page has to begin with https://.")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        first, last = (attrs.get(name, getattr(self.instance, name, None)) for name in ("starts_on", "ends_on"))
        if first and last and last < first:
            raise serializers.ValidationError({"ends_on": "The last day is before the first."})
        return attrs


class BriefSerializer(serializers.ModelSerializer[Brief]):
    """What creators are told. Lists hold one point per line."""

    class Meta:
        model = Brief
        fields = (*PARTS, "draft_due_on", "post_due_on", "updated_at")
        read_only_fields = ("updated_at",)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        draft, post = (attrs.get(name, getattr(self.instance, name, None)) for name in ("draft_due_on", "post_due_on"))
        if draft and post and post < draft:
            raise serializers.ValidationError({"post_due_on": "The post would be due before the draft."})
        return attrs


class DeliverableSerializer(serializers.ModelSerializer[Deliverable]):
    id = serializers.IntegerField(required=False, help_text="Of a piece that stays; a new one has none.")
    quantity = serializers.IntegerField(min_value=1, max_value=50, default=1)

    class Meta:
        model = Deliverable
        fields = ("id", "network", "format", "quantity", "due_on")


class DeliverablesSerializer(serializers.Serializer[Any]):
    """What each creator makes, whole: a piece left out is removed."""

    deliverables = DeliverableSerializer(many=True, max_length=20)  # type: ignore[call-arg]


class Campaigns(ApiView, generics.ListAPIView[Campaign]):
    """Your campaigns, newest first."""

    request: ApiRequest
    scopes = SCOPES
    serializer_class = CampaignSerializer

    def get_queryset(self) -> QuerySet[Campaign]:
        if getattr(self, "swagger_fake_view", False):
            return Campaign.objects.none()
        return Campaign.objects.of(self.request.auth.brand).with_totals()

    @extend_schema(tags=TAGS, operation_id="campaigns_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request, *args, **kwargs)

    @extend_schema(tags=TAGS, request=CampaignSerializer, responses={201: CampaignSerializer})
    def post(self, request: ApiRequest, *args: Any, **kwargs: Any) -> Response:
        """Plan a campaign; it begins as a draft."""
        form = CampaignSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        campaign = create_campaign(request.auth.brand, by=request.auth.created_by, **form.validated_data)
        return Response(CampaignSerializer(self.get_queryset().get(pk=campaign.pk)).data, status=201)


class CampaignDetail(ApiView, generics.GenericAPIView[Campaign]):
    """One campaign."""

    request: ApiRequest
    scopes = SCOPES
    serializer_class = CampaignSerializer
    lookup_field = "code"

    def get_queryset(self) -> QuerySet[Campaign]:
        if getattr(self, "swagger_fake_view", False):
            return Campaign.objects.none()
        return Campaign.objects.of(self.request.auth.brand).with_totals()

    @extend_schema(tags=TAGS)
    def get(self, request: ApiRequest, *args: Any, **kwargs: Any) -> Response:
        return Response(CampaignSerializer(self.get_object()).data)

    @extend_schema(tags=TAGS)
    def patch(self, request: ApiRequest, *args: Any, **kwargs: Any) -> Response:
        """Change the given fields. 409 when the currency changes after creators were added."""
        campaign = self.get_object()
        form = CampaignSerializer(campaign, data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        attempted(lambda: change_campaign(campaign, by=request.auth.created_by, **form.validated_data))
        return Response(CampaignSerializer(self.get_object()).data)


def campaign_of(request: ApiRequest, code: str) -> Campaign:
    return get_object_or_404(Campaign.objects.of(request.auth.brand).select_related("brand"), code=code)


class BriefDetail(ApiView):
    """The brief of a campaign."""

    scopes = SCOPES

    @extend_schema(tags=TAGS, operation_id="brief_retrieve", responses=BriefSerializer)
    def get(self, request: ApiRequest, code: str) -> Response:
        return Response(BriefSerializer(brief_of(campaign_of(request, code))).data)

    @extend_schema(tags=TAGS, operation_id="brief_update", request=BriefSerializer, responses=BriefSerializer)
    def patch(self, request: ApiRequest, code: str) -> Response:
        """Write the given parts; contracts that exist keep the text they were made with."""
        campaign = campaign_of(request, code)
        form = BriefSerializer(brief_of(campaign), data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        return Response(BriefSerializer(write_brief(campaign, by=request.auth.created_by, **form.validated_data)).data)


def brief_of(campaign: Campaign) -> Brief:
    return Brief.objects.filter(campaign=campaign).first() or Brief(campaign=campaign)


class Deliverables(ApiView):
    """What each creator of a campaign is asked to make."""

    scopes = SCOPES

    @extend_schema(tags=TAGS, operation_id="deliverables_list", responses=DeliverablesSerializer)
    def get(self, request: ApiRequest, code: str) -> Response:
        return pieces(list(campaign_of(request, code).deliverables.all()))

    @extend_schema(
        tags=TAGS,
        operation_id="deliverables_set",
        request=DeliverablesSerializer,
        responses=DeliverablesSerializer,
    )
    def put(self, request: ApiRequest, code: str) -> Response:
        """Make them exactly these. 409 when creators have agreed and more than a due date would change."""
        campaign = campaign_of(request, code)
        form = DeliverablesSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        rows = [{**row, "pk": row.get("id")} for row in form.validated_data["deliverables"]]
        return pieces(attempted(lambda: set_deliverables(campaign, rows, by=request.auth.created_by)))


def pieces(rows: list[Deliverable]) -> Response:
    return Response(DeliverablesSerializer({"deliverables": rows}).data)


class Launch(ApiView):
    scopes = SCOPES

    @extend_schema(tags=TAGS, operation_id="campaigns_launch", request=None, responses=CampaignSerializer)
    def post(self, request: ApiRequest, code: str) -> Response:
        """Draft to live. 409 says what is still missing, or that it was launched before."""
        return moved(request, code, launch_campaign)


class Close(ApiView):
    scopes = SCOPES

    @extend_schema(tags=TAGS, operation_id="campaigns_close", request=None, responses=CampaignSerializer)
    def post(self, request: ApiRequest, code: str) -> Response:
        """Live to closed: no more offers and answers; returns go on being counted. 409 when it isn't live."""
        return moved(request, code, close_campaign)


def moved(request: ApiRequest, code: str, act: Callable[..., Campaign]) -> Response:
    campaign = campaign_of(request, code)
    attempted(lambda: act(campaign, by=request.auth.created_by))
    return Response(CampaignSerializer(Campaign.objects.with_totals().get(pk=campaign.pk)).data)
