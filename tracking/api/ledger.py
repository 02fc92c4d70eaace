"""Rules of credit, replays and commissions for partners."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.response import Response

from campaigns.models import Campaign, Collaboration
from groundswell.accounts.models import Brand
from groundswell.api.authentication import ApiRequest
from groundswell.api.errors import Conflict
from groundswell.api.views import ApiView
from tracking.actions.commissions import NothingOwed, OwedDiffers, approve_commissions, pay_commissions
from tracking.actions.replays import ReplayRefused, cancel_replay, start_replay
from tracking.actions.rules import RuleRefused, activate_rule, add_rule, set_counts
from tracking.attribution.rules import Rule
from tracking.attribution.words import ANSWERS, CONFLICTS, MODELS
from tracking.forms.ledger import GAMES
from tracking.models import AttributionRule, AttributionRun, Commission, DiscountCode
from tracking.reports.replays import comparison_of

DEFAULTS = Rule("")


def window(text: str, days: int) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=365, default=days, help_text=text)


def percent() -> serializers.DecimalField:
    return serializers.DecimalField(
        max_digits=5, decimal_places=2, min_value=Decimal(0), max_value=Decimal(100), default=None, allow_null=True,
        help_text="Null: as agreed with each creator.",
    )  # fmt: skip


class RuleParamsSerializer(serializers.Serializer[Any]):
    model = serializers.ChoiceField(MODELS, default=DEFAULTS.model)
    conflict = serializers.ChoiceField(
        CONFLICTS, default=DEFAULTS.conflict, help_text="What counts when code and link name different creators."
    )
    code_part = serializers.DecimalField(
        max_digits=5, decimal_places=4, min_value=Decimal(0), max_value=Decimal(1), default=DEFAULTS.code_part,
        help_text="The code's part where both get one.",
    )  # fmt: skip
    click_days = window("Window of the models that credit one touch.", DEFAULTS.click_days)
    survey_days = window("0: survey answers earn nothing.", DEFAULTS.survey_days)
    answers = serializers.ChoiceField(
        ANSWERS, default=DEFAULTS.answers, help_text="When a confirmed answer that names a creator counts."
    )
    survey_weight = serializers.DecimalField(
        max_digits=4, decimal_places=2, min_value=Decimal("0.01"), max_value=Decimal(10),
        default=DEFAULTS.survey_weight, help_text="What an answer on the path weighs of a click.",
    )  # fmt: skip
    survey_post_days = window(
        "An answer counts only if its creator had a post seen within so many days before the order; 0: it needs none.",
        DEFAULTS.survey_post_days,
    )
    look_back_new = window("How far the other models look back at new buyers.", DEFAULTS.look_back_new)
    look_back_returning = window("And at those who bought before.", DEFAULTS.look_back_returning)
    half_life_days = serializers.DecimalField(
        max_digits=6, decimal_places=2, min_value=Decimal("0.01"), default=DEFAULTS.half_life_days
    )
    order = serializers.IntegerField(min_value=1, max_value=3, default=1, help_text="Of the Markov chain.")
    with_null = serializers.BooleanField(default=True, help_text="Learn from clicks without an order as well.")
    game = serializers.ChoiceField(GAMES, default=DEFAULTS.game, help_text="Of the Shapley value.")
    percent_new = percent()
    percent_returning = percent()
    pays_self_referral = serializers.BooleanField(default=False)
    pays_returned_goods = serializers.BooleanField(default=False)
    hold_days = window("How long commission is held before it is locked.", DEFAULTS.hold_days)


class RuleInSerializer(RuleParamsSerializer):
    name = serializers.SlugField(max_length=30, help_text="The same name again is its next version.")
    campaign = serializers.CharField(required=False, allow_null=True, help_text="Code; without one for all of them.")


class RuleSerializer(serializers.ModelSerializer[AttributionRule]):
    campaign = serializers.CharField(source="campaign.code", default=None, allow_null=True)
    params = RuleParamsSerializer()

    class Meta:
        model = AttributionRule
        fields = ("code", "label", "campaign", "params", "is_active", "created_at", "activated_at")


class ReplayInSerializer(serializers.Serializer[Any]):
    rule = serializers.CharField(help_text="Name and version, such as code-first/2.")
    since = serializers.DateField(help_text="First day of the orders, in your brand's time zone.")
    until = serializers.DateField(help_text="Last day.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["since"] > attrs["until"]:
            raise serializers.ValidationError({"until": "The period ends before it starts."})
        return attrs


class ReplaySerializer(serializers.ModelSerializer[AttributionRun]):
    rule = serializers.CharField(source="label")

    class Meta:
        model = AttributionRun
        fields = (
            "code", "rule", "since", "until", "cutoff", "status", "total", "done", "note", "created_at", "ended_at",
        )  # fmt: skip


class SideSerializer(serializers.Serializer[Any]):
    orders = serializers.IntegerField(help_text="Orders with a part in them.")
    revenue = serializers.DecimalField(max_digits=18, decimal_places=4, help_text="After refunds.")
    commission = serializers.DecimalField(max_digits=18, decimal_places=4)


class ComparedSerializer(serializers.Serializer[Any]):
    collaboration = serializers.CharField(source="collaboration.code")
    campaign = serializers.CharField(source="collaboration.campaign.code")
    creator = serializers.CharField(source="name")
    currency = serializers.CharField()
    ledger = SideSerializer()
    replay = SideSerializer()


class ComparisonSerializer(ReplaySerializer):
    rows = serializers.SerializerMethodField(help_text="Who gains most first; empty until it is done.")
    refused = serializers.SerializerMethodField(help_text="Orders credited to nobody, by reason.")

    class Meta(ReplaySerializer.Meta):
        fields = (*ReplaySerializer.Meta.fields, "rows", "refused")  # type: ignore[assignment]

    def get_rows(self, run: AttributionRun) -> list[dict[str, Any]]:
        return list(ComparedSerializer(comparison_of(run), many=True).data)

    def get_refused(self, run: AttributionRun) -> dict[str, int]:
        return dict(run.summary.get("refused", {}))


class CommissionSerializer(serializers.ModelSerializer[Commission]):
    collaboration = serializers.CharField(source="collaboration.code")
    campaign = serializers.CharField(source="collaboration.campaign.code")
    creator = serializers.CharField(source="collaboration.relationship.creator.name")
    currency = serializers.CharField(source="collaboration.campaign.currency")
    order = serializers.CharField(source="order.external_id")
    store = serializers.CharField(source="order.store.code")
    status = serializers.ChoiceField(Commission.Status.choices)

    class Meta:
        model = Commission
        fields = (
            "collaboration", "campaign", "creator", "store", "order", "amount", "currency", "status", "is_reversal",
            "hold_until", "locked_at", "paid_at", "reference",
        )  # fmt: skip


class Rules(ApiView, ListAPIView[AttributionRule]):
    scopes: ClassVar[dict[str, str]] = {"GET": "returns:read", "POST": "campaigns:write"}
    serializer_class = RuleSerializer

    def get_queryset(self) -> QuerySet[AttributionRule]:
        if getattr(self, "swagger_fake_view", False):
            return AttributionRule.objects.none()
        brand: Brand = self.request.auth.brand  # type: ignore[union-attr]
        return AttributionRule.objects.of(brand).select_related("campaign")

    @extend_schema(operation_id="attribution_rules_list", tags=["attribution"])
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Your rules of credit, the latest version first. Without one in force code-first/2 decides."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="attribution_rules_create",
        tags=["attribution"],
        request=RuleInSerializer,
        responses={201: RuleSerializer},
    )
    def post(self, request: ApiRequest) -> Response:
        """Write the next version of a rule. It decides nothing until it is put in force."""
        given = RuleInSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        params = dict(given.validated_data)
        name, code = params.pop("name"), params.pop("campaign", None)
        brand = request.auth.brand
        campaign = get_object_or_404(Campaign.objects.of(brand), code=code) if code else None
        try:
            row = add_rule(brand, name, campaign=campaign, by=request.auth.created_by, **params)
        except RuleRefused as problem:
            raise Conflict(str(problem)) from problem
        return Response(RuleSerializer(row).data, status=201)


class Activate(ApiView):
    scopes: ClassVar[dict[str, str]] = {"POST": "campaigns:write"}

    @extend_schema(
        operation_id="attribution_rules_activate", tags=["attribution"], request=None, responses=RuleSerializer
    )
    def post(self, request: ApiRequest, code: str) -> Response:
        """Let a rule decide the orders that come from now on. 409 for models that can only be replayed."""
        rows = AttributionRule.objects.of(request.auth.brand).select_related("brand", "campaign")
        row = get_object_or_404(rows, code=code)
        try:
            activate_rule(row, by=request.auth.created_by)
        except RuleRefused as problem:
            raise Conflict(str(problem)) from problem
        row.refresh_from_db()
        return Response(RuleSerializer(row).data)


class CountsSerializer(serializers.ModelSerializer[DiscountCode]):
    code = serializers.CharField(read_only=True)
    counts = serializers.ChoiceField(DiscountCode.Counts.choices)

    class Meta:
        model = DiscountCode
        fields = ("code", "counts")


class CodeCounts(ApiView):
    scopes: ClassVar[dict[str, str]] = {"POST": "campaigns:write"}

    @extend_schema(
        operation_id="codes_counts", tags=["attribution"], request=CountsSerializer, responses=CountsSerializer
    )
    def post(self, request: ApiRequest, code: str) -> Response:
        """Say when a creator's code counts for orders to come: always, if its creator was clicked too, or if that
        click wins."""
        row = get_object_or_404(DiscountCode.objects.of(request.auth.brand), code=code.upper())
        given = CountsSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = set_counts(request.auth.brand, row.code, given.validated_data["counts"], by=request.auth.created_by)
        return Response(CountsSerializer(row).data)


class Replays(ApiView, ListAPIView[AttributionRun]):
    scopes: ClassVar[dict[str, str]] = {"GET": "returns:read", "POST": "campaigns:write"}
    serializer_class = ReplaySerializer

    def get_queryset(self) -> QuerySet[AttributionRun]:
        if getattr(self, "swagger_fake_view", False):
            return AttributionRun.objects.none()
        brand: Brand = self.request.auth.brand  # type: ignore[union-attr]
        return AttributionRun.objects.of(brand).defer("summary", "learned")

    @extend_schema(operation_id="replays_list", tags=["attribution"])
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Your replays, newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="replays_create",
        tags=["attribution"],
        request=ReplayInSerializer,
        responses={201: ReplaySerializer},
    )
    def post(self, request: ApiRequest) -> Response:
        """Decide a period's orders once more under a rule, in the background and beside the ledger."""
        given = ReplayInSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        facts, brand = given.validated_data, request.auth.brand
        rule = AttributionRule.objects.labelled(brand, facts["rule"])
        if rule is None:
            raise serializers.ValidationError({"rule": "There is no such rule."})
        try:
            run = start_replay(brand, rule, facts["since"], facts["until"], by=request.auth.created_by)
        except ReplayRefused as problem:
            raise Conflict(str(problem)) from problem
        return Response(ReplaySerializer(run).data, status=201)


