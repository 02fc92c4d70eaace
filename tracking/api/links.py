"""Links for partners: read, make in bulk, change; templates, rules and domains."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from campaigns.models import Campaign
from groundswell.accounts.models import Brand
from groundswell.api.authentication import ApiRequest
from groundswell.api.errors import Conflict
from groundswell.api.views import ApiView
from groundswell.events.models import Event
from tracking.actions import domains as of_domains
from tracking.actions.destinations import ForeignDestinationError, LinkRefusedError
from tracking.actions.link_templates import change_template
from tracking.actions.links import (
    change_address,
    change_destination,
    issue_links,
    pause_link,
    resume_link,
    template_of,
)
from tracking.forms.link_settings import DomainForm, RulesForm
from tracking.forms.links import RESERVED, SLUG
from tracking.models import LinkDomain, LinkRules, LinkTemplate, TrackingLink
from tracking.models.links import history_of
from tracking.qr import qr_response
from tracking.utm import NAMES, problem_of

TAGS = ["links"]
READ, WRITE = "returns:read", "campaigns:write"
TARGETS = ("ios_destination", "android_destination", "fallback", "expires_at", "has_page")


def give_own_domains(serializer: serializers.Serializer[Any]) -> None:
    """Lets `domain` be a verified one of the brand that writes."""
    if brand := serializer.context.get("brand"):
        field: Any = serializer.fields["domain"]
        field.queryset = LinkDomain.objects.of(brand).verified()


class LinkSerializer(serializers.ModelSerializer[TrackingLink]):
    campaign = serializers.CharField(source="collaboration.campaign.code", read_only=True)
    collaboration = serializers.CharField(source="collaboration.code", read_only=True)
    creator = serializers.CharField(source="collaboration.relationship.creator.name", read_only=True)
    url = serializers.URLField(source="address", read_only=True, help_text="What the creator shares.")
    domain = serializers.SlugRelatedField(
        slug_field="host",
        queryset=LinkDomain.objects.none(),
        required=False,
        allow_null=True,
        help_text="A verified domain of yours; null: ours.",
    )
    codes = serializers.SerializerMethodField(help_text="The creator's discount codes in this campaign, for your shop.")

    class Meta:
        model = TrackingLink
        fields = (
            "slug", "domain", "url", "codes", "campaign", "collaboration", "creator", "placement", "destination",
            *TARGETS, *NAMES, "is_active", "created_at",
        )  # fmt: skip
        read_only_fields = ("placement", *NAMES, "created_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        give_own_domains(self)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_codes(self, link: TrackingLink) -> list[str]:
        return sorted(code.code for code in link.collaboration.codes.all())

    def validate_slug(self, value: str) -> str:
        if not SLUG.fullmatch(value) or value in RESERVED:
            raise serializers.ValidationError("Use lower-case letters, digits and hyphens.")
        return value


class NewLinksSerializer(serializers.Serializer[Any]):
    campaign = serializers.CharField(max_length=12, help_text="Code of the campaign.")
    placements = serializers.ListField(child=serializers.CharField(max_length=40), min_length=1, max_length=20)


class LinkEventSerializer(serializers.ModelSerializer[Event]):
    details = serializers.DictField(source="data", help_text="`before` and `after`, or `changes` by field.")

    class Meta:
        model = Event
        fields = ("name", "created_at", "details")


def rows_of(brand: Brand) -> QuerySet[TrackingLink]:
    parts = ("collaboration__campaign__brand", "collaboration__relationship__creator", "domain")
    return TrackingLink.objects.of(brand).select_related(*parts).prefetch_related("collaboration__codes")


class Links(ApiView, ListAPIView[TrackingLink]):
    scopes: ClassVar[dict[str, str]] = {"GET": READ, "POST": WRITE}
    serializer_class = LinkSerializer

    def get_queryset(self) -> QuerySet[TrackingLink]:
        if getattr(self, "swagger_fake_view", False):
            return TrackingLink.objects.none()
        return rows_of(self.request.auth.brand)  # type: ignore[union-attr]

    @extend_schema(operation_id="links_list", tags=TAGS)
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Your creators' links, newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="links_create", tags=TAGS, request=NewLinksSerializer, responses={201: LinkSerializer(many=True)}
    )
    def post(self, request: ApiRequest) -> Response:
        """Links for these placements to every creator of a campaign who agreed; those that exist stay as they are."""
        form = NewLinksSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        rows = Campaign.objects.of(request.auth.brand).select_related("brand")
        campaign = rows.filter(code=form.validated_data["campaign"]).first()
        if campaign is None:
            raise serializers.ValidationError({"campaign": "There is no such campaign."})
        made = issue_links(campaign, form.validated_data["placements"], by=request.auth.created_by)
        found = rows_of(request.auth.brand).filter(pk__in=[link.pk for link in made]).order_by("pk")
        return Response(LinkSerializer(found, many=True).data, status=201)


class LinkDetail(ApiView):
    scopes: ClassVar[dict[str, str]] = {"GET": READ, "PATCH": WRITE}

    @extend_schema(operation_id="links_read", tags=TAGS, responses=LinkSerializer)
    def get(self, request: ApiRequest, slug: str) -> Response:
        """One link."""
        return Response(LinkSerializer(get_object_or_404(rows_of(request.auth.brand), slug=slug)).data)

    @extend_schema(
        operation_id="links_change", tags=TAGS, request=LinkSerializer(partial=True), responses=LinkSerializer
    )
    def patch(self, request: ApiRequest, slug: str) -> Response:
        """Change where a link leads, its address (the old one goes on leading), or whether it is active."""
        link = get_object_or_404(rows_of(request.auth.brand), slug=slug)
        form = LinkSerializer(link, data=request.data, partial=True, context={"brand": request.auth.brand})
        form.is_valid(raise_exception=True)
        try:
            change(link, form.validated_data, request)
        except ForeignDestinationError as error:
            raise serializers.ValidationError({"destination": str(error)}) from error
        except LinkRefusedError as error:
            raise Conflict(str(error)) from error
        return Response(LinkSerializer(rows_of(request.auth.brand).get(pk=link.pk)).data)


@transaction.atomic
def change(link: TrackingLink, data: dict[str, Any], request: ApiRequest) -> None:
    """Each part by the action that a page would call; all or nothing."""
    by = request.auth.created_by
    targets = {name: data[name] for name in TARGETS if name in data}
    if targets or "destination" in data:
        change_destination(link, data.get("destination", link.destination), by=by, **targets)
    if {"slug", "domain"} & data.keys():
        change_address(link, data.get("slug", link.slug), data.get("domain", link.domain), by=by)
    if "is_active" in data:
        (resume_link if data["is_active"] else pause_link)(link, by=by)


class LinkQr(ApiView):
    scopes: ClassVar[dict[str, str]] = {"GET": READ}

    def perform_content_negotiation(self, request: Any, force: bool = False) -> tuple[JSONRenderer, str]:
        """The path says which picture, whatever `Accept` does; only problems are told in JSON."""
        return JSONRenderer(), JSONRenderer.media_type

    @extend_schema(
        operation_id="links_qr", tags=TAGS,
        parameters=[OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=["svg", "png"])],
        responses={(200, "image/svg+xml"): OpenApiTypes.BINARY, (200, "image/png"): OpenApiTypes.BINARY},
    )  # fmt: skip
    def get(self, request: ApiRequest, slug: str, kind: str) -> HttpResponse:
        """The QR code of a link, as vector for print or as picture; up to 15 % of it may be covered."""
        return qr_response(get_object_or_404(rows_of(request.auth.brand), slug=slug), kind)


class LinkHistory(ApiView):
    scopes: ClassVar[dict[str, str]] = {"GET": READ}

    @extend_schema(operation_id="links_history", tags=TAGS, responses=LinkEventSerializer(many=True))
    def get(self, request: ApiRequest, slug: str) -> Response:
        """The last 100 changes of a link, newest first."""
        link = get_object_or_404(rows_of(request.auth.brand), slug=slug)
        return Response(LinkEventSerializer(history_of(link)[:100], many=True).data)


class TemplateSerializer(serializers.ModelSerializer[LinkTemplate]):
    placements = serializers.ListField(child=serializers.CharField(max_length=40), max_length=20, required=False)
    domain: serializers.SlugRelatedField[LinkDomain] = serializers.SlugRelatedField(
        slug_field="host",
        queryset=LinkDomain.objects.none(),
        required=False,
        allow_null=True,
        help_text="A verified domain of yours; null: ours.",
    )

    class Meta:
        model = LinkTemplate
        fields = (*NAMES, "placements", "domain", "has_page")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        give_own_domains(self)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        wrong = {name: problem for name in NAMES if (problem := problem_of(attrs.get(name, "")))}
        if wrong:
            raise serializers.ValidationError(wrong)
        return attrs


class BrandTemplate(ApiView):
    scopes: ClassVar[dict[str, str]] = {"GET": READ, "PUT": WRITE}

    @extend_schema(operation_id="link_template_read", tags=TAGS, responses=TemplateSerializer)
    def get(self, request: ApiRequest) -> Response:
        """What new links of the brand get."""
        found = LinkTemplate.objects.filter(brand=request.auth.brand, campaign=None).first()
        return Response(TemplateSerializer(found or LinkTemplate(brand=request.auth.brand)).data)

    @extend_schema(
        operation_id="link_template_write", tags=TAGS, request=TemplateSerializer, responses=TemplateSerializer
    )
    def put(self, request: ApiRequest) -> Response:
        """Write it. Values hold {handle}, {network}, {placement}, {campaign} and {tier}."""
        return Response(TemplateSerializer(written(request, None)).data)


class CampaignTemplate(ApiView):
    scopes: ClassVar[dict[str, str]] = {"GET": READ, "PUT": WRITE}

    @extend_schema(operation_id="campaign_link_template_read", tags=TAGS, responses=TemplateSerializer)
    def get(self, request: ApiRequest, code: str) -> Response:
        """What new links of a campaign get: its own template, else the brand's."""
        return Response(TemplateSerializer(template_of(campaign_of(request, code))).data)

    @extend_schema(
        operation_id="campaign_link_template_write", tags=TAGS, request=TemplateSerializer, responses=TemplateSerializer
    )
    def put(self, request: ApiRequest, code: str) -> Response:
        """Give a campaign a template of its own."""
        return Response(TemplateSerializer(written(request, campaign_of(request, code))).data)


