"""Reports for partners: put together, run, taken as files, sent by mail, shown behind links."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.response import Response

from campaigns.models import Campaign
from groundswell.accounts.models import Brand, User
from groundswell.api.authentication import ApiRequest
from groundswell.api.errors import Conflict
from groundswell.api.views import ApiView
from tracking.actions import reports as actions
from tracking.actions.report_mail import ScheduleRefused, schedule_report, stop_schedule
from tracking.actions.reports import ReportRefused, ShareRefused
from tracking.models import Report, ReportLetter, ReportSchedule, ReportShare
from tracking.report_files import pdf_file, xlsx_file
from tracking.reports.documents import data_of, document_of

READ, WRITE = "returns:read", "campaigns:write"
BOTH: dict[str, str] = {"GET": READ, "POST": WRITE, "PUT": WRITE, "PATCH": WRITE, "DELETE": WRITE}


class ScheduleSerializer(serializers.ModelSerializer[ReportSchedule]):
    readers = serializers.SerializerMethodField(help_text="Addresses of those who get it.")

    class Meta:
        model = ReportSchedule
        fields = ("every", "weekday", "day", "hour", "stops_after", "next_due", "readers")

    def get_readers(self, row: ReportSchedule) -> list[str]:
        return [reader.email for reader in row.report.readers.subscribed().select_related("user")]


class ReportSerializer(serializers.ModelSerializer[Report]):
    campaigns: Any = serializers.SlugRelatedField("code", many=True, read_only=True)
    next_due = serializers.DateTimeField(
        source="schedule.next_due", default=None, allow_null=True, read_only=True, help_text="When it goes out by mail."
    )

    class Meta:
        model = Report
        fields = (
            "code", "name", "scope", "campaigns", "period", "since", "until", "sections", "top", "text_title", "text",
            "next_due", "created_at", "changed_at",
        )  # fmt: skip


class ReportInSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    scope = serializers.ChoiceField(Report.Scope.choices, default=Report.Scope.CAMPAIGNS)
    campaigns = serializers.ListField(child=serializers.CharField(max_length=12), default=list, max_length=200)
    period = serializers.ChoiceField(Report.Period.choices, default=Report.Period.WHOLE)
    since = serializers.DateField(required=False, allow_null=True, help_text="With the period “fixed”.")
    until = serializers.DateField(required=False, allow_null=True, help_text="With the period “fixed”.")
    sections = serializers.ListField(
        child=serializers.ChoiceField(Report.Section.choices), default=list(Report.USUAL), min_length=1,
        help_text="In their order, each once.",
    )  # fmt: skip
    top = serializers.IntegerField(min_value=1, max_value=Report.MOST, default=10)
    text_title = serializers.CharField(max_length=120, default="", allow_blank=True)
    text = serializers.CharField(max_length=5000, default="", allow_blank=True, help_text="Plain text.")


class TableSerializer(serializers.Serializer[Any]):
    table = serializers.CharField()
    title = serializers.CharField()
    currency = serializers.CharField(help_text="Of the amounts; empty where there are none.")
    columns = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))
    rows = serializers.ListField(
        child=serializers.DictField(), help_text="By the columns' words. Amounts are strings, rates fractions."
    )


class SectionSerializer(serializers.Serializer[Any]):
    section = serializers.ChoiceField(Report.Section.choices)
    title = serializers.CharField()
    text = serializers.CharField()
    notes = serializers.ListField(child=serializers.CharField())
    tables = TableSerializer(many=True)


class ReportRunSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    scope = serializers.CharField(help_text="In words.")
    period = serializers.CharField(help_text="In words.")
    timezone = serializers.CharField(help_text="Days are days there.")
    made_at = serializers.DateTimeField()
    is_up_to_date = serializers.BooleanField(help_text="Whether no click or order waited to be added up.")
    sections = SectionSerializer(many=True)


class ScheduleInSerializer(serializers.Serializer[Any]):
    every = serializers.ChoiceField(ReportSchedule.Every.choices, default=ReportSchedule.Every.WEEK)
    weekday = serializers.IntegerField(min_value=0, max_value=6, default=0, help_text="0: Monday.")
    day = serializers.IntegerField(min_value=1, max_value=31, default=1, help_text="Of the month.")
    hour = serializers.IntegerField(min_value=0, max_value=23, default=8, help_text="By the brand's clock.")
    stops_after = serializers.IntegerField(min_value=0, max_value=365, default=14)
    team = serializers.ListField(
        child=serializers.EmailField(max_length=254), default=list, help_text="Addresses of members."
    )
    addresses = serializers.ListField(
        child=serializers.EmailField(max_length=254), default=list, help_text="Outside the team."
    )


class LetterSerializer(serializers.ModelSerializer[ReportLetter]):
    status = serializers.ChoiceField(ReportLetter.Status.choices)

    class Meta:
        model = ReportLetter
        fields = ("due_at", "address", "status", "note", "moved_at")


class ReportShareSerializer(serializers.ModelSerializer[ReportShare]):
    status = serializers.CharField(read_only=True, help_text="open, expired or revoked.")
    has_password = serializers.BooleanField(source="password", read_only=True)
    visits = serializers.IntegerField(source="seen", read_only=True)

    class Meta:
        model = ReportShare
        fields = (
            "code", "status", "expires_at", "has_password", "hides_names", "shows_costs", "gives_files", "visits",
            "created_at",
        )  # fmt: skip


class NewReportShareSerializer(ReportShareSerializer):
    url = serializers.CharField(read_only=True, help_text="Told this once.")

    class Meta:
        model = ReportShare
        fields = (*ReportShareSerializer.Meta.fields, "url")


class ReportShareInSerializer(serializers.Serializer[Any]):
    expires_at = serializers.DateTimeField(help_text="Within a year.")
    password = serializers.CharField(min_length=4, max_length=100, default="", allow_blank=True, trim_whitespace=False)
    hides_names = serializers.BooleanField(default=False)
    shows_costs = serializers.BooleanField(default=False)
    gives_files = serializers.BooleanField(default=True)


class RenewalSerializer(serializers.Serializer[Any]):
    expires_at = serializers.DateTimeField(help_text="Within a year.")


def find(request: ApiRequest, code: str) -> Report:
    rows = Report.objects.of(request.auth.brand).select_related("brand", "schedule").prefetch_related("campaigns")
    row: Report = get_object_or_404(rows, code=code)
    return row


def campaigns_called(brand: Brand, codes: list[str]) -> list[Campaign]:
    """Raises ValidationError naming a code that is no campaign of the brand."""
    found = {one.code: one for one in Campaign.objects.of(brand).filter(code__in=codes)}
    unknown = next((code for code in codes if code not in found), None)
    if unknown is not None:
        raise ValidationError({"campaigns": [f"There is no campaign {unknown}."]})
    return list(found.values())


class Reports(ApiView, ListAPIView[Report]):
    scopes: ClassVar[dict[str, str]] = BOTH
    serializer_class = ReportSerializer

    def get_queryset(self) -> QuerySet[Report]:
        if getattr(self, "swagger_fake_view", False):
            return Report.objects.none()
        brand: Brand = self.request.auth.brand  # type: ignore[union-attr]
        return Report.objects.of(brand).select_related("schedule").prefetch_related("campaigns")

    @extend_schema(operation_id="reports_list", tags=["reports"])
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Your reports, newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="reports_create", tags=["reports"], request=ReportInSerializer, responses={201: ReportSerializer}
    )
    def post(self, request: ApiRequest) -> Response:
        """Put a report together."""
        given = ReportInSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        facts = dict(given.validated_data)
        chosen = campaigns_called(request.auth.brand, facts.pop("campaigns"))
        try:
            row = actions.create_report(request.auth.brand, by=request.auth.created_by, campaigns=chosen, **facts)
        except ReportRefused as problem:
            raise Conflict(str(problem)) from problem
        return Response(ReportSerializer(row).data, status=201)


class OneReport(ApiView):
    scopes: ClassVar[dict[str, str]] = BOTH

    @extend_schema(operation_id="reports_read", tags=["reports"], responses=ReportSerializer)
    def get(self, request: ApiRequest, code: str) -> Response:
        """What a report tells of."""
        return Response(ReportSerializer(find(request, code)).data)

    @extend_schema(
        operation_id="reports_change", tags=["reports"], request=ReportInSerializer(partial=True),
        responses=ReportSerializer,
    )  # fmt: skip
    def patch(self, request: ApiRequest, code: str) -> Response:
        """Change what is given, leave the rest."""
        row = find(request, code)
        given = ReportInSerializer(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        facts = dict(given.validated_data)
        codes = facts.pop("campaigns", None)
        chosen = None if codes is None else campaigns_called(request.auth.brand, codes)
        try:
            actions.change_report(row, by=request.auth.created_by, campaigns=chosen, **facts)
        except ReportRefused as problem:
            raise Conflict(str(problem)) from problem
        return Response(ReportSerializer(find(request, code)).data)

    @extend_schema(operation_id="reports_delete", tags=["reports"], responses={204: None})
    def delete(self, request: ApiRequest, code: str) -> Response:
        """Delete a report with its links and its schedule."""
        actions.delete_report(find(request, code), by=request.auth.created_by)
        return Response(status=204)


class RunReport(ApiView):
    scopes: ClassVar[dict[str, str]] = {"GET": READ}

    @extend_schema(operation_id="reports_run", tags=["reports"], responses=ReportRunSerializer)
    def get(self, request: ApiRequest, code: str) -> Response:
        """The report with the figures of this moment, the same as on its page and in its files."""
        return Response(ReportRunSerializer(data_of(document_of(find(request, code), timezone.now()))).data)


class ReportPdf(ApiView):
    scopes: ClassVar[dict[str, str]] = {"GET": READ}

    @extend_schema(
        operation_id="reports_pdf", tags=["reports"], responses={(200, "application/pdf"): OpenApiTypes.BINARY}
    )
    def get(self, request: ApiRequest, code: str) -> HttpResponse:
        """The report as a PDF."""
        row = find(request, code)
        return pdf_file(row, document_of(row, timezone.now()))


class ReportXlsx(ApiView):
    scopes: ClassVar[dict[str, str]] = {"GET": READ}

    @extend_schema(
        operation_id="reports_xlsx", tags=["reports"],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )  # fmt: skip
    def get(self, request: ApiRequest, code: str) -> HttpResponse:
        """The report as a workbook, a sheet for each section."""
        row = find(request, code)
        return xlsx_file(row, document_of(row, timezone.now()))


class Schedule(ApiView):
    scopes: ClassVar[dict[str, str]] = BOTH

    @extend_schema(operation_id="reports_schedule_read", tags=["reports"], responses=ScheduleSerializer)
    def get(self, request: ApiRequest, code: str) -> Response:
        """When the report goes out and to whom; `next_due` is null where it doesn't."""
        row = find(request, code)
        schedule = ReportSchedule.objects.filter(report=row).first() or ReportSchedule(report=row)
        return Response(ScheduleSerializer(schedule).data)

    @extend_schema(
        operation_id="reports_schedule", tags=["reports"], request=ScheduleInSerializer, responses=ScheduleSerializer
    )
    def put(self, request: ApiRequest, code: str) -> Response:
        """Send the report by mail from now on; the readers given replace those before."""
        row = find(request, code)
        given = ScheduleInSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        facts = dict(given.validated_data)
        team = members_called(request.auth.brand, facts.pop("team"))
        try:
            schedule = schedule_report(row, by=request.auth.created_by, users=team, **facts)
        except ScheduleRefused as problem:
            raise Conflict(str(problem)) from problem
        return Response(ScheduleSerializer(schedule).data)

    @extend_schema(operation_id="reports_schedule_stop", tags=["reports"], responses={204: None})
    def delete(self, request: ApiRequest, code: str) -> Response:
        """Send it no more."""
        stop_schedule(find(request, code), by=request.auth.created_by)
        return Response(status=204)