class OneReplay(ApiView):
    scopes: ClassVar[dict[str, str]] = {"GET": "returns:read", "DELETE": "campaigns:write"}

    def run(self, request: ApiRequest, code: str) -> AttributionRun:
        return get_object_or_404(AttributionRun.objects.of(request.auth.brand).select_related("brand"), code=code)

    @extend_schema(operation_id="replays_read", tags=["attribution"], responses=ComparisonSerializer)
    def get(self, request: ApiRequest, code: str) -> Response:
        """How far a replay is; when it is done, who gains and who loses beside the ledger."""
        return Response(ComparisonSerializer(self.run(request, code)).data)

    @extend_schema(operation_id="replays_cancel", tags=["attribution"], responses={204: None})
    def delete(self, request: ApiRequest, code: str) -> Response:
        """Stop a replay. 409 once it has ended."""
        try:
            cancel_replay(self.run(request, code), by=request.auth.created_by)
        except ReplayRefused as problem:
            raise Conflict(str(problem)) from problem
        return Response(status=204)


def with_facts(rows: QuerySet[Commission]) -> QuerySet[Commission]:
    return rows.select_related("collaboration__campaign", "collaboration__relationship__creator", "order__store")


class Commissions(ApiView, ListAPIView[Commission]):
    scopes: ClassVar[dict[str, str]] = {"GET": "returns:read"}
    serializer_class = CommissionSerializer

    def get_queryset(self) -> QuerySet[Commission]:
        if getattr(self, "swagger_fake_view", False):
            return Commission.objects.none()
        brand: Brand = self.request.auth.brand  # type: ignore[union-attr]
        return with_facts(Commission.objects.of(brand))

    @extend_schema(operation_id="commissions_list", tags=["attribution"])
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """What your creators are owed, order by order, newest first. Locked amounts don't move."""
        return super().get(request, *args, **kwargs)