def campaign_of(request: ApiRequest, code: str) -> Campaign:
    return get_object_or_404(Campaign.objects.of(request.auth.brand).select_related("brand"), code=code)


def written(request: ApiRequest, campaign: Campaign | None) -> LinkTemplate:
    form = TemplateSerializer(data=request.data, context={"brand": request.auth.brand})
    form.is_valid(raise_exception=True)
    return change_template(request.auth.brand, campaign, by=request.auth.created_by, **form.validated_data)


def told(problems: Iterable[Any]) -> list[str]:
    return [str(problem) for problem in problems]


class RulesSerializer(serializers.ModelSerializer[LinkRules]):
    hosts = serializers.ListField(child=serializers.CharField(max_length=253), max_length=50)
    app_schemes = serializers.ListField(child=serializers.CharField(max_length=40), max_length=20)

    class Meta:
        model = LinkRules
        fields = ("hosts", "app_schemes", "consent", "consent_cookie")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """By the form of the page: one place knows what a host and a scheme are."""
        texts = {name: "\n".join(attrs[name]) for name in ("hosts", "app_schemes")}
        form = RulesForm({"consent": LinkRules.Consent.DAILY, **attrs, **texts})
        if not form.is_valid():
            raise serializers.ValidationError({name: told(problems) for name, problems in form.errors.items()})
        return form.cleaned_data


