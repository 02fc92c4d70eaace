"""Creators in a campaign: putting them in, the terms, and their answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.actions.collaborations import remove_collaboration
from campaigns.actions.offers import accept_counter, decline_counter, send_offer, set_offer
from campaigns.actions.refusals import NotRemovable
from campaigns.api import SCOPES, TAGS, amount, attempted, percent
from campaigns.models import Collaboration, Offer
from groundswell.api.authentication import ApiRequest
from groundswell.api.views import ApiView


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
    """Terms of an offer, in the campaign's currency."""

    fee = amount(required=False)
    product = serializers.CharField(max_length=160, required=False, allow_blank=True)
    product_value = amount(required=False)
    product_cost = amount(required=False, help_text="Goods and shipping. The creator never sees it.")
    commission_percent = percent(required=False)
    message = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class NewOfferSerializer(TermsSerializer):
    """The next version of an offer; terms left out stay as they are in the newest version."""

    send = serializers.BooleanField(default=True, help_text="Put it into the creator's portal; false keeps a draft.")


class VersionSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField(help_text="The version you read; 409 when another one is open by now.")


class DeclineSerializer(VersionSerializer):
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)


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
        if "status" in asked and asked["status"] not in Collaboration.Status:
            raise serializers.ValidationError({"status": [f"One of {', '.join(Collaboration.Status)}."]})
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


def collaboration_of(request: ApiRequest, code: str) -> Collaboration:
    rows = Collaboration.objects.of(request.auth.brand).select_related("campaign__brand")
    return get_object_or_404(rows, code=code)


class Offers(ApiView):
    """Offers to one creator in one campaign."""

    scopes = SCOPES

    @extend_schema(tags=TAGS, request=NewOfferSerializer, responses={201: OfferSerializer})
    def post(self, request: ApiRequest, code: str) -> Response:
        """Make the next version and put it into the creator's portal. 409 once an offer was accepted."""
        row = collaboration_of(request, code)
        form = NewOfferSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        terms = dict(form.validated_data)
        sends = terms.pop("send")
        return Response(OfferSerializer(attempted(lambda: made(row, request, terms, sends=sends))).data, status=201)


@transaction.atomic
def made(row: Collaboration, request: ApiRequest, terms: dict[str, Any], *, sends: bool) -> Offer:
    draft = set_offer(row, by=request.auth.created_by, **terms)
    return send_offer(row, by=request.auth.created_by) if sends else draft


class Send(ApiView):
    scopes = SCOPES

    @extend_schema(tags=TAGS, operation_id="collaborations_send", request=None, responses=OfferSerializer)
    def post(self, request: ApiRequest, code: str) -> Response:
        """Put the draft into the creator's portal, without an e-mail. 409 without a draft, or while not live."""
        row = collaboration_of(request, code)
        return Response(OfferSerializer(attempted(lambda: send_offer(row, by=request.auth.created_by))).data)


class Accept(ApiView):
    scopes = SCOPES

    @extend_schema(
        tags=TAGS, operation_id="collaborations_accept", request=VersionSerializer, responses=OfferSerializer
    )
    def post(self, request: ApiRequest, code: str) -> Response:
        """Take the creator's counter-offer: costs and contract are written. 409 when none is open."""
        return answered(request, code, accept_counter, VersionSerializer(data=request.data))


class Decline(ApiView):
    scopes = SCOPES

    @extend_schema(
        tags=TAGS, operation_id="collaborations_decline", request=DeclineSerializer, responses=OfferSerializer
    )
    def post(self, request: ApiRequest, code: str) -> Response:
        """Say no to the creator's counter-offer; a new offer may follow. 409 when none is open."""
        return answered(request, code, decline_counter, DeclineSerializer(data=request.data))


def answered(request: ApiRequest, code: str, act: Callable[..., Offer], form: VersionSerializer) -> Response:
    row = collaboration_of(request, code)
    form.is_valid(raise_exception=True)
    offer = attempted(lambda: act(row, by=request.auth.created_by, **form.validated_data))
    return Response(OfferSerializer(offer).data)


class Remove(ApiView):
    scopes = SCOPES

    @extend_schema(tags=TAGS, operation_id="collaborations_remove", request=None, responses={204: None})
    def post(self, request: ApiRequest, code: str) -> Response:
        """Take the creator out of the campaign; an open offer is withdrawn. 409 once something is agreed or over."""
        row = collaboration_of(request, code)
        attempted(lambda: taken_out(row, request))
        return Response(status=204)


def taken_out(row: Collaboration, request: ApiRequest) -> None:
    if not remove_collaboration(row, by=request.auth.created_by):
        raise NotRemovable