def members_called(brand: Brand, addresses: list[str]) -> list[User]:
    """Raises ValidationError naming an address that is no member's."""
    found = {user.email: user for user in User.objects.filter(memberships__brand=brand, email__in=addresses)}
    unknown = next((address for address in addresses if address not in found), None)
    if unknown is not None:
        raise ValidationError({"team": [f"{unknown} is not in your team."]})
    return list(found.values())


class Letters(ApiView, ListAPIView[ReportLetter]):
    scopes: ClassVar[dict[str, str]] = {"GET": READ}
    serializer_class = LetterSerializer

    def get_queryset(self) -> QuerySet[ReportLetter]:
        if getattr(self, "swagger_fake_view", False):
            return ReportLetter.objects.none()
        return find(self.request, self.kwargs["code"]).letters.order_by("-id")  # type: ignore[arg-type]

    @extend_schema(operation_id="reports_letters", tags=["reports"])
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """What went out by mail, newest first."""
        return super().get(request, *args, **kwargs)


class Shares(ApiView):
    scopes: ClassVar[dict[str, str]] = BOTH

    @extend_schema(operation_id="reports_shares", tags=["reports"], responses=ReportShareSerializer(many=True))
    def get(self, request: ApiRequest, code: str) -> Response:
        """The report's links, newest first; what they are is kept by nobody."""
        return Response(ReportShareSerializer(find(request, code).shares.with_visits(), many=True).data)

    @extend_schema(
        operation_id="reports_share", tags=["reports"], request=ReportShareInSerializer,
        responses={201: NewReportShareSerializer},
    )  # fmt: skip
    def post(self, request: ApiRequest, code: str) -> Response:
        """Make a link that shows the report without a sign-in, and tell it this once."""
        report, given = find(request, code), ReportShareInSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            row, token = actions.share_report(report, by=request.auth.created_by, **given.validated_data)
        except ShareRefused as problem:
            raise Conflict(str(problem)) from problem
        told = row.report.shares.with_visits().get(pk=row.pk)
        return Response({**ReportShareSerializer(told).data, "url": ReportShare.url_of(token)}, status=201)


class OneShare(ApiView):
    scopes: ClassVar[dict[str, str]] = {"PATCH": WRITE, "DELETE": WRITE}

    def row(self, request: ApiRequest, code: str) -> ReportShare:
        rows = ReportShare.objects.of(request.auth.brand).with_visits().select_related("report__brand")
        found: ReportShare = get_object_or_404(rows, code=code)
        return found

    @extend_schema(
        operation_id="reports_share_renew", tags=["reports"], request=RenewalSerializer, responses=ReportShareSerializer
    )
    def patch(self, request: ApiRequest, code: str) -> Response:
        """Let a link last longer, also one that expired."""
        row, given = self.row(request, code), RenewalSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            actions.renew_share(row, by=request.auth.created_by, **given.validated_data)
        except ShareRefused as problem:
            raise Conflict(str(problem)) from problem
        return Response(ReportShareSerializer(row).data)

    @extend_schema(operation_id="reports_share_revoke", tags=["reports"], responses={204: None})
    def delete(self, request: ApiRequest, code: str) -> Response:
        """End a link."""
        actions.revoke_share(self.row(request, code), by=request.auth.created_by)
        return Response(status=204)
