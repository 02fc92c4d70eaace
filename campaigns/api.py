"""Campaigns for partners: plan them, follow the collaborations, make offers, write costs."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.actions.campaigns import change_campaign, create_campaign
from campaigns.actions.costs import add_cost, log_time
from campaigns.actions.offers import send_offer, set_offer
from campaigns.actions.refusals import Refusal
from campaigns.models import Campaign, Collaboration, Cost, Offer
from groundswell.api.authentication import ApiRequest
from groundswell.api.errors import Conflict
from groundswell.api.views import ApiView
from groundswell.lib.money import CURRENCIES

SCOPES = {"GET": "campaigns:read", "POST": "campaigns:write", "PATCH": "campaigns:write"}
TAGS = ["campaigns"]


def amount(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=12, decimal_places=2, min_value=Decimal(0), **options)


def percent(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(
        max_digits=5, decimal_places=2, min_value=Decimal(0), max_value=Decimal(100), **options
    )


Result = TypeVar("Result")


def attempted(act: Callable[[], Result]) -> Result:
    """The action's result; a refusal becomes 409 with its reason."""
    try:
        return act()
    except Refusal as refusal:
        raise Conflict(str(refusal)) from refusal


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
            "name",
            "objective",
            "status",
            "budget",
            "currency",
            "starts_on",
            "ends_on",
            "markets",
            "landing_url",
            "discount_percent",
            "margin_percent",
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


class OfferSerializer(serializers.ModelSerializer[Offer]):
    class Meta:
        model = Offer
        fields = (
            "version",
            "side",
            "status",
            "fee",
            "product",
            "product_value",
            "product_cost",
            "commission_percent",
            "currency",
            "message",
            "created_at",
            "sent_at",
            "answered_at",
        )


class TermsSerializer(serializers.Serializer[Any]):
    """The next version of an offer; terms left out stay as they are in the newest version."""

    fee = amount(required=False)
    product = serializers.CharField(max_length=160, required=False, allow_blank=True)
    product_value = amount(required=False)
    product_cost = amount(required=False, help_text="Goods and shipping. The creator never sees it.")
    commission_percent = percent(required=False)
    message = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    send = serializers.BooleanField(default=True, help_text="Put it into the creator's portal; false keeps a draft.")


class CollaborationSerializer(serializers.ModelSerializer[Collaboration]):
    campaign = serializers.CharField(source="campaign.code")
    creator = serializers.CharField(source="relationship.creator.code")
    creator_name = serializers.CharField(source="relationship.creator.name")
    offer = serializers.SerializerMethodField(help_text="The newest version.")
    posts_handed_in = serializers.IntegerField(source="handed_in")

    class Meta:
        model = Collaboration
        fields: tuple[str, ...] = (
            "code",
            "campaign",
            "creator",
            "creator_name",
            "status",
            "followers_when_added",
            "network_when_added",
            "posts_handed_in",
            "offer",
            "created_at",
            "accepted_at",
        )

    @extend_schema_field(OfferSerializer(allow_null=True))
    def get_offer(self, row: Collaboration) -> Any:
        newest: list[Offer] = getattr(row, "current_offers", [])
        return OfferSerializer(newest[0]).data if newest else None


class CollaborationDetailSerializer(CollaborationSerializer):
    offers = OfferSerializer(many=True, read_only=True)
    posts = serializers.SerializerMethodField()

    class Meta(CollaborationSerializer.Meta):
        fields: tuple[str, ...] = (*CollaborationSerializer.Meta.fields, "offers", "posts")

    @extend_schema_field(serializers.ListField(child=serializers.URLField()))
    def get_posts(self, row: Collaboration) -> list[str]:
        return [submission.post.url for submission in row.submissions.select_related("post")]


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


class Collaborations(ApiView, generics.ListAPIView[Collaboration]):
    """Creators in your campaigns, newest first."""

    request: ApiRequest
    scopes = SCOPES
    serializer_class = CollaborationSerializer

    def get_queryset(self) -> QuerySet[Collaboration]:
        if getattr(self, "swagger_fake_view", False):
            return Collaboration.objects.none()
        rows = Collaboration.objects.of(self.request.auth.brand).with_people().with_work().with_newest_offer()
        asked = self.request.query_params
        if "campaign" in asked:
            rows = rows.filter(campaign__code=asked["campaign"])
        return rows.filter(status=asked["status"]) if "status" in asked else rows

    @extend_schema(
        tags=TAGS,
        parameters=[
            OpenApiParameter("campaign", str, description="Code of a campaign."),
            OpenApiParameter("status", str, enum=Collaboration.Status.values),
        ],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request, *args, **kwargs)


class CollaborationDetail(ApiView, generics.RetrieveAPIView[Collaboration]):
    """One creator in one campaign, with every version of the offer and the posts handed in."""

    request: ApiRequest
    scopes = SCOPES
    serializer_class = CollaborationDetailSerializer
    lookup_field = "code"

    def get_queryset(self) -> QuerySet[Collaboration]:
        if getattr(self, "swagger_fake_view", False):
            return Collaboration.objects.none()
        rows = Collaboration.objects.of(self.request.auth.brand).with_people().with_work().with_newest_offer()
        return rows.prefetch_related("offers")

    @extend_schema(tags=TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.retrieve(request, *args, **kwargs)


class Offers(ApiView):
    """Offers to one creator in one campaign."""

    scopes = SCOPES

    @extend_schema(tags=TAGS, request=TermsSerializer, responses={201: OfferSerializer})
    def post(self, request: ApiRequest, code: str) -> Response:
        """Make the next version and put it into the creator's portal. 409 once an offer was accepted."""
        row = get_object_or_404(
            Collaboration.objects.of(request.auth.brand).select_related("campaign__brand"), code=code
        )
        form = TermsSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        terms = dict(form.validated_data)
        sends = terms.pop("send")
        return Response(OfferSerializer(attempted(lambda: made(row, request, terms, sends=sends))).data, status=201)


@transaction.atomic
def made(row: Collaboration, request: ApiRequest, terms: dict[str, Any], *, sends: bool) -> Offer:
    draft = set_offer(row, by=request.auth.created_by, **terms)
    return send_offer(row, by=request.auth.created_by) if sends else draft


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