class ApprovedSerializer(serializers.Serializer[Any]):
    approved = serializers.IntegerField(help_text="How many are locked now.")


class ApproveCommissions(ApiView):
    scopes: ClassVar[dict[str, str]] = {"POST": "commissions:write"}

    @extend_schema(operation_id="commissions_approve", tags=["attribution"], request=None, responses=ApprovedSerializer)
    def post(self, request: ApiRequest) -> Response:
        """Lock every commission whose hold is over. Codes that may have leaked wait; twice changes nothing."""
        return Response({"approved": approve_commissions(request.auth.brand, by=request.auth.created_by)})


class PaymentSerializer(serializers.Serializer[Any]):
    reference = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    amount = serializers.DecimalField(
        max_digits=16, decimal_places=4, required=False, default=None, allow_null=True,
        help_text="What was paid. Named, and another amount is owed: 409, and nothing is noted.",
    )  # fmt: skip


class PayCommissions(ApiView):
    scopes: ClassVar[dict[str, str]] = {"POST": "commissions:write"}

    @extend_schema(
        operation_id="commissions_pay",
        tags=["attribution"],
        request=PaymentSerializer,
        responses=CommissionSerializer(many=True),
    )
    def post(self, request: ApiRequest, code: str) -> Response:
        """Note that a creator was paid all that is approved for a campaign. 409 where nothing is owed."""
        given = PaymentSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        rows = Collaboration.objects.of(request.auth.brand).select_related("campaign__brand")
        facts = {"reference": given.validated_data["reference"], "paid": given.validated_data["amount"]}
        try:
            paid = pay_commissions(get_object_or_404(rows, code=code), by=request.auth.created_by, **facts)
        except (NothingOwed, OwedDiffers) as problem:
            raise Conflict(str(problem)) from problem
        found = with_facts(Commission.objects.filter(pk__in=[row.pk for row in paid]))
        return Response(CommissionSerializer(found.order_by("pk"), many=True).data)
