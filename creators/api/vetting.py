"""Vetting for partners: signals with their numbers and rules, fit with its parts, decisions, and runs over a list."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from creators.actions.vetting import (
    VettingRefusedError,
    cancel_vetting_run,
    decide,
    report,
    set_policy,
    start_vetting_run,
)
from creators.models import Creator, Shortlist, Vetting, VettingPolicy, VettingRun
from creators.vetting.report import Report
from groundswell.api.authentication import ApiRequest
from groundswell.api.idempotency import Idempotent

RESULTS = 5_000


class VettingRefused(APIException):
    status_code = 409
    default_code = "vetting_refused"


class SignalSerializer(serializers.Serializer[Any]):
    """What stands out and where to look; `unknown` counts neither for nor against."""

    code = serializers.CharField()
    title = serializers.CharField()
    level = serializers.ChoiceField(choices=["look", "note", "fine", "unknown"])
    sentence = serializers.CharField()
    threshold = serializers.CharField(help_text="The rule it was held against.")
    numbers = serializers.DictField(help_text="The figures behind it; shares and rates are fractions.")


class AccountSignalsSerializer(serializers.Serializer[Any]):
    network = serializers.CharField()
    handle = serializers.CharField()
    attention = serializers.ChoiceField(choices=Vetting.Attention.choices)
    inputs = serializers.DictField(
        child=serializers.IntegerField(), help_text="Posts, comments, follower counts and peers it was computed from."
    )
    signals = SignalSerializer(many=True)


class PartSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    title = serializers.CharField(source="label")
    value = serializers.FloatField(allow_null=True, help_text="0 to 1; null: not known and left out.")
    weight = serializers.IntegerField()
    told = serializers.CharField()


class FitSerializer(serializers.Serializer[Any]):
    score = serializers.FloatField(allow_null=True, help_text="0 to 100; null with fewer than three known parts.")
    coverage = serializers.FloatField(help_text="Share of the weight whose parts are known.")
    parts = PartSerializer(many=True)


class HabitSerializer(serializers.Serializer[Any]):
    known = serializers.IntegerField(help_text="Posts known to be sponsored or not.")
    sponsored = serializers.IntegerField()
    readable = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True, help_text="Labelled where readers see it, of those readable.")
    counts = serializers.DictField(child=serializers.IntegerField())


class MentionedSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(source="label")
    asked = serializers.BooleanField(help_text="False: your brand listens for no such words.")
    posts = serializers.SerializerMethodField()

    def get_posts(self, row: Any) -> list[str]:
        return [post.url for post, _ in row.posts]


class VoteSerializer(serializers.Serializer[Any]):
    by = serializers.CharField(source="user")
    answer = serializers.CharField()
    comment = serializers.CharField()
    at = serializers.DateTimeField()


class VettingSerializer(serializers.Serializer[Any]):
    attention = serializers.ChoiceField(choices=Vetting.Attention.choices)
    accounts = AccountSignalsSerializer(many=True)
    disclosure = HabitSerializer(source="habit")
    mentions = MentionedSerializer(many=True)
    fit = FitSerializer()
    decision = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()
    votes = serializers.SerializerMethodField()

    def row(self) -> Vetting | None:
        found: Vetting | None = self.context["row"]
        return found

    def get_decision(self, _: Report) -> str:
        row = self.row()
        return row.decision if row else Vetting.Decision.OPEN

    def get_reason(self, _: Report) -> str:
        row = self.row()
        return row.reason if row else ""

    def get_votes(self, _: Report) -> list[dict[str, Any]]:
        row = self.row()
        return list(VoteSerializer(row.votes.select_related("user"), many=True).data) if row else []


class DecisionSerializer(serializers.Serializer[Any]):
    decision = serializers.ChoiceField(choices=[value for value in Vetting.Decision.values if value != "open"])
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)


class DecidedSerializer(serializers.ModelSerializer[Vetting]):
    class Meta:
        model = Vetting
        fields = ["code", "decision", "reason", "decided_at", "attention", "fit", "fit_coverage", "computed_at"]


class RunSerializer(serializers.ModelSerializer[VettingRun]):
    shortlist = serializers.CharField(source="shortlist.code")
    total = serializers.IntegerField()

    class Meta:
        model = VettingRun
        fields = ["code", "shortlist", "status", "total", "done", "created_at", "ended_at"]


class RunResultSerializer(serializers.ModelSerializer[Vetting]):
    creator = serializers.CharField(source="creator.code")

    class Meta:
        model = Vetting
        fields = ["creator", "attention", "fit", "fit_coverage", "decision", "computed_at"]


class RunWithResultsSerializer(RunSerializer):
    results = serializers.SerializerMethodField()

    class Meta(RunSerializer.Meta):
        fields = [*RunSerializer.Meta.fields, "results"]

    def get_results(self, run: VettingRun) -> list[dict[str, Any]]:
        rows = Vetting.objects.of(run.brand).filter(creator__in=run.creators[: run.done]).select_related("creator")
        return list(RunResultSerializer(rows.order_by("pk")[:RESULTS], many=True).data)


class NewRunSerializer(serializers.Serializer[Any]):
    shortlist = serializers.CharField(help_text="Code of a list.")


def words(size: int = 80, most: int = 200) -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(max_length=size), max_length=most, required=False)


class PolicySerializer(serializers.ModelSerializer[VettingPolicy]):
    """What your brand looks for. Weights of the fit score are whole numbers from 0 to 10."""

    countries = words(2)
    languages = words(8)
    ages = words(10)
    niches = words(40)
    own_names = words()
    competitors = words()
    category = words()
    weights = serializers.DictField(child=serializers.IntegerField(min_value=0, max_value=10), required=False)

    class Meta:
        model = VettingPolicy
        fields = ["countries", "languages", "ages", "niches", "own_names", "competitors", "category", "weights"]


class CreatorVetting(GenericAPIView[Any]):
    """What stands out about a creator, as of now, with the votes and the decision of your team."""

    scopes = {"GET": "creators:read"}
    serializer_class = VettingSerializer
    queryset = Creator.objects.none()

    @extend_schema(operation_id="creator_vetting")
    def get(self, request: ApiRequest, code: str) -> Response:
        brand = request.auth.brand
        creator = get_object_or_404(Creator.objects.of(brand), code=code)
        row = Vetting.objects.of(brand).filter(creator=creator).first()
        return Response(VettingSerializer(report(creator, brand), context={"row": row}).data)


class Decide(Idempotent, GenericAPIView[Any]):
    scopes = {"POST": "creators:write"}
    serializer_class = DecidedSerializer
    queryset = Creator.objects.none()

    @extend_schema(operation_id="creator_vetting_decide", request=DecisionSerializer, responses=DecidedSerializer)
    def post(self, request: ApiRequest, code: str) -> Response:
        """Approve, reject, or end without a decision; the signals of now are kept. 409 where it is decided already."""
        creator = get_object_or_404(Creator.objects.of(request.auth.brand), code=code)
        form = DecisionSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        try:
            row = decide(request.auth.brand, creator, **form.validated_data, by=request.auth.created_by)
        except VettingRefusedError as problem:
            raise VettingRefused(str(problem)) from problem
        return Response(DecidedSerializer(row).data)


class RunList(Idempotent, GenericAPIView[Any]):
    scopes = {"POST": "creators:write"}
    serializer_class = RunSerializer
    queryset = VettingRun.objects.none()

    @extend_schema(operation_id="vetting_runs_create", request=NewRunSerializer, responses={201: RunSerializer})
    def post(self, request: ApiRequest) -> Response:
        """Compute the signals of everybody on a list in the background."""
        form = NewRunSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        shortlist = get_object_or_404(Shortlist.objects.of(request.auth.brand), code=form.validated_data["shortlist"])
        try:
            run = start_vetting_run(request.auth.brand, shortlist, by=request.auth.created_by)
        except VettingRefusedError as problem:
            raise VettingRefused(str(problem)) from problem
        return Response(RunSerializer(run).data, status=201)


class RunDetail(Idempotent, GenericAPIView[Any]):
    scopes = {"GET": "creators:read", "DELETE": "creators:write"}
    serializer_class = RunWithResultsSerializer
    queryset = VettingRun.objects.none()

    def run(self, request: ApiRequest, code: str) -> VettingRun:
        rows = VettingRun.objects.of(request.auth.brand).select_related("shortlist", "brand")
        return get_object_or_404(rows, code=code)

    @extend_schema(operation_id="vetting_runs_retrieve")
    def get(self, request: ApiRequest, code: str) -> Response:
        """How far a run is, and its results so far."""
        return Response(RunWithResultsSerializer(self.run(request, code)).data)

    @extend_schema(operation_id="vetting_runs_cancel", responses={204: None})
    def delete(self, request: ApiRequest, code: str) -> Response:
        """Stop; what was computed stays. 409 once it has ended."""
        try:
            cancel_vetting_run(self.run(request, code), by=request.auth.created_by)
        except VettingRefusedError as problem:
            raise VettingRefused(str(problem)) from problem
        return Response(status=204)


class Policy(Idempotent, GenericAPIView[Any]):
    """What your brand looks for, and the weights of the fit score."""

    scopes = {"GET": "creators:read", "PATCH": "creators:write"}
    serializer_class = PolicySerializer
    queryset = VettingPolicy.objects.none()

    @extend_schema(operation_id="vetting_policy_retrieve")
    def get(self, request: ApiRequest) -> Response:
        return Response(PolicySerializer(VettingPolicy.objects.holding(request.auth.brand)).data)

    @extend_schema(operation_id="vetting_policy_update")
    def patch(self, request: ApiRequest) -> Response:
        """Replace the lists you send; the others stay."""
        form = PolicySerializer(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        try:
            policy = set_policy(request.auth.brand, by=request.auth.created_by, **form.validated_data)
        except VettingRefusedError as problem:
            raise VettingRefused(str(problem)) from problem
        return Response(PolicySerializer(policy).data)
