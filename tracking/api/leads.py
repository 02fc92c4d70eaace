"""Leads and survey answers from partners, and the script that a brand's own pages use."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.response import Response

from campaigns.models import Collaboration
from groundswell.accounts.models import Brand
from groundswell.api.authentication import ApiRequest
from groundswell.api.views import ApiView
from tracking.actions import leads, orders, snippets, surveys
from tracking.actions.leads import LeadData
from tracking.api.orders import reasonable
from tracking.forms.snippets import hosts_of
from tracking.models import Lead, Snippet, SurveyAnswer

CLOCKS_DIFFER = timedelta(days=1)


class LeadInSerializer(serializers.Serializer[Any]):
    external_id = serializers.CharField(max_length=80, help_text="Your id: the same kind and id is the same lead.")
    kind = serializers.SlugField(max_length=40, default="signup", help_text="Such as signup, newsletter or enquiry.")
    occurred_at = serializers.DateTimeField(required=False, validators=[reasonable], help_text="Now, when left out.")
    click_id = serializers.CharField(max_length=26, required=False, allow_blank=True, default="")
    code = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    email = serializers.EmailField(
        required=False, allow_blank=True, default="", help_text="Only a keyed hash of it is stored."
    )


class AnswerInSerializer(serializers.Serializer[Any]):
    order = serializers.CharField(max_length=80, help_text="The shop's id of the order.")
    answer = serializers.CharField(max_length=300, help_text="What the buyer wrote or chose.")
    answered_at = serializers.DateTimeField(default=timezone.now, validators=[reasonable])


class LeadSerializer(serializers.ModelSerializer[Lead]):
    code = serializers.CharField(source="discount_code")
    collaboration = serializers.CharField(source="collaboration.code", default=None, allow_null=True)

    class Meta:
        model = Lead
        fields = ("external_id", "kind", "occurred_at", "click_id", "code", "via", "collaboration", "unmatched")


class AnswerSerializer(serializers.ModelSerializer[SurveyAnswer]):
    id = serializers.IntegerField(source="pk")
    store = serializers.CharField(source="store.code")
    order = serializers.CharField(source="order_ref")
    answer = serializers.CharField(source="text")
    collaboration = serializers.CharField(source="collaboration.code", default=None, allow_null=True)

    class Meta:
        model = SurveyAnswer
        fields = ("id", "store", "order", "answer", "answered_at", "status", "collaboration")


class ReviewSerializer(serializers.Serializer[Any]):
    collaboration = serializers.CharField(
        allow_null=True, max_length=40, help_text="Code of the collaboration that the answer names; null for nobody."
    )


class SnippetSerializer(serializers.Serializer[Any]):
    key = serializers.CharField(read_only=True, help_text="Stands in the pages; empty until domains are chosen.")
    domains = serializers.ListField(child=serializers.CharField(max_length=200), max_length=20)

    def validate_domains(self, value: list[str]) -> list[str]:
        try:
            return hosts_of(" ".join(value))
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from error


def lead_data(brand: Brand, fields: dict[str, Any]) -> LeadData:
    return LeadData(
        external_id=fields["external_id"],
        occurred_at=fields.get("occurred_at") or timezone.now(),
        kind=fields["kind"],
        click_id=fields["click_id"],
        discount_code=fields["code"].strip().upper(),
        customer_key=orders.customer_key(brand, fields["email"]) if fields["email"] else "",
    )


class Leads(ApiView, ListAPIView[Lead]):
    scopes: ClassVar[dict[str, str]] = {"GET": "returns:read", "POST": "orders:write"}
    serializer_class = LeadSerializer

    def get_queryset(self) -> QuerySet[Lead]:
        if getattr(self, "swagger_fake_view", False):
            return Lead.objects.none()
        brand: Brand = self.request.auth.brand  # type: ignore[union-attr]
        return Lead.objects.of(brand).select_related("collaboration")

    @extend_schema(operation_id="leads_list", tags=["leads"])
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Sign-ups and leads, newest first, and whom they are credited to."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="leads_create",
        tags=["leads"],
        request=LeadInSerializer,
        responses={201: LeadSerializer, 200: LeadSerializer},
    )
    def post(self, request: ApiRequest) -> Response:
        """Post a lead. A click or code that isn't known yet is waited for; the same lead again answers 200."""
        fields = LeadInSerializer(data=request.data)
        fields.is_valid(raise_exception=True)
        brand = request.auth.brand
        lead, is_new = leads.receive_lead(brand, lead_data(brand, fields.validated_data), Lead.Via.API)
        return Response(LeadSerializer(lead).data, status=201 if is_new else 200)


