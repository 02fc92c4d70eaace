"""What partners see and decide about duplicates."""

from __future__ import annotations

from typing import Any, cast

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.response import Response

from creators.actions.merges import MergeRefusedError, accept_merge, dismiss_merge, undo_merge
from creators.models import Creator
from creators.models.merges import Merge, MergeProposal
from groundswell.api.authentication import ApiRequest
from groundswell.api.idempotency import Idempotent

SCOPES = {"GET": "creators:read", "POST": "creators:write"}


class MergeRefused(APIException):
    status_code = 409
    default_code = "refused"


class SideSerializer(serializers.ModelSerializer[Creator]):
    """One of the two records, with its accounts as network and handle."""

    accounts = serializers.SerializerMethodField()

    class Meta:
        model = Creator
        fields = ["code", "name", "country", "city", "niches", "is_public", "accounts"]

    def get_accounts(self, creator: Creator) -> list[dict[str, str]]:
        return [{"network": row.network, "handle": row.handle} for row in creator.accounts.all()]


class MergeProposalSerializer(serializers.ModelSerializer[MergeProposal]):
    first = SideSerializer()
    second = SideSerializer()
    reasons = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = MergeProposal
        fields = ["code", "first", "second", "reasons", "created_at"]


class MergeSerializer(serializers.ModelSerializer[Merge]):
    kept = serializers.CharField(source="kept.code")

    class Meta:
        model = Merge
        fields = ["code", "kept", "name", "merged_at"]


class KeepSerializer(serializers.Serializer[Any]):
    keep = serializers.CharField(required=False, help_text="Code of the record to keep; the older one when left out.")


class MergeList(ListAPIView[MergeProposal]):
    """Pairs of records that may be one person, with the reasons; those you dismissed are left out."""

    scopes = {"GET": "creators:read"}
    serializer_class = MergeProposalSerializer
    queryset = MergeProposal.objects.none()

    def get_queryset(self) -> Any:
        brand = cast("ApiRequest", self.request).auth.brand
        return MergeProposal.objects.of(brand).open().with_facts(brand)


class Deciding(Idempotent, GenericAPIView[Any]):
    scopes = {"POST": "creators:write"}
    serializer_class = MergeSerializer
    queryset = MergeProposal.objects.none()


class MergeAccept(Deciding):
    @extend_schema(operation_id="merges_accept", request=KeepSerializer, responses=MergeSerializer)
    def post(self, request: ApiRequest, code: str) -> Response:
        """Merge the two records into one. 409 where a rule of ours stands against it."""
        proposal = get_object_or_404(MergeProposal.objects.of(request.auth.brand).open(), code=code)
        form = KeepSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        sides = {each.code: each for each in (proposal.first, proposal.second)}
        keep = form.validated_data.get("keep")
        if keep and keep not in sides:
            raise ValidationError({"keep": ["The code of one of the two records."]})
        try:
            merge = accept_merge(proposal, keep=sides.get(keep), by=request.auth.created_by)
        except MergeRefusedError as problem:
            raise MergeRefused(str(problem)) from problem
        return Response(MergeSerializer(merge).data)


class MergeDismiss(Deciding):
    @extend_schema(operation_id="merges_dismiss", request=None, responses={204: None})
    def post(self, request: ApiRequest, code: str) -> Response:
        """They are two people; the pair is not proposed again."""
        proposal = get_object_or_404(MergeProposal.objects.of(request.auth.brand), code=code)
        try:
            dismiss_merge(proposal, by=request.auth.created_by)
        except MergeRefusedError as problem:
            raise MergeRefused(str(problem)) from problem
        return Response(status=204)


class MergeUndo(Deciding):
    @extend_schema(operation_id="merges_undo", request=None, responses={204: None})
    def post(self, request: ApiRequest, code: str) -> Response:
        """Two records again, within a month; `code` is that of the merge."""
        merge = get_object_or_404(Merge.objects.of(request.auth.brand), code=code)
        try:
            undo_merge(merge, by=request.auth.created_by)
        except MergeRefusedError as problem:
            raise MergeRefused(str(problem)) from problem
        return Response(status=204)