class Rules(ApiView):
    scopes: ClassVar[dict[str, str]] = {"GET": READ, "PUT": WRITE}

    @extend_schema(operation_id="link_rules_read", tags=TAGS, responses=RulesSerializer)
    def get(self, request: ApiRequest) -> Response:
        """Where your links may lead, and how visitors are counted."""
        found = LinkRules.objects.filter(brand=request.auth.brand).first()
        return Response(RulesSerializer(found or LinkRules(brand=request.auth.brand)).data)

    @extend_schema(operation_id="link_rules_write", tags=TAGS, request=RulesSerializer, responses=RulesSerializer)
    def put(self, request: ApiRequest) -> Response:
        """Write them; links follow within a second."""
        form = RulesSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        rules = of_domains.change_rules(request.auth.brand, by=request.auth.created_by, **form.validated_data)
        return Response(RulesSerializer(rules).data)


class DomainSerializer(serializers.ModelSerializer[LinkDomain]):
    record_name = serializers.CharField(read_only=True, help_text="Name of the TXT record to make.")
    record_value = serializers.CharField(read_only=True, help_text="Its value.")

    class Meta:
        model = LinkDomain
        fields = ("code", "host", "record_name", "record_value", "verified_at", "checked_at", "problem", "created_at")
        read_only_fields = ("code", "verified_at", "checked_at", "problem", "created_at")

    def validate_host(self, value: str) -> str:
        form = DomainForm({"host": value})
        if not form.is_valid():
            raise serializers.ValidationError(told(form.errors["host"]))
        return str(form.cleaned_data["host"])