class Answers(ApiView, ListAPIView[SurveyAnswer]):
    scopes: ClassVar[dict[str, str]] = {"GET": "returns:read", "POST": "orders:write"}
    serializer_class = AnswerSerializer

    def get_queryset(self) -> QuerySet[SurveyAnswer]:
        if getattr(self, "swagger_fake_view", False):
            return SurveyAnswer.objects.none()
        brand: Brand = self.request.auth.brand  # type: ignore[union-attr]
        return SurveyAnswer.objects.of(brand).select_related("store", "collaboration")

    @extend_schema(operation_id="survey_answers_list", tags=["leads"])
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """What buyers answered to “How did you hear about us?”, newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="survey_answers_create",
        tags=["leads"],
        request=AnswerInSerializer,
        responses={201: AnswerSerializer, 200: AnswerSerializer},
    )
    def post(self, request: ApiRequest) -> Response:
        """Post an answer; an order has one, so a second answers 200 with the first."""
        fields = AnswerInSerializer(data=request.data)
        fields.is_valid(raise_exception=True)
        given = fields.validated_data
        store = surveys.store_of(request.auth.brand, given["order"])
        answer, is_new = surveys.receive_answer(store, given["order"], given["answer"], given["answered_at"])
        return Response(AnswerSerializer(answer).data, status=201 if is_new else 200)


class OneAnswer(ApiView):
    scopes: ClassVar[dict[str, str]] = {"PATCH": "orders:write"}

    @extend_schema(
        operation_id="survey_answers_review", tags=["leads"], request=ReviewSerializer, responses=AnswerSerializer
    )
    def patch(self, request: ApiRequest, pk: int) -> Response:
        """Say whom an answer names, or that it names nobody."""
        brand = request.auth.brand
        answer = get_object_or_404(SurveyAnswer.objects.of(brand).select_related("store__brand"), pk=pk)
        fields = ReviewSerializer(data=request.data)
        fields.is_valid(raise_exception=True)
        code = fields.validated_data["collaboration"]
        rows = Collaboration.objects.filter(campaign__brand=brand).select_related("campaign")
        found = get_object_or_404(rows, code=code) if code is not None else None
        return Response(AnswerSerializer(surveys.review_answer(answer, found)).data)


class OwnSnippet(ApiView):
    scopes: ClassVar[dict[str, str]] = {"GET": "returns:read", "PUT": "orders:write"}

    @extend_schema(operation_id="snippet_read", tags=["leads"], responses=SnippetSerializer)
    def get(self, request: ApiRequest) -> Response:
        """The script's key and the domains whose pages may use it."""
        return Response(SnippetSerializer(told(snippets.snippet_of(request.auth.brand))).data)

    @extend_schema(
        operation_id="snippet_change", tags=["leads"], request=SnippetSerializer, responses=SnippetSerializer
    )
    def put(self, request: ApiRequest) -> Response:
        """Choose the domains whose pages, and those of their subdomains, may use the script."""
        fields = SnippetSerializer(data=request.data)
        fields.is_valid(raise_exception=True)
        row = snippets.change_snippet(request.auth.brand, fields.validated_data["domains"])
        return Response(SnippetSerializer(told(row)).data)


def told(row: Snippet) -> dict[str, Any]:
    return {"key": row.key if row.pk else "", "domains": row.domains}