class Domains(ApiView, ListAPIView[LinkDomain]):
    scopes: ClassVar[dict[str, str]] = {"GET": READ, "POST": WRITE}
    serializer_class = DomainSerializer

    def get_queryset(self) -> QuerySet[LinkDomain]:
        if getattr(self, "swagger_fake_view", False):
            return LinkDomain.objects.none()
        return LinkDomain.objects.of(self.request.auth.brand)  # type: ignore[union-attr]

    @extend_schema(operation_id="link_domains_list", tags=TAGS)
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Domains of your own for links."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="link_domains_create", tags=TAGS, request=DomainSerializer, responses={201: DomainSerializer}
    )
    def post(self, request: ApiRequest) -> Response:
        """Add a domain; it serves once its TXT record is seen."""
        form = DomainSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        try:
            domain = of_domains.add_domain(request.auth.brand, form.validated_data["host"], by=request.auth.created_by)
        except LinkRefusedError as error:
            raise Conflict(str(error)) from error
        return Response(DomainSerializer(domain).data, status=201)


class DomainDetail(ApiView):
    scopes: ClassVar[dict[str, str]] = {"DELETE": WRITE}

    @extend_schema(operation_id="link_domains_remove", tags=TAGS, responses={204: None})
    def delete(self, request: ApiRequest, code: str) -> Response:
        """Remove a domain that no link was shared on."""
        domain = get_object_or_404(LinkDomain.objects.of(request.auth.brand), code=code)
        try:
            of_domains.remove_domain(domain, by=request.auth.created_by)
        except LinkRefusedError as error:
            raise Conflict(str(error)) from error
        return Response(status=204)


class DomainVerification(ApiView):
    scopes: ClassVar[dict[str, str]] = {"POST": WRITE}

    @extend_schema(operation_id="link_domains_verify", tags=TAGS, request=None, responses=DomainSerializer)
    def post(self, request: ApiRequest, code: str) -> Response:
        """Look the TXT record up and take the domain into service; 409 says what is missing."""
        domain = get_object_or_404(LinkDomain.objects.of(request.auth.brand), code=code)
        try:
            of_domains.verify_domain(domain, by=request.auth.created_by)
        except LinkRefusedError as error:
            raise Conflict(str(error)) from error
        domain.refresh_from_db()
        return Response(DomainSerializer(domain).data)
